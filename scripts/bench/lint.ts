// Times lint on 1,000 and 10,000 files, beside one file, and prints the medians as a table.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = join(import.meta.dir, "../../dist/pgmate");
const runs = 5;

/** Six statements a file, of which some alter what the file before it made. */
function migration(index: number): string {
  const before = `app.t${Math.max(0, index - 1)}`;
  return `-- migrate:up
create table app.t${index} (
  id bigint generated always as identity primary key,
  name text not null,
  parent bigint references ${before} (id),
  created_at timestamptz not null default now()
);
create index t${index}_parent_idx on app.t${index} (parent);
alter table ${before} add column note${index} text;
comment on table app.t${index} is 'one of many';

-- migrate:down
alter table ${before} drop column note${index};
drop table app.t${index};
`;
}

async function project(files: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pgmate-bench-lint-"));
  await mkdir(join(folder, "db/migrations"), { recursive: true });
  for (let index = 0; index < files; index += 1) {
    const name = `${20260101000000 + index}_t${index}.sql`;
    await Bun.write(join(folder, "db/migrations", name), migration(index));
  }
  return folder;
}

/** Milliseconds of the median, after one run that is not counted. */
async function medianMs(folder: string): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const began = performance.now();
    const child = Bun.spawn([binary, "lint", "--format", "sarif", "-o", "found.sarif"], {
      cwd: folder, stdout: "ignore", stderr: "ignore",
    });
    if ((await child.exited) > 1) throw new Error("lint could not run");
    if (run > 0) times.push(performance.now() - began);
  }
  return times.toSorted((left, right) => left - right)[Math.floor(runs / 2)] ?? 0;
}

console.log("| files | median of 5 | per file |\n| --: | --: | --: |");
for (const files of [1, 1_000, 10_000]) {
  const folder = await project(files);
  const ms = await medianMs(folder);
  console.log(`| ${files} | ${(ms / 1000).toFixed(2)} s | ${(ms / files).toFixed(2)} ms |`);
  await rm(folder, { recursive: true });
}
