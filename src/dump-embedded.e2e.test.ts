/** The embedded Postgres dumps and loads like a server, and its file is a server's. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { everyKindRolesSql, everyKindSqlEmbedded } from "./testing/every-kind.ts";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";

const alone = { DBMATE_NO_DUMP_SCHEMA: "false", PATH: "/nonexistent" };
const sample = join(import.meta.dir, "../db");

function schemaFile(at: Trial): string {
  return readFileSync(join(at.project.folder, "db/schema.sql"), "utf8");
}

/** The file goes into a real server of the same version, whose dump is the same. */
async function expectSameOnServer(at: Trial, env: Readonly<Record<string, string>> = {}) {
  const database = await at.server.freshDatabase();
  const there = { ...alone, ...env, DATABASE_URL: database.url };
  const loaded = await at.pgmate(["load"], there);
  expect([loaded.status, loaded.stderr]).toEqual([0, expect.not.stringContaining("Error")]);
  const check = await at.pgmate(["dump", "--check"], there);
  expect([check.status, check.stdout]).toEqual([0, ""]);
}

test("the sample, migrated in memory", async () => {
  await using at = await trial(await server(18));
  await cp(sample, join(at.project.folder, "db"), { recursive: true });
  const kept = schemaFile(at);
  await at.project.remove("db/schema.sql");
  const up = await at.pgmate(["up"], { ...alone, DATABASE_URL: "pglite:" });
  expect(up.status).toBe(0);
  expect(up.stdout).toEndWith("\nWriting: ./db/schema.sql\n");
  expect(schemaFile(at)).toBe(kept);
  await expectSameOnServer(at);
  const folder = { ...alone, DATABASE_URL: "pglite:data" };
  expect((await at.pgmate(["create"], folder)).status).toBe(0);
  const loaded = await at.pgmate(["load"], folder);
  expect([loaded.status, loaded.stderr]).toEqual([0, expect.not.stringContaining("Error")]);
  const check = await at.pgmate(["dump", "--check"], folder);
  expect([check.status, check.stdout]).toEqual([0, ""]);
});

test("every kind of object, with a ledger in its own schema", async () => {
  const it = await server(18);
  await using at = await trial(it, {
    "1_all.sql": pair(everyKindRolesSql() + everyKindSqlEmbedded()),
  });
  await it.query("postgres", everyKindRolesSql());
  const ledger = { DBMATE_MIGRATIONS_TABLE: "ledger.history" };
  const up = await at.pgmate(["up"], { ...alone, ...ledger, DATABASE_URL: "pglite:data" });
  expect([up.status, up.stderr]).toEqual([0, expect.not.stringContaining("Warning:")]);
  expect(up.stdout).toContain("\nWriting: ./db/schema.sql\n");
  expect(schemaFile(at)).toContain("INSERT INTO ledger.history (version) VALUES");
  await expectSameOnServer(at, ledger);
});

test("a dump touches no file of the folder", async () => {
  await using at = await trial(await server(18), { "1_a.sql": pair("create table a (id int);") });
  const embedded = { ...alone, DATABASE_URL: "pglite:data" };
  await at.pgmate(["up"], embedded);
  const control = join(at.project.folder, "data/global/pg_control");
  expect(existsSync(control)).toBe(true);
  const before = readFileSync(control);
  expect((await at.pgmate(["dump", "--check"], embedded)).status).toBe(0);
  expect(readFileSync(control).equals(before)).toBe(true);
});
