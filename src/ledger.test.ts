/** The built pgmate's ledger: tables that others made, schemas, rights, evil search paths. */
import { describe, expect, test } from "bun:test";
import type { ProgramResult } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";

const two = {
  "1_a.sql": pair("select 1;", "select 1;"),
  "2_b.sql": pair("select 2;", "select 2;"),
};

async function columns(t: Trial, table: string): Promise<readonly unknown[]> {
  const rows = await t.query(
    "select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 order by attnum",
    [table],
  );
  return rows.map((row) => row["attname"]);
}

/** A blank in a URL is %20: libpq takes a plus for a plus. */
function withPath(t: Trial, path: string): string {
  return `${t.database.url}?search_path=${encodeURIComponent(path)}`;
}

const allColumns = [
  "version", "description", "checksum", "applied_at", "applied_by", "execution_ms",
];

function expectDone(result: ProgramResult): void {
  expect(result.stderr).not.toContain("Error");
  expect(result.status).toBe(0);
}

describe("a table that somebody else made", () => {
  test("dbmate's gains columns, and what was applied before stays without a time", async () => {
    await using t = await trial(await server(17), two);
    await t.query("create table schema_migrations (version varchar(255) primary key)");
    await t.query("insert into schema_migrations values ('1')");
    const up = await t.pgmate(["up"]);
    expectDone(up);
    expect(up.stderr).not.toContain("Warning");
    expect(await columns(t, "schema_migrations")).toEqual(allColumns);
    const rows = await t.query(
      "select version, applied_at is null as timeless, applied_by" +
        " from schema_migrations order by 1",
    );
    expect([...rows]).toEqual([
      { version: "1", timeless: true, applied_by: null },
      { version: "2", timeless: false, applied_by: "postgres" },
    ]);
    // dbmate's own insert still goes through, and is dated.
    await t.query("insert into schema_migrations (version) values ('3')");
    const [row] = await t.query("select applied_at from schema_migrations where version = '3'");
    expect(row?.["applied_at"]).toBeInstanceOf(Date);
    expect((await t.pgmate(["status"])).stdout).toContain("[?] 3");
  });

  test("one in a publication is left as it is, with a notice", async () => {
    await using t = await trial(await server(17), two);
    await t.query("create table schema_migrations (version varchar primary key)");
    await t.query("create publication p for table schema_migrations");
    const up = await t.pgmate(["up"]);
    expectDone(up);
    expect(up.stderr).toContain("Warning: \"public\".\"schema_migrations\" is in a publication");
    expect(await columns(t, "schema_migrations")).toEqual(["version"]);
    expect(await t.applied()).toEqual(["1", "2"]);
    expectDone(await t.pgmate(["rollback"]));
    expect(await t.applied()).toEqual(["1"]);
  });

  test("a role with rights on nothing but the table can run, and is told what lacks", async () => {
    await using t = await trial(await server(17), two);
    await t.query("create table schema_migrations (version varchar primary key)");
    await t.query(`create role poor login password 'poor'`);
    await t.query("revoke create on schema public from public");
    await t.query("grant select, insert, delete on schema_migrations to poor");
    const { host, port } = t.server;
    const env = { DATABASE_URL: `postgres://poor:poor@${host}:${port}/${t.database.name}` };
    const up = await t.pgmate(["up"], env);
    expectDone(up);
    expect(up.stderr).toContain("stays without description, checksum, applied_at");
    expect(await t.applied()).toEqual(["1", "2"]);
    expectDone(await t.pgmate(["rollback"], env));
    expectDone(await t.pgmate(["redo"], env));
    expect(await columns(t, "schema_migrations")).toEqual(["version"]);
    await t.query("revoke select on schema_migrations from poor");
    const blind = await t.pgmate(["status"], env);
    expect(blind.status).toBe(2);
    expect(blind.stderr).toContain("may not read \"public\".\"schema_migrations\"");
  });

  test("a role that may create no ledger is told so, and nothing is changed", async () => {
    await using t = await trial(await server(17), two);
    await t.query("create role nowhere login password 'x'");
    const { host, port } = t.server;
    const url = `postgres://nowhere:x@${host}:${port}/${t.database.name}`;
    const up = await t.pgmate(["up"], { DATABASE_URL: url });
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("could not be made: permission denied for schema public");
    expect(up.stderr).toContain("State: nothing was changed");
  });

  test.each([
    ["golang-migrate's", "version bigint primary key, dirty boolean", "golang-migrate's table"],
    ["one without a version", "id int, name text", "has no column \"version\""],
  ])("%s is refused and left alone", async (_title, definition, message) => {
    await using t = await trial(await server(17), two);
    await t.query(`create table schema_migrations (${definition})`);
    for (const command of ["up", "status", "rollback"]) {
      const refused = await t.pgmate([command]);
      expect(refused.status).toBe(2);
      expect(refused.stderr).toContain(message);
      expect(refused.stderr).toContain("--migrations-table");
    }
    expectDone(await t.pgmate(["up", "--migrations-table", "pgmate_migrations"]));
  });

  test("rows that are no digits stand for the file of that name, or stop the run", async () => {
    await using t = await trial(await server(17), {
      "016_add_x.sql": pair("select 1/0;", "select 1;"),
      "017_y.sql": pair("select 1;"),
    });
    await t.query("create table schema_migrations (version text primary key)");
    await t.query("insert into schema_migrations values ('016_add_x')");
    const up = await t.pgmate(["up"]);
    expectDone(up);
    expect(up.stdout).not.toContain("016_add_x");
    expectDone(await t.pgmate(["rollback", "--all"]));
    expect(await t.applied()).toEqual([]);
    await t.query("insert into schema_migrations values ('016_another')");
    const refused = await t.pgmate(["up"]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("\"016_another\"");
    expect(await t.applied()).toEqual(["016_another"]);
  });

  test.each(["integer", "bigint", "numeric"])("a version column of type %s", async (type) => {
    await using t = await trial(await server(17), {
      "007_a.sql": pair("create table a (i int);", "drop table a;"),
      "20250101000000_b.sql": pair("select 1;"),
    });
    await t.query(`create table schema_migrations (version ${type} primary key)`);
    await t.query("insert into schema_migrations values (1)");
    const args = type === "integer" ? ["up", "--to", "007"] : ["up"];
    expectDone(await t.pgmate(args));
    expectDone(await t.pgmate(args));
    expectDone(await t.pgmate(["rollback", "--to", "007"]));
    expectDone(await t.pgmate(["rollback"]));
    expect((await t.query("select version::text from schema_migrations")).length).toBe(1);
  });

  test("a row without a version stops the run with the cure", async () => {
    await using t = await trial(await server(17), two);
    await t.query("create table schema_migrations (version text)");
    await t.query("insert into schema_migrations values (null)");
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("where version is null");
  });
});

describe("the schema", () => {
  const cases: readonly (readonly [path: string, prepare: string, table: string])[] = [
    ["app", "", "app.schema_migrations"],
    ["App, public", "", "app.schema_migrations"],
    ["\"Foo Bar\",public", "", "\"Foo Bar\".schema_migrations"],
    ["$user,public", "", "public.schema_migrations"],
    ["\"$user\",public", "create schema postgres", "postgres.schema_migrations"],
    [
      "\"Lit\",public",
      "create schema \"\"\"Lit\"\"\"; " +
        "create table \"\"\"Lit\"\"\".schema_migrations (version varchar primary key)",
      "\"\"\"Lit\"\"\".schema_migrations",
    ],
  ];

  test.each(cases)("search_path=%s", async (path, prepare, table) => {
    await using t = await trial(await server(17), two);
    if (prepare !== "") await t.query(prepare);
    const env = { DATABASE_URL: withPath(t, path) };
    const up = await t.pgmate(["up"], env);
    expectDone(up);
    expect(up.stdout.includes("Creating schema:")).toBe(prepare === "" && !path.startsWith("$"));
    const rows = await t.query(`select version from ${table} order by 1`);
    expect(rows.map((row) => row["version"])).toEqual(["1", "2"]);
    const again = await t.pgmate(["up"], env);
    expectDone(again);
    expect(again.stdout).toBe("");
    const ledgers = await t.query("select 1 from pg_class where relname = 'schema_migrations'");
    expect(ledgers.length).toBe(1);
  });

  test("--migrations-table makes the schema that it names", async () => {
    await using t = await trial(await server(17), two);
    const args = ["--migrations-table", "Meta.History"];
    const up = await t.pgmate(["up", ...args]);
    expectDone(up);
    expect(up.stdout).toStartWith("Creating schema: \"Meta\"\nApplying: 1_a.sql\n");
    expect((await t.query("select version from \"Meta\".\"History\"")).length).toBe(2);
    expectDone(await t.pgmate(["rollback", "--all", ...args]));
  });
});

/** Whatever they are asked, they fail: nothing of pgmate's own may look them up by name alone. */
const evil = `
  create schema evil;
  create function evil.boom() returns boolean language plpgsql as
    $$ begin raise exception 'redirected'; end $$;
  do $do$
  declare
    operands text[] := '{text,text,name,name,name,text,oid,oid,int4,int4,int8,int8,oid,int8,"char",
      "char",bool,bool,text,"char",int2,int4,timestamptz,timestamptz,float8,numeric,int4,int2}';
    found record;
  begin
    for i in 1 .. array_length(operands, 1) by 2 loop
      execute format('create function evil.eq(%1$s, %2$s) returns bool language sql as
        $$ select evil.boom() $$', operands[i], operands[i + 1]);
      execute format('create operator evil.= (leftarg = %1$s, rightarg = %2$s, function = evil.eq)',
        operands[i], operands[i + 1]);
    end loop;
    for found in
      select oid::regprocedure as called, proname, pg_get_function_identity_arguments(oid) as args
        from pg_proc
       where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f' and proname in (
         'set_config', 'current_setting', 'pg_backend_pid', 'pg_advisory_unlock', 'now',
         'pg_try_advisory_lock', 'pg_is_in_recovery', 'current_database', 'to_char', 'timezone',
         'clock_timestamp', 'transaction_timestamp', 'pg_has_role', 'format_type', 'host')
    loop
      execute format('create function evil.%I(%s) returns bool language sql as
        $$ select evil.boom() $$', found.proname, found.args);
    end loop;
  end $do$;
  create domain evil.text as pg_catalog.text check (evil.boom());
  create domain evil.varchar as pg_catalog.varchar check (evil.boom());
  create domain evil.timestamptz as pg_catalog.timestamptz check (evil.boom());
  create domain evil.int8 as pg_catalog.int8 check (evil.boom());
  create domain evil.float8 as pg_catalog.float8 check (evil.boom());
  create table evil.schema_migrations (version pg_catalog.varchar, dirty pg_catalog.bool);
  create view evil.pg_locks as select evil.boom();
  create view evil.pg_class as select evil.boom();
  create view evil.pg_namespace as select evil.boom();
  create view evil.pg_stat_activity as select evil.boom();`;

test("a search path that leads elsewhere first redirects nothing", async () => {
  await using t = await trial(await server(17), two);
  await t.query(evil);
  const redirected = t.query("set search_path = evil, pg_catalog; select 1 = 1");
  await expect(redirected).rejects.toThrow("redirected");
  const env = {
    DATABASE_URL: withPath(t, "evil, pg_catalog, public"),
    DBMATE_MIGRATIONS_TABLE: "public.schema_migrations",
  };
  for (const args of [["up"], ["status", "--long"], ["redo"], ["rollback"], ["up"]]) {
    expectDone(await t.pgmate(args, env));
  }
  expect(await columns(t, "public.schema_migrations")).toEqual(allColumns);
  await t.query("alter table public.schema_migrations drop applied_at, drop checksum");
  expectDone(await t.pgmate(["rollback"], env));
  expect(await t.query("select * from public.schema_migrations")).toHaveLength(1);
  // Waiting for the lock looks up who holds it.
  await t.migrations({ "3_c.sql": pair("select pg_catalog.pg_sleep(1);") });
  const both = await Promise.all([t.pgmate(["up"], env), t.pgmate(["up"], env)]);
  both.forEach(expectDone);
  const told = both.map(({ stderr }) => stderr).join("");
  expect(told).toContain("Waiting for another run to end: pgmate");
});
