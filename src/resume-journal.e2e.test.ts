/** The journal itself: where it is, who may write it, and what a hand or a trigger does to it. */
import { describe, expect, test } from "bun:test";
import { journalName } from "./core/journal.ts";
import { edgeVersions, server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const broken = units("insert into public.log values (1);\nselect nope;");
const whole = units("insert into public.log values (1);\nselect 1;");
const logTable = pair("create table public.log (n int);");

async function column(t: Trial, sql: string): Promise<string> {
  return (await t.query(sql)).map((row) => String(Object.values(row)[0])).join(", ");
}

/** Stops half way, is corrected, and goes on. */
async function goesOn(t: Trial, env: Readonly<Record<string, string>> = {}): Promise<void> {
  await t.migrations({ "1_a.sql": logTable, "2_b.sql": broken });
  const failed = await t.pgmate(["up"], env);
  expect(failed.stderr).toContain("column \"nope\" does not exist");
  expect(failed.stderr).toContain("1 of its 2 statements ran and stay");
  expect((await t.pgmate(["version"], env)).stdout).toBe("2\ndirty: true\n");
  await t.migrations({ "2_b.sql": whole });
  const up = await t.pgmate(["up"], env);
  expect(up.stderr).not.toContain("Error");
  expect(up.stderr).toContain("Resuming: 2_b.sql at statement 2 of 2");
  expect(up.status).toBe(0);
  expect(await column(t, "select n from public.log")).toBe("1");
}

describe("the journal stands beside its ledger", () => {
  const names: readonly (readonly [table: string, journal: string])[] = [
    ["elsewhere.schema_migrations", "elsewhere.schema_migrations_progress"],
    ["Odd schema.Odd table", "\"Odd schema\".\"Odd table_progress\""],
    ["x".repeat(63), `${"x".repeat(45)}_75220b47_progress`],
    ["ä".repeat(31), `"${journalName({ schema: "public", table: "ä".repeat(31) }).table}"`],
  ];

  test.each(names)("%s", async (table, journal) => {
    await using t = await trial(await server(17));
    await goesOn(t, { DBMATE_MIGRATIONS_TABLE: table });
    const oid = await column(t, `select '${journal.replaceAll("'", "''")}'::regclass::oid`);
    expect(oid).toMatch(/^\d+$/);
    expect(await column(t, `select count(*) from ${journal}`)).toBe("0");
  });

  const types = ["int", "bigint", "numeric", "text"];

  test.each(types)("with versions in a column of %s", async (type) => {
    await using t = await trial(await server(17));
    await t.query(`create table schema_migrations (version ${type} primary key)`);
    await t.migrations({ "001_a.sql": logTable, "002_b.sql": broken });
    await t.pgmate(["up"]);
    await t.migrations({ "002_b.sql": whole });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain("Resuming: 002_b.sql at statement 2 of 2");
    expect(up.status).toBe(0);
    expect(await column(t, "select n from log")).toBe("1");
    expect(await column(t, "select count(*) from schema_migrations_progress")).toBe("0");
  });

  test("a table of that name that is something else is left alone", async () => {
    await using t = await trial(await server(17), { "1_a.sql": units("create table a ();") });
    await t.query("create table schema_migrations_progress (percent int)");
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("\"schema_migrations_progress\" is something else");
    expect(up.stderr).toContain("--migrations-table");
    expect(await column(t, "select relname from pg_class where relname = 'a'")).toBe("");
    await t.migrations({ "1_a.sql": pair("create table a ();") });
    expect((await t.pgmate(["up"])).status).toBe(0);
  });
});

describe.each(edgeVersions)("on PostgreSQL %d", (version) => {
  test("a role that cannot make it is refused before the first unit", async () => {
    const role = `poor_${version}`;
    await using t = await trial(await server(version), { "1_a.sql": pair("select 1;") });
    expect((await t.pgmate(["up"])).status).toBe(0);
    await t.query(
      `create role ${role} login password 'p'; grant select, insert, delete, update ` +
        `on schema_migrations to ${role}; create table log (n int); ` +
        `grant insert on log to ${role}; ` +
        "revoke create on schema public from public",
    );
    const url = new URL(t.database.url);
    [url.username, url.password] = [role, "p"];
    const env = { DATABASE_URL: url.href };
    await t.migrations({ "2_b.sql": whole });
    const up = await t.pgmate(["up"], env);
    expect(up.stderr).toContain(
      "the journal \"public\".\"schema_migrations_progress\" could not be made: " +
        "permission denied for schema public",
    );
    expect(up.stderr).toContain("2_b.sql is not recorded as applied: none of its 2 statements");
    expect(up.status).toBe(2);
    expect(await column(t, "select n from log")).toBe("");
    // Once somebody has made it, rights to it are enough: who may use the ledger has them.
    await t.migrations({ "0_a.sql": units("select 1;") });
    expect((await t.pgmate(["up", "--to", "0"])).status).toBe(0);
    await t.query(`revoke all on schema_migrations_progress from ${role}`);
    const denied = await t.pgmate(["up"], env);
    expect(denied.stderr).toContain("this role may not read");
    expect(denied.stderr).toContain("grant select on");
    await t.query(`grant select, insert, delete on schema_migrations_progress to ${role}`);
    const after = await t.pgmate(["up"], env);
    expect(after.stderr).not.toContain("Error");
    expect(after.status).toBe(0);
  });

  test("a trigger that undoes its rows fails the unit, and nothing runs twice", async () => {
    await using t = await trial(await server(version), {
      "1_a.sql": units("select 1;"), "2_b.sql": pair("create table log (n int);"),
    });
    expect((await t.pgmate(["up"])).status).toBe(0);
    await t.query(
      "create function lose() returns trigger language plpgsql as 'begin return null; end'; " +
        "create trigger lose before insert on schema_migrations_progress for each row " +
        "execute function lose()",
    );
    await t.migrations({ "3_c.sql": units("insert into log values (1);\nvacuum log;") });
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("none of its 2 statements was kept");
    expect(await column(t, "select n from log")).toBe("");
    await t.query("drop trigger lose on schema_migrations_progress");
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await column(t, "select n from log")).toBe("1");
  });

  test("a trigger that fails is told of, and its unit is not kept", async () => {
    await using t = await trial(await server(version), {
      "1_a.sql": units("select 1;"), "2_b.sql": pair("create table log (n int);"),
    });
    expect((await t.pgmate(["up"])).status).toBe(0);
    await t.query(
      "create function fail() returns trigger language plpgsql as " +
        "'begin raise exception ''not on my watch''; end'; " +
        "create trigger fail before insert on schema_migrations_progress for each row " +
        "when (new.unit = 2) execute function fail()",
    );
    await t.migrations({ "3_c.sql": units("insert into log values (1);\nselect 2;\nselect 3;") });
    const up = await t.pgmate(["up"]);
    expect(up.stderr).toContain("the journal's row for db/migrations/3_c.sql could not be written");
    expect(up.stderr).toContain("not on my watch");
    expect(up.stderr).toContain("1 of its 3 statements ran and stay");
    await t.query("drop trigger fail on schema_migrations_progress");
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await column(t, "select n from log")).toBe("1");
  });
});

test("secrets in what the server says are not kept", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": units("select 1;\ncreate role x password 'hush hush' nologin wrong;"),
  });
  await t.pgmate(["up"]);
  await t.migrations({
    "1_a.sql": units("select 1;\ndo $$ begin raise 'no: password ''hush hush'''; end $$;"),
  });
  const up = await t.pgmate(["up"]);
  const status = await t.pgmate(["status"]);
  expect(up.stderr + status.stdout + status.stderr).not.toContain("hush");
  expect(await column(t, "select row_to_json(p)::text from schema_migrations_progress p"))
    .not.toContain("hush");
});

const rows: readonly (readonly [title: string, sql: string])[] = [
  ["a state that is none", "update schema_migrations_progress set state = 'oops'"],
  ["a note that is none", "update schema_migrations_progress set note = '{\"alone\":1}'"],
  ["a note of another kind", "update schema_migrations_progress set state = 'running', note = " +
    "'{\"alone\":{\"kind\":\"exists\",\"object\":\"constructor\",\"name\":\"x\"},\"invalid\":[]," +
    "\"indexes\":[],\"existed\":false}'"],
  ["a hash that is none", "update schema_migrations_progress set hash = ''"],
  ["a unit far away", "update schema_migrations_progress set unit = 2147483647 where unit = 1"],
  ["a unit below all", "update schema_migrations_progress set unit = -5 where unit = 1"],
  ["a direction that is none", "update schema_migrations_progress set direction = 'left'"],
  ["a version that is none", "update schema_migrations_progress set version = E'x\\n\\x1b[31m'"],
  ["a row of nobody's", "insert into schema_migrations_progress values ('', '', 0, '', '')"],
];

test.each(rows)("rows by hand, %s: it ends in good order and says what next", async (_, sql) => {
  await using t = await trial(await server(17), { "1_a.sql": logTable, "2_b.sql": broken });
  await t.pgmate(["up"]);
  await t.query(sql);
  for (const args of [["status"], ["version"], ["up"], ["rollback"], ["up", "--dry-run"]]) {
    const ran = await t.pgmate(args);
    expect([0, 1, 2]).toContain(ran.status);
    expect(ran.stderr).not.toMatch(/TypeError|RangeError|\.ts:\d|\bat \w+ \(|\u001b\[31m/);
  }
  // It is never done twice, whatever the row says.
  await t.migrations({ "2_b.sql": whole });
  const up = await t.pgmate(["up"]);
  if (up.status !== 0) {
    expect(up.stderr).toMatch(/`pgmate [a-z]/);
    expect((await t.pgmate(["force", "--only", "2", "--applied", "--yes"])).status).toBe(0);
  }
});
