/** What a half-run step had set in its session is there again, or it is refused by name. */
import { describe, expect, test } from "bun:test";
import { edgeVersions, server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

/** One line for each check: who is who, and which path is searched. */
const look =
  "insert into public.log select session_user, current_user, current_setting('search_path'), " +
  "current_setting('work_mem'), current_setting('app.tenant', true);";

const setUp = (role: string): string => `
  create table log (login text, role text, path text, mem text, tenant text);
  do $$ begin
    if not exists (select from pg_roles where rolname = '${role}') then
      create role ${role}; create role "${role} Two";
    end if; end $$;
  grant insert, select on log to ${role}, "${role} Two";
  grant usage, create on schema public to ${role}, "${role} Two";
  create schema other; grant usage, create on schema other to ${role};
`;

async function seen(t: Trial): Promise<readonly string[]> {
  const rows = await t.query(
    "select concat_ws(' ', login, role, path, mem, tenant) as row from log order by ctid",
  );
  return rows.map((row) => String(row["row"]));
}

describe.each(edgeVersions)("on PostgreSQL %d", (version) => {
  const role = `session_role_${version}`;

  test("settings and roles are there again, and the journal is written by the login", async () => {
    const sql = (last: string): string => units(`
      set search_path = other, public; set work_mem = '64kB';
      set session work_mem to '96kB'; set app.tenant = 'x y';
      set role ${role};
      ${look}
      create table made (i int);
      begin; set local role "${role} Two"; set local work_mem = '128kB'; ${look} commit;
      ${look}
      create index concurrently made_i on made (i);
      reset work_mem; select set_config('work_mem', '192kB', false);
      ${last}
      ${look}
      reset role;
      ${look}
      set session authorization "${role} Two";
      ${look}
      vacuum public.log;
      reset session authorization; reset all;`);
    await using t = await trial(await server(version), {
      "1_a.sql": pair(setUp(role)), "2_b.sql": sql("select nope;"),
    });
    expect((await t.pgmate(["up"])).stderr).toContain("column \"nope\" does not exist");
    await t.migrations({ "2_b.sql": sql("select 1;") });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).not.toContain("Error");
    expect(await seen(t)).toEqual([
      `postgres ${role} other, public 96kB x y`,
      `postgres ${role} Two other, public 128kB x y`,
      `postgres ${role} other, public 96kB x y`,
      `postgres ${role} other, public 192kB x y`,
      "postgres postgres other, public 192kB x y",
      `${role} Two ${role} Two other, public 192kB x y`,
    ]);
    const [made] = await t.query("select tableowner from pg_tables where schemaname = 'other'");
    expect(made?.["tableowner"]).toBe(role);
    const by = await t.query("select applied_by from schema_migrations");
    expect(by.map((row) => row["applied_by"])).toEqual(["postgres", "postgres"]);
  });

  test("a role of one section is there in the next, also where it is resumed", async () => {
    const sql = (last: string): string =>
      `${pair(`set role ${role}; ${look}`)}${pair(`set local work_mem = '64kB'; ${look}`)}` +
      `${units(`${look} ${last}`)}${pair(look)}`;
    await using t = await trial(await server(version), {
      "1_a.sql": pair(setUp(role)),
      "2_b.sql": sql("select nope;"),
    });
    expect((await t.pgmate(["up"])).stderr).toContain("column \"nope\" does not exist");
    await t.migrations({ "2_b.sql": sql("select 1;") });
    expect((await t.pgmate(["up"])).status).toBe(0);
    const mem = (await t.query("show work_mem"))[0]?.["work_mem"];
    const path = "\"$user\", public";
    expect(await seen(t)).toEqual([
      `postgres ${role} ${path} ${mem}`, `postgres ${role} ${path} 64kB`,
      `postgres ${role} ${path} ${mem}`, `postgres ${role} ${path} ${mem}`,
    ]);
  });
});

const refused: readonly (readonly [title: string, sql: string, said: string])[] = [
  ["a temporary table", "create temp table t (i int);",
    "statement 1 (CREATE TABLE) made a temporary object"],
  ["one in a group", "begin; select 1; create temporary table t (i int); commit;",
    "statement 1 (BEGIN) made a temporary object"],
  ["SELECT INTO", "select 1 as i into temp t;", "statement 1 (SELECT) made a temporary table"],
  ["PREPARE", "prepare p as select 1;", "statement 1 (PREPARE) made a prepared statement"],
  ["a cursor with hold", "declare c cursor with hold for select 1;",
    "statement 1 (DECLARE) made a cursor with hold"],
  ["set_config in a bigger query", "select set_config('a.b', 'x', false) from pg_class limit 1;",
    "statement 1 (SELECT) made a setting by set_config"],
  ["a session lock", "select pg_advisory_lock(1);", "statement 1 (SELECT) made an advisory lock"],
];

describe("a step that cannot go on in another session", () => {
  test.each(refused)("%s", async (_, sql, said) => {
    await using t = await trial(await server(17), {
      "1_a.sql": units(`${sql}\nselect nope;`), "2_b.sql": pair("create table b ();"),
    });
    expect((await t.pgmate(["up"])).stderr).toContain("column \"nope\" does not exist");
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain(`1_a.sql cannot go on in a new session: ${said}, which is gone`);
    expect(up.stderr).toContain("db/migrations/1_a.sql:2:1: ");
    expect(up.stderr).toContain("`pgmate force --only 1 --pending`");
    expect(up.status).toBe(2);
    expect(await t.query("select 1 from pg_class where relname = 'b'")).toHaveLength(0);
    expect((await t.pgmate(["force", "--only", "1", "--applied", "--yes"])).status).toBe(0);
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2"]);
  });

  test.each([
    ["a temporary table that goes at commit",
      "begin; create temp table t on commit drop as select 1; table t; commit;"],
    ["a lock of one transaction", "begin; select pg_advisory_xact_lock(1); commit;"],
    ["a cursor of one transaction",
      "begin; declare c cursor for select 1; fetch c; commit;"],
  ])("%s is nothing of the session's", async (_, sql) => {
    await using t = await trial(await server(17), { "1_a.sql": units(`${sql}\nselect nope;`) });
    await t.pgmate(["up"]);
    await t.migrations({ "1_a.sql": units(`${sql}\nselect 1;`) });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
  });
});

const changed: readonly (readonly [title: string, sql: string, said: string, place: string])[] = [
  ["another first statement", "create table c ();\ncreate table b ();\nselect 1;",
    "statement 1 of 1_a.sql was changed after it had run", "2:1"],
  ["another second one", "create table a ();\n create table c ();\nselect 1;",
    "statement 2 of 1_a.sql was changed after it had run", "3:2"],
  ["one more in front", "select 0;\ncreate table a ();\ncreate table b ();\nselect 1;",
    "statement 1 of 1_a.sql was changed after it had run", "2:1"],
  ["two made a group", "begin;\ncreate table a ();\ncreate table b ();\ncommit;\nselect 1;",
    "statement 1 of 1_a.sql was changed after it had run", "2:1"],
  ["one that is gone", "create table a ();", "statement 2 of 1_a.sql is gone after it had run", ""],
];

describe("a step whose statements that ran were changed is refused", () => {
  test.each(changed)("%s", async (_, sql, said, place) => {
    const before = "create table a ();\ncreate table b ();\nselect nope;";
    await using t = await trial(await server(17), { "1_a.sql": units(before) });
    await t.pgmate(["up"]);
    await t.migrations({ "1_a.sql": units(sql) });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain(said);
    if (place !== "") expect(up.stderr).toContain(`1_a.sql:${place}: `);
    expect(up.stderr).toContain("2 statements ran and stay from a run before");
    expect(up.stdout).not.toContain("Applying");
    expect(up.status).toBe(2);
    expect(await t.query("select 1 from pg_class where relname = 'c'")).toHaveLength(0);
    await t.migrations({
      "1_a.sql": units("create table a /* ! */ ();\n\n create table b (); -- b\nselect 1;"),
    });
    expect((await t.pgmate(["up"])).status).toBe(0);
  });

  test("transaction:false taken away", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": units("create table a ();\nselect nope;"),
    });
    await t.pgmate(["up"]);
    await t.migrations({ "1_a.sql": pair("create table a ();\nselect 1;") });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain("1_a.sql had transaction:false when it began");
    expect(up.stderr).toContain("`pgmate force --only 1 --applied`");
    expect(up.status).toBe(2);
    await t.migrations({ "1_a.sql": units("create table a ();\nselect 1;") });
    expect((await t.pgmate(["up"])).status).toBe(0);
  });

  test("but taken away where nothing had run it is fine", async () => {
    await using t = await trial(await server(17), { "1_a.sql": units("vacuum nosuch;") });
    await t.pgmate(["up"]);
    await t.migrations({ "1_a.sql": pair("create table a ();") });
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await t.query("select * from schema_migrations_progress")).toHaveLength(0);
  });
});

test("what a section set again for its locks is there again", async () => {
  const sql = (last: string): string => units(`
    set lock_timeout = '7s'; set statement_timeout = '9s';
    ${last}
    do $$ begin
      assert current_setting('lock_timeout') = '7s';
      assert current_setting('statement_timeout') = '9s';
    end $$;`);
  await using t = await trial(await server(17), { "1_a.sql": sql("select nope;") });
  await t.pgmate(["up"]);
  await t.migrations({ "1_a.sql": sql("select 1;") });
  const up = await t.pgmate(["up", "--statement-timeout", "20s"]);
  expect(up.stderr).not.toContain("Error");
  expect(up.status).toBe(0);
});

test("a role that was dropped meanwhile, and given back before, is not needed again", async () => {
  const sql = (last: string): string =>
    units(`create role goes; set role goes; select 1; reset role; drop role goes; ${last}`);
  await using t = await trial(await server(17), { "1_a.sql": sql("select nope;") });
  await t.pgmate(["up"]);
  await t.migrations({ "1_a.sql": sql("select 1;") });
  expect((await t.pgmate(["up"])).status).toBe(0);
});

test("one that is gone and was not given back is named", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": units("create role gone_away; set role gone_away; select nope;"),
  });
  await t.pgmate(["up"]);
  await t.query("drop role gone_away");
  const up = await t.pgmate(["up"]);
  expect(up.stderr).toContain(
    "what db/migrations/1_a.sql had set before could not be set again: " +
      "role \"gone_away\" does not exist",
  );
  expect(up.stderr).toContain("2 of its 3 statements ran and stay");
  expect(up.status).toBe(2);
});
