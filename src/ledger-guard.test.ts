/** The ledger against what hides it, empties it or takes its name: nothing runs twice unseen. */
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { server } from "./testing/servers.ts";
import { pair, trial, units } from "./testing/trial.ts";

const counted = pair("create table if not exists c (i int);\ninsert into c values (1);");

test("a schema put in front of the search path does not hide the ledger", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": counted,
    "2_b.sql": pair(`
      create schema app;
      do $$ begin
        execute format('alter database %I set search_path = app, public', current_database());
      end $$;`),
  });
  expect((await t.pgmate(["up"])).status).toBe(0);
  const again = await t.pgmate(["up"]);
  expect(again).toMatchObject({ status: 0, stdout: "" });
  expect((await t.pgmate(["status"])).stdout).toEndWith("Applied: 2\nPending: 0\n");
  expect(await t.query("select count(*)::int as n from public.c")).toEqual([{ n: 1 }]);
});

test("a trigger that drops the row fails the step instead of letting it run again", async () => {
  await using t = await trial(await server(17), { "1_a.sql": counted });
  await t.query("create table schema_migrations (version varchar primary key)");
  await t.query(`create function drop_it() returns trigger language plpgsql as
    'begin return null; end'`);
  await t.query(`create trigger drop_it before insert or delete on schema_migrations
    for each row execute function drop_it()`);
  const up = await t.pgmate(["up"]);
  expect(up.status).toBe(2);
  expect(up.stdout).toBe("Applying: 1_a.sql\n");
  expect(up.stderr).toContain("the table did not keep it");
  expect(up.stderr).toContain("State: nothing of 1_a.sql was kept");
  expect(await t.query("select to_regclass('c') as c")).toEqual([{ c: null }]);
});

test("an audit trigger with names without a schema works, as with dbmate", async () => {
  await using t = await trial(await server(17), { "1_a.sql": counted });
  await t.query("create table audit (what text)");
  await t.query("create table schema_migrations (version varchar primary key)");
  await t.query(`create function note() returns trigger language plpgsql as
    'begin insert into audit values (new.version); return new; end'`);
  await t.query(`create trigger note before insert on schema_migrations
    for each row execute function note()`);
  expect((await t.pgmate(["up"])).status).toBe(0);
  expect(await t.query("select what from audit")).toEqual([{ what: "1" }]);
});

test("rows that a policy hides are an error, not a ledger that looks empty", async () => {
  const host = await server(17);
  await using t = await trial(host, { "1_a.sql": counted });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.query("drop role if exists guarded");
  await t.query("create role guarded login password 'x'");
  await t.query("grant all on all tables in schema public to guarded");
  await t.query("alter table schema_migrations enable row level security");
  const url = new URL(t.database.url);
  url.username = "guarded";
  url.password = "x";
  const status = await t.pgmate(["status"], { DATABASE_URL: url.href });
  expect(status.status).toBe(2);
  expect(status.stderr).toContain("may not read");
  expect(status.stderr).toContain("its policies hide rows, and all are needed");
  await t.query("drop owned by guarded");
  await t.query("drop role guarded");
});

test("a name that something else has taken is said, not run into", async () => {
  await using t = await trial(await server(17), { "1_a.sql": counted });
  await t.query("create materialized view schema_migrations as select '1'::text as version");
  const up = await t.pgmate(["up"]);
  expect(up.status).toBe(2);
  expect(up.stderr).toContain('"public"."schema_migrations" is no table');
  expect(up.stderr).toContain("--migrations-table");
});

test("a session made read only under transaction:false can still be recorded", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": units("create table a (i int);\nset default_transaction_read_only = on;"),
  });
  expect((await t.pgmate(["up"])).status).toBe(0);
  expect(await t.applied()).toEqual(["1"]);
});

test("what the URL says of lock_timeout holds where the option is not given", async () => {
  const show = pair("create table a as select current_setting('lock_timeout') as it;");
  await using t = await trial(await server(17), { "1_a.sql": show });
  const url = new URL(t.database.url);
  url.searchParams.set("lock_timeout", "7s");
  expect((await t.pgmate(["up"], { DATABASE_URL: url.href })).status).toBe(0);
  expect(await t.query("select it from a")).toEqual([{ it: "7s" }]);
});

test("a faulty file is found before the database is made", async () => {
  await using t = await trial(await server(17), { "1_a.sql": pair("select 1;\ncommit;") });
  const url = new URL(t.database.url);
  url.pathname = "/never_made";
  const up = await t.pgmate(["up"], { DATABASE_URL: url.href });
  expect(up).toMatchObject({ status: 2, stdout: "" });
  expect(up.stderr).toContain("db/migrations/1_a.sql:3:1: ");
  const found = await t.query("select 1 from pg_database where datname = 'never_made'");
  expect(found).toEqual([]);
});

test("two new files in one second have two versions", async () => {
  await using t = await trial(await server(17));
  await t.pgmate(["new", "a"]);
  await t.pgmate(["new", "b"]);
  await t.pgmate(["new", "c"]);
  const names = readdirSync(join(t.project.folder, "db/migrations"));
  expect(new Set(names.map((name) => name.slice(0, 14))).size).toBe(3);
});

test.each([
  [["--url", "", "drop"], "--url is given and empty"],
  [["--env", "postgres://app:hunter2@db/app", "up"], "--env names no environment variable"],
  [["up", "postgres://app:hunter2@db/app"], "give it with --url"],
  [["up", "--to", ""], "--to"],
  [["up", "--lock-timeout", "-1s"], "below 0"],
])("refused before anything: %j", async (args, said) => {
  await using t = await trial(await server(17), { "1_a.sql": counted });
  const run = await t.pgmate(args);
  expect(run).toMatchObject({ status: 2, stdout: "" });
  expect(run.stderr).toContain(said);
  expect(run.stderr).not.toContain("hunter2");
});

test.each([
  ["\"char\"", "20240101000000", "refused"],
  ["name", "9".repeat(80), "refused"],
  ["numeric(20,2)", "1", "refused"],
  ["name", "20240101000000", "kept"],
  ["char(20)", "20240101000000", "kept"],
  ["text", "9".repeat(80), "kept"],
  ["bigint", "0007", "kept"],
  ["numeric", "00", "kept"],
])("a column of type %s and the version %s: %s", async (type, version, expected) => {
  await using t = await trial(await server(17), { [`${version}_a.sql`]: counted });
  await t.query(`create table schema_migrations (version ${type} primary key)`);
  const first = await t.pgmate(["up"]);
  if (expected === "kept") {
    expect(first.status).toBe(0);
    expect(await t.pgmate(["up"])).toMatchObject({ status: 0, stdout: "" });
    expect((await t.pgmate(["rollback"])).status).toBe(0);
    expect(await t.query("select version from schema_migrations")).toEqual([]);
    return;
  }
  expect(first.stderr).toContain("the table did not keep it");
  expect(await t.query("select to_regclass('c') as c")).toEqual([{ c: null }]);
});
