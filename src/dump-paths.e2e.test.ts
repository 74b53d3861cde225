/** What a search path in the URL makes of a dump: as dbmate, only its schemas, but loadable. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ServerVersion, server, serverVersions } from "./testing/servers.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";

const alone = { DBMATE_NO_DUMP_SCHEMA: "false", PATH: "/nonexistent" };

function withPath(url: string, path: string): string {
  return `${url}?search_path=${encodeURIComponent(path)}`;
}

function schemaFile(at: Trial): string {
  return readFileSync(join(at.project.folder, "db/schema.sql"), "utf8");
}

/** Loads the file into another database of that server; the dump of that must be the same. */
async function expectRoundTrip(at: Trial, path: string | undefined, args: readonly string[] = []) {
  const database = await at.server.freshDatabase();
  const bare = { ...alone, DATABASE_URL: database.url };
  const loaded = await at.pgmate([...args, "load"], bare);
  expect([loaded.status, loaded.stderr]).toEqual([0, expect.not.stringContaining("Error")]);
  const url = path === undefined ? database.url : withPath(database.url, path);
  const check = await at.pgmate([...args, "dump", "--check"], { ...alone, DATABASE_URL: url });
  expect([check.status, check.stdout]).toEqual([0, ""]);
}

interface Case {
  readonly path: string;
  readonly sql?: string;
  readonly holds: readonly string[];
  readonly lacks: readonly string[];
}

const cases: readonly Case[] = [
  { path: "public", holds: ["CREATE TABLE public.a"],
    lacks: ["CREATE SCHEMA public", "COMMENT ON"] },
  { path: "app", holds: ["CREATE SCHEMA app;", "CREATE TABLE app.a"], lacks: ["other"] },
  { path: "app,public",
    sql: "create extension citext schema public; create table public.c (c public.citext);",
    holds: ["CREATE EXTENSION IF NOT EXISTS citext", "CREATE TABLE public.c", "CREATE TABLE app.a"],
    lacks: ["CREATE SCHEMA public", "other", "plpgsql"] },
  { path: "app", sql: "create schema ext; create extension hstore schema ext;",
    holds: ["CREATE TABLE app.a"], lacks: ["hstore", "ext."] },
  { path: '"Foo ""B"" Bar",public', holds: ['CREATE SCHEMA "Foo ""B"" Bar"', '"Foo ""B"" Bar".a'],
    lacks: ["CREATE SCHEMA public"] },
  { path: "camelFoo", holds: ["CREATE SCHEMA camelfoo"], lacks: ["other"] },
  { path: "$user,public", holds: ["CREATE TABLE public.a"],
    lacks: ["CREATE SCHEMA public", "other"] },
  { path: "public,pg_catalog", holds: ["CREATE TABLE public.a"],
    lacks: ["pg_catalog;", "pg_class", "CREATE SCHEMA public", "other"] },
  { path: " spaced , public ", holds: ["CREATE SCHEMA spaced"], lacks: ["other"] },
];

/** What the first item of the path names, as a schema to make. */
function schemaOf(path: string): string {
  const isQuoted = path.startsWith('"');
  const first = isQuoted ? path.slice(0, path.indexOf('",') + 1) : path.split(",")[0];
  return (first ?? "").trim();
}

test.each(cases.map((one) => [one.path, one] as const))("search_path=%s", async (path, one) => {
  const it = await server(18);
  await using at = await trial(it);
  const schema = schemaOf(path);
  if (!["public", "$user"].includes(schema)) await at.query(`create schema ${schema}`);
  await at.query("create schema other; create table other.o (id int)");
  await at.query(one.sql ?? "select 1");
  await at.migrations({ "1_a.sql": pair("create table a (id int);") });
  const up = await at.pgmate(["up"], { ...alone, DATABASE_URL: withPath(at.database.url, path) });
  expect([up.status, up.stderr]).toEqual([0, expect.not.stringContaining("Warning")]);
  const text = schemaFile(at);
  for (const part of one.holds) expect(text).toContain(part);
  for (const part of one.lacks) expect(text).not.toContain(part);
  await expectRoundTrip(at, path);
});

test.each(serverVersions.map((version) => [`PostgreSQL ${version}`, version] as const))(
  "public by name is what public is in the whole database, on %s",
  async (_, version: ServerVersion) => {
    await using at = await trial(await server(version), {
      "1_a.sql": pair("create table a (id int);"),
    });
    for (const comment of ["is 'mine'", "is 'standard public schema'"]) {
      await at.query(`comment on schema public ${comment}`);
      await at.pgmate(["up"]);
      const whole = await at.pgmate(["dump", "--stdout"], alone);
      const url = withPath(at.database.url, "public");
      const named = await at.pgmate(["dump", "--stdout"], { ...alone, DATABASE_URL: url });
      expect(named.stdout).toBe(whole.stdout);
    }
  },
);

test("who owns public does not show", async () => {
  await using at = await trial(await server(15), { "1_a.sql": pair("create table a (id int);") });
  await at.pgmate(["up"]);
  const before = await at.pgmate(["dump", "--stdout"], alone);
  await at.query("alter schema public owner to postgres");
  const after = await at.pgmate(["dump", "--stdout"], alone);
  expect(after.stdout).toBe(before.stdout);
});

test("several schemas and a ledger in its own, without a search path", async () => {
  await using at = await trial(await server(17), {
    "1_a.sql": pair('create schema one; create table one.a (id int primary key); ' +
      'create schema "Two T"; create table "Two T"."A b" (id int references one.a);'),
  });
  const args = ["--migrations-table", "Led ger.His.tory"] as const;
  const refused = await at.pgmate([...args, "up"], alone);
  expect(refused.status).toBe(2);
  const table = ["--migrations-table", "Led ger.History"];
  expect((await at.pgmate([...table, "up"], alone)).status).toBe(0);
  expect(schemaFile(at)).toEndWith(
    "INSERT INTO \"Led ger\".\"History\" (version) VALUES\n    ('1');\n",
  );
  await expectRoundTrip(at, undefined, table);
});

test("a ledger in a schema that the path does not name is in the dump all the same", async () => {
  await using at = await trial(await server(18), {
    "1_a.sql": pair("create table app.a (id int);"),
  });
  await at.query("create schema app");
  const table = ["--migrations-table", "meta.history"];
  const url = withPath(at.database.url, "app");
  const up = await at.pgmate([...table, "up"], { ...alone, DATABASE_URL: url });
  expect(up.status).toBe(0);
  expect(schemaFile(at)).toContain("CREATE TABLE meta.history");
  await expectRoundTrip(at, "app", table);
});

test("a path of schemas that are not there is an error that says so", async () => {
  await using at = await trial(await server(18));
  await at.query("create table schema_migrations (version text primary key)");
  const url = withPath(at.database.url, "nowhere, app*");
  for (const ledger of ["schema_migrations", "public.schema_migrations"]) {
    const env = { ...alone, DATABASE_URL: url, DBMATE_MIGRATIONS_TABLE: ledger };
    const ran = await at.pgmate(["dump"], env);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain("no schema of the search path is there: nowhere, app*");
  }
});
