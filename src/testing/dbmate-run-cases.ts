/** Cases about running SQL: transactions, sessions, errors, what is printed meanwhile. */
import {
  applies, type Case, differ, down, downAlone, fails, lists, nothing, rollsBack, run, table, up,
  upAlone, type Versions,
} from "./dbmate-case.ts";

const name = "1_a.sql";
const a = "create table a (id int);\n";
const dropA = "drop table a;\n";

/** One file, with one `up` unless the rest says otherwise. */
function one(title: string, text: string, rest: Partial<Case> = {}): Case {
  return {
    title,
    migrations: { [name]: text },
    runs: [run("up", { out: applies(name) }), run("rollback", { out: rollsBack(name) })],
    versions: [],
    ...rest,
  };
}

/** The server refuses it: dbmate says all the same that it was applied. */
function serverRefuses(title: string, text: string, dbmate: string, pgmate: string): Case {
  return one(title, text, {
    because: ["applied-means-applied", "error-place"],
    runs: [fails("up", dbmate, pgmate, { out: differ(applies(name), [`Applying: ${name}`]) })],
  });
}

const transactions: readonly Case[] = [
  one("a concurrent index alone", `${upAlone}create index concurrently t_id on t (id);\n`
    + `${downAlone}drop index concurrently t_id;\n`, {
    runs: [
      run("up", { sql: "create table t (id int)", out: applies(name) }),
      run("status", { out: lists(`+${name}`) }),
    ],
    versions: ["1"],
    shows: { sql: "select count(*)::int from pg_indexes where indexname = 't_id'", is: 1 },
  }),
  one("a table and a concurrent index", `${upAlone}create table t (id int);\n`
    + `create index concurrently t_id on t (id);\n${downAlone}drop table t;\n`, {
    because: ["statement-by-statement"],
    runs: [run("up", {
      status: differ(2, 0),
      out: applies(name),
      err: { dbmate: "CREATE INDEX CONCURRENTLY cannot run inside a transaction block" },
    })],
    versions: differ<Versions>([], ["1"]),
    shows: {
      sql: "select count(*)::int from pg_indexes where indexname = 't_id'", is: differ(0, 1),
    },
  }),
  one("the second statement of transaction:false fails", `${upAlone}${a}select 1/0;\n${down}`, {
    because: ["statement-by-statement", "applied-means-applied"],
    runs: [fails("up", "division by zero", `${name}:3:1: division by zero`, {
      out: differ(applies(name), [`Applying: ${name}`]),
    })],
    shows: { sql: "select to_regclass('a') is not null", is: differ(false, true) },
  }),
  one("a concurrent index in a transaction", `${up}create table t (id int);\n`
    + `create index concurrently on t (id);\n${down}drop table t;\n`, {
    because: ["reads-first", "writes-late", "applied-means-applied"],
    runs: [fails("up", "cannot run inside a transaction block",
      `${name}:3:1: CREATE INDEX CONCURRENTLY cannot run inside a transaction`,
      { out: differ(applies(name), []) })],
    versions: differ<Versions>([], "no table"),
  }),
  one("begin and commit around a section", `${up}begin;\n${a}commit;\n`
    + `${down}begin;\n${dropA}commit;\n`, {
    because: ["wrapped-section"],
    runs: [
      run("up", {
        status: differ(2, 0),
        out: applies(name),
        err: {
          dbmate: "unexpected transaction status idle",
          pgmate: `${name}:2: begin and commit around the section are left out`,
        },
      }),
      run("status", { out: lists(`+${name}`) }),
      run("rollback", {
        status: differ(2, 0),
        out: rollsBack(name),
        err: { dbmate: "unexpected transaction status idle", pgmate: "are left out" },
      }),
    ],
  }),
  ...["commit", "rollback"].map((command) => {
    return one(`${command} in the middle of a section`,
      `${up}${a}${command};\ncreate table b ();\n${down}drop table b;\n`, {
        because: ["inner-control", "writes-late", "applied-means-applied"],
        runs: [fails("up", "unexpected transaction status idle",
          `${name}:3:1: ${command} inside a section`, { out: differ(applies(name), []) })],
        versions: differ<Versions>(["1"], "no table"),
        shows: { sql: "select to_regclass('b') is not null", is: differ(true, false) },
      });
  }),
  one("a savepoint", `${up}${a}savepoint s;\ncreate table b ();\nrollback to s;\n${down}${dropA}`, {
    because: ["savepoints", "writes-late"],
    runs: [run("up", {
      status: differ(0, 2),
      out: differ(applies(name), []),
      err: { pgmate: `${name}:3:1: savepoint inside a section` },
    })],
    versions: differ<Versions>(["1"], "no table"),
    shows: { sql: "select to_regclass('a') is not null", is: differ(true, false) },
  }),
  one("an isolation level", `${up}set transaction isolation level serializable;\n`
    + "create table a as select current_setting('transaction_isolation') as level;\n"
    + `${down}${dropA}`),
  one("begin without commit in a transaction", `${up}begin;\n${a}${down}${dropA}`, {
    because: ["savepoints", "writes-late"],
    runs: [run("up", {
      status: differ(0, 2),
      out: differ(applies(name), []),
      err: { pgmate: `${name}:2:1: this begin has no commit` },
    })],
    versions: differ<Versions>(["1"], "no table"),
    shows: { sql: "select to_regclass('a') is not null", is: differ(true, false) },
  }),
  one("begin without commit under transaction:false", `${upAlone}begin;\n${a}${down}${dropA}`, {
    because: ["open-begin", "writes-late"],
    runs: [run("up", {
      status: differ(0, 2),
      out: differ(applies(name), []),
      err: { pgmate: `${name}:2:1: this begin has no commit` },
    })],
    versions: differ<Versions>([], "no table"),
  }),
  one("a group of statements outside of a transaction",
    `${upAlone}begin;\n${a}commit;\ncreate table b ();\n${downAlone}drop table b, a;\n`),
  one("set local under transaction:false",
    `${upAlone}set local work_mem = '1MB';\n${a}${down}${dropA}`, {
    because: ["set-local", "writes-late"],
    runs: [run("up", {
      status: differ(0, 2),
      out: differ(applies(name), []),
      err: { pgmate: `${name}:2:1: SET LOCAL has no effect outside a transaction` },
    })],
    versions: differ<Versions>(["1"], "no table"),
    shows: { sql: "select to_regclass('a') is not null", is: differ(true, false) },
  }),
  one("a new value of an enum", `${up}alter type mood add value 'ok';\n${down}`, {
    runs: [run("up", { sql: "create type mood as enum ('sad')", out: applies(name) })],
    versions: ["1"],
  }),
];

/** Text of two megabytes, which is more than one message holds. */
const inserts = Array.from({ length: 20_000 }, (_, index) => {
  return `insert into a values (${index}, 'größe; -- ${"x".repeat(60)}');\n`;
}).join("");

const large: readonly Case[] = [
  one("a large file", `${up}create table a (i int, t text);\n${inserts}`
    + "create table b as select count(*), md5(string_agg(t, '' order by i)) from a;\n"
    + `drop table a;\n${down}drop table b;\n`),
  serverRefuses("an error in a large file", `${up}create table a (i int, t text);\n${inserts}`
    + `select 'ü😀', nope;\n${inserts}${down}`,
    "line: 20003, column: 14", `${name}:20003:14: column "nope" does not exist`),
];

const errors: readonly Case[] = [
  serverRefuses("an error with a place, below a header",
    `-- one\n-- two\n\n${up}${a}select\n  nope;\n${down}`,
    "line: 4, column: 3, position: 49", `db/migrations/${name}:7:3: column "nope" does not exist`),
  serverRefuses("an error behind letters beyond ASCII", `${up}select 'ü😀', nope;\n${down}`,
    "line: 2, column: 14", `${name}:2:14: column "nope" does not exist`),
  serverRefuses("an error without a place",
    `${up}create table a (i int primary key);\ninsert into a\nvalues (1), (1);\n${down}`,
    "Error: pq: duplicate key value violates unique constraint",
    `db/migrations/${name}:3:1: duplicate key value violates unique constraint`),
  serverRefuses("the details that the server gives",
    `${up}create table a (i int primary key);\ninsert into a values (1), (1);\n${down}`,
    "Error: pq: duplicate key", "Detail: Key (i)=(1) already exists."),
  serverRefuses("a deferred constraint", `${up}create table a (i int primary key);\n`
    + "create table b (i int references a deferrable initially deferred);\n"
    + `insert into b values (1);\n${down}`, "violates foreign key constraint", name),
  one("a down that fails", `${up}${a}${down}drop table nope;\n`, {
    because: ["applied-means-applied", "error-place"],
    runs: [
      run("up"),
      fails("rollback", 'table "nope" does not exist', `${name}:4:1: table "nope" does not exist`, {
        out: differ(rollsBack(name), [`Rolling back: ${name}`]),
      }),
      run("status", { out: lists(`+${name}`) }),
    ],
    versions: ["1"],
  }),
  {
    title: "the second of two files fails, and is corrected",
    because: ["applied-means-applied"],
    migrations: { [name]: table("a"), "2_b.sql": `${up}create table b (;\n${down}` },
    runs: [
      fails("up", 'syntax error at or near ";"', '2_b.sql:2:17: syntax error at or near ";"', {
        out: differ(applies(name, "2_b.sql"), [...applies(name), "Applying: 2_b.sql"]),
      }),
      run("status", { out: lists("+1_a.sql", "-2_b.sql") }),
      run("up", { write: { "db/migrations/2_b.sql": table("b") }, out: applies("2_b.sql") }),
    ],
    versions: ["1", "2"],
  },
  one("the server ends the session outside of a transaction", `${upAlone}do $$ begin\n`
    + "  if nextval('s') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if;\n"
    + `end $$;\n${down}`, {
    because: ["never-resent", "applied-means-applied"],
    runs: [run("up", {
      sql: "create sequence s",
      status: differ(0, 2),
      out: differ(applies(name), [`Applying: ${name}`]),
      err: { pgmate: "the connection to the server was lost" },
    })],
    versions: differ<Versions>(["1"], []),
    shows: { sql: "select last_value::int from s", is: differ(2, 1) },
  }),
  one("the server ends the session in a transaction",
    `${up}select pg_terminate_backend(pg_backend_pid());\n${down}`, {
      because: ["applied-means-applied"],
      runs: [fails("up", "driver: bad connection", "the connection to the server was lost", {
        out: differ(applies(name), [`Applying: ${name}`]),
      })],
    }),
];

const bodies: readonly Case[] = [
  one("a body of SQL statements", `${up}create function f() returns int begin atomic\n`
    + "  select 1; select case when true then 2 end;\nend;\n"
    + `${down}drop function f();\n`),
  one("a body in dollars, with other dollars", `${up}do $x$ declare n int; begin\n`
    + "  for n in 1..3 loop execute format($$create table t%s ()$$, n); end loop;\nend $x$;\n"
    + `${down}drop table t1, t2, t3;\n`),
  one("semicolons that end no statement", `${upAlone}create table "a;b" (id int);\n`
    + "create rule r as on insert to \"a;b\" do also (select 1; select 2); /* /* ; */ ; */\n"
    + `insert into "a;b" values (1); -- ;\n${downAlone}drop table "a;b"`),
  one("quotes of every kind", `${up}create table a as select E'it\\'s -- migrate:up\\n' t,\n`
    + `  U&'\\0061' u, 'it''s' v, "x""y" from (select 1 as "x""y") q;\n${down}${dropA}`),
  one("data for COPY", `${up}create table a (i int, t text);\n`
    + `copy a from stdin;\n1\tone\n2\t\\N\n\\.\n${down}${dropA}`, {
    because: ["copy-stdin", "applied-means-applied"],
    runs: [run("up", {
      status: differ(2, 0), out: applies(name), err: { dbmate: 'syntax error at or near "1"' },
    })],
    versions: differ<Versions>([], ["1"]),
    shows: {
      sql: "select (xpath('//count/text()', query_to_xml('select count(*) from ' || coalesce("
        + "to_regclass('a')::text, 'generate_series(1, 0)'), false, true, '')))[1]::text",
      is: differ("0", "2"),
    },
  }),
  one("COPY to stdout", `${up}${a}copy a to stdout;\n${down}${dropA}`, {
    because: ["copy-stdout", "applied-means-applied"],
    runs: [run("up", {
      status: differ(2, 0), out: applies(name), err: { dbmate: "driver: bad connection" },
    })],
    versions: differ<Versions>([], ["1"]),
    shows: { sql: "select to_regclass('a') is not null", is: differ(false, true) },
  }),
  one("lines that pg_dump writes for psql",
    `${up}\\restrict abc\n${a}\\unrestrict abc\n${down}${dropA}`, {
      because: ["psql-lines", "applied-means-applied"],
      runs: [run("up", {
        status: differ(2, 0), out: applies(name), err: { dbmate: 'syntax error at or near "\\"' },
      })],
      versions: differ<Versions>([], ["1"]),
      shows: { sql: "select to_regclass('a') is not null", is: differ(false, true) },
    }),
  one("other commands of psql", `${up}\\echo abc\n${a}${down}${dropA}`, {
    because: ["reads-first", "writes-late", "applied-means-applied"],
    runs: [fails("up", 'syntax error at or near "\\"', `${name}:2:1: \\echo is a command of psql`, {
      out: differ(applies(name), []),
    })],
    versions: differ<Versions>([], "no table"),
  }),
];

const sessions: readonly Case[] = [
  one("a search path set in a file",
    `${up}create schema foo; set search_path to foo;\n${a}${down}drop schema foo cascade;`, {
      because: ["ledger-stays"],
      runs: [run("up", {
        status: differ(2, 0),
        out: applies(name),
        err: { dbmate: 'relation "foo.schema_migrations" does not exist' },
      })],
      versions: differ<Versions>([], ["1"]),
      shows: { sql: "select to_regclass('foo.a') is not null", is: differ(false, true) },
    }),
  one("the beginning of a dump",
    `${up}select pg_catalog.set_config('search_path', '', false);\ncreate table public.a ();\n`
    + `${down}drop table public.a;\n`),
  one("a role set in a file", `${up}set role pg_monitor;\n${down}`, {
    because: ["ledger-stays"],
    runs: [run("up", {
      status: differ(2, 0),
      out: applies(name),
      err: { dbmate: "permission denied for table schema_migrations" },
    })],
    versions: differ<Versions>([], ["1"]),
  }),
  {
    title: "settings of one file in the next",
    because: ["session-reset"],
    migrations: {
      [name]: `${up}set work_mem = '7MB';\n${down}`,
      "2_b.sql": `${up}create table a as select current_setting('work_mem') as it;\n${down}`,
    },
    runs: [run("up", { out: applies(name, "2_b.sql") })],
    versions: ["1", "2"],
    shows: { sql: "select it from a", is: differ("7MB", "4MB") },
  },
  {
    title: "a temporary table of one file in the next",
    because: ["session-reset"],
    migrations: {
      [name]: `${up}create temporary table t as select 1 as it;\n${down}`,
      "2_b.sql": `${up}create table a as select it from t;\n${down}`,
    },
    runs: [run("up", {
      status: differ(0, 2),
      out: differ(applies(name, "2_b.sql"), [...applies(name), "Applying: 2_b.sql"]),
      err: { pgmate: '2_b.sql:2:34: relation "t" does not exist' },
    })],
    versions: differ<Versions>(["1", "2"], ["1"]),
    shows: { sql: "select to_regclass('a') is not null", is: differ(true, false) },
  },
  one("how long a statement waits for a lock",
    `${up}create table a as select current_setting('lock_timeout') as it;\n${down}${dropA}`, {
      because: ["lock-timeout"],
      runs: [run("up", { out: applies(name) })],
      versions: ["1"],
      shows: { sql: "select it from a", is: differ("0", "2s") },
    }),
  one("how long the URL lets a statement wait for a lock",
    `${up}create table a as select current_setting('lock_timeout') as it;\n${down}${dropA}`, {
      runs: [run("-u {url}&lock_timeout=7s up", { out: applies(name) })],
      versions: ["1"],
      shows: { sql: "select it from a", is: "7s" },
    }),
  {
    title: "a file that discards all, and the next",
    because: ["discard-all"],
    migrations: { [name]: `${upAlone}discard all;\n${down}`, "2_b.sql": nothing },
    runs: [run("up", {
      status: differ(0, 2),
      out: differ(applies(name, "2_b.sql"), []),
      err: { pgmate: "DISCARD ALL would let the run lock go" },
    })],
    versions: differ<Versions>(["1", "2"], "no table"),
  },
  one("the name of the session", `${up}create table a as select `
    + `regexp_replace(current_setting('application_name'), ' .*', '') as it;\n${down}${dropA}`, {
    because: ["application-name"],
    runs: [run("up", { out: applies(name) })],
    versions: ["1"],
    shows: { sql: "select it from a", is: differ("", "pgmate") },
  }),
  one("notices and warnings of the server",
    `${up}do $$ begin raise notice 'hello'; raise warning 'mind'; end $$;\n${down}`, {
      because: ["notices"],
      runs: [
        run("up", { out: applies(name), err: { pgmate: "NOTICE: hello" } }),
        run("rollback"),
        run("up", { err: { pgmate: "WARNING: mind" } }),
      ],
      versions: ["1"],
    }),
];

const verbose: readonly Case[] = [
  one("rows affected", `${up}create table a (i int); insert into a values (1), (2);\n`
    + `${down}delete from a; drop table a;\n`, {
    runs: [
      run("up -v", { out: [`Applying: ${name}`, "Rows affected: 2", `Applied: ${name} in T`] }),
      run("rollback --verbose", {
        out: [`Rolling back: ${name}`, "Rows affected: 0", `Rolled back: ${name} in T`],
      }),
    ],
  }),
  one("rows affected by a query, and outside of a transaction",
    `${up}select * from generate_series(1, 7);\n${downAlone}select 1 where false;\nvacuum;`, {
      runs: [
        run("migrate -v", {
          out: [`Applying: ${name}`, "Rows affected: 7", `Applied: ${name} in T`],
        }),
      ],
      versions: ["1"],
    }),
  one("rows affected by nothing", `${up}-- nothing\n${down};`, {
    runs: [run("up -v", { out: applies(name) }), run("down -v", { out: rollsBack(name) })],
  }),
  one("the target is told on stderr", nothing, {
    because: ["target-line"],
    runs: [run("up", { out: applies(name), err: { pgmate: "Target: " } })],
    versions: ["1"],
  }),
];

export const runCases: readonly Case[] = [
  ...transactions, ...large, ...errors, ...bodies, ...sessions, ...verbose,
];
