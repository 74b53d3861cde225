/** Dry runs of the built pgmate: psql makes of the script what the real run makes. */
import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { catalog } from "./testing/catalog.ts";
import { testWithOracle } from "./testing/oracles.ts";
import { edgeVersions, server, serverVersions, type TestServer } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const ledgerSql =
  "select to_jsonb(l) - 'applied_at' - 'execution_ms' as row," +
  " to_jsonb(l) ->> 'applied_at' is null as timeless from schema_migrations l order by version";

interface Made {
  readonly status: number;
  readonly stderr: string;
}

function psql(program: string, trialed: TestServer, database: string, sql: string): Promise<Made> {
  const { socketFolder, port, user } = trialed;
  const child = spawn(
    program,
    ["-X", "-q", "-h", socketFolder, "-p", String(port), "-U", user, "-d", database, "-f", "-"],
    { stdio: ["pipe", "ignore", "pipe"], env: { PATH: "/usr/bin:/bin", LC_ALL: "C" } },
  );
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on("error", () => undefined);
  child.stdin.end(sql);
  return new Promise((resolve) => {
    child.once("close", (code) => resolve({ status: code ?? 1, stderr }));
  });
}

/** Runs the command for real, and its dry run's script on a copy of the same database. */
async function compare(program: string, t: Trial, args: readonly string[]): Promise<string> {
  const copy = `${t.database.name}_copy`;
  await t.server.query(
    "postgres",
    `create database "${copy}" template "${t.database.name}" strategy file_copy`,
  );
  const dry = await t.pgmate([...args, "--dry-run"]);
  expect(dry.stderr.replace(/^Warning: .*\n/gm, "")).toBe("");
  expect(dry.status).toBe(0);
  expect(dry.stdout).toStartWith("\\set ON_ERROR_STOP on\n");
  const played = await psql(program, t.server, copy, dry.stdout);
  expect(played.stderr.replace(/.*NOTICE: .*\n/g, "")).toBe("");
  expect(played.status).toBe(0);
  const real = await t.pgmate(args);
  expect(real.status).toBe(0);
  const made = await catalog(t.server, copy, "schema_migrations");
  expect(made).toEqual(await catalog(t.server, t.database.name, "schema_migrations"));
  const rows = [...(await t.server.query(copy, ledgerSql))];
  expect(rows).toEqual([...(await t.query(ledgerSql))]);
  await t.server.query("postgres", `drop database "${copy}"`);
  return dry.stdout;
}

/** Older psqls send the end of CSV data to the server too, which from 18 on takes it for data. */
function filesFor(version: number): Readonly<Record<string, string>> {
  const format = version < 18 ? "format csv, header" : "format text, header";
  return {
    "1_a.sql": pair(
      "create table a (i int primary key, t text default E'x\\\\y' || ':a' || $$ \\q $$);\n" +
        "copy a (i, t) from stdin;\n1\tone\\ttwo\n2\t\\N\n\\.\ninsert into a values (3)",
      "drop table a",
    ),
    "2_b'ü\\.sql": pair(
      "set search_path to pg_catalog; set role pg_monitor;\n" +
        "create temp table t (i int); reset role;\n" +
        "create function public.f() returns int language sql begin atomic select 1; end; -- ü",
      "drop function public.f();",
    ),
    "3_units.sql": units(
      "create index concurrently x on a (t);\nbegin; insert into a values (4);\n" +
        `copy a (i) from stdin with (${format});\ni\n5\n\\.\ncommit;\nvacuum a -- done`,
      "drop index concurrently x; delete from a where i > 3;",
    ),
    "4_pairs.sql":
      pair("begin;\ncreate table p (i int);\ncommit;", "drop table p;") +
      units("create table q (i int);", "drop table q;"),
    "5_crlf.sql":
      pair("create view v as\n select 'ü😀' as one;", "drop view v;").replaceAll("\n", "\r\n"),
  };
}

describe.each(edgeVersions)("on PostgreSQL %d", (version) => {
  testWithOracle("psql", `psql makes the same of every command (${version})`, async (program) => {
    await using t = await trial(await server(version), filesFor(version));
    await compare(program, t, ["up", "--to", "2"]);
    await compare(program, t, ["migrate"]);
    await compare(program, t, ["redo", "--steps", "4"]);
    await compare(program, t, ["goto", "2"]);
    await compare(program, t, ["up"]);
    await compare(program, t, ["rollback"]);
    await compare(program, t, ["rollback", "--all"]);
  });
});

const noting = `create table seen (id int generated always as identity, place text, was text);
create function note(place text) returns bool language sql as $$
  insert into public.seen (place, was) select place, pg_catalog.current_setting('lock_timeout')
    || ' ' || pg_catalog.current_setting('statement_timeout') returning true $$;
create table t (i int);
insert into t values (1);
alter table t add constraint a check (note('a')) not valid, add constraint b check (note('b'))
  not valid, add constraint c check (note('c')) not valid, add constraint d check (note('d'))
  not valid;
select note('1');`;

const validate = (name: string): string => `alter table t validate constraint ${name};`;

/** What a file says of its own timeouts, and what it then finds at each place. */
const timeoutFiles: Readonly<Record<string, string>> = {
  "1_noting.sql": pair(noting),
  "2_marker.sql":
    `-- migrate:up statement_timeout:50s lock_timeout:1234ms\nselect note('2');\n${validate("a")}` +
    "\nselect note('2 after');\n-- migrate:down\n" +
    "-- migrate:up\nselect note('2 second'); -- no more\n-- migrate:down\n",
  "3_units.sql":
    "-- migrate:up transaction:false lock_timeout:0 statement_timeout:1min\nselect note('3');\n" +
    "create index concurrently x on t (i);\nselect note('3 index');\n" +
    "set statement_timeout = '40s';\nset lock_timeout = '3s';\n" +
    `create index concurrently y on t (i);\nselect note('3 set');\n${validate("b")}\n` +
    `select note('3 after');\nbegin;\nset local statement_timeout = '20s';\n${validate("c")}\n` +
    "select note('3 group');\ncommit;\nselect note('3 end');\n-- migrate:down\n" +
    "-- migrate:up\nselect note('3 second');\n-- migrate:down\n",
  "4_set.sql": pair(`set statement_timeout = '9s';\n${validate("d")}\nselect note('4');`),
  "5_plain.sql": pair("select note('5');"),
};

const timeoutsSeen = [
  "1: 2s 33s", "2: 1234ms 50s", "a: 1234ms 0", "2 after: 1234ms 50s", "2 second: 2s 33s",
  "3: 0 1min", "3 index: 0 1min", "3 set: 3s 40s", "b: 3s 0", "3 after: 3s 40s", "c: 3s 0",
  "3 group: 3s 20s", "3 end: 3s 40s", "3 second: 2s 33s", "d: 2s 0", "4: 2s 9s", "5: 2s 33s",
];

describe.each(serverVersions)("timeouts on PostgreSQL %d", (version) => {
  testWithOracle("psql", `each holds where it is to hold (${version})`, async (program) => {
    await using t = await trial(await server(version), timeoutFiles);
    const { name } = t.database;
    const seen = async (database: string): Promise<readonly string[]> => {
      const rows = await t.server.query(database, "select place, was from seen order by id");
      return rows.map((row) => `${String(row["place"])}: ${String(row["was"])}`);
    };
    const args = ["up", "--statement-timeout", "33s"];
    await t.server.query("postgres", `create database "${name}_copy" strategy file_copy`);
    const dry = await t.pgmate([...args, "--dry-run"]);
    const played = await psql(program, t.server, `${name}_copy`, dry.stdout);
    expect(played).toEqual({ status: 0, stderr: "" });
    expect(await seen(`${name}_copy`)).toEqual(timeoutsSeen);
    expect((await t.pgmate(args)).status).toBe(0);
    expect(await seen(name)).toEqual(timeoutsSeen);
    await t.server.query("postgres", `drop database "${name}_copy"`);
    // Without the flag it is the database's own that holds.
    await t.server.query("postgres", `create database "${name}_copy" strategy file_copy`);
    await t.server.query("postgres", `alter database "${name}_copy" set statement_timeout = '33s'`);
    const unflagged = await t.pgmate(["up", "--dry-run"], {
      DATABASE_URL: t.server.url(`${name}_copy`),
    });
    expect((await psql(program, t.server, `${name}_copy`, unflagged.stdout)).stderr).toBe("");
    expect(await seen(`${name}_copy`)).toEqual(timeoutsSeen);
    await t.server.query("postgres", `drop database "${name}_copy"`);
  });
});

testWithOracle("psql", "files are UTF-8, whatever the database's encoding", async (program) => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair("create table \"ü\" (t text default 'é');"),
    "2_b.sql": pair("insert into \"ü\" values ('ö');"),
  });
  const { name } = t.database;
  await t.server.query("postgres", `drop database "${name}"`);
  await t.server.query(
    "postgres",
    `create database "${name}" encoding 'LATIN1' locale 'C' template template0`,
  );
  const dry = await t.pgmate(["up", "--dry-run"]);
  expect((await psql(program, t.server, name, dry.stdout)).stderr).toBe("");
  expect([...(await t.query("select t from \"ü\""))]).toEqual([{ t: "ö" }]);
});

testWithOracle("psql", "an older ledger gains its columns in the script too", async (program) => {
  await using t = await trial(await server(17), filesFor(17));
  await t.query("create table schema_migrations (version varchar primary key)");
  await t.query("insert into schema_migrations values ('0')");
  await compare(program, t, ["up", "--steps", "1"]);
});

testWithOracle("psql", "a ledger that is published does not, there as here", async (program) => {
  await using t = await trial(await server(17), filesFor(17));
  await t.query("create table schema_migrations (version varchar primary key)");
  await t.query("create publication p for all tables");
  const copy = await t.pgmate(["up", "--dry-run", "--steps", "1"]);
  expect(copy.stdout).toContain("-- \"public\".\"schema_migrations\" is in a publication");
  await compare(program, t, ["up", "--steps", "1"]);
});

testWithOracle("psql", "the database may lack, and the schema of the ledger", async (program) => {
  await using t = await trial(await server(17), { "1_a.sql": pair("create table a (i int);") });
  const { database } = t;
  await t.server.query("postgres", `drop database "${database.name}"`);
  for (const args of [["up"], ["up", "--migrations-table", "Odd.\"t"]]) {
    const dry = await t.pgmate([...args, "--dry-run"]);
    expect(dry.status).toBe(0);
    expect(dry.stdout).toContain("does not exist yet");
    const known = await t.server.query("postgres", "select datname from pg_database");
    expect(known.map((row) => row["datname"])).not.toContain(database.name);
    await t.server.query("postgres", `create database "${database.name}" strategy file_copy`);
    const played = await psql(program, t.server, database.name, dry.stdout);
    expect(played.stderr).toBe("");
    const status = await t.pgmate(["status", ...args.slice(1)]);
    expect(status.stdout).toContain("[X] 1_a.sql");
    await t.server.query("postgres", `drop database "${database.name}"`);
  }
  for (const args of [["migrate"], ["rollback"]]) {
    const refused = await t.pgmate([...args, "--dry-run"]);
    expect(refused.stderr).toContain("does not exist");
    expect(refused.status).toBe(2);
  }
});

test("a server sees nothing but reads, and the project is not touched", async () => {
  await using t = await trial(await server(17), filesFor(17));
  await t.query(`alter database "${t.database.name}" set log_statement = 'all'`);
  const look = async (args: readonly string[]): Promise<void> => {
    const before = { files: tree(t.project.folder), mark: t.server.mark() };
    const dry = await t.pgmate([...args, "--dry-run"], { DBMATE_NO_DUMP_SCHEMA: "false" });
    expect(dry.status).toBe(0);
    const seen = t.server.statementsSince(before.mark, t.database.name);
    expect(seen.length).toBeGreaterThan(0);
    for (const statement of seen.flatMap((text) => text.split(/;\s*/))) {
      expect(statement.trim()).toMatch(/^(select|begin|set local|commit|show|$)/i);
    }
    expect(tree(t.project.folder)).toEqual(before.files);
  };
  await look(["up"]);
  expect(await t.query("select 1 from pg_class where relname = 'schema_migrations'")).toEqual([]);
  await t.pgmate(["up"]);
  await look(["up"]);
  await look(["rollback", "--all"]);
  await look(["redo"]);
  await look(["goto", "1"]);
  expect(await t.applied()).toEqual(["1", "2", "3", "4", "5"]);
});

function tree(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  return ["", ...names].map((name) => {
    const { mtimeMs, size } = statSync(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });
}

describe("what a run before had begun", () => {
  const head = "set search_path = app;\ncreate table t (i int);\n";

  testWithOracle("psql", "goes on in the session that it had", async (program) => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create schema app; create table public.done (i int);"),
      "2_b.sql": units(`${head}create index concurrently on t (i);\nselect nope;`) +
        pair("insert into t values (1);"),
    });
    expect((await t.pgmate(["up"])).status).toBe(2);
    const rest = "insert into t values (2);\ncreate index concurrently x on t (i);";
    await t.migrations({
      "2_b.sql": units(`${head}create index concurrently on t (i);\n${rest}`) +
        pair("insert into t values (1);"),
    });
    const dry = await compare(program, t, ["up"]);
    expect(dry).toContain("-- 2_b.sql goes on where a run before had stopped");
    expect(dry).not.toContain("create table t");
    expect(await t.query("select i from app.t order by i")).toEqual([{ i: 1 }, { i: 2 }]);
    expect(await t.query("select 1 from schema_migrations_progress")).toEqual([]);
  });

  testWithOracle("psql", "lacks only its row", async (program) => {
    await using t = await trial(await server(17), { "1_a.sql": units("select 1; select 2;") });
    await t.query("create table schema_migrations (version varchar primary key)");
    await t.query(
      "create function deny() returns trigger language plpgsql as $$ begin raise 'no'; end $$;" +
        "create trigger deny before insert on schema_migrations execute function deny()",
    );
    expect((await t.pgmate(["up"])).status).toBe(2);
    await t.query("drop function deny cascade");
    const dry = await compare(program, t, ["up"]);
    expect(dry).not.toContain("select 1;");
  });
});
