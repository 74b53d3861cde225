/** `plan --rehearse` of the built pgmate: what was measured in the place of what was claimed. */

import { expect, test } from "bun:test";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const before = pair(
  "create table parents (id int primary key, name text);\n" +
    "create table children (id int primary key, parent int references parents);",
  "drop table children; drop table parents;",
);

async function after(text: string, server_: 15 | 17 | 18 = 17): Promise<Trial> {
  const t = await trial(await server(server_), { "001_before.sql": before });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "002_change.sql": text });
  return t;
}

interface Measured {
  readonly locks: readonly { readonly relation: string; readonly mode: string }[];
  readonly rewrites: readonly string[];
  readonly scans: readonly string[];
  readonly sawLocks: boolean;
}

interface Rehearsal {
  readonly on: string;
  readonly schemaDiff: string;
  readonly wayBack: { readonly kind: string; readonly diff?: string };
  readonly failure: { readonly line: number; readonly message: string } | null;
  readonly queries: { readonly checked: number; readonly broken: readonly object[] } | null;
  readonly notes: readonly string[];
}

interface Document {
  readonly verdict: string;
  readonly files: readonly {
    readonly statements: readonly { readonly measured: Measured | null }[];
  }[];
  readonly findings: readonly { readonly rule: string }[];
  readonly rehearsal: Rehearsal;
}

async function rehearsed(
  t: Trial,
  args: readonly string[] = [],
): Promise<Document & { readonly status: number; readonly stderr: string }> {
  const ran = await t.pgmate(["plan", "--rehearse", "--format", "json", ...args]);
  if (ran.status > 1) throw new Error(ran.stderr);
  return { ...(JSON.parse(ran.stdout) as Document), status: ran.status, stderr: ran.stderr };
}

test("locks, rewrites and scans are those that were seen", async () => {
  await using t = await after(pair(
    "alter table children drop constraint children_parent_fkey;\n" +
      "alter table parents add column token uuid default gen_random_uuid();\n" +
      "create table fresh (id int);",
    "drop table fresh;\nalter table parents drop column token;\n" +
      "alter table children add foreign key (parent) references parents;",
  ));
  const document = await rehearsed(t);
  const [dropped, added, made] = document.files[0]?.statements ?? [];
  expect(dropped?.measured?.locks.map(({ relation, mode }) => `${relation} ${mode}`).toSorted())
    .toEqual(["public.children ACCESS EXCLUSIVE", "public.parents ACCESS EXCLUSIVE"]);
  expect(added?.measured?.rewrites).toEqual(["public.parents"]);
  expect(made?.measured?.locks).toEqual([]);
  expect(document.rehearsal.on).toContain("embedded PostgreSQL 18");
  expect(document.rehearsal.schemaDiff).toContain("+CREATE TABLE public.fresh");
  expect(document.rehearsal.wayBack.kind).toBe("same");
  expect(await t.applied()).toEqual(["001"]);
});

test("what the transaction has locked already is locked by the next statement too", async () => {
  await using t = await after(pair(
    "alter table parents add column a int;\nalter table parents alter column name set not null;",
    "alter table parents alter column name drop not null;\nalter table parents drop column a;",
  ));
  const document = await rehearsed(t);
  const lock = [{ relation: "public.parents", mode: "ACCESS EXCLUSIVE" }];
  expect(document.files[0]?.statements.map(({ measured }) => measured?.locks)).toEqual([
    lock, lock,
  ]);
});

test("the whole schema is copied, whatever the search path and dump options say", async () => {
  await using t = await after(pair("create table side.fresh (id int references other.base);",
    "drop table side.fresh;"));
  await t.query("create schema side; create schema other;" +
    "create table other.base (id int primary key)");
  const url = new URL(t.database.url);
  url.searchParams.set("search_path", "public");
  const ran = await t.pgmate(["plan", "--rehearse", "--format", "json"], {
    DATABASE_URL: url.href, PGMATE_DUMP_OPTIONS: "--exclude-schema=other",
  });
  const document = JSON.parse(ran.stdout) as Document;
  expect(document.rehearsal.failure).toBeNull();
  expect(document.rehearsal.wayBack.kind).toBe("same");
});

test("what a DO block does inside is seen", async () => {
  await using t = await after(pair(
    "do $$ begin execute 'alter table parents alter column name type varchar(9)'; end $$;",
  ));
  await t.query("insert into parents select n, 'x' from generate_series(1, 100000) n");
  await t.query("analyze");
  const document = await rehearsed(t);
  expect(document.files[0]?.statements[0]?.measured?.rewrites).toEqual(["public.parents"]);
  expect(JSON.stringify(document)).toContain("measured-otherwise");
  expect(document.rehearsal.wayBack).toMatchObject({ kind: "differs" });
});

test("a failure is told with its place, and the answer is no", async () => {
  await using t = await after(pair(
    "create table x (id int);\n\ninsert into nowhere values (1);", "drop table x;",
  ));
  const document = await rehearsed(t);
  expect(document.status).toBe(1);
  expect(document.rehearsal.failure).toMatchObject({
    line: 4, message: 'relation "nowhere" does not exist',
  });
  expect(document.rehearsal.wayBack.kind).toBe("not-run");
});

test("what is deferred fails at the commit of its statement, as in the run", async () => {
  await using t = await after(units(
    "create table x (id int primary key);\n" +
      "create table y (x int references x deferrable initially deferred);\n" +
      "insert into y values (42);",
    "drop table y; drop table x;",
  ));
  const document = await rehearsed(t);
  expect([document.status, document.rehearsal.failure?.line]).toEqual([1, 4]);
});

test("a half-run file is not rehearsed, since it would begin again", async () => {
  await using t = await after(units("create table x (id int);\nselect 1/0;"));
  expect((await t.pgmate(["up"])).status).toBe(2);
  const plan = await t.pgmate(["plan"]);
  expect([plan.status, plan.stderr.includes("is half run")]).toEqual([0, true]);
  const ran = await t.pgmate(["plan", "--rehearse"]);
  expect([ran.status, ran.stderr.includes("is half run")]).toEqual([2, true]);
});

test("a down that does not bring the schema back is shown by its difference", async () => {
  await using t = await after(pair(
    "alter table parents add column a int, add column b int;",
    "alter table parents drop column a;",
  ));
  const { rehearsal } = await rehearsed(t);
  expect(rehearsal.wayBack.kind).toBe("differs");
  expect(rehearsal.wayBack.diff).toMatch(/^\+\s+b integer/m);
});

test("queries that the change breaks are named, and others are not", async () => {
  await using t = await after(pair("alter table parents rename column name to title;"));
  await t.project.write({
    "queries/a.sql": "-- name: All\nselect id, name from parents where id = $1;\n\n" +
      "select id from parents;\n",
    "queries/b.sql": "select * from never_there;",
    "queries/note.txt": "select name from parents;",
  });
  const document = await rehearsed(t, ["--queries", "queries"]);
  expect(document.verdict).toBe("breaking");
  expect(document.rehearsal.queries?.checked).toBe(3);
  expect(document.rehearsal.queries?.broken).toMatchObject([
    { file: "queries/a.sql", line: 2, message: 'column "name" does not exist' },
  ]);
  const idle = await t.pgmate(["plan", "--queries", "queries"]);
  expect([idle.status, idle.stderr.includes("--rehearse")]).toEqual([2, true]);
});

test("COPY data, units and the session's TimeZone are as in the run", async () => {
  await using t = await after(units(
    "create table moments (id int, at timestamp);\n" +
      "copy moments from stdin;\n1\t2026-01-01 00:00:00\n\\.\n" +
      "create index concurrently on children (parent);\n" +
      "begin;\nalter table moments alter column at type timestamptz;\ncommit;",
    "drop index children_parent_idx;\ndrop table moments;",
  ));
  await t.query(`alter database "${t.database.name}" set timezone = 'Europe/Berlin'`);
  const document = await rehearsed(t);
  expect(document.rehearsal.failure).toBeNull();
  expect(document.rehearsal.wayBack.kind).toBe("same");
  const measured = (document.files[0]?.statements ?? []).map((one) => one.measured);
  expect(measured.map((one) => one?.sawLocks)).toEqual([
    true, true, false, undefined, true, undefined,
  ]);
});

test("a rollback can be rehearsed, and its way back is the up", async () => {
  await using t = await after(pair("select 1;"));
  const document = await rehearsed(t, ["--rollback"]);
  expect(document.rehearsal.failure).toBeNull();
  expect(document.rehearsal.wayBack.kind).toBe("same");
});

test("a scratch database on a server is made, used and dropped", async () => {
  await using t = await after(pair("alter table parents drop column name;"), 15);
  const other = await server(15);
  const url = other.url("postgres");
  const scratches = (): Promise<readonly object[]> =>
    other.query("postgres", "select datname from pg_database where datname ~ '^pgmate_scratch'");
  const document = await rehearsed(t, ["--scratch", url]);
  expect(document.rehearsal.on).toContain("PostgreSQL 15");
  expect(document.rehearsal.on).not.toContain(other.password);
  expect(document.rehearsal.failure).toBeNull();
  expect(await scratches()).toEqual([]);
  await t.migrations({ "002_change.sql": pair("select 1/0;") });
  expect((await rehearsed(t, ["--scratch", url])).status).toBe(1);
  expect(await scratches()).toEqual([]);
});

test("an extension that the embedded Postgres lacks is named, with the way out", async () => {
  await using t = await after(pair("select 1;"));
  await t.query("create extension postgres_fdw");
  const ran = await t.pgmate(["plan", "--rehearse"]);
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain("no extension postgres_fdw");
  expect(ran.stderr).toContain("--scratch");
});

test("a stop ends it, and leaves no scratch database", async () => {
  await using t = await after(pair("select pg_sleep(60);"));
  const other = await server(17);
  const run = t.start(["plan", "--rehearse", "--scratch", other.url("postgres")]);
  const sleeping =
    "select 1 from pg_stat_activity where datname ~ '^pgmate_scratch' and query ~ 'pg_sleep'";
  for (let tries = 0; (await other.query("postgres", sleeping)).length === 0; tries += 1) {
    if (tries > 300) throw new Error("it does not sleep");
    await Bun.sleep(50);
  }
  run.signal("SIGINT");
  expect((await run.result).status).toBe(130);
  const left = "select datname from pg_database where datname ~ '^pgmate_scratch'";
  expect(await other.query("postgres", left)).toEqual([]);
}, 120_000);
