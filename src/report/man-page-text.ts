/** What the manual page says beside the commands and options themselves. */

export const description: readonly string[] = [
  "pgmate brings a Postgres database from one version of its schema to the next. A migration is " +
    "a file of plain SQL. Each is applied once, in the order of the files' names, and in one " +
    "transaction together with the row that records it: either both are there afterwards or " +
    "neither is.",
  "It reads the files of dbmate and keeps dbmate's table. It needs no other program: the pg_dump " +
    "that writes the schema file is inside it, and so is a PostgreSQL 18, in which a change can " +
    "be tried before it runs (`plan --rehearse`) and which needs no server (`--url pglite:DIR`).",
  "A file is named VERSION_description.sql, where the version is digits, and has two parts:",
];

export const migration: readonly string[] = [
  "-- migrate:up",
  "create table rooms (id bigint primary key, name text not null);",
  "",
  "-- migrate:down",
  "drop table rooms;",
];

export const afterMigration =
  "`-- migrate:up transaction:false` is for what cannot run in a transaction, such as CREATE " +
  "INDEX CONCURRENTLY; its statements run one by one, and the next run goes on where one failed.";

export const helpText =
  "`pgmate help COMMAND` shows the options of a command alone, and `pgmate help CODE` what the " +
  "code of an error means, what state it leaves and what to do.";

export const optionsText =
  "Options stand before or after the command, with one dash or two, as `--name value` or " +
  "`--name=value`. A time is a number with `ms`, `s`, `m` or `h` behind it. What is not given on " +
  "the command line is looked for in the environment, then in the env file, then in pgmate.toml.";

/** Beside those that stand in for options. */
export const variables: readonly (readonly [name: string, text: string])[] = [
  ["PGHOST, PGPORT, PGUSER, PGPASSWORD, PGSSLMODE, …", "what the URL does not say, as for psql; " +
    "the name of the database is never taken from there"],
  ["NO_COLOR", "where it holds anything, nothing is coloured"],
];

export const variablesText =
  "Each of these stands in for an option that is not given; an empty one counts as none.";

export const files: readonly (readonly [name: string, text: string])[] = [
  ["./db/migrations/", "the migrations (`--migrations-dir`)"],
  ["./db/schema.sql", "the schema as SQL, written after each run that changed something " +
    "(`--schema-file`)"],
  ["./.env", "variables, one a line as NAME=value, for those that are not set (`--env-file`)"],
  ["./pgmate.toml", "options of the project by their names: migrations-dir = \"db/migrations\""],
  ["~/.pgpass, ~/.pg_service.conf, ~/.postgresql/", "passwords, services and certificates, as " +
    "for psql"],
];

export const examples: readonly (readonly [text: string, lines: readonly string[]])[] = [
  ["Make a file, apply it, and take it back:", [
    "export DATABASE_URL=postgres://app@localhost:5432/shop",
    "pgmate new create_rooms",
    "pgmate up",
    "pgmate status",
    "pgmate rollback",
  ]],
  ["See what would run, what it locks and what it breaks, and run exactly that:", [
    "pgmate plan --rehearse",
    "pgmate plan --format json -o plan.json",
    "pgmate up --plan plan.json",
  ]],
  ["In CI, judge what a branch has changed, and ask whether anything is pending:", [
    "pgmate lint --since origin/main --format github",
    "pgmate status --quiet || echo pending",
  ]],
  ["Without a server, in a folder:", [
    "pgmate --url pglite:/tmp/try up",
  ]],
  ["Complete commands, options and versions in the shell that is running:", [
    "source <(pgmate completions bash)",
  ]],
];
