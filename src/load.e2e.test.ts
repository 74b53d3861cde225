/** `load` through the built pgmate: what psql makes of the same file, pgmate makes of it too. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { catalog } from "./testing/catalog.ts";
import { awkward, awkwardBodies, awkwardSql } from "./testing/awkward-schema.ts";
import { oracle, testWithOracle } from "./testing/oracles.ts";
import { dbmate, pgmate } from "./testing/program.ts";
import { edgeVersions, type FreshDatabase, server } from "./testing/servers.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(program: string, args: readonly string[], input = ""): Promise<Ended> {
  const child = Bun.spawn([program, ...args], {
    stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe",
  });
  const [stdout, stderr, status] = await Promise.all([
    new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited,
  ]);
  return { status, stdout, stderr };
}

/** What pg_dump writes of the database. */
async function dump(url: string, ...options: readonly string[]): Promise<string> {
  const made = await run(oracle("pg_dump") ?? "pg_dump", [...options, url]);
  expect(made.stderr).toBe("");
  return made.stdout;
}

/** Another database, loaded by psql. */
async function loadedByPsql(t: Trial, text: string): Promise<FreshDatabase> {
  const database = await t.server.freshDatabase();
  await database.query("create extension hstore");
  const args = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.url];
  const loaded = await run(oracle("psql") ?? "psql", args, text);
  expect(loaded).toMatchObject({ status: 0 });
  return database;
}

async function load(t: Trial, text: string | Uint8Array, ...args: readonly string[]) {
  await t.project.write({ "db/schema.sql": text });
  return t.pgmate(["load", ...args]);
}

/** Two lines that a dump has of its own. */
function comparable(text: string): string {
  return text.replace(/^\\(un)?restrict .*\n/gm, "");
}

async function sameAs(t: Trial, other: FreshDatabase): Promise<void> {
  // A dump without data leaves it empty, and then nobody may look at it.
  for (const each of [t, other]) await each.query("refresh materialized view app.m");
  const [ours, theirs] = await Promise.all([
    catalog(t.server, t.database.name, "schema_migrations"),
    catalog(t.server, other.name, "schema_migrations"),
  ]);
  expect(ours).toEqual(theirs);
  const bodies = await t.query(awkwardBodies);
  expect(bodies.length).toBeGreaterThan(0);
  expect([...bodies]).toEqual([...(await other.query(awkwardBodies))]);
}

const dumps: readonly (readonly string[])[] = [
  [],
  ["--schema-only", "--no-owner", "--no-privileges"],
  ["--inserts"],
  ["--column-inserts", "--rows-per-insert=7"],
  ["--clean", "--if-exists"],
  ["--disable-triggers", "--use-set-session-authorization"],
  ["--quote-all-identifiers", "--disable-dollar-quoting", "--no-comments"],
  // Only then does pg_dump make that schema, which is there; psql stops at it (dbmate's #656).
  ["--schema=public", "--schema=app"],
];

describe("a dump of pg_dump", () => {
  for (const options of dumps) {
    testWithOracle("pg_dump", `with ${options.join(" ") || "no options"}`, async () => {
      const source = await (await server(15)).freshDatabase();
      await source.query(awkwardSql);
      const text = await dump(source.url, ...options);
      await using t = await trial(await server(15));
      await t.query("create extension hstore");
      const loaded = await load(t, text);
      expect(loaded.stderr.replaceAll(/^(Target|Loaded|NOTICE): .*\n/gm, "")).toBe("");
      expect(loaded).toMatchObject({ status: 0, stdout: "Reading: ./db/schema.sql\n" });
      const made = await loadedByPsql(t, text.replace("\nCREATE SCHEMA public;\n", "\n"));
      await sameAs(t, made);
      const [again, theirs] = await Promise.all([dump(t.database.url), dump(made.url)]);
      expect(comparable(again)).toBe(comparable(theirs));
    });
  }
});

/** As pg_dump 17 and 18 begin and end a file, and as an editor of Windows may leave it. */
function newer(text: string): string {
  const settings = "SET idle_in_transaction_session_timeout = 0;\n";
  expect(text).toContain(settings);
  return comparable(text)
    .replace("--\n-- PostgreSQL", "--\n-- PostgreSQL database dump\n--\n\n\\restrict k3Y\n\n-- ")
    .replace(settings, `${settings}SET transaction_timeout = 0;\n`)
    .concat("\n\\unrestrict k3Y\n\n");
}

describe.each(edgeVersions)("on PostgreSQL %d", (version) => {
  testWithOracle("psql", "a file in the shape of pg_dump 18", async () => {
    await using source = await trial(await server(15));
    await source.query(awkwardSql);
    const text = comparable(await dump(source.database.url));
    await using t = await trial(await server(version));
    const loaded = await load(t, newer(text));
    const notice = "SET transaction_timeout is left out: PostgreSQL";
    expect(loaded.stderr.includes(notice)).toBe(version < 17);
    expect(loaded.stderr.replaceAll(/^(Target|Loaded|Warning): .*\n/gm, "")).toBe("");
    expect(loaded.status).toBe(0);
    await sameAs(t, await loadedByPsql(t, text));
    const bodies = "select * from bodies order by name";
    expect([...(await t.query(bodies))]).toEqual([...(await source.query(bodies))]);
  });

  test("an empty database is one, whatever extensions it has, and others are told", async () => {
    await using t = await trial(await server(version));
    await t.query("create extension hstore; create schema h; create extension ltree schema h");
    const full: readonly (readonly [make: string, found: string, drop: string])[] = [
      ["create table a (i serial)", "table public.a, sequence public.a_i_seq", "drop table a"],
      ["create schema \"S x\"", "schema \"S x\"", "drop schema \"S x\""],
      ["create function f(int) returns int return 1", "function public.f(integer)",
        "drop function f"],
      ["create type e as enum ()", "type public.e", "drop type e"],
      ["create domain d as int[]", "type public.d", "drop domain d"],
      ["create type r as range (subtype = int)", "type public.r", "drop type r"],
      ["create type c as (i int)", "type public.c", "drop type c"],
      ["create collation k from \"C\"", "collation public.k", "drop collation k"],
      ["create cast (hstore as xml) with inout", "cast (public.hstore AS pg_catalog.xml)",
        "drop cast (hstore as xml)"],
      ["create publication p", "publication p", "drop publication p"],
      ["create view v as select 1", "view public.v", "drop view v"],
    ];
    for (const [make, found, drop] of full) {
      await t.query(make);
      const refused = await load(t, "create table loaded ();");
      expect([make, refused.status]).toEqual([make, 2]);
      expect(refused.stderr).toContain(`is not empty: it holds ${found}`);
      expect(refused.stderr).toContain("\nState: nothing was loaded, and nothing was changed\n");
      expect(refused.stderr).toContain("pgmate load --force");
      await t.query(drop);
    }
    expect((await load(t, "create table loaded ();")).status).toBe(0);
    expect((await load(t, "create table more (like loaded);", "--force")).status).toBe(0);
    const tables = Array.from({ length: 9 }, (_, i) => `create table m${i}();`).join("\n");
    const many = await load(t, tables, "--force");
    expect(many.status).toBe(0);
    expect((await load(t, "select 1;")).stderr).toContain(" and 7 more\n");
  });

  test("COPY data come as they are", async () => {
    await using t = await trial(await server(version));
    const lines = [
      "1\ta\\\\.\\tb\\\\", "2\t\\\\.", "3\t\\N", "4\t\\\\restrict x", "5\t", "6\t; --'",
    ];
    const loaded = await load(t, `create table public.a (i int, t text);\r\n${awkward.empty}\r\n` +
      `COPY public.a (i, t) FROM stdin;\r\n${lines.join("\r\n")}\r\n\\.\r\n\r\n\r\n--\r\n`);
    expect(loaded.status).toBe(0);
    const rows = await t.query("select t from a order by i");
    expect(rows.map((row) => row["t"])).toEqual([
      "a\\.\tb\\", "\\.", null, "\\restrict x", "", "; --'",
    ]);
  });
});

test("dbmate's own file is loaded, bodies and all", async () => {
  if (oracle("pg_dump") === undefined) return;
  await using t = await trial(await server(15), {
    // dbmate itself loses its whole dump over a line of more than 64 KiB.
    "1_a.sql": pair(awkwardSql.replace(/(long )+/g, "long")),
    "2_b.sql": pair("create table app.b (i int);"),
  });
  const env = { DATABASE_URL: `${t.database.url}?sslmode=disable` };
  expect(await dbmate(["up"], { cwd: t.project.folder, env })).toMatchObject({ status: 0 });
  const text = readFileSync(join(t.project.folder, "db/schema.sql"), "utf8");
  expect(text).toContain("INSERT INTO public.schema_migrations (version) VALUES");
  await using other = await trial(await server(15));
  expect(await load(other, text)).toMatchObject({ status: 0 });
  expect(await other.applied()).toEqual(["1", "2"]);
  await sameAs(other, await loadedByPsql(other, text));
});

test("with search_path=public dbmate's file makes that schema, and is loaded", async () => {
  if (oracle("pg_dump") === undefined) return;
  await using t = await trial(await server(15), { "1_a.sql": pair("create table a (i int);") });
  const url = `${t.database.url}?sslmode=disable&search_path=public`;
  const env = { DATABASE_URL: url };
  expect(await dbmate(["up"], { cwd: t.project.folder, env })).toMatchObject({ status: 0 });
  const text = readFileSync(join(t.project.folder, "db/schema.sql"), "utf8");
  expect(text).toContain("\nCREATE SCHEMA public;\n");
  await using other = await trial(await server(15));
  expect(await load(other, text)).toMatchObject({ status: 0 });
  expect(await other.applied()).toEqual(["1"]);
});

test("the embedded Postgres loads it, byte for byte", async () => {
  await using source = await trial(await server(18));
  await source.query(awkwardSql);
  await source.project.write({ "db/schema.sql": awkwardSql });
  const bodies = (await source.query(awkwardBodies)).map((row) => String(row["md5"]));
  await source.project.write({
    "db/look.sql": `do $$ declare r record; begin for r in ${awkwardBodies} loop
      raise notice '%', r.md5; end loop; end $$;`,
  });
  const at = { cwd: source.project.folder, env: { DATABASE_URL: "pglite:./data" } };
  const none = await pgmate(["load"], at);
  expect(none).toMatchObject({ status: 2, stdout: "Reading: ./db/schema.sql\n" });
  expect(none.stderr).toContain("pgmate create");
  expect(await pgmate(["create"], at)).toMatchObject({ status: 0 });
  const loaded = await pgmate(["load"], at);
  expect(loaded).toMatchObject({ status: 0, stdout: "Reading: ./db/schema.sql\n" });
  expect((await pgmate(["load"], at)).stderr).toContain("pglite:./data is not empty: it holds");
  const seen = await pgmate(["load", "-s", "db/look.sql", "--force"], at);
  expect([...seen.stderr.matchAll(/^NOTICE: (.*)$/gm)].map(([, md5]) => md5)).toEqual(bodies);
});
