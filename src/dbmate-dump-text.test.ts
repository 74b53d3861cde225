/** The schema file: of one database dbmate and pgmate write the same, but for listed lines. */
import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Tool, tools } from "./testing/dbmate-case.ts";
import {
  type Noise, noises, withoutLedgerColumns, withoutNoise,
} from "./testing/dbmate-dump-noise.ts";
import { type Sample, samples } from "./testing/dbmate-dump-samples.ts";
import { testWithOracle } from "./testing/oracles.ts";
import { dbmate, pgmate, type ProjectFiles, temporaryProject } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { pair } from "./testing/trial.ts";

const timeoutMs = 240_000;
const programs = { dbmate, pgmate };
const sampleFolder = join(import.meta.dir, "../db/migrations");

/** Those that were there in one of the texts. */
const heard = new Set<Noise>();

function migrationsOf({ ups }: Sample): ProjectFiles {
  if (ups !== undefined) {
    return Object.fromEntries(Object.entries(ups).map(([name, sql]) => {
      return [`db/migrations/${name}`, pair(sql)];
    }));
  }
  return Object.fromEntries(readdirSync(sampleFolder).map((name) => {
    return [`db/migrations/${name}`, readFileSync(join(sampleFolder, name))];
  }));
}

type Texts = Readonly<Record<Tool | "installed", string>>;

/** What each writes of one database that `maker` has migrated; pgmate by the program too. */
async function dumps(sample: Sample, maker: Tool, pgDump: string): Promise<Texts> {
  const on = await server(15);
  const database = await on.freshDatabase();
  await using project = await temporaryProject({ files: migrationsOf(sample) });
  const path = sample.searchPath;
  const parameters = { sslmode: "disable", ...(path === undefined ? {} : { search_path: path }) };
  const env = { DATABASE_URL: on.url(database.name, parameters) };
  const run = async (tool: Tool, ...args: readonly string[]): Promise<void> => {
    const all = [...(sample.args ?? []), ...args];
    const { status, stderr } = await programs[tool](all, { cwd: project.folder, env });
    expect([tool, args, status, status === 0 ? "" : stderr]).toEqual([tool, args, 0, ""]);
  };
  if (sample.sql !== undefined) await database.query(sample.sql);
  if (Object.keys(sample.ups ?? { "": "" }).length > 0) await run(maker, "--no-dump-schema", "up");
  if (sample.then !== undefined) await database.query(sample.then);
  // dbmate knows nothing of the journal, which pgmate leaves out.
  await database.query("drop table if exists schema_migrations_progress");
  const text = async (tool: Tool, ...args: readonly string[]): Promise<string> => {
    await run(tool, ...args, "-s", "written.sql", "dump");
    return readFileSync(join(project.folder, "written.sql"), "utf8");
  };
  const texts = {
    // The first, since it makes the ledger where there is none.
    dbmate: await text("dbmate"),
    pgmate: await text("pgmate"),
    installed: await text("pgmate", "--pg-dump", pgDump),
  };
  on.releaseDatabase(database.name);
  return texts;
}

/** Its lines without those that may differ. */
function plain(tool: Tool, text: string): readonly string[] {
  return withoutNoise(tool, text, (noise) => heard.add(noise)).split("\n");
}

for (const sample of samples) {
  testWithOracle("pg_dump", sample.title, async (pgDump) => {
    const made: Partial<Record<Tool, Texts>> = {};
    for (const maker of sample.by ?? tools) {
      const texts = await dumps(sample, maker, pgDump);
      made[maker] = texts;
      for (const part of sample.holds) expect(texts.pgmate).toContain(part);
      const theirs = plain("dbmate", texts.dbmate);
      expect(plain("pgmate", texts.pgmate)).toEqual(theirs);
      expect(plain("pgmate", texts.installed)).toEqual(theirs);
    }
    if (made.dbmate === undefined || made.pgmate === undefined) return;
    // Each its own database: the columns of the ledger are all that may come to it.
    const ours = withoutLedgerColumns(made.pgmate.pgmate);
    expect(plain("pgmate", ours)).toEqual(plain("dbmate", made.dbmate.dbmate));
    const isMigrated = Object.keys(sample.ups ?? {}).length > 0;
    expect(ours !== made.pgmate.pgmate).toBe(isMigrated);
    expect(made.dbmate.pgmate).not.toContain("applied_at");
  }, timeoutMs);
}

const loaded = ["functions and triggers", "partitions", "several schemas and quoted names"];

testWithOracle("pg_dump", "each loads the other's file, and dumps the same again", async () => {
  const chosen = samples.filter(({ title }) => loaded.includes(title));
  expect(chosen).toHaveLength(loaded.length);
  const on = await server(15);
  for (const [writer, reader] of [["dbmate", "pgmate"], ["pgmate", "dbmate"]] as const) {
    for (const sample of chosen) {
      await using project = await temporaryProject({ files: migrationsOf(sample) });
      const run = async (tool: Tool, name: string, command: string): Promise<string> => {
        const env = { DATABASE_URL: on.url(name, { sslmode: "disable" }) };
        const options = { cwd: project.folder, env };
        const { status, stderr } = await programs[tool]([command], options);
        expect([command, status, status === 0 ? "" : stderr]).toEqual([command, 0, ""]);
        return readFileSync(join(project.folder, "db/schema.sql"), "utf8");
      };
      const first = await run(writer, (await on.freshDatabase()).name, "up");
      const { name } = await on.freshDatabase();
      await run(reader, name, "load");
      const second = await run(reader, name, "dump");
      expect(plain(reader, second)).toEqual(plain(writer, first));
    }
  }
}, timeoutMs);

testWithOracle("pg_dump", "each line that may differ does in one of them", () => {
  const silent = noises.filter((noise) => noise.sometimes === undefined && !heard.has(noise));
  expect(silent.map(({ reason }) => reason)).toEqual([]);
});
