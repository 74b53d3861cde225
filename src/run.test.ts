/** Runs of the built pgmate on real servers: what is applied, undone, recorded and left behind. */
import { describe, expect, test } from "bun:test";
import { edgeVersions, server } from "./testing/servers.ts";
import { pair, trial } from "./testing/trial.ts";

const three = {
  "1_a.sql": pair("create table a (i int);", "drop table a;"),
  "2_b.sql": pair("create table b (i int);\ninsert into b values (1), (2);", "drop table b;"),
  "3_c.sql": pair("create view c as select i from b;", "drop view c;"),
};

describe.each(edgeVersions)("on PostgreSQL %d", (version) => {
  test("up, rollback, redo and goto run end to end", async () => {
    await using t = await trial(await server(version), three);
    const up = await t.pgmate(["up", "-v"]);
    expect(up.stderr).toStartWith("Target: postgres@");
    expect(up.stderr).toContain(`(PostgreSQL ${version}.`);
    expect(up.stderr).not.toContain("password");
    expect(up.stdout.replace(/ in [\d.]+(µs|ms|s)/g, " in T").split("\n")).toEqual([
      "Applying: 1_a.sql", "Rows affected: 0", "Applied: 1_a.sql in T",
      "Applying: 2_b.sql", "Rows affected: 2", "Applied: 2_b.sql in T",
      "Applying: 3_c.sql", "Rows affected: 0", "Applied: 3_c.sql in T", "",
    ]);
    expect(up.status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2", "3"]);

    const back = await t.pgmate(["rollback"]);
    expect(back.stdout).toMatch(/^Rolling back: 3_c.sql\nRolled back: 3_c.sql in [\d.]+[µm]?s\n$/);
    expect(await t.applied()).toEqual(["1", "2"]);

    const redo = await t.pgmate(["redo", "--steps", "2"]);
    expect(redo.stdout.match(/^(Rolling back|Applying): .*/gm)).toEqual([
      "Rolling back: 2_b.sql", "Rolling back: 1_a.sql", "Applying: 1_a.sql", "Applying: 2_b.sql",
    ]);
    expect(redo.status).toBe(0);

    expect((await t.pgmate(["goto", "3"])).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2", "3"]);
    expect((await t.pgmate(["goto", "1"])).status).toBe(0);
    expect(await t.applied()).toEqual(["1"]);
    expect((await t.pgmate(["up", "--to", "2"])).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2"]);
    expect((await t.pgmate(["migrate", "--steps", "1"])).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2", "3"]);
    expect((await t.pgmate(["rollback", "--to", "1"])).status).toBe(0);
    expect(await t.applied()).toEqual(["1"]);
    expect((await t.pgmate(["rollback", "--all"])).status).toBe(0);
    expect(await t.applied()).toEqual([]);
    const left = await t.query("select relname from pg_class where relname in ('a', 'b', 'c')");
    expect(left).toEqual([]);
  });

  test("the state of a session does not leak into the next file", async () => {
    const role = `leak_${version}`;
    await using t = await trial(await server(version), {
      "1_leak.sql": pair(`
        create schema elsewhere;
        set search_path to elsewhere, public;
        set statement_timeout = '1h';
        set application_name = 'somebody else';
        create temp table schema_migrations (version text);
        create temp table t (i int);
        prepare p as select 1;
        declare c cursor with hold for select 1;
        listen channel;
        create role ${role} nologin;
        set role ${role};`),
      "2_session.sql": pair(`set session authorization ${role};`),
      "3_check.sql": pair(`
        do $$ begin
          assert current_schema = 'public', current_schema;
          assert current_setting('search_path') = '"$user", public';
          assert current_setting('statement_timeout') = '0';
          assert current_setting('application_name') like 'pgmate % up %';
          assert current_setting('client_connection_check_interval') = '2s';
          assert current_setting('idle_session_timeout') = '0';
          assert to_regclass('pg_temp.t') is null;
          assert not exists (select from pg_prepared_statements where name = 'p');
          assert not exists (select from pg_cursors where name = 'c');
          assert not exists (select from pg_listening_channels());
          assert current_user = 'postgres' and session_user = 'postgres', current_user;
        end $$;`),
    });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
    const rows = await t.query("select version, applied_by from public.schema_migrations");
    expect(rows.map((row) => row["applied_by"])).toEqual(["postgres", "postgres", "postgres"]);
  });

  test("the ledger's columns hold what is true", async () => {
    await using t = await trial(await server(version), {
      "20240102030405_create_users.sql": pair("select pg_sleep(0.3);"),
      "20240102030406.sql": "-- migrate:up transaction:false\nselect pg_sleep(0.2);\n" +
        "select pg_sleep(0.2);\n-- migrate:down\n",
    });
    expect((await t.pgmate(["up"])).status).toBe(0);
    const rows = await t.query(
      "select version, description, checksum, applied_by, execution_ms::int as ms," +
        " abs(extract(epoch from clock_timestamp() - applied_at))::float8 as age" +
        " from schema_migrations order by version",
    );
    const [first, second] = rows;
    expect(first).toMatchObject({
      version: "20240102030405", description: "create_users", applied_by: "postgres",
    });
    expect(second).toMatchObject({ version: "20240102030406", description: "" });
    for (const row of rows) {
      expect(row["checksum"]).toMatch(/^v1:[0-9a-f]{64}$/);
      expect(Number(row["age"])).toBeLessThan(5);
    }
    expect(Number(first?.["ms"])).toBeWithin(300, 1000);
    expect(Number(second?.["ms"])).toBeWithin(400, 1200);
  });
});

test("several pairs in one file: ups in order, downs in reverse, one row", async () => {
  await using t = await trial(await server(17), {
    "1_pairs.sql":
      pair("create table a (i int primary key);", "drop table a;") +
      pair("create table b (i int references a);", "drop table b;"),
  });
  expect((await t.pgmate(["up"])).status).toBe(0);
  expect(await t.applied()).toEqual(["1"]);
  const back = await t.pgmate(["rollback"]);
  expect(back.stderr).not.toContain("Error");
  expect(await t.query("select relname from pg_class where relname in ('a', 'b')")).toEqual([]);
});

test("a failure in the second pair leaves nothing of the first", async () => {
  await using t = await trial(await server(17), {
    "1_pairs.sql": pair("create table a (i int);") + pair("create table a (i int);"),
  });
  const up = await t.pgmate(["up"]);
  expect(up.status).toBe(2);
  expect(up.stderr).toContain("db/migrations/1_pairs.sql:7:1: relation \"a\" already exists");
  expect(await t.applied()).toEqual([]);
  expect(await t.query("select relname from pg_class where relname = 'a'")).toEqual([]);
});

test("a deferred constraint that fails is the section's error", async () => {
  await using t = await trial(await server(17), {
    "1_deferred.sql": pair(
      "create table p (i int primary key);\n" +
        "create table c (i int references p deferrable initially deferred);\n" +
        "insert into c values (7);",
    ),
  });
  const up = await t.pgmate(["up"]);
  expect(up.status).toBe(2);
  expect(up.stderr).toContain("1_deferred.sql");
  expect(up.stderr).toContain("violates foreign key constraint");
  expect(up.stderr).toContain("Key (i)=(7) is not present in table \"p\".");
  expect(up.stderr).toContain("nothing of 1_deferred.sql was kept");
  expect(await t.applied()).toEqual([]);
});

test("a comment at the end of a section swallows nothing", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": "-- migrate:up\ncreate table a (i int) -- the end\n-- migrate:down\n-- nothing",
    "2_b.sql":
      "-- migrate:up transaction:false\nselect 1; -- one\n-- migrate:down\ndrop table a -- x",
  });
  expect((await t.pgmate(["up"])).status).toBe(0);
  expect(await t.applied()).toEqual(["1", "2"]);
  expect((await t.pgmate(["rollback"])).status).toBe(0);
  expect(await t.applied()).toEqual(["1"]);
  expect(await t.query("select 1 from pg_class where relname = 'a'")).toEqual([]);
});

test("--strict refuses what comes before something applied; without it, a warning", async () => {
  await using t = await trial(await server(17), { "2_b.sql": three["2_b.sql"] });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "1_a.sql": three["1_a.sql"] });
  const strict = await t.pgmate(["up", "--strict"]);
  expect(strict.status).toBe(2);
  expect(strict.stderr).toContain("migration `1` is out of order");
  expect(await t.applied()).toEqual(["2"]);
  const free = await t.pgmate(["up"]);
  expect(free.status).toBe(0);
  expect(free.stderr).toContain("older than what is already applied");
  expect(await t.applied()).toEqual(["1", "2"]);
  // Applied order: 1 came after 2, so it is the one that goes first.
  expect((await t.pgmate(["rollback"])).stdout).toContain("Rolling back: 1_a.sql");
});

test("the warning of what is late is told in each command's words", async () => {
  await using t = await trial(await server(17), { "2_b.sql": three["2_b.sql"] });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "1_a.sql": three["1_a.sql"] });
  const dry = await t.pgmate(["up", "--dry-run"]);
  expect(dry.stderr).toContain("and would be applied all the same: 1_a.sql (--strict refuses");
  const up = await t.pgmate(["up"]);
  expect(up.stderr).toContain("and applied now all the same: 1_a.sql (--strict refuses");
  expect((await t.pgmate(["rollback"])).status).toBe(0);
  const goes = await t.pgmate(["goto", "2"]);
  expect(goes.stderr).toContain("applied now all the same: 1_a.sql\n");
});

test("what is late only when the lock is had is warned of too", async () => {
  const slow = pair("create table c (i int);\nselect pg_sleep(7);");
  await using one = await trial(await server(17), { "1_a.sql": pair("select 1;") });
  expect((await one.pgmate(["up"])).status).toBe(0);
  await using other = await trial(one.server, { "1_a.sql": pair("select 1;") });
  const env = { DATABASE_URL: one.database.url };
  await one.migrations({ "3_c.sql": slow });
  await other.migrations({ "2_b.sql": pair("create table b (i int);") });
  const first = one.start(["up"]);
  while (!first.stdout().includes("Applying")) await Bun.sleep(20);
  const second = await other.pgmate(["up"], env);
  expect((await first.result).status).toBe(0);
  expect(second.status).toBe(0);
  expect(second.stderr).toContain("applied now all the same: 2_b.sql");
  expect(second.stderr).toContain("version 3 is applied but has no file here");
});

test("what the server tells is shown on stderr", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair(
      "do $$ begin raise notice 'n %', 1 using detail = 'd', hint = 'h';" +
        " raise warning 'w'; raise info 'i'; end $$;\ndrop table if exists nothing;",
    ),
  });
  const { stderr, stdout, status } = await t.pgmate(["up"]);
  expect(status).toBe(0);
  expect(stdout).not.toContain("NOTICE");
  const told = stderr.split("\n").filter((line) => /^(NOTICE|WARNING|INFO|Detail|Hint)/.test(line));
  expect(told).toEqual([
    "NOTICE: n 1", "Detail: d", "Hint: h", "WARNING: w", "INFO: i",
    "NOTICE: table \"nothing\" does not exist, skipping",
  ]);
});

test("a file that lets the run lock go is the last one that runs", async () => {
  await using t = await trial(await server(17), {
    "1_unlock.sql": pair("select pg_advisory_unlock_all();"),
    "2_next.sql": pair("create table next (i int);"),
  });
  const up = await t.pgmate(["up"]);
  expect(up.status).toBe(2);
  expect(up.stderr).toContain("the run lock is no longer held");
  expect(up.stderr).toContain("1_unlock.sql");
  expect(await t.applied()).toEqual(["1"]);
  expect(await t.query("select 1 from pg_class where relname = 'next'")).toEqual([]);
});
