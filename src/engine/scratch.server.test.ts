/** Scratch databases like a target, embedded and on a real server, and that nothing is left. */

import { describe, expect, test } from "bun:test";
import type { PgmateError } from "../errors.ts";
import { type EngineContext, engineContext } from "../testing/engine-context.ts";
import { type FreshDatabase, server } from "../testing/servers.ts";
import { openTarget, readTargetLedger } from "./open-target.ts";
import { copySchema, schemaText, type SchemaCopy, withScratch } from "./scratch.ts";

const role = "create role \"scratch Owner\"";
const targetSql = `
create schema app;
create extension citext schema app;
create table app.people (id bigint primary key, name app.citext, at timestamptz default now());
create policy own on app.people to "scratch Owner" using (true);
create table public.schema_migrations (version varchar primary key);
insert into public.schema_migrations values ('20250101000000');
`;

async function targetDatabase(sql: string): Promise<FreshDatabase> {
  const database = await (await server(16)).freshDatabase();
  await database.query(sql);
  await database.query(`alter database ${database.name} set timezone = 'Europe/Berlin'`);
  await database.query(`alter database ${database.name} set search_path = "$user", app, public`);
  return database;
}

async function copyOf(context: EngineContext): Promise<SchemaCopy> {
  const open = await openTarget(context, { purpose: "dump", missing: "refuse" });
  try {
    return await copySchema(context, open, await readTargetLedger(context, open));
  } finally {
    await open.close();
  }
}

async function scratchDatabases(): Promise<readonly unknown[]> {
  const { query } = await server(16);
  const rows = await query(
    "postgres", "select datname from pg_database where datname like 'pgmate_scratch_%'",
  );
  return rows.map(({ datname }) => datname);
}

async function refused(work: Promise<unknown>): Promise<PgmateError> {
  return work.then(
    () => Promise.reject(new Error("it is not refused")),
    (error: PgmateError) => error,
  );
}

describe.each(["embedded", "server"] as const)("on the %s", (place) => {
  async function contextFor({ url }: FreshDatabase): Promise<EngineContext> {
    const scratch = (await server(16)).url("postgres");
    return engineContext({ url, ...(place === "embedded" ? {} : { scratch }) });
  }

  test("it holds the target's schema, under the target's settings", async () => {
    // Roles are the whole server's: the other place has made it already.
    await (await server(16)).query("postgres", role).catch(() => undefined);
    const target = await targetDatabase(targetSql);
    const context = await contextFor(target);
    const copy = await copyOf(context);
    const seen = await withScratch(context, copy, async ({ open, description, settingsSql }) => {
      const { session } = open.connection;
      await session.send(["reset all", ...settingsSql].join("; "));
      const [row] = await session.rowsWithin(
        "select current_setting('TimeZone') as zone, current_setting('search_path') as path",
      );
      const ledger = await readTargetLedger(context, open);
      const text = await schemaText(context, open, ledger);
      return { description, row, versions: ledger.rows, text };
    });
    expect(seen.row).toEqual({ zone: "Europe/Berlin", path: "postgres, app, public" });
    expect(seen.versions.map(({ version }) => version)).toEqual(["20250101000000"]);
    expect(seen.description).toMatch(place === "embedded" ? /^the embedded / : /^PostgreSQL 16/);
    if (place === "server") expect(String(seen.text)).toBe(String(copy.text));
    expect(String(seen.text)).toContain("TO \"scratch Owner\"");
    expect(await scratchDatabases()).toEqual([]);
  }, 120_000);

  test("it is gone after an error, and after an interrupt", async () => {
    const context = await contextFor(await targetDatabase(""));
    const copy = await copyOf(context);
    const failure = new TypeError("in the midst");
    const failed = withScratch(context, copy, () => Promise.reject(failure));
    expect(await refused(failed)).toBe(failure as never);
    const interrupted = withScratch(context, copy, async ({ open }) => {
      setTimeout(() => context.abort(), 100);
      return open.connection.session.rows("select pg_sleep(30)");
    });
    await refused(interrupted);
    expect(await scratchDatabases()).toEqual([]);
  }, 120_000);

  test("it is empty where there is nothing to copy", async () => {
    const context = await contextFor(await targetDatabase(""));
    const count = await withScratch(context, undefined, ({ open }) =>
      open.connection.session.rows("select 1 from pg_class where relnamespace = 2200"),
    );
    expect(count).toEqual([]);
  }, 120_000);
});

test("an extension that the embedded one lacks is named, with the way out", async () => {
  const context = engineContext({ url: (await targetDatabase("create extension sslinfo")).url });
  const copy = await copyOf(context);
  const error = await refused(withScratch(context, copy, async () => undefined));
  expect(error.code).toBe("embedded");
  expect(error.message).toBe(
    "the embedded Postgres has no extension sslinfo, which the target has",
  );
  expect(error.hint).toContain("--scratch postgres://");
}, 120_000);

test("a target newer than the embedded one is refused", async () => {
  const context = engineContext({ url: (await targetDatabase("")).url });
  const copy = await copyOf(context);
  const newer = { ...copy, surroundings: { ...copy.surroundings, serverMajor: 19 } };
  const error = await refused(withScratch(context, newer, async () => undefined));
  expect([error.code, error.message]).toEqual([
    "embedded", "the embedded Postgres is version 18, and the target is 19",
  ]);
}, 120_000);

test("what the embedded one cannot load is shown", async () => {
  const context = engineContext({ url: (await targetDatabase("")).url });
  const copy = await copyOf(context);
  const text = Buffer.concat([copy.text, Buffer.from("create table app.x (y z);\n")]);
  const broken = { ...copy, text };
  const error = await refused(withScratch(context, broken, async () => undefined));
  expect(error.code).toBe("server");
  expect(error.message).toContain("cannot be loaded into the embedded PostgreSQL 18");
  expect(error.message).toContain(" at 'create table app.x (y z);'");
  expect(error.state).toBe("nothing was changed");
}, 120_000);

test("a role without CREATEDB is told so, and a folder is refused", async () => {
  const one = await server(16);
  await one.query("postgres", "create role scratch_poor login password 'x'");
  const url = (await targetDatabase("")).url;
  const poor = one.url("postgres").replace(/\/\/[^@]*@/, "//scratch_poor:x@");
  const error = await refused(
    withScratch(engineContext({ url, scratch: poor }), undefined, async () => undefined),
  );
  expect(error.hint).toBe("the role of --scratch needs CREATEDB");
  const folder = engineContext({ url, scratch: "pglite:./kept" });
  expect((await refused(withScratch(folder, undefined, async () => undefined))).code).toBe("usage");
}, 120_000);
