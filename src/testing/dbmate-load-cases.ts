/** Cases about loading the schema file. */
import { type Case, differ, fails, run, type Run, table, type Versions } from "./dbmate-case.ts";

const path = "db/schema.sql";
const reads = { out: ["Reading: ./db/schema.sql"] };
const loads = run("load", reads);

/** A file in the form that dbmate gives it, with whatever the dump holds. */
function schema(sql: string): string {
  return "SET statement_timeout = 0;\nSET client_encoding = 'UTF8';\n"
    + "SELECT pg_catalog.set_config('search_path', '', false);\n\n"
    + `${sql}\n\nCREATE TABLE public.schema_migrations (\n    version character varying NOT NULL\n`
    + ");\n\nALTER TABLE ONLY public.schema_migrations\n"
    + "    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);\n\n"
    + "--\n-- Dbmate schema migrations\n--\n\n"
    + "INSERT INTO public.schema_migrations (version) VALUES\n    ('1'),\n    ('2');\n";
}

/** The file is loaded by pgmate and not by dbmate, which says so. */
function pgmateLoads(dbmate: string, err: { readonly pgmate?: string } = {}): Run {
  return run("load", { ...reads, status: differ(2, 0), err: { dbmate, ...err } });
}

function body(sql: string): string {
  return `CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $$\n${sql}\n$$;`;
}

const isThere = "select count(*)::int from pg_class where relname = 'a'";
const onlyPgmate = differ<Versions>("no table", ["1", "2"]);

export const loadCases: readonly Case[] = [
  {
    title: "loading dbmate's file",
    files: { [path]: schema("CREATE TABLE public.a (i int DEFAULT 1, t text);\n"
      + body("select 'trailing  ' -- ;  \n")) },
    migrations: { "1_a.sql": table("a"), "2_b.sql": table("b"), "3_c.sql": table("c") },
    runs: [loads, run("status"), run("up")],
    versions: ["1", "2", "3"],
  },
  {
    title: "loading lines that pg_dump writes for psql",
    files: { [path]: `\\restrict dbmate\n${schema("")}\n\\unrestrict dbmate\n` },
    runs: [loads],
    versions: ["1", "2"],
  },
  {
    title: "loading another file",
    files: { "x.sql": "create table a (i int);" },
    runs: [
      run("--schema-file x.sql load", { out: ["Reading: x.sql"] }),
      run("status", { env: { DBMATE_SCHEMA_FILE: "x.sql" } }),
    ],
    versions: "no table",
  },
  {
    title: "loading nothing",
    files: { [path]: "-- nothing\n" },
    runs: [loads],
    versions: "no table",
  },
  {
    title: "loading what fails half way",
    files: { [path]: "create table a (i int);\nselect nope;\n" },
    runs: [fails("load", 'pq: column "nope" does not', 'schema.sql:2:8: column "nope"', reads)],
    versions: "no table",
    shows: { sql: isThere, is: 0 },
  },
  {
    title: "loading a file that is not there",
    runs: [fails("load", "no such file or directory", "schema.sql does not exist", { out: [] })],
    versions: "no table",
  },
  {
    title: "loading into a database that is not there",
    database: "missing",
    files: { [path]: "select 1;" },
    runs: [fails("load", "does not exist (3D000)", "does not exist", reads)],
    versions: "no database",
  },
  {
    title: "loading on top of something",
    because: ["load-empty"],
    files: { [path]: "create table a (i int);" },
    runs: [run("load", {
      ...reads, sql: "create table b (i int)", status: differ(0, 2),
      err: { pgmate: "is not empty: it holds table public.b\n" },
    })],
    versions: "no table",
    shows: { sql: isThere, is: differ(1, 0) },
  },
  {
    title: "loading a body with lines that begin with a backslash",
    because: ["load-as-psql"],
    files: { [path]: schema(body("select 'x'; /*\n\\restrict x\n  \\a\n*/")) },
    runs: [loads],
    versions: ["1", "2"],
    shows: {
      sql: "select prosrc from pg_proc where proname = 'f'",
      is: differ("\nselect 'x'; /*\n*/\n", "\nselect 'x'; /*\n\\restrict x\n  \\a\n*/\n"),
    },
  },
  {
    title: "loading data",
    because: ["load-as-psql"],
    files: { [path]: schema("CREATE TABLE public.a (t text);\n"
      + "COPY public.a (t) FROM stdin;\nx\n\\.\n") },
    runs: [pgmateLoads('syntax error at or near "x"')],
    versions: onlyPgmate,
    shows: { sql: isThere, is: differ(0, 1) },
  },
  {
    title: "loading a long line",
    because: ["load-as-psql"],
    files: { [path]: schema(`CREATE TABLE public.a (t text DEFAULT '${"x".repeat(70_000)}');`) },
    runs: [pgmateLoads("token too long")],
    versions: onlyPgmate,
    shows: { sql: isThere, is: differ(0, 1) },
  },
  {
    title: "loading what no transaction can hold",
    because: ["load-as-psql"],
    files: { [path]: schema("CREATE TABLE public.a (t text);\n"
      + "CREATE INDEX CONCURRENTLY ON public.a (t);") },
    runs: [pgmateLoads("CREATE INDEX CONCURRENTLY cannot run inside a transaction block", {
      pgmate: "loaded statement by statement",
    })],
    versions: onlyPgmate,
    shows: { sql: isThere, is: differ(0, 1) },
  },
  {
    title: "loading other commands of psql",
    because: ["load-as-psql"],
    files: { [path]: "create table a (i int);\n\\i other.sql\n" },
    runs: [run("load", {
      ...reads, status: differ(0, 2), err: { pgmate: "schema.sql:2:1: \\i is a command of psql" },
    })],
    versions: "no table",
    shows: { sql: isThere, is: differ(1, 0) },
  },
  {
    title: "loading the schema public",
    because: ["load-left-out"],
    files: { [path]: schema("CREATE SCHEMA public;\n") },
    runs: [pgmateLoads('schema "public" already exists')],
    versions: onlyPgmate,
    shows: { sql: "select 1", is: 1 },
  },
  {
    title: "loading a setting of a newer server",
    because: ["load-left-out"],
    files: { [path]: `SET transaction_timeout = 0;\n${schema("")}` },
    runs: [pgmateLoads("unrecognized configuration parameter", {
      pgmate: "SET transaction_timeout is left out",
    })],
    versions: onlyPgmate,
  },
];
