/** Files that are larger than the memory they may take; the long form is scripts/harm/size.ts. */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { canMeasurePeak, measure } from "./testing/peak.ts";
import { temporaryProject } from "./testing/program.ts";
import { server } from "./testing/servers.ts";

const limitMiB = 200;
const line = "the quick brown fox jumps over the lazy dog ".repeat(5);

/** Each with how many rows its up section leaves, and what it is made of. */
const bodies: readonly (readonly [name: string, rows: number, parts: () => Iterable<string>])[] = [
  ["COPY data of 220 MiB", 1_000_000, function* () {
    yield "copy t from stdin;\n";
    for (let i = 0; i < 1_000; i += 1) yield `1\t${line}\n`.repeat(1_000);
    yield "\\.\n";
  }],
  ["120 MiB of statements of 220 KiB", 544_000, function* () {
    const values = Array(1_000).fill(`(1, '${line}')`).join(", ");
    for (let i = 0; i < 544; i += 1) yield `insert into t values ${values};\n`;
  }],
  ["300,000 INSERTs", 300_000, function* () {
    for (let i = 0; i < 300; i += 1) yield `insert into t values (1, '${line}');\n`.repeat(1_000);
  }],
];

const table = "-- migrate:up\ncreate unlogged table t (i int, x text);\n-- migrate:down\n";

test.skipIf(!canMeasurePeak).each(bodies)("%s", async (_, rows, parts) => {
  await using project = await temporaryProject({ files: { "db/migrations/1_t.sql": table } });
  const database = await (await server(18)).freshDatabase();
  const descriptor = openSync(join(project.folder, "db/migrations/2_big.sql"), "w");
  writeSync(descriptor, "-- migrate:up\n");
  for (const part of parts()) writeSync(descriptor, part);
  writeSync(descriptor, "-- migrate:down\n");
  closeSync(descriptor);
  for (const command of ["up", "status --long", "rollback"]) {
    const args = ["--url", database.url, "--no-dump-schema", ...command.split(" ")];
    const { status, stderr, peakMiB } = await measure(args, project.folder);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    // What is not measured at all would pass as well.
    expect(peakMiB).toBeGreaterThan(20);
    expect(peakMiB).toBeLessThan(limitMiB);
  }
  expect(await database.query("select count(*)::int as n from t")).toEqual([{ n: rows }]);
}, 180_000);
