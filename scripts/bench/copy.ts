// The contest of 1 GiB of COPY data in a migration, beside psql with the same file.
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestServer } from "../../src/testing/servers.ts";
import type { Contest } from "./contest.ts";
import { Project, psqlContestant } from "./place.ts";

const bytes = 2 ** 30;
const fileName = "20250101000000_load.sql";

/** Rows of numbers and words, as a dump has them. */
async function writeData(path: string): Promise<void> {
  const out = createWriteStream(path);
  out.write("-- migrate:up\ncreate table loaded (id bigint, name text, note text);\n");
  out.write("copy loaded from stdin;\n");
  const block = Array.from({ length: 4_000 }, (_, row) =>
    `${row}\tname of row ${row}\tsome words that stand in every row of the file\n`).join("");
  for (let written = 0; written < bytes; written += block.length) {
    if (!out.write(block)) await new Promise((resolve) => out.once("drain", resolve));
  }
  out.end("\\.\n\n-- migrate:down\ndrop table loaded;\n");
  await new Promise((resolve) => out.once("close", resolve));
}

export async function* copyContests(it: TestServer, rounds: number): AsyncGenerator<Contest> {
  const project = await Project.make([]);
  const migrations = join(project.folder, "db/migrations");
  await mkdir(migrations, { recursive: true });
  let made: Promise<void> | undefined;
  const fresh = async (): Promise<string> => {
    made ??= writeData(join(migrations, fileName));
    await made;
    const { name } = await it.freshDatabase();
    it.releaseDatabase(name);
    await it.query("postgres", "checkpoint");
    return it.url(name, { sslmode: "disable" });
  };
  yield {
    // Nine tenths of psql's throughput is so much of its time.
    what: "1 GiB of COPY data in a migration", bound: 1.11, other: "psql -f",
    rounds: Math.max(2, Math.ceil(rounds / 10)),
    pgmate: async () => project.pgmate(await fresh(), "--no-dump-schema", "up"),
    rival: async () =>
      psqlContestant(it, await fresh(), project.folder, join(migrations, fileName)),
  };
  await project.remove();
}
