/** Cases about the ledger: tables that others made, its name, the schema it lies in. */
import {
  applies, type Case, differ, fails, files, lists, nothing, rollsBack, run, table, type Versions,
} from "./dbmate-case.ts";

const noneApplied = "can't rollback: no migrations have been applied";

/** A role that may only read and write the ledger. Roles outlive a case and its database. */
const clerk = "postgres://clerk_{database}:x@{host}:{port}/{database}?sslmode=disable";
const stranger = clerk.replace("clerk", "stranger");
const clerkSql = "create role clerk_{database} login password 'x';"
  + "grant select, insert, delete on schema_migrations to clerk_{database}";

const ledgers: readonly Case[] = [
  {
    title: "the ledger as it is made",
    migrations: files("1_a.sql"),
    runs: [run("up")],
    versions: ["1"],
    shows: {
      sql: "select concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, conname, contype)"
        + " from pg_attribute a join pg_constraint c on c.conrelid = a.attrelid and a.attnum ="
        + " any(c.conkey) where attrelid = 'schema_migrations'::regclass and attname = 'version'",
      is: "character varying t schema_migrations_pkey p",
    },
  },
  {
    title: "columns of the ledger",
    because: ["more-columns"],
    migrations: files("1_a.sql"),
    runs: [run("up")],
    versions: ["1"],
    shows: {
      sql: "select string_agg(attname, ' ' order by attnum) from pg_attribute"
        + " where attrelid = 'schema_migrations'::regclass and attnum > 0",
      is: differ("version", "version description checksum applied_at applied_by execution_ms"),
    },
  },
  ...([
    ["made by an older dbmate", "(version varchar(255) primary key)"],
    ["with columns of somebody else's",
      "(version text primary key, note text default 'x', at timestamptz default now())"],
    ["without a primary key", "(version text)"],
  ] as const).map(([what, columns]): Case => ({
    title: `a ledger ${what}`,
    migrations: files("1_a.sql", "2_b.sql"),
    runs: [
      run("up", {
        sql: `create table schema_migrations ${columns};`
          + "insert into schema_migrations values ('1')",
        out: applies("2_b.sql"),
      }),
      run("status", { out: lists("+1_a.sql", "+2_b.sql") }),
      run("rollback", { out: rollsBack("2_b.sql") }),
      run("rollback", { out: rollsBack("1_a.sql") }),
    ],
    versions: [],
  })),
  {
    title: "a ledger of numbers",
    because: ["numeric-ledger", "applied-means-applied"],
    migrations: files("007_a.sql"),
    runs: [
      run("up", {
        sql: "create table schema_migrations (version bigint primary key)",
        out: applies("007_a.sql"),
      }),
      run("status", { out: differ(lists("-007_a.sql"), lists("+007_a.sql")) }),
      run("up", {
        status: differ(2, 0),
        out: differ(applies("007_a.sql"), []),
        err: { dbmate: "duplicate key value" },
      }),
      run("rollback", {
        status: differ(2, 0),
        out: differ([], rollsBack("007_a.sql")),
        err: { dbmate: noneApplied },
      }),
    ],
    versions: differ<Versions>(["7"], []),
  },
  {
    title: "a ledger that names files",
    because: ["named-rows"],
    migrations: { "016_add_x.sql": table("a") },
    runs: [
      run("up", {
        sql: "create table schema_migrations (version text);"
          + "insert into schema_migrations values ('016_add_x')",
        out: differ(applies("016_add_x.sql"), []),
      }),
    ],
    versions: differ<Versions>(["016", "016_add_x"], ["016_add_x"]),
    shows: { sql: "select to_regclass('a') is not null", is: differ(true, false) },
  },
  {
    title: "a ledger with a row that says nothing",
    because: ["named-rows"],
    migrations: { "017_b.sql": table("a") },
    runs: [
      run("up", {
        sql: "create table schema_migrations (version text);"
          + "insert into schema_migrations values ('016_add_x')",
        status: differ(0, 2),
        out: differ(applies("017_b.sql"), []),
        err: { pgmate: 'the ledger holds "016_add_x": neither a version' },
      }),
    ],
    versions: differ<Versions>(["016_add_x", "017"], ["016_add_x"]),
    shows: { sql: "select to_regclass('a') is not null", is: differ(true, false) },
  },
  {
    title: "a row without a version",
    migrations: files("1_a.sql"),
    runs: [
      fails("status", "converting NULL to string", "holds a row without a version", {
        sql: "create table schema_migrations (version text);"
          + "insert into schema_migrations values (null)",
      }),
      fails("up", "converting NULL to string", "holds a row without a version"),
    ],
    versions: [],
  },
  {
    title: "golang-migrate's table",
    because: ["golang-migrate"],
    migrations: files("1_a.sql"),
    runs: [
      run("up", {
        sql: "create table schema_migrations (version bigint primary key, dirty boolean not null);"
          + "insert into schema_migrations values (1, false)",
        status: differ(0, 2),
        out: [],
        err: { pgmate: "is golang-migrate's table" },
      }),
    ],
    versions: ["1"],
  },
  {
    title: "a role that may write the ledger and make nothing",
    because: ["existing-ledger"],
    migrations: files("1_a.sql"),
    runs: [
      run("up"),
      run(`-u ${clerk} status`, { sql: clerkSql, out: lists("+1_a.sql") }),
      run(`-u ${clerk} up`, {
        write: { "db/migrations/2_b.sql": nothing },
        status: differ(2, 0),
        out: differ([], applies("2_b.sql")),
        err: { dbmate: "permission denied for schema public" },
      }),
    ],
    versions: differ<Versions>(["1"], ["1", "2"]),
  },
];

const unreadable: Case = {
  title: "a role that may not read the ledger",
  because: ["unreadable-ledger"],
  migrations: files("1_a.sql"),
  runs: [
    run("up"),
    run(`-u ${stranger} status`, {
      sql: "create role stranger_{database} login password 'x'",
      status: differ(0, 2),
      out: differ(lists("-1_a.sql"), []),
      err: { pgmate: "this role may not read" },
    }),
  ],
  versions: ["1"],
};

const names: readonly Case[] = [
  ...([
    ["led", "led", []],
    ["app.led", "led", ["Creating schema: app"]],
    ["myApp.Led ger", "Led ger", ['Creating schema: "myApp"']],
    ["semi;drop", "semi;drop", []],
    ['"quoted"', '"quoted"', []],
    [".led", "led", []],
  ] as const).map(([given, ledger, before]): Case => {
    const args = ["--migrations-table", given];
    return {
      title: `the ledger's name ${given}`,
      migrations: files("1_a.sql"),
      ledger,
      runs: [
        { args: [...args, "up"], status: 0, out: [...before, ...applies("1_a.sql")] },
        { args: [...args, "status"], status: 0, out: lists("+1_a.sql") },
        { args: [...args, "rollback"], status: 0, out: rollsBack("1_a.sql") },
      ],
      versions: [],
    };
  }),
  ...([
    ["x.", "zero-length delimited identifier"],
    ["", "zero-length delimited identifier"],
    ["a.b.c", "cross-database references are not implemented"],
  ] as const).map(([given, dbmate]): Case => ({
    title: `the ledger's name "${given}", which is none`,
    migrations: files("1_a.sql"),
    runs: [{
      ...fails("up", dbmate, `--migrations-table names no table: "${given}"`),
      args: ["--migrations-table", given, "up"],
    }],
    versions: "no table",
  })),
];

const paths: readonly Case[] = [
  {
    title: "the ledger lies in the first schema of the search path",
    migrations: { "1_a.sql": table("a") },
    runs: [
      { args: ["-u", "{url}&search_path=%20app%20,public", "up"], status: 0,
        out: ["Creating schema: app", ...applies("1_a.sql")] },
      run("-u {url}&search_path=app status", { out: lists("+1_a.sql") }),
      run("status", { out: lists("-1_a.sql") }),
    ],
    versions: ["1"],
  },
  {
    title: "the ledger's name comes before the search path",
    migrations: files("1_a.sql"),
    ledger: "led",
    runs: [run("-u {url}&search_path=app --migrations-table public.led up", {
      out: applies("1_a.sql"),
    })],
    versions: ["1"],
  },
  {
    title: "the search path of the database",
    migrations: { "1_a.sql": table("a") },
    runs: [
      run("up", {
        sql: "create schema app; alter database {database} set search_path = app, public",
        out: applies("1_a.sql"),
      }),
      run("status", { out: lists("+1_a.sql") }),
    ],
    versions: ["1"],
  },
  {
    title: "the search path of options",
    migrations: { "1_a.sql": table("a") },
    runs: [
      run("-u {url}&options=-csearch_path%3Dapp up", {
        sql: "create schema app", out: applies("1_a.sql"),
      }),
      run("status", {
        env: { PGOPTIONS: "-c search_path=app" }, out: lists("+1_a.sql"),
      }),
    ],
    versions: ["1"],
  },
  {
    title: "a schema of options that is not there",
    migrations: { "1_a.sql": table("a") },
    runs: [run("-u {url}&options=-csearch_path%3Dapp,public up", { out: applies("1_a.sql") })],
    versions: ["1"],
  },
  ...([
    ["quotes", "%22Foo%20Bar%22,public", '"""Foo Bar"""', '"Foo Bar"'],
    ["capitals", "camelFoo", '"camelFoo"', "camelfoo"],
  ] as const).map(([what, path, theirs, ours]): Case => {
    const made = (schema: string): readonly string[] => [
      `Creating schema: ${schema}`, ...applies("1_a.sql"),
    ];
    return {
      title: `${what} in the search path`,
      because: ["search-path-names"],
      migrations: files("1_a.sql"),
      runs: [
        run(`-u {url}&search_path=${path} up`, { out: differ(made(theirs), made(ours)) }),
        run(`-u {url}&search_path=${path} status`, { out: lists("+1_a.sql") }),
      ],
      versions: ["1"],
      shows: {
        sql: "select quote_ident(schemaname) from pg_tables where tablename = 'schema_migrations'",
        is: differ(theirs, ours),
      },
    };
  }),
  {
    title: "$user in the search path",
    because: ["search-path-names"],
    migrations: files("1_a.sql"),
    runs: [run("-u {url}&search_path=$user,public up", {
      out: differ(['Creating schema: "$user"', ...applies("1_a.sql")], applies("1_a.sql")),
    })],
    versions: ["1"],
    shows: {
      sql: "select schemaname from pg_tables where tablename = 'schema_migrations'",
      is: differ("$user", "public"),
    },
  },
];

export const ledgerCases: readonly Case[] = [...ledgers, unreadable, ...names, ...paths];
