// Measures what the schema file costs, beside a native pg_dump: a small schema, and 5,000 tables.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { oracle } from "../../src/testing/oracles.ts";
import { server, type TestServer } from "../../src/testing/servers.ts";
import { type Contestant, type Ran, run } from "./contest.ts";

const root = join(import.meta.dir, "../..");
const pgmate = join(root, "dist/pgmate");
const migrations = join(root, "db/migrations");
const bigTables = 5_000;

async function main(rounds: number, bigRounds: number): Promise<number> {
  const native = oracle("pg_dump");
  if (native === undefined) {
    console.error("no pg_dump is installed: there is nothing to compare with");
    return 1;
  }
  // As old as what Debian installs: a native pg_dump reads no server that is newer than itself.
  const it = await server(15);
  const folder = mkdtempSync(join(tmpdir(), "pgmate-bench-"));
  try {
    await small(it, native, folder, rounds);
    await big(it, native, folder, bigRounds);
  } finally {
    rmSync(folder, { recursive: true });
    await it.stop();
  }
  return 0;
}

/** Each round: `up` without the file, with it, and a native pg_dump of the same, in turn. */
async function small(it: TestServer, native: string, folder: string, rounds: number) {
  const file = join(folder, "schema.sql");
  const added: number[] = [];
  const natives: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const up = async (...args: readonly string[]): Promise<number> => {
      const { url } = await it.freshDatabase();
      await it.query("postgres", "checkpoint");
      const command = [pgmate, "--url", url, "-d", migrations, "-s", file, "up", ...args];
      const { ms } = await run({ command, cwd: folder });
      if (args.length === 0) {
        const made = nativeCommand(it, url, { native, folder });
        natives.push((await run(made)).ms);
      }
      rmSync(file, { force: true });
      return ms;
    };
    const first = round % 2 === 0 ? await up() : await up("--no-dump-schema");
    const second = round % 2 === 0 ? await up("--no-dump-schema") : await up();
    added.push(round % 2 === 0 ? first - second : second - first);
  }
  const ratios = added.map((ms, index) => ms / (natives[index] ?? Number.NaN));
  console.log(
    `small schema, ${rounds} rounds: the file adds ${shown(added)} ms to up, ` +
      `native pg_dump takes ${shown(natives)} ms; ratio ${shown(ratios, 2)}`,
  );
}

async function big(it: TestServer, native: string, folder: string, rounds: number) {
  const { url, query } = await it.freshDatabase();
  for (let from = 0; from < bigTables; from += 500) {
    await query(`do $$ begin for i in ${from}..${from + 499} loop execute format('${bigSql}',
      i, i, i, i); end loop; end $$`);
  }
  const ours: Ran[] = [];
  const theirs: Ran[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const file = join(folder, `big-${round}.sql`);
    ours.push(await run({ command: [pgmate, "--url", url, "-s", file, "dump"], cwd: folder }));
    theirs.push(await run(nativeCommand(it, url, { native, folder })));
  }
  const times = (runs: readonly Ran[]): number[] => runs.map(({ ms }) => ms);
  const ratios = ours.map(({ ms }, index) => ms / (theirs[index]?.ms ?? Number.NaN));
  console.log(
    `${bigTables} tables, ${rounds} rounds: pgmate dump ${shown(times(ours))} ms, native pg_dump ` +
      `${shown(times(theirs))} ms; ratio ${shown(ratios, 2)}; peak ` +
      `${shown(ours.map(({ peakMiB }) => peakMiB))} MiB, ` +
      `native ${shown(theirs.map(({ peakMiB }) => peakMiB))} MiB`,
  );
}

const bigSql =
  "create table t%s (id bigint generated always as identity primary key, name text not null " +
  "default ''x'', ref int constraint c%s check (ref > 0)); create index on t%s (name); " +
  "comment on table t%s is ''a table''";

/** dbmate's options, and the password where no list of processes shows it. */
function nativeCommand(
  it: TestServer,
  url: string,
  { native, folder }: { readonly native: string; readonly folder: string },
): Contestant {
  const database = new URL(url).pathname.slice(1);
  const command = [
    native, "--schema-only", "--no-owner", "--no-privileges", "--encoding=UTF8", "-f",
    join(folder, "native.sql"), "-h", it.host, "-p", String(it.port), "-U", it.user, database,
  ];
  return { command, cwd: folder, env: { PGPASSWORD: it.password } };
}

/** The median, with the least and the most. */
function shown(values: readonly number[], digits = 0): string {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (index: number): string => (sorted[index] ?? Number.NaN).toFixed(digits);
  return `${at(Math.floor(sorted.length / 2))} (${at(0)} to ${at(sorted.length - 1)})`;
}

process.exit(await main(Number(process.argv[2] ?? 20), Number(process.argv[3] ?? 5)));
