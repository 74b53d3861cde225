/** Sections with transaction:false on real servers: units, groups, what stays when one fails. */
import { describe, expect, test } from "bun:test";
import { edgeVersions, server } from "./testing/servers.ts";
import { asleep } from "./testing/stopping.ts";
import { pair, trial, units, wake } from "./testing/trial.ts";

const names = "select relname from pg_class where relname in ('a', 'b', 'x', 'y') order by 1";

describe.each(edgeVersions)("on PostgreSQL %d", (version) => {
  test("what must run alone runs among other statements", async () => {
    await using t = await trial(await server(version), {
      "1_a.sql": units(
        `create table a (i int, t text);
        insert into a select i, 'x' from generate_series(1, 100) i;
        create unique index concurrently x on a (i);
        reindex index concurrently x;
        begin; create table b (i int); copy b from stdin;
1
2
\\.
        insert into b values (3); commit;
        vacuum (analyze) a;
        copy b from stdin with (format csv, header)
          where i > 4; -- and the data
i
4
5
\\.
        create type mood as enum ('sad'); alter type mood add value 'glad';
        set work_mem = '64kB';
        do $$ begin assert current_setting('work_mem') = '64kB'; commit; end $$;
        create procedure p() language plpgsql as $$ begin
          insert into b values (6); commit; insert into b values (7); rollback; end $$;
        call p();
        copy (select i from b) to stdout;
        create role units_${version}; set role units_${version};`,
        "drop index concurrently x; drop table a, b; drop type mood; drop procedure p;",
      ),
    });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
    const rows = await t.query("select i from b order by i");
    expect(rows.map((row) => row["i"])).toEqual([1, 2, 3, 5, 6]);
    const valid = "select 1 from pg_index where indexrelid = 'x'::regclass and indisvalid";
    expect(await t.query(valid)).toHaveLength(1);
    const [row] = await t.query("select applied_by from schema_migrations");
    expect(row?.["applied_by"]).toBe("postgres");
    expect((await t.pgmate(["rollback"])).status).toBe(0);
    expect([...(await t.query(names))]).toEqual([]);
    expect(await t.applied()).toEqual([]);
  });
});

/** The file, how far it got by what it says, and what it left. */
const failures: readonly (readonly [title: string, sql: string, said: string, left: string[]])[] = [
  ["the only one", "create table a (i into);", "its one statement was not kept", []],
  [
    "the first",
    "create table a (i into); create table b (i int);",
    "none of its 2 statements was kept",
    [],
  ],
  [
    "the second of three",
    "create table a (i int); create table a (i int); create table b (i int);",
    "1 of its 3 statements ran and stay",
    ["a"],
  ],
  [
    "one inside a group",
    "create table a (i int); begin; create table b (i int); select 1/0; commit; create table x ();",
    "1 of its 3 statements ran and stay",
    ["a"],
  ],
  [
    "one behind a COPY inside a group",
    "create table a (i int); begin; insert into a values (1);\ncopy a from stdin;\n2\n\\.\n" +
      "create table b (i int); select 1/0; commit;",
    "1 of its 2 statements ran and stay",
    ["a"],
  ],
  [
    "a COPY inside a group",
    "create table a (i int); begin; create table b (i int);\ncopy a from stdin;\nx\n\\.\ncommit;",
    "1 of its 2 statements ran and stay",
    ["a"],
  ],
  [
    "the commit of a group",
    "create table a (i int primary key);\n" +
      "create table b (i int references a deferrable initially deferred);\n" +
      "begin; create table x (); insert into b values (1); commit; create table y ();",
    "2 of its 4 statements ran and stay",
    ["a", "b"],
  ],
];

describe("the unit that fails is", () => {
  test.each(failures)("%s", async (_title, sql, said, left) => {
    await using t = await trial(await server(17), { "1_a.sql": units(sql) });
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("1_a.sql is not recorded as applied");
    expect(up.stderr).toContain(said);
    const found = await t.query(names);
    expect(found.map((row) => row["relname"])).toEqual(left);
    expect(await t.applied()).toEqual([]);
    if (left.length > 0) expect(await t.query("select * from a")).toHaveLength(0);
  });

  test.each([
    ["after all of them", "create table a (i int);\n", "2 of its 2 statements ran and stay"],
    ["after the only one", "", "its one statement ran and stays"],
  ])("the row in the ledger, %s", async (_title, before, said) => {
    await using t = await trial(await server(17), {
      "1_a.sql": units(`${before}drop table schema_migrations;`),
    });
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("the ledger's row for db/migrations/1_a.sql could not be written");
    expect(up.stderr).toContain(said);
  });
});

test("a pair in a transaction and one outside of it share a file and its row", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair("create table a (i int);", "drop table a;") +
      units("create index concurrently x on a (i);", "drop index concurrently x;"),
    "2_b.sql": pair("create table b (i int); set constraints all deferred;", "drop table b;") +
      units("select 1; select nope;"),
  });
  const up = await t.pgmate(["up"]);
  expect(up.status).toBe(2);
  expect(up.stderr).toContain("2_b.sql:7:18: column \"nope\" does not exist");
  expect(up.stderr).toContain("2 of its 3 statements ran and stay");
  expect(await t.applied()).toEqual(["1"]);
  const rollback = await t.pgmate(["rollback"]);
  expect(rollback.status).toBe(2);
  expect(rollback.stderr).toContain("2_b.sql is half applied");
  const found = await t.query(names);
  expect(found.map((row) => row["relname"])).toEqual(["a", "b", "x"]);
});

test("no timeout ends what works concurrently, and they hold again afterwards", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair("create table a (i int); create index x on a (i);"),
    "2_b.sql": units(
      `set statement_timeout = '700ms';
      reindex index concurrently x;
      do $$ begin assert current_setting('lock_timeout') = '300ms'; end $$;
      do $$ begin assert current_setting('statement_timeout') = '700ms'; end $$;`,
    ),
    "3_c.sql": units("vacuum full a;"),
  });
  expect((await t.pgmate(["up", "--to", "1"])).status).toBe(0);
  const holder = t.query("begin; select count(*) from a; select pg_sleep(4); commit");
  await asleep(t);
  const up = await t.pgmate(["up", "--to", "2", "--lock-timeout", "300ms"]);
  expect(up.stderr).not.toContain("Error");
  expect(up.status).toBe(0);
  await holder;
  const next = t.query("begin; select count(*) from a; select pg_sleep(60); commit");
  await asleep(t);
  const timedOut = await t.pgmate(["up", "--lock-timeout", "300ms", "--lock-retries", "0"]);
  expect(timedOut.status).toBe(2);
  expect(timedOut.stderr).toContain("canceling statement due to lock timeout");
  expect(timedOut.stderr).toContain("--lock-timeout");
  await wake(t, next);
});
