/** Every flag once: help, the README's reference and the environment's names come from here. */

import { logFormats, logLevels } from "./core/log-level.ts";

/**
 * How an option's text is read: a flag takes `--name`, `--name=true` or `--name=false`; a list has
 * commas in it; words are one for each time it is given, and divided by blanks in a variable.
 */
export type OptionKind = "flag" | "text" | "list" | "words" | "duration" | "count";

export interface Option {
  readonly name: string;
  /** One letter, used with one dash. */
  readonly short?: string;
  /** The environment variable that stands in when the flag is absent. */
  readonly variable?: string;
  readonly kind: OptionKind;
  /**
   * What the value is called in help; absent for flags. Completions go by it: FILE and DIR are
   * looked for on disk, VERSION in the folder of migrations.
   */
  readonly placeholder?: string;
  /** All that the value may be, where it is one of a few words. */
  readonly values?: readonly string[];
  /** Those of them that one command alone takes: which command, by the word. */
  readonly valuesOfOne?: Readonly<Record<string, string>>;
  /** As text, the way a person would give it. */
  readonly fallback?: string;
  readonly help: string;
}

export const drivers = ["postgres", "postgresql"] as const;

/** How a plan or the findings of lint are told. */
export const reviewFormats = [
  "text", "sql", "json", "markdown", "html", "github", "sarif",
] as const;

export const failingVerdicts = ["risky", "breaking"] as const;

export const resumeAnswers = ["repeat", "skip"] as const;

/** Taken by every command, before or after its name. */
export const globalOptions = [
  {
    name: "url",
    short: "u",
    kind: "text",
    placeholder: "URL",
    help: "database URL: postgres://…, pglite:DIR, pglite: (else --env's)",
  },
  {
    name: "env",
    short: "e",
    kind: "text",
    placeholder: "VARIABLE",
    fallback: "DATABASE_URL",
    help: "name of the environment variable that holds the URL",
  },
  {
    name: "env-file",
    kind: "list",
    placeholder: "FILE",
    fallback: ".env",
    help: "file with environment variables, repeatable",
  },
  {
    name: "driver",
    variable: "DBMATE_DRIVER",
    kind: "text",
    placeholder: "NAME",
    values: drivers,
    help: "accepted for dbmate's sake: postgres is the only one",
  },
  {
    name: "migrations-dir",
    short: "d",
    variable: "DBMATE_MIGRATIONS_DIR",
    kind: "list",
    placeholder: "DIR",
    fallback: "./db/migrations",
    help: "folder of migrations, repeatable or separated by commas",
  },
  {
    name: "migrations-table",
    variable: "DBMATE_MIGRATIONS_TABLE",
    kind: "text",
    placeholder: "TABLE",
    fallback: "schema_migrations",
    help: "the ledger's table, or schema.table",
  },
  {
    name: "schema-file",
    short: "s",
    variable: "DBMATE_SCHEMA_FILE",
    kind: "text",
    placeholder: "FILE",
    fallback: "./db/schema.sql",
    help: "the schema as SQL: dump and each run write it, load reads it",
  },
  {
    name: "no-dump-schema",
    variable: "DBMATE_NO_DUMP_SCHEMA",
    kind: "flag",
    help: "do not write the schema file after a run",
  },
  {
    name: "require-dump",
    variable: "PGMATE_REQUIRE_DUMP",
    kind: "flag",
    help: "exit 2, not 0, where the schema file cannot be written after a run",
  },
  {
    name: "dump-option",
    variable: "PGMATE_DUMP_OPTIONS",
    kind: "words",
    placeholder: "OPTION",
    help: "an option of pg_dump for every dump, repeatable",
  },
  {
    name: "pg-dump",
    variable: "PGMATE_PG_DUMP",
    kind: "text",
    placeholder: "PATH",
    help: "dump with this program, not with the pg_dump 18 inside pgmate",
  },
  {
    name: "wait",
    variable: "DBMATE_WAIT",
    kind: "flag",
    help: "wait for the server before the command",
  },
  {
    name: "wait-timeout",
    variable: "DBMATE_WAIT_TIMEOUT",
    kind: "duration",
    placeholder: "TIME",
    fallback: "60s",
    help: "how long to wait for the server",
  },
  {
    name: "wait-interval",
    variable: "DBMATE_WAIT_INTERVAL",
    kind: "duration",
    placeholder: "TIME",
    fallback: "1s",
    help: "how long to pause between two tries",
  },
  {
    name: "lock-wait",
    variable: "PGMATE_LOCK_WAIT",
    kind: "duration",
    placeholder: "TIME",
    fallback: "5m",
    help: "how long to wait for another run on the same database",
  },
  {
    name: "lock-timeout",
    variable: "PGMATE_LOCK_TIMEOUT",
    kind: "duration",
    placeholder: "TIME",
    fallback: "2s",
    help: "longest wait for a lock; 0: no limit; not for CONCURRENTLY",
  },
  {
    name: "lock-retries",
    variable: "PGMATE_LOCK_RETRIES",
    kind: "count",
    placeholder: "N",
    fallback: "10",
    help: "how many new tries after a lock timeout or deadlock; 0: none",
  },
  {
    name: "statement-timeout",
    variable: "PGMATE_STATEMENT_TIMEOUT",
    kind: "duration",
    placeholder: "TIME",
    help: "longest run of a statement; 0: no limit; else the server's own",
  },
  {
    name: "log-format",
    variable: "LOG_FORMAT",
    kind: "text",
    placeholder: "text|json",
    values: logFormats,
    fallback: "text",
    help: "json: each event is one line of JSON on stderr",
  },
  {
    name: "log-level",
    variable: "LOG_LEVEL",
    kind: "text",
    placeholder: "LEVEL",
    values: logLevels,
    fallback: "info",
    help: "what is told of a run: debug, info, warn or error",
  },
  { name: "help", short: "h", kind: "flag", help: "show help" },
  { name: "version", short: "v", kind: "flag", help: "show pgmate's version" },
] as const satisfies readonly Option[];

/** Taken only by the commands that list them. */
export const commandOptions = [
  {
    name: "strict",
    variable: "DBMATE_STRICT",
    kind: "flag",
    help: "refuse pending migrations that are older than an applied one",
  },
  {
    name: "verbose",
    short: "v",
    variable: "DBMATE_VERBOSE",
    kind: "flag",
    help: "also tell rows of the last statement, and a schema file that stays",
  },
  { name: "to", kind: "text", placeholder: "VERSION", help: "stop at this version" },
  { name: "steps", kind: "count", placeholder: "N", help: "this many migrations" },
  { name: "all", kind: "flag", help: "every applied migration" },
  {
    name: "resume",
    kind: "text",
    placeholder: "repeat|skip",
    values: resumeAnswers,
    help: "what may have committed before it failed or was cut off: run it again, or not",
  },
  {
    name: "dry-run",
    kind: "flag",
    help: "change nothing, print what would be done: a run as a script for psql",
  },
  { name: "exit-code", kind: "flag", help: "exit 1 when migrations are pending" },
  { name: "quiet", kind: "flag", help: "print nothing; implies --exit-code" },
  { name: "long", kind: "flag", help: "when, by whom, how long, checksum state" },
  { name: "json", kind: "flag", help: "print one JSON document; all else goes to stderr" },
  { name: "only", kind: "flag", help: "VERSION alone, with --applied or --pending" },
  { name: "applied", kind: "flag", help: "with --only: it becomes applied" },
  { name: "pending", kind: "flag", help: "with --only: it becomes pending" },
  { name: "yes", kind: "flag", help: "do not ask; needed where nobody can be asked" },
  {
    name: "force",
    kind: "flag",
    help: "drop: end other sessions first; load: also into a database that holds something",
  },
  { name: "check", kind: "flag", help: "write nothing; exit 1 and show how the file differs" },
  { name: "stdout", kind: "flag", help: "print the dump, write no file" },
  { name: "sequential", kind: "flag", help: "number the file instead of dating it" },
  { name: "rollback", kind: "flag", help: "look at the way back: what a rollback would run" },
  {
    name: "format",
    kind: "text",
    placeholder: "NAME",
    values: reviewFormats,
    valuesOfOne: { sql: "plan" },
    fallback: "text",
    help: "text, sql (plan only), json, markdown, html, github or sarif",
  },
  {
    name: "output",
    short: "o",
    kind: "text",
    placeholder: "FILE",
    help: "write it into this file, not to stdout",
  },
  {
    name: "fail-on",
    variable: "PGMATE_FAIL_ON",
    kind: "text",
    placeholder: "risky|breaking",
    values: failingVerdicts,
    help: "exit 1 when it is that or worse; lint: risky where nothing is said",
  },
  {
    name: "allow",
    variable: "PGMATE_ALLOW",
    kind: "list",
    placeholder: "RULE",
    help: "a rule whose findings do not count, repeatable or separated by commas",
  },
  {
    name: "rehearse",
    kind: "flag",
    help: "run it on a copy of the schema, and say what was measured there",
  },
  {
    name: "scratch",
    variable: "PGMATE_SCRATCH_URL",
    kind: "text",
    placeholder: "URL",
    help: "rehearse in a database made, and dropped, on this server, not in the embedded one",
  },
  {
    name: "queries",
    kind: "text",
    placeholder: "DIR",
    help: "with --rehearse: name the queries of DIR/*.sql that work before and not after",
  },
  { name: "since", kind: "text", placeholder: "REV", help: "files changed since a git revision" },
  { name: "rules", kind: "flag", help: "list the rules" },
  { name: "explain", kind: "text", placeholder: "RULE", help: "show the page of one rule" },
  {
    name: "plan",
    kind: "text",
    placeholder: "FILE",
    help: "run exactly this plan, made as JSON; refuse if files or history have changed since",
  },
] as const satisfies readonly Option[];

export type CommandOptionName = (typeof commandOptions)[number]["name"];

/** All of them; names are unique across both lists, short letters are not (`-v`). */
export const allOptions: readonly Option[] = [...globalOptions, ...commandOptions];
