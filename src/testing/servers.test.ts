/** Proves that the test servers are what the other tests take them for. */
import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { server, serverVersions, startServer } from "./servers.ts";

describe.each([...serverVersions])("PostgreSQL %i", (version) => {
  test("answers with its version over TCP", async () => {
    const { url } = await (await server(version)).freshDatabase();
    const sql = postgres(url, { max: 1 });
    const [row] = await sql`select version()`;
    await sql.end();
    expect(String(row?.["version"])).toStartWith(`PostgreSQL ${version}.`);
  }, 120_000);

  test("asks for the password over TCP", async () => {
    const { port } = await server(version);
    const sql = postgres({ host: "127.0.0.1", port, user: "postgres", password: "wrong", max: 1 });
    const refused = sql`select 1`.then(() => "", (error: { code: string }) => error.code);
    expect(await refused).toBe("28P01");
    await sql.end();
  });

  test("gives each test a database of its own", async () => {
    const it = await server(version);
    const [first, second] = await Promise.all([it.freshDatabase(), it.freshDatabase()]);
    await first.query("create table only_here ()");
    const tables = "select count(*)::int as n from pg_class where relname = $1";
    expect(await first.query(tables, ["only_here"])).toEqual([{ n: 1 }]);
    expect(await second.query(tables, ["only_here"])).toEqual([{ n: 0 }]);
  });

  test("creates the extensions that come with Postgres", async () => {
    const fresh = await (await server(version)).freshDatabase();
    await fresh.query("create extension pgcrypto; create extension citext");
    await fresh.query("create extension \"uuid-ossp\"");
  });
});

test("a mark separates what was logged before from what came after", async () => {
  const it = await startServer({ version: 18, settings: { log_statement: "all" } });
  const fresh = await it.freshDatabase("logged");
  await fresh.query("select 'before'");
  const mark = it.mark();
  await fresh.query("select 'after',\n  $1::int", [1]);
  await it.query("postgres", "select 'elsewhere'");
  expect(it.statementsSince(mark, fresh.name)).toEqual(["select 'after',\n  $1::int"]);
  expect(it.logSince(mark)).toContain("elsewhere");
  expect(it.logSince(mark)).not.toContain("before");
  expect(it.logText()).toContain("before");
  await it.stop();
  await it.stop();
  expect(existsSync(it.socketFolder)).toBe(false);
}, 120_000);

test("rules of one's own come before the usual ones", async () => {
  const it = await startServer({ version: 17, hba: ["host all all 127.0.0.1/32 reject"] });
  const sql = postgres(it.url("postgres"), { max: 1 });
  const refused = sql`select 1`.then(() => "", (error: { code: string }) => error.code);
  expect(await refused).toBe("28000");
  await sql.end();
  await it.stop();
}, 120_000);

test("an empty standby.signal makes a read-only standby", async () => {
  const it = await startServer({ version: 16, files: { "standby.signal": "" } });
  expect(await it.query("postgres", "select pg_is_in_recovery() as r")).toEqual([{ r: true }]);
  await it.stop();
}, 120_000);

test("a bad setting fails with the server's log", async () => {
  const failed = startServer({ version: 15, settings: { no_such_setting: "1" } });
  const state = await failed.then(() => "", (error: { state: string }) => error.state);
  expect(state).toContain("no_such_setting");
}, 120_000);

test("a server does not outlive a killed test process", async () => {
  const script = `
    const { startServer } = await import(${JSON.stringify(join(import.meta.dir, "servers.ts"))});
    console.log((await startServer({ version: 18 })).socketFolder);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const folder = await new Promise<string>((resolve) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
  });
  expect(existsSync(join(folder, "data/postmaster.pid"))).toBe(true);
  child.kill("SIGKILL");
  const deadline = Date.now() + 10_000;
  while (existsSync(folder) && Date.now() < deadline) await Bun.sleep(20);
  expect(existsSync(folder)).toBe(false);
}, 120_000);
