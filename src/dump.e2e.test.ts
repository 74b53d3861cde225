/** The command dump: what it prints, writes and compares, and everything that can go wrong. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startBouncer } from "./testing/bouncer.ts";
import { testWithOracle } from "./testing/oracles.ts";
import { startProxy } from "./testing/rewriting-proxy.ts";
import { server, startServer } from "./testing/servers.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";

/** Nothing else is found on the PATH: no pg_dump, no psql. */
const alone = { PATH: "/nonexistent" };
const table = { "1_a.sql": pair("create table a (id int);", "drop table a;") };

function schemaFile(at: Trial): string {
  return readFileSync(join(at.project.folder, "db/schema.sql"), "utf8");
}

test("writes the file, then finds it unchanged, and says both", async () => {
  await using at = await trial(await server(18), table);
  await at.pgmate(["up"]);
  const wrote = await at.pgmate(["dump"], alone);
  expect([wrote.status, wrote.stdout, wrote.stderr]).toEqual([0, "Writing: ./db/schema.sql\n", ""]);
  const again = await at.pgmate(["dump"], alone);
  expect([again.stdout, again.stderr]).toEqual(["", "Unchanged: ./db/schema.sql\n"]);
});

test("--stdout prints what the file would hold, and writes none", async () => {
  await using at = await trial(await server(17), table);
  await at.pgmate(["up"]);
  const printed = await at.pgmate(["dump", "--stdout"], alone);
  expect(existsSync(join(at.project.folder, "db/schema.sql"))).toBe(false);
  await at.pgmate(["dump"], alone);
  expect(printed.stdout).toBe(schemaFile(at));
});

test("--check: 0 where the file is what the database is, else 1 and the difference", async () => {
  await using at = await trial(await server(16), table);
  await at.pgmate(["up"]);
  const missing = await at.pgmate(["dump", "--check"], alone);
  expect(missing.status).toBe(1);
  expect(missing.stderr).toStartWith("./db/schema.sql does not exist:");
  expect(missing.stdout).toStartWith("--- /dev/null\n+++ the database\n@@ -0,0 +1,");
  expect(existsSync(join(at.project.folder, "db/schema.sql"))).toBe(false);
  await at.pgmate(["dump"], alone);
  const same = await at.pgmate(["dump", "--check"], alone);
  expect([same.status, same.stdout, same.stderr]).toEqual([0, "", ""]);
  await at.query("alter table a add column name text");
  const before = schemaFile(at);
  const differs = await at.pgmate(["dump", "--check"], alone);
  expect(differs.status).toBe(1);
  expect(differs.stdout).toContain("-    id integer\n+    id integer,\n+    name text\n");
  expect(differs.stderr).toBe(
    "./db/schema.sql is not what the database is: dump without --check writes it\n",
  );
  expect(schemaFile(at)).toBe(before);
});

testWithOracle("patch", "the difference of --check is one that patch applies", async (patch) => {
  await using at = await trial(await server(18), table);
  await at.pgmate(["up"]);
  await at.pgmate(["dump"], alone);
  await at.query("create table b (t text default E'x \\n\\ty'); drop table a");
  const { stdout } = await at.pgmate(["dump", "--check"], alone);
  const child = Bun.spawn([patch, "-s", "db/schema.sql"], {
    cwd: at.project.folder,
    stdin: new TextEncoder().encode(stdout),
  });
  expect(await child.exited).toBe(0);
  expect((await at.pgmate(["dump", "--check"], alone)).status).toBe(0);
});

test("a database that was never migrated: no versions, and nothing is made in it", async () => {
  await using at = await trial(await server(15));
  const ran = await at.pgmate(["dump"], alone);
  expect(ran.status).toBe(0);
  expect(schemaFile(at)).toEndWith("--\n-- Dbmate schema migrations\n--\n\n");
  expect(await at.query("select 1 from pg_class where relname = 'schema_migrations'")).toEqual([]);
});

test("a standby, which nobody can write to, is dumped", async () => {
  const standby = await startServer({ version: 18, files: { "standby.signal": "" } });
  try {
    await using at = await trial(await server(18));
    const ran = await at.pgmate(["dump", "--stdout"], {
      ...alone,
      DATABASE_URL: standby.url("postgres"),
    });
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toStartWith("SET statement_timeout = 0;\n");
  } finally {
    await standby.stop();
  }
});

test("what follows -- is for pg_dump; what it cannot be is refused by name", async () => {
  await using at = await trial(await server(18), {
    "1_a.sql": pair("create table a (id int); create table audit (id int);"),
  });
  await at.pgmate(["up"]);
  const without = await at.pgmate(["dump", "--stdout", "--", "-T", "audit"], alone);
  expect(without.stdout).toContain("CREATE TABLE public.a ");
  expect(without.stdout).not.toContain("audit");
  const behind = await at.pgmate(["dump", "--exclude-table=audit"], alone);
  expect(behind.stderr).toContain("pgmate dump -- --exclude-table");
  const one = await at.pgmate(["dump", "--stdout", "--", "-ta"], alone);
  expect(one.stdout).toContain("CREATE TABLE public.a ");
  expect(one.stdout).toEndWith("-- Dbmate schema migrations\n--\n\n");
  const memory = await at.pgmate(["dump"], { ...alone, DATABASE_URL: "pglite:" });
  expect([memory.status, memory.stdout]).toEqual([2, ""]);
  for (const [option, said] of [
    ["--file=x", "pg_dump's option --file is not for here"],
    ["-Fc", "pg_dump's option -Fc is not for here"],
    ["-dother", "pg_dump's option -dother is not for here"],
    ["--restrict-key=k", "--restrict-key is not for here"],
    ["--bogus", "pg_dump failed: unrecognized option: bogus"],
    ["--fil=x", "pg_dump failed: option is ambiguous: fil=x"],
    ["--data-only", "-s/--schema-only and -a/--data-only cannot be used together"],
    ["--table=nowhere", "no matching tables were found"],
    ["stray", "too many command-line arguments"],
  ] as const) {
    const ran = await at.pgmate(["dump", "--", option], alone);
    expect([option, ran.status, ran.stdout]).toEqual([option, 2, ""]);
    expect(ran.stderr).toContain(said);
  }
  expect(existsSync(join(at.project.folder, "db/schema.sql"))).toBe(false);
});

test("a shortened option that pgmate does not see goes nowhere else either", async () => {
  await using at = await trial(await server(18), table);
  await at.pgmate(["up"]);
  for (const option of ["--form=custom", "--compr=gzip", "--dbn=postgres", "--hos=nowhere"]) {
    const ran = await at.pgmate(["dump", "--stdout", "--", option], alone);
    expect([option, ran.status, ran.stderr]).toEqual([option, 0, ""]);
    expect(ran.stdout).toContain("CREATE TABLE public.a");
  }
});

test("the journal beside the ledger stays out, its namesake elsewhere does not", async () => {
  await using at = await trial(await server(18), table);
  await at.pgmate(["up"]);
  const journal = "(version text primary key, direction text, unit int)";
  await at.query(`create table schema_migrations_progress ${journal}`);
  await at.query("create schema o; create table o.schema_migrations_progress (id int)");
  const { stdout } = await at.pgmate(["dump", "--stdout"], alone);
  expect(stdout).not.toContain("public.schema_migrations_progress");
  expect(stdout).toContain("CREATE TABLE o.schema_migrations_progress");
});

test("somebody's own table of the journal's name is in the dump", async () => {
  await using at = await trial(await server(18), table);
  await at.pgmate(["up"]);
  await at.query("create table schema_migrations_progress (mine int)");
  const { stdout } = await at.pgmate(["dump", "--stdout"], alone);
  expect(stdout).toContain("TABLE public.schema_migrations_progress (\n    mine integer\n);");
});

test("a ledger that is a view is read all the same", async () => {
  await using at = await trial(await server(18), table);
  await at.query(`create schema i; create table i.l (version text primary key);
    create view schema_migrations as select version from i.l`);
  expect((await at.pgmate(["up"])).status).toBe(0);
  const { stdout, status } = await at.pgmate(["dump", "--stdout"], alone);
  expect(status).toBe(0);
  expect(stdout).toEndWith("INSERT INTO public.schema_migrations (version) VALUES\n    ('1');\n");
});

test("--check of what is no file is refused, not waited for", async () => {
  await using at = await trial(await server(18), table);
  for (const path of ["/dev/zero", "/proc/self/fd/0", "db"]) {
    const ran = await at.pgmate(["dump", "--check", "-s", path], alone);
    expect([path, ran.status]).toEqual([path, 2]);
    expect(ran.stderr).toContain("is not a regular file");
  }
});

test("the same bytes whatever the role, the database and the client say", async () => {
  const it = await server(18);
  await using at = await trial(it, {
    "1_a.sql": pair(`create table a (at timestamptz default '2024-07-01 12:00+00',
      b bytea default '\\x00ff', i interval default '1 day 02:00', f float8 default 0.1,
      m money default '1234.5', d date default '2024-07-01') partition by range (at);
      create table a1 partition of a for values from ('2024-01-01 00:00+02') to ('2025-01-01');
      create view v as select at, 'Straße'::text collate "C" as s from a;`),
  });
  await at.pgmate(["up"], { PGOPTIONS: "-c timezone=UTC" });
  const wanted = await at.pgmate(["dump", "--stdout"], alone);
  const role = `elsewhere_${at.database.name}`;
  await at.query(`create role ${role} superuser login password 'x'`);
  for (const setting of [
    "timezone = 'America/St_Johns'", "datestyle = 'German'", "intervalstyle = 'iso_8601'",
    "bytea_output = 'escape'", "extra_float_digits = 0", "quote_all_identifiers = on",
    "lc_messages = 'C'", "client_encoding = 'LATIN1'",
    "default_transaction_read_only = on", "statement_timeout = '1ms'", "row_security = off",
    "standard_conforming_strings = off", "lock_timeout = 1", "jit = on",
  ]) {
    await at.query(`alter role ${role} set ${setting}`);
  }
  const url = at.database.url.replace(/\/\/[^@]*@/, `//${role}:x@`);
  const there = await at.pgmate(["dump", "--stdout"], {
    ...alone,
    DATABASE_URL: `${url}?statement_timeout=0`,
    PGTZ: "Asia/Tokyo", TZ: "Asia/Tokyo", LC_ALL: "de_DE.UTF-8", PGDATESTYLE: "SQL, DMY",
  });
  expect(there.stderr).toBe("");
  expect(there.stdout).toBe(wanted.stdout);
  await at.query(`drop role ${role}`);
});

test("a server that is newer than the pg_dump inside is said so, with the way out", async () => {
  const it = await server(18);
  await using at = await trial(it, table);
  await using proxy = await startProxy(it, (chunk) => {
    return Buffer.from(chunk.toString("latin1").replaceAll("18.4", "19.4"), "latin1");
  });
  const env = { ...alone, DATABASE_URL: proxy.url(at.database.name) };
  const ran = await at.pgmate(["dump"], env);
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain("the server is PostgreSQL 19, which the pg_dump 18 inside pgmate");
  expect(ran.stderr).toContain("--pg-dump PATH");
  const up = await at.pgmate(["up"], { ...env, DBMATE_NO_DUMP_SCHEMA: "false" });
  expect(up.status).toBe(0);
  expect(up.stderr).toContain("./db/schema.sql was not written: the server is PostgreSQL 19");
});

/** Locks the table for so long; resolves when it is free again. */
function hold(at: Trial, seconds: number): Promise<unknown> {
  return at.query(
    `begin; lock table a in access exclusive mode; select pg_sleep(${seconds}); commit`,
  );
}

test("a table that stays locked ends the dump with cause and cure, and no new file", async () => {
  await using at = await trial(await server(18), table);
  await at.pgmate(["up"]);
  await at.pgmate(["dump"]);
  const before = schemaFile(at);
  const holder = hold(at, 2);
  await Bun.sleep(300);
  const ran = await at.pgmate(["dump", "--", "--lock-wait-timeout=200"], alone);
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain("another session holds a lock that no dump can pass");
  expect(ran.stderr).toContain("--lock-wait-timeout=60s");
  expect(schemaFile(at)).toBe(before);
  await holder;
});

test("a connection that is lost in the midst of a dump leaves the file as it was", async () => {
  const it = await server(18);
  await using at = await trial(it, table);
  await at.pgmate(["up"]);
  await at.pgmate(["dump"]);
  await at.query("create table more (id int)");
  const before = schemaFile(at);
  let bytes = 0;
  await using proxy = await startProxy(it, (chunk, { cut }) => {
    bytes += chunk.length;
    if (bytes > 200_000) cut();
    return chunk;
  });
  const ran = await at.pgmate(["dump"], { ...alone, DATABASE_URL: proxy.url(at.database.name) });
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain("the connection to the server was lost");
  expect(schemaFile(at)).toBe(before);
  bytes = 0;
  await at.migrations({ "2_b.sql": pair("create table b (id int);") });
  const up = await at.pgmate(["up"], {
    ...alone, DATABASE_URL: proxy.url(at.database.name), DBMATE_NO_DUMP_SCHEMA: "false",
  });
  expect(up.status).toBe(0);
  expect(up.stderr).toContain("was not written: the connection to the server was lost");
  expect(await at.applied()).toEqual(["1", "2"]);
  expect(schemaFile(at)).toBe(before);
});

test("Ctrl-C ends a dump that waits, and the server hears of it", async () => {
  await using at = await trial(await server(17), table);
  await at.pgmate(["up"]);
  const holder = hold(at, 3);
  await Bun.sleep(300);
  const running = at.start(["dump"], alone);
  await Bun.sleep(500);
  const began = performance.now();
  running.signal("SIGINT");
  const ran = await running.result;
  expect([ran.status, performance.now() - began < 1_500]).toEqual([130, true]);
  const left = await at.query("select 1 from pg_stat_activity where application_name ~ '^pgmate'");
  expect(left).toEqual([]);
  await holder;
});

testWithOracle("pgbouncer", "a pool that shares backends is refused", async (program) => {
  const it = await server(18);
  await using at = await trial(it, table);
  await at.pgmate(["up"]);
  for (const [mode, status] of [["transaction", 2], ["session", 0]] as const) {
    await using bouncer = await startBouncer({ program, server: it, mode });
    const env = { ...alone, DATABASE_URL: bouncer.url(at.database.name) };
    const ran = await at.pgmate(["dump", "--stdout"], env);
    expect([mode, ran.status]).toEqual([mode, status]);
  }
});

test("no secret of the connection is in what it prints or writes", async () => {
  const it = await server(18);
  await using at = await trial(it, table);
  await at.pgmate(["up"], { DBMATE_NO_DUMP_SCHEMA: "false" });
  const failed = await at.pgmate(["dump", "--", "--table=nowhere"], alone);
  const { stdout } = await at.pgmate(["dump", "--stdout"], alone);
  for (const text of [schemaFile(at), failed.stderr, stdout]) {
    expect(text).not.toContain(it.password);
    expect(text).not.toContain(encodeURIComponent(it.password));
  }
});

test("an encrypted connection is lent as it is", async () => {
  const certificate = (name: string): string =>
    readFileSync(join(import.meta.dir, "testing/certificates", name), "utf8");
  const it = await startServer({
    version: 18,
    settings: { ssl: "on" },
    files: {
      "server.crt": certificate("localhost.crt"), "server.key": certificate("localhost.key"),
    },
  });
  try {
    const tables = Array.from({ length: 300 }, (_, index) => `create table t${index} (id int);`);
    await using at = await trial(it, { "1_a.sql": pair(tables.join("\n")) });
    const env = { ...alone, DATABASE_URL: it.url(at.database.name, { sslmode: "require" }) };
    const up = await at.pgmate(["up"], { ...env, DBMATE_NO_DUMP_SCHEMA: "false" });
    expect(up.stdout).toEndWith("\nWriting: ./db/schema.sql\n");
    expect(schemaFile(at).match(/^CREATE TABLE public\.t/gm)).toHaveLength(300);
    expect((await at.pgmate(["dump", "--check"], env)).status).toBe(0);
  } finally {
    await it.stop();
  }
});
