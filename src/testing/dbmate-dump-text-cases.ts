/** Cases about what is in the schema file, and whether it comes back from there. */
import { applies, differ, down, run, up, type Versions } from "./dbmate-case.ts";
import {
  a, auto, differLeft, differOut, type DumpCase, leaves, writes, writing,
} from "./dbmate-dump-case.ts";

const body = "create function f() returns text language sql as "
  + "E'select ''two  \\n  three\\t\\n'' /*\\r\\n\\\\restrict x\\n  \\\\a\\n*/';";
const source = "select replace(prosrc, chr(13), '<CR>') from pg_proc where proname = 'f'";

const texts: readonly DumpCase[] = [
  {
    title: "blanks and CR at the ends of lines, and backslashes, come back",
    because: ["dump-bytes", "load-as-psql"],
    migrations: { "1_a.sql": `${up}${body}\n${down}` },
    runs: [run("up"), writes, run("drop"), run("create"), run("load")],
    versions: ["1"],
    leaves: ["FUNCTION public.f", "TABLE public.schema_migrations", "'1'"],
    shows: {
      sql: source,
      is: differ(
        "select 'two\n  three\n' /*\n*/",
        "select 'two  \n  three\t\n' /*<CR>\n\\restrict x\n  \\a\n*/",
      ),
    },
  },
  {
    title: "the text does not depend on the database's settings",
    because: ["dump-same-everywhere"],
    migrations: { "1_a.sql": `${up}create table a (t timestamptz default '2024-07-01 12:00+00', `
      + `b bytea default '\\x00ff');\n${down}` },
    runs: [
      run("up"),
      run("dump", {
        sql: "alter database {database} set timezone = 'Asia/Tokyo';"
          + "alter database {database} set bytea_output = 'escape'",
        out: [writing],
      }),
    ],
    versions: ["1"],
    leaves: differLeft(
      ["DEFAULT '2024-07-01 21:00:00+09'", "DEFAULT '\\000\\377'"],
      ["DEFAULT '2024-07-01 12:00:00+00'", "DEFAULT '\\x00ff'"],
    ),
    tells: /DEFAULT '[^']*'/g,
  },
  {
    title: "the text has no versions of programs",
    because: ["dump-same-everywhere"],
    migrations: a,
    runs: [run("up"), writes],
    versions: ["1"],
    leaves: differLeft(
      ["\\restrict", "Dumped from", "Dumped by", "\\unrestrict"], [],
    ),
    tells: /Dumped (?:from|by)|^\\\w+/gm,
  },
  {
    title: "versions are in the order of their bytes, in whatever language",
    because: ["dump-same-everywhere"],
    runs: [
      run("dump", {
        sql: "create table schema_migrations (version varchar collate \"en-x-icu\" primary key);"
          + "insert into schema_migrations values ('1_Zebra'), ('1_ant'), ('1-b')",
        out: [writing],
      }),
    ],
    versions: ["1-b", "1_Zebra", "1_ant"],
    leaves: differLeft(
      ["'1_ant'", "'1_Zebra'", "'1-b'"], ["'1-b'", "'1_Zebra'", "'1_ant'"],
    ),
    tells: /'1[^']*'/g,
  },
];

const named: readonly DumpCase[] = [
  {
    title: "search_path=public: the file is loaded again",
    because: ["dump-search-path", "load-left-out"],
    migrations: a,
    runs: [
      run("up", { env: { ...auto, DATABASE_URL: "{url}&search_path=public" } }),
      run("drop"), run("create"),
      run("load", {
        out: ["Reading: ./db/schema.sql"], status: differ(2, 0),
        err: { dbmate: 'schema "public" already exists' },
      }),
    ],
    versions: differ<Versions>("no table", ["1"]),
    shows: { sql: "select to_regclass('a') is not null", is: differ(false, true) },
    leaves: differLeft(["SCHEMA public", ...leaves("a")], leaves("a")),
  },
  {
    title: "search_path=app,public, with an extension, which the tables need",
    because: ["dump-search-path"],
    runs: [
      run("dump", {
        env: { DATABASE_URL: "{url}&search_path=app,public" },
        sql: "create schema app; create schema other; create table other.o (); "
          + "create extension citext schema app; create table app.a (c app.citext); "
          + "create table app.schema_migrations (version varchar primary key)",
        out: [writing],
      }),
    ],
    versions: [],
    leaves: differLeft(
      ["SCHEMA app", "SCHEMA public", "TABLE app.a", "TABLE app.schema_migrations"],
      [
        "SCHEMA app", "EXTENSION IF NOT EXISTS citext", "TABLE app.a",
        "TABLE app.schema_migrations",
      ],
    ),
  },
  {
    title: "search_path in capitals",
    because: ["dump-search-path", "search-path-names", "dump-failure-told"],
    migrations: { "1_a.sql": `${up}create table public.a ();\n${down}` },
    runs: [
      run("up", {
        env: { ...auto, DATABASE_URL: "{url}&search_path=Tenant" },
        out: differOut(
          ['Creating schema: "Tenant"', ...applies("1_a.sql")],
          ["Creating schema: tenant", ...applies("1_a.sql"), writing],
        ),
      }),
    ],
    versions: ["1"],
    shows: {
      sql: "select schemaname::text from pg_tables where tablename = 'schema_migrations'",
      is: differ("Tenant", "tenant"),
    },
    leaves: differLeft("no file", ["SCHEMA tenant", "TABLE tenant.schema_migrations", "'1'"]),
  },
  {
    title: "a ledger in a schema that search_path does not name",
    because: ["dump-search-path"],
    migrations: { "1_a.sql": `${up}create table app.a ();\n${down}` },
    ledger: "history",
    runs: [
      run("--migrations-table meta.history up", {
        sql: "create schema app", env: { ...auto, DATABASE_URL: "{url}&search_path=app" },
        out: ["Creating schema: meta", ...applies("1_a.sql"), writing],
      }),
    ],
    versions: ["1"],
    leaves: differLeft(
      ["SCHEMA app", "TABLE app.a", "'1'"],
      ["SCHEMA app", "SCHEMA meta", "TABLE app.a", "TABLE meta.history", "'1'"],
    ),
  },
  {
    title: "an option that would take the dump elsewhere",
    because: ["dump-options"],
    migrations: a,
    runs: [
      run("up"),
      run("dump -- --file=x.sql", {
        status: differ(0, 2), out: differOut([writing], []),
        err: { pgmate: "pg_dump's option --file is not for here" },
      }),
    ],
    versions: ["1"],
    leaves: differLeft(["'1'"], "no file"),
  },
];

export const dumpTextCases: readonly DumpCase[] = [...texts, ...named];
