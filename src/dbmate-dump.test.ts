/** Writing the schema file: pgmate does what dbmate does, or what is said of the difference. */
import { expect } from "bun:test";
import { dirname } from "node:path";
import { expectedOf, isPair, type PerTool, type Tool, tools } from "./testing/dbmate-case.ts";
import type { DumpCase, Left } from "./testing/dbmate-dump-case.ts";
import { dumpCases } from "./testing/dbmate-dump-cases.ts";
import { withoutLedgerColumns, withoutNoise } from "./testing/dbmate-dump-noise.ts";
import { faults, observe, type Seen } from "./testing/dbmate-observe.ts";
import { testWithOracle } from "./testing/oracles.ts";
import { server } from "./testing/servers.ts";

const timeoutMs = 240_000;

const usualFile = "db/schema.sql";
const usualTells =
  /(?<=^CREATE )(?:SCHEMA|TABLE|FUNCTION|EXTENSION IF NOT EXISTS) [^ ;(]+|(?<=^ {4}\()'[^']*'/gm;

interface Written {
  readonly path: string;
  readonly text: string;
}

/** A file as `observe` tells of it. */
function written(file: string): Written {
  const [, path = "", text = ""] = /^([^:]*): (.*)$/s.exec(file) ?? [];
  return { path, text: Buffer.from(JSON.parse(text) as string, "latin1").toString("utf8") };
}

/** What that run left in the schema file. */
function left(one: DumpCase, files: readonly string[]): Left {
  const path = one.schemaFile ?? usualFile;
  const file = files.map(written).find((candidate) => candidate.path === path);
  if (file === undefined) return "no file";
  const parts = file.text.match(one.tells ?? usualTells) ?? [];
  return parts.map((part) => part);
}

/** Without the lines that always differ; without the files that were dumped where they must. */
function comparable(one: DumpCase, tool: Tool, seen: Seen): Seen {
  const runs = seen.runs.map((run) => {
    const files = run.files.map(written).flatMap(({ path, text }) => {
      if (!path.endsWith(".sql") || path.startsWith("db/migrations/")) return [[path, text]];
      if (isPair(one.leaves)) return [];
      return [[path, withoutNoise(tool, withoutLedgerColumns(text))]];
    });
    return { ...run, files: files.map((file) => file.join(": ")) };
  });
  return { ...seen, runs };
}

/** dbmate finds that pg_dump, unless the case hides it. */
function withProgram(one: DumpCase, pgDump: string): DumpCase {
  const PATH = `${dirname(pgDump)}:/usr/bin:/bin`;
  return { ...one, runs: one.runs.map((run) => ({ ...run, env: { PATH, ...run.env } })) };
}

async function compare(given: DumpCase, pgDump: string): Promise<void> {
  const one = withProgram(given, pgDump);
  const on = await server(15);
  const [dbmate, pgmate] = await Promise.all([
    observe("dbmate", one, on),
    observe("pgmate", one, on),
  ]);
  const seen: PerTool<Seen> = { dbmate, pgmate };
  expect(faults(one, {
    dbmate: comparable(one, "dbmate", dbmate),
    pgmate: comparable(one, "pgmate", pgmate),
  })).toEqual([]);
  for (const tool of tools) {
    const files = seen[tool].runs.at(-1)?.files ?? [];
    expect([tool, left(one, files)]).toEqual([tool, expectedOf(one.leaves, tool) ?? "no file"]);
  }
}

for (const one of dumpCases) {
  testWithOracle("pg_dump", one.title, (pgDump) => compare(one, pgDump), timeoutMs);
}
