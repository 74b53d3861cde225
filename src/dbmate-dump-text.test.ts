/** The schema file: of one database dbmate and pgmate write the same, but for listed lines. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Tool, tools } from "./testing/dbmate-case.ts";
import {
  type Noise, noises, withoutLedgerColumns, withoutNoise,
} from "./testing/dbmate-dump-noise.ts";
import { type Sample, samples } from "./testing/dbmate-dump-samples.ts";
import { oracle, testWithOracle } from "./testing/oracles.ts";
import { dbmate, pgmate, type ProjectFiles, temporaryProject } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { pair } from "./testing/trial.ts";

const timeoutMs = 60_000;
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

/** What each writes of one database that `maker` has migrated. */
async function dumps(sample: Sample, maker: Tool): Promise<Readonly<Record<Tool, string>>> {
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
  const text = async (tool: Tool): Promise<string> => {
    const file = `${tool}.sql`;
    await run(tool, "-s", file, "dump");
    return readFileSync(join(project.folder, file), "utf8");
  };
  // In turn, since dbmate makes the ledger where there is none.
  return { dbmate: await text("dbmate"), pgmate: await text("pgmate") };
}

/** Its lines without those that may differ. */
function plain(tool: Tool, text: string): readonly string[] {
  return withoutNoise(tool, text, (noise) => heard.add(noise)).split("\n");
}

for (const sample of samples) {
  testWithOracle("pg_dump", sample.title, async () => {
    const made: Partial<Record<Tool, Readonly<Record<Tool, string>>>> = {};
    for (const maker of sample.by ?? tools) {
      const texts = await dumps(sample, maker);
      made[maker] = texts;
      for (const part of sample.holds) expect(texts.pgmate).toContain(part);
      expect(plain("pgmate", texts.pgmate)).toEqual(plain("dbmate", texts.dbmate));
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

test("each line that may differ does in one of them", () => {
  if (oracle("pg_dump") === undefined) return;
  const silent = noises.filter((noise) => noise.sometimes === undefined && !heard.has(noise));
  expect(silent.map(({ reason }) => reason)).toEqual([]);
});
