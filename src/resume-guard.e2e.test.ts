/** What the journal says is believed only where it can be true: of other runs, tools and roles. */

import { describe, expect, test } from "bun:test";
import { server } from "./testing/servers.ts";
import { pair, roleOf, trial, units } from "./testing/trial.ts";

const journal = "schema_migrations_progress";

describe("what another run is in the midst of", () => {
  const slow = units(
    "create temp table tmp (i int);\nselect pg_sleep(8);\ncreate table a (i int);",
    "select 1;\nselect pg_sleep(6);\ndrop table a;",
  );

  test("is no half-run step: whoever comes waits for it", async () => {
    await using t = await trial(await server(17), { "1_a.sql": slow });
    const first = t.start(["up"]);
    const made = `select to_regclass('${journal}') is not null as it`;
    while ((await t.query(made))[0]?.["it"] !== true) await Bun.sleep(20);
    await Bun.sleep(300);
    const status = await t.pgmate(["status"]);
    expect(status.stdout).toContain("1_a.sql (applied in part): a run is under way\n");
    expect(status.stdout).toContain(" up ");
    const others = await Promise.all([t.pgmate(["up"]), t.pgmate(["up"])]);
    expect(others.map(({ status }) => status)).toEqual([0, 0]);
    expect((await first.result).status).toBe(0);
    const back = t.start(["rollback"]);
    while ((await t.query(`select 1 from ${journal}`)).length === 0) await Bun.sleep(20);
    const up = await t.pgmate(["up"]);
    expect((await back.result).status).toBe(0);
    expect(up.status).toBe(0);
    expect(await t.applied()).toEqual(["1"]);
  });
});

test("what is done, but is not what stands there now, is not taken for it", async () => {
  const index = "create index concurrently x on t (i);\n";
  await using t = await trial(await server(16), { "1_a.sql": units(`${index}select 1;`) });
  await t.query("create table t (i int)");
  expect((await t.pgmate(["up", "--to", "1"])).status).toBe(0);
  await t.query("delete from schema_migrations");
  const note = JSON.stringify({
    alone: { kind: "create-index", table: "t", index: "x", body: " (i)", rows: "any" },
    relation: Number((await t.query("select 't'::regclass::oid::int as oid"))[0]?.["oid"]),
    existed: false, invalid: [], indexes: [],
  });
  await t.query(
    `insert into ${journal} (version, direction, unit, hash, state, note)
     values ('1', 'up', 1, 'v1:other', 'running', $1)`,
    [note],
  );
  await t.migrations({ "1_a.sql": units("insert into t values (1);\nselect 1;") });
  const up = await t.pgmate(["up"]);
  expect(up.status).toBe(2);
  expect(up.stderr).toContain("statement 1 was changed after it had run");
  expect(up.stderr).toContain("1_a.sql:2:1");
  expect(await t.query("select * from t")).toEqual([]);
});

test("what commits by itself and failed is not run again unasked", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": units(
      "do $$ begin insert into t values (1); commit; perform 1 / 0; end $$;\nselect 1;",
    ),
  });
  await t.query("create table t (i int)");
  const first = await t.pgmate(["up"]);
  expect(first.status).toBe(2);
  expect(first.stderr).toContain("division by zero");
  const second = await t.pgmate(["up"]);
  expect(second.status).toBe(2);
  expect(second.stderr).toContain("--resume skip");
  expect(second.stderr).toContain("--resume repeat");
  expect(await t.query("select count(*)::int as n from t")).toEqual([{ n: 1 }]);
  expect((await t.pgmate(["up", "--resume", "skip"])).status).toBe(0);
  expect(await t.query("select count(*)::int as n from t")).toEqual([{ n: 1 }]);
});

describe("rows that another tool has made untrue", () => {
  test("are forgotten by the next run, and never true again", async () => {
    const text = units("create table a (i int);\nselect nope;", "drop table a;");
    await using t = await trial(await server(17), { "1_a.sql": text });
    expect((await t.pgmate(["up"])).status).toBe(2);
    await t.query("insert into schema_migrations (version) values ('1')");
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await t.query(`select * from ${journal}`)).toEqual([]);
    await t.query("delete from schema_migrations; drop table a");
    await t.migrations({ "1_a.sql": units("create table a (i int);", "drop table a;") });
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await t.query("select to_regclass('a')::text as a")).toEqual([{ a: "a" }]);
  });

  test("go in every spelling of a column of numbers", async () => {
    await using t = await trial(await server(17), {
      "007_a.sql": units("create table a (i int);", "drop table a;\nselect nope;"),
    });
    await t.query("create table schema_migrations (version bigint primary key)");
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect((await t.pgmate(["rollback"])).status).toBe(2);
    await t.query("delete from schema_migrations");
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await t.query(`select * from ${journal}`)).toEqual([]);
    await t.migrations({ "007_a.sql": units("select 1;", "drop table a;") });
    expect((await t.pgmate(["rollback"])).status).toBe(0);
    expect(await t.query("select to_regclass('a')::text as a")).toEqual([{ a: null }]);
  });
});

test("whoever may use the ledger may use its journal", async () => {
  const on = await server(17);
  await using t = await trial(on, { "1_a.sql": pair("select 1;") });
  const role = `runner_${t.database.name}`;
  await t.query(`create role ${role} login`);
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.query(`grant select, insert, update, delete on schema_migrations to ${role}`);
  await t.migrations({ "2_b.sql": units("select 1;\nselect nope;") });
  expect((await t.pgmate(["up"])).status).toBe(2);
  const { socketFolder, port } = on;
  const url = `postgres://${role}@localhost/${t.database.name}?host=${socketFolder}&port=${port}`;
  const status = await t.pgmate(["status"], { DATABASE_URL: url });
  expect(status.stderr).toBe("");
  expect(status.stdout).toContain("Dirty: 1");
  await t.migrations({ "2_b.sql": units("select 1;\nselect 2;") });
  const up = await t.pgmate(["up"], { DATABASE_URL: url });
  expect(up.stderr).not.toContain("Error");
  expect(up.status).toBe(0);
});

test("the ledger's owner may use a journal that another role has made", async () => {
  await using t = await trial(await server(17), { "1_a.sql": pair("select 1;") });
  const asOwner = await roleOf(t, "owner");
  expect((await t.pgmate(["up"], asOwner)).status).toBe(0);
  await t.migrations({ "2_b.sql": units("select 1;\nselect nope;") });
  expect((await t.pgmate(["up"])).status).toBe(2);
  expect((await t.pgmate(["status"], asOwner)).stdout).toContain("Dirty: 1");
  await t.migrations({ "2_b.sql": units("select 1;\nselect 2;") });
  const up = await t.pgmate(["up"], asOwner);
  expect(up.stderr).not.toContain("Error");
  expect(up.status).toBe(0);
});

describe("what came to nothing, and is not tried again", () => {
  test("is forgotten when its file has got another name", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select 1;") });
    await t.migrations({ "2_b.sql": units("select nope;") });
    expect((await t.pgmate(["up"])).status).toBe(2);
    expect((await t.pgmate(["status"])).stdout).toContain("Dirty: 1");
    await t.project.remove("db/migrations/2_b.sql");
    expect((await t.pgmate(["status", "--exit-code"])).stdout).toBe(
      "[X] 1_a.sql\n\nApplied: 1\nPending: 0\n",
    );
    await t.migrations({ "3_b.sql": units("select 1;") });
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect((await t.pgmate(["status", "--exit-code"])).status).toBe(0);
    expect((await t.pgmate(["version"])).stdout).toBe("3\ndirty: false\n");
    expect(await t.query("select * from schema_migrations_progress")).toEqual([]);
  });

  test("is half applied all the same where something was kept", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select 1;") });
    await t.migrations({ "2_b.sql": units("select 1;\nselect nope;") });
    expect((await t.pgmate(["up"])).status).toBe(2);
    await t.project.remove("db/migrations/2_b.sql");
    const status = await t.pgmate(["status", "--exit-code"]);
    expect(status.status).toBe(1);
    expect(status.stdout).not.toContain("Missing");
    expect(status.stdout).toContain(
      "[!] 2 (applied in part): statement 2 failed\n    column \"nope\" does not exist\n" +
        "    its file is gone: bring it back, then `pgmate up` goes on there\n",
    );
    const forced = await t.pgmate(["force", "1", "--yes"]);
    expect(forced.stderr).toContain("Would run a second time if its file comes back:");
  });
});

test("no schema file holds a journal, whichever ledger it is asked for", async () => {
  await using t = await trial(await server(17), { "1_a.sql": units("create table a (i int);") });
  expect((await t.pgmate(["up"])).status).toBe(0);
  const other = await t.pgmate(["--migrations-table", "other", "dump", "--stdout"]);
  expect(other.stdout).toContain("CREATE TABLE public.a ");
  expect(other.stdout).not.toContain("_progress");
});

test("the journal is not made where it would stop replication", async () => {
  await using t = await trial(await server(17), { "1_a.sql": units("create table a (i int);") });
  await t.query("create publication everything for all tables");
  const up = await t.pgmate(["up"]);
  expect(up.status).toBe(2);
  expect(up.stderr).toContain("would be in the publication everything");
  expect(await t.query("select to_regclass('a')::text as a")).toEqual([{ a: null }]);
  const sql = /here, and run again: (create table .*)/.exec(up.stderr)?.[1] ?? "";
  await t.query(sql);
  expect((await t.pgmate(["up"])).status).toBe(0);
});
