/** Cases about writing the schema file; dbmate needs an installed pg_dump for them. */
import {
  applies, differ, down, fails, rollsBack, run, table, up, type Versions,
} from "./dbmate-case.ts";
import {
  a, auto, b, differLeft, differOut, type DumpCase, dumpWritten, leaves, onlyPgmate, upWritten,
  writes, writing,
} from "./dbmate-dump-case.ts";
import { dumpTextCases } from "./dbmate-dump-text-cases.ts";

const plain: readonly DumpCase[] = [
  {
    title: "dump writes the schema file, whatever runs are told",
    migrations: a,
    runs: [run("up"), writes],
    versions: ["1"],
    leaves: leaves("a"),
  },
  {
    title: "runs that change something write it",
    migrations: a,
    runs: [
      run("up", { env: auto, out: [...applies("1_a.sql"), writing] }),
      run("migrate", { env: auto, write: b, out: [...applies("2_b.sql"), writing] }),
      run("rollback", { env: auto, out: [...rollsBack("2_b.sql"), writing] }),
    ],
    versions: ["1"],
    leaves: leaves("a"),
  },
  {
    title: "rolling back everything leaves no versions in it",
    migrations: a,
    runs: [
      run("up", { env: auto }),
      run("down", { env: auto, out: [...rollsBack("1_a.sql"), writing] }),
    ],
    versions: [],
    leaves: ["TABLE public.schema_migrations"],
  },
  {
    title: "--no-dump-schema and its variable",
    migrations: { ...a, "2_b.sql": table("b") },
    runs: [
      run("--no-dump-schema up", { env: auto, out: applies("1_a.sql", "2_b.sql") }),
      run("rollback", { env: { DBMATE_NO_DUMP_SCHEMA: "1" }, out: rollsBack("2_b.sql") }),
      run("rollback", { env: { DBMATE_NO_DUMP_SCHEMA: "t" }, out: rollsBack("1_a.sql") }),
    ],
    versions: [],
    leaves: "no file",
  },
  {
    title: "--no-dump-schema=false, and the variable set to false or nothing",
    migrations: a,
    runs: [
      run("--no-dump-schema=false up", { out: [...applies("1_a.sql"), writing] }),
      run("up", {
        env: { DBMATE_NO_DUMP_SCHEMA: "" }, write: b, out: [...applies("2_b.sql"), writing],
      }),
      run("rollback", {
        env: { DBMATE_NO_DUMP_SCHEMA: "FALSE" }, out: [...rollsBack("2_b.sql"), writing],
      }),
    ],
    versions: ["1"],
    leaves: leaves("a"),
  },
  {
    title: "another file, in folders that are to be made",
    migrations: a,
    runs: [
      run("-s made/for/it.sql up", {
        env: auto, out: [...applies("1_a.sql"), "Writing: made/for/it.sql"],
      }),
      run("--schema-file ./db/../x.sql dump", { out: ["Writing: ./db/../x.sql"] }),
    ],
    versions: ["1"],
    leaves: leaves("a"),
    schemaFile: "made/for/it.sql",
  },
  {
    title: "another file by its variable, which the flag overrules",
    migrations: a,
    runs: [
      run("up"),
      run("dump", { env: { DBMATE_SCHEMA_FILE: "y.sql" }, out: ["Writing: y.sql"] }),
      run("-s x.sql dump", { env: { DBMATE_SCHEMA_FILE: "z.sql" }, out: ["Writing: x.sql"] }),
    ],
    versions: ["1"],
    leaves: leaves("a"),
    schemaFile: "y.sql",
  },
  {
    title: "a link in the file's place",
    migrations: a,
    links: { "db/schema.sql": "../kept/elsewhere.sql" },
    files: { "kept/elsewhere.sql": "before" },
    runs: [run("up"), writes],
    versions: ["1"],
    leaves: leaves("a"),
    schemaFile: "kept/elsewhere.sql",
  },
  {
    title: "options for pg_dump",
    migrations: {
      "1_a.sql": `${up}create table a (); create table x (); create schema o;\n${down}`,
    },
    runs: [
      run("up"),
      run("dump -- --exclude-table=x -N o", { out: [writing] }),
    ],
    versions: ["1"],
    leaves: leaves("a"),
  },
  {
    title: "an option that pg_dump does not know",
    migrations: a,
    runs: [
      run("up"),
      fails("dump -- --bogus", "unrecognized option '--bogus'", "unrecognized option: bogus", {
        out: [],
      }),
    ],
    versions: ["1"],
    leaves: "no file",
  },
  {
    title: "a ledger of another name",
    migrations: a,
    ledger: "history",
    runs: [run("--migrations-table meta.history up", { env: auto })],
    versions: ["1"],
    leaves: ["SCHEMA meta", "TABLE meta.history", "TABLE public.a", "'1'"],
  },
  {
    title: "dumping a database that is not there",
    database: "missing",
    runs: [fails("dump", "does not exist (3D000)", "does not exist", { out: [] })],
    versions: "no database",
    leaves: "no file",
  },
  {
    title: "the file is loaded again",
    migrations: a,
    runs: [
      run("up"), writes, run("drop"), run("create"),
      run("load", { out: ["Reading: ./db/schema.sql"] }),
      run("up", { env: auto, write: b, out: [...applies("2_b.sql"), writing] }),
    ],
    versions: ["1", "2"],
    leaves: leaves("a", "b"),
  },
];

const when: readonly DumpCase[] = [
  {
    title: "a second dump",
    because: ["dump-unchanged"],
    migrations: a,
    runs: [
      run("up"), writes,
      run("dump", {
        out: differOut([writing], []),
        err: { pgmate: "Unchanged: ./db/schema.sql\n" },
      }),
    ],
    versions: ["1"],
    leaves: leaves("a"),
  },
  {
    title: "nothing is pending",
    because: ["dump-unchanged"],
    migrations: a,
    runs: [
      run("up"),
      run("up", { env: auto, out: differOut([writing], []) }),
      run("migrate", { env: auto, out: differOut([writing], []) }),
    ],
    versions: ["1"],
    leaves: differLeft(leaves("a"), "no file"),
  },
  {
    title: "a run that fails half way",
    because: ["dump-half", "applied-means-applied"],
    migrations: a,
    runs: [
      run("up", { env: auto, out: [...applies("1_a.sql"), writing] }),
      run("up", {
        env: auto,
        write: { ...b, "db/migrations/3_c.sql": `${up}create table c (x nonsense);\n${down}` },
        status: 2,
        out: differ(
          applies("2_b.sql", "3_c.sql"),
          [...applies("2_b.sql"), "Applying: 3_c.sql", writing],
        ),
        err: { dbmate: 'type "nonsense" does not exist', pgmate: "3_c.sql:2:19" },
      }),
    ],
    versions: ["1", "2"],
    leaves: differLeft(leaves("a"), leaves("a", "b")),
  },
  {
    title: "a run whose first file fails",
    migrations: { "1_a.sql": `${up}create table c (x nonsense);\n${down}` },
    because: ["applied-means-applied"],
    runs: [
      run("up", {
        env: auto, status: 2, out: differ(applies("1_a.sql"), ["Applying: 1_a.sql"]),
        err: { dbmate: 'type "nonsense" does not exist', pgmate: "1_a.sql:2:19" },
      }),
    ],
    versions: [],
    leaves: "no file",
  },
  {
    title: "dumping a database without a ledger",
    because: ["dump-reads-only"],
    runs: [run("dump", { sql: "create table a ()", out: [writing] })],
    versions: differ<Versions>([], "no table"),
    leaves: differLeft(
      ["TABLE public.a", "TABLE public.schema_migrations"], ["TABLE public.a"],
    ),
  },
  {
    title: "dumping as a role that may only read",
    because: ["dump-reads-only"],
    migrations: a,
    runs: [
      run("up"),
      run("dump", {
        sql: "create role \"reader of {database}\" login password 'x' in role pg_read_all_data",
        env: {
          DATABASE_URL: "postgres://reader%20of%20{database}:x@{host}:{port}/{database}"
            + "?sslmode=disable",
        },
        status: differ(2, 0),
        out: differOut([], [writing]),
        err: { dbmate: "permission denied for schema public" },
      }),
    ],
    versions: ["1"],
    leaves: differLeft("no file", leaves("a")),
  },
];

const nowhere = { PATH: "/nonexistent" };
const workMem = { DATABASE_URL: "{url}&work_mem=4MB" };
const longLine = `${up}create table a (t text default '${"x".repeat(70_000)}');\n${down}`;
const isFolder = { "db/schema.sql/x": "" };

const told: readonly DumpCase[] = [
  {
    title: "no pg_dump is installed",
    because: ["dump-carried", "dump-failure-told"],
    migrations: a,
    runs: [
      upWritten({ env: { ...auto, ...nowhere } }),
      dumpWritten('exec: "pg_dump": executable file not found in $PATH', { env: nowhere }),
    ],
    versions: ["1"],
    leaves: onlyPgmate,
  },
  {
    title: "a setting in the URL that is none of libpq's",
    because: ["dump-carried", "dump-failure-told"],
    migrations: a,
    runs: [
      upWritten({ env: { ...auto, ...workMem } }),
      dumpWritten('invalid URI query parameter: "work_mem"', { env: workMem }),
    ],
    versions: ["1"],
    leaves: onlyPgmate,
  },
  {
    title: "a line of more than 64 KiB",
    because: ["dump-bytes", "dump-failure-told"],
    migrations: { "1_a.sql": longLine },
    runs: [upWritten(), dumpWritten("token too long")],
    versions: ["1"],
    leaves: onlyPgmate,
  },
  {
    title: "a file that cannot be written",
    because: ["dump-failure-told"],
    migrations: a,
    files: isFolder,
    runs: [
      run("up", {
        env: auto,
        out: differOut([...applies("1_a.sql"), writing], applies("1_a.sql")),
        err: { pgmate: "Warning: the schema file was not written" },
      }),
      fails("dump", "open ./db/schema.sql: is a directory", "./db/schema.sql is a folder", {
        out: differOut([writing], []),
      }),
    ],
    versions: ["1"],
    leaves: "no file",
  },
];

export const dumpCases: readonly DumpCase[] = [...plain, ...when, ...told, ...dumpTextCases];
