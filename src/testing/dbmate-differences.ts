/** Where pgmate means to differ from dbmate, and why: the README's table comes from here. */

import { type Difference, schemaDifferences } from "./dbmate-schema-differences.ts";

/** Files first, then runs, history, the command line, connections. */
export const differences = [
  {
    id: "several-sections",
    dbmate: "of a file with two up/down pairs applies only the first and calls the file applied",
    pgmate: "applies all of them in one transaction, undoes them in reverse, records the file once",
    reason: "the documentation promises it; half a migration is worse than none",
  },
  {
    id: "marker-is-line",
    dbmate: "takes a marker inside a string, comment or function body for a marker, and one that "
      + "begins on one line and ends on another",
    pgmate: "takes it for the text it is; a marker is a comment line at column 0",
    reason: "SQL that talks about markers is SQL",
  },
  {
    id: "marker-line-sql",
    dbmate: "swallows SQL that stands on the marker's own line and records the file",
    pgmate: "refuses it with its line and column",
    reason: "the statement never ran, and nobody was told",
  },
  {
    id: "option-value",
    dbmate: "ignores transaction:FALSE, transaction: false, transaction=false and the like",
    pgmate: "refuses them; only transaction:true and transaction:false are values",
    reason: "the file would run in a transaction although it says otherwise",
  },
  {
    id: "marker-timeouts",
    dbmate: "takes lock_timeout:… and statement_timeout:… behind a marker for remarks",
    pgmate: "bounds the section's waits and statements by them; refuses a value that is no time",
    reason: "one change may need another limit than all others",
  },
  {
    id: "lead-in",
    dbmate: "refuses a byte order mark, and block comments above the first marker",
    pgmate: "reads over both",
    reason: "editors add the one, licence headers are the other",
  },
  {
    id: "line-ends",
    dbmate: "finds no second marker in a file whose lines end in CR alone",
    pgmate: "takes CR for a line end",
    reason: "Postgres ends a comment there",
  },
  {
    id: "copy-stdin",
    dbmate: "sends the data of COPY … FROM STDIN as SQL, which fails",
    pgmate: "sends it as data, up to the line \\.",
    reason: "pg_dump writes data so",
  },
  {
    id: "copy-stdout",
    dbmate: "loses the connection over COPY … TO STDOUT",
    pgmate: "throws the data away, like the rows of a SELECT",
    reason: "it is a query without a reader, not an error",
  },
  {
    id: "psql-lines",
    dbmate: "sends \\restrict and \\unrestrict lines to the server, which refuses them",
    pgmate: "skips these two; other commands of psql are refused by name",
    reason: "pg_dump writes them, and they mean nothing to a migration",
  },
  {
    id: "duplicate-versions",
    dbmate: "applies the first of two files with one version, fails at the second, and from then "
      + "on calls both applied",
    pgmate: "refuses to run while two files that would run share a version",
    reason: "the second file is lost for ever, in silence",
  },
  {
    id: "golang-migrate",
    dbmate: "takes golang-migrate's files and table for its own",
    pgmate: "recognises both, says so and leaves them alone",
    reason: "its table holds one version, not all of them, so everything would be run again",
  },
  {
    id: "folder-twice",
    dbmate: "lists and applies each file twice when a folder is given twice",
    pgmate: "reads a folder once",
    reason: "the second time can only fail",
  },
  {
    id: "warnings",
    dbmate: "is silent about .sql files that are no migrations, versions of mixed widths, words "
      + "behind a marker, files older than the last applied one",
    pgmate: "does the same as dbmate and warns on stderr",
    reason: "each is legal and most often a mistake",
  },
  {
    id: "reads-first",
    dbmate: "reads a file when it is its turn, so that earlier ones are applied before a mistake "
      + "in a later one is found",
    pgmate: "reads all pending files before the first one runs; a file that cannot run stops all",
    reason: "half a deployment is harder to repair than none",
  },
  {
    id: "writes-late",
    dbmate: "makes its database, schema and table before it knows whether there is anything to do",
    pgmate: "writes nothing before the first migration is about to run",
    reason: "a command that fails or has nothing to do leaves no traces",
  },
  {
    id: "applied-means-applied",
    dbmate: "prints Applied and Rolled back also for a migration that failed",
    pgmate: "prints them once the commit is known",
    reason: "people and scripts believe that line",
  },
  {
    id: "error-place",
    dbmate: "counts lines from the marker, names no file, and drops detail, hint and context",
    pgmate: "gives file:line:column, the line with a caret, and all the server said",
    reason: "the place is what one needs",
  },
  {
    id: "notices",
    dbmate: "never shows what the server notices and warns of",
    pgmate: "prints it on stderr",
    reason: "RAISE NOTICE is how a migration talks",
  },
  {
    id: "target-line",
    dbmate: "does not say where it works",
    pgmate: "says it on stderr before it changes anything: user, host, port, database, version",
    reason: "the wrong database is the worst mistake there is",
  },
  {
    id: "application-name",
    dbmate: "has no application name",
    pgmate: "sets one that holds the command and the process, unless the URL names another",
    reason: "who holds a lock is asked of pg_stat_activity",
  },
  {
    id: "statement-by-statement",
    dbmate: "sends a transaction:false section as one message, an implicit transaction: no "
      + "CREATE INDEX CONCURRENTLY beside another statement, all or nothing after an error",
    pgmate: "runs each statement, or begin … commit group, by itself; after an error those before "
      + "it stay",
    reason: "it is what transaction:false says; put begin and commit around what belongs together",
  },
  {
    id: "set-local",
    dbmate: "runs SET LOCAL in a transaction:false section, inside the implicit transaction",
    pgmate: "refuses it outside of a begin … commit group",
    reason: "statement by statement it has no effect",
  },
  {
    id: "open-begin",
    dbmate: "loses what follows a begin without commit under transaction:false, and prints Applied",
    pgmate: "refuses the file",
    reason: "the work is gone, and the migration is recorded or not by chance",
  },
  {
    id: "wrapped-section",
    dbmate: "fails on a section in begin … commit, having applied and recorded it",
    pgmate: "leaves these two out with a notice: the step is a transaction already",
    reason: "other tools want them, so files are full of them",
  },
  {
    id: "inner-control",
    dbmate: "runs commit or rollback in the middle of a transaction, then fails with half of the "
      + "file kept and the version recorded",
    pgmate: "refuses the file with line and cure",
    reason: "the change and its row must be one commit",
  },
  {
    id: "discard-all",
    dbmate: "runs DISCARD ALL under transaction:false",
    pgmate: "refuses it",
    reason: "it would let the run lock go; the session is put back after every file anyway",
  },
  {
    id: "savepoints",
    dbmate: "runs savepoints, and a begin without commit, in a transactional section",
    pgmate: "refuses them, as all transaction control there",
    reason: "a step is undone as a whole; a DO block with EXCEPTION does what a savepoint does",
  },
  {
    id: "session-reset",
    dbmate: "runs all files in one session: settings, temporary tables and prepared statements of "
      + "one are there in the next",
    pgmate: "puts the session back before each file",
    reason: "a file must do the same whether it runs alone or behind others",
  },
  {
    id: "ledger-stays",
    dbmate: "looks for its table anew after each file, with the search path and role it left",
    pgmate: "finds the table once and writes it as the role that connected",
    reason: "a set search_path or set role in a file made the run fail",
  },
  {
    id: "lock-timeout",
    dbmate: "lets a statement wait for a lock without limit",
    pgmate: "rolls it back after --lock-timeout (2s; 0 is without limit) and tries again",
    reason: "while one waits, everybody else queues up behind it",
  },
  {
    id: "invalid-index",
    dbmate: "calls a file applied whose CREATE INDEX IF NOT EXISTS passed over the "
      + "INVALID index that a failed try had left",
    pgmate: "drops what its own try left and builds it again; stops before an invalid index of "
      + "somebody else's",
    reason: "an index that is never used and costs every write looks like a success",
  },
  {
    id: "one-run-at-a-time",
    dbmate: "takes no lock: of several runs at once most fail, and transaction:false files run "
      + "more than once",
    pgmate: "lets one run after the other; those that come late find nothing to do",
    reason: "several replicas of a service start together",
  },
  {
    id: "never-resent",
    dbmate: "sends a transaction:false section again on a new connection when the old one is lost",
    pgmate: "stops, asks ledger and journal what became of it, and says so; the next run goes on",
    reason: "the change ran twice, with exit status 0",
  },
  {
    id: "missing-files",
    dbmate: "does not see an applied version whose file is gone, and rolls back an older one",
    pgmate: "shows it under status, warns of it, and refuses to roll back past it",
    reason: "undoing something else than the last change is no rollback",
  },
  {
    id: "applied-order",
    dbmate: "rolls back the applied file with the highest name",
    pgmate: "rolls back the file that was applied last",
    reason: "of two branches the one merged later is the one to take back",
  },
  {
    id: "strict-order",
    dbmate: "compares versions under --strict, and forgets applied ones without a file",
    pgmate: "compares names, as the order of files does, and forgets none",
    reason: "strict should mean the order in which a new database would get the files",
  },
  {
    id: "more-columns",
    dbmate: "records the version",
    pgmate: "also records description, checksum, time, user and duration; dbmate goes on working "
      + "with the table",
    reason: "when and by whom is what one asks afterwards",
  },
  {
    id: "existing-ledger",
    dbmate: "needs the right to create tables even where its table exists",
    pgmate: "creates only what is not there",
    reason: "a role for deployments need not own the schema",
  },
  {
    id: "unreadable-ledger",
    dbmate: "takes a table that the role may not read for no table: everything is pending",
    pgmate: "says that the role may not read it",
    reason: "no answer is better than a wrong one",
  },
  {
    id: "numeric-ledger",
    dbmate: "never finds 007 again in a table whose version is a number",
    pgmate: "takes 7 in such a table for 007",
    reason: "such tables come from other tools",
  },
  {
    id: "named-rows",
    dbmate: "runs a file again if the table holds its name instead of its version",
    pgmate: "takes such a row for the file's; a row that is no file's stops the run",
    reason: "tables that people filled themselves hold names",
  },
  {
    id: "search-path-names",
    dbmate: "takes the first item of search_path= literally: quotes, capitals and $user become "
      + "part of the schema's name",
    pgmate: "reads it as Postgres does; a table that dbmate left in such a schema is found",
    reason: "else the ledger lies in another schema than the tables",
  },
  {
    id: "usage-errors",
    dbmate: "prints its whole help on stdout beside the error",
    pgmate: "prints the error on stderr, with the option that was meant; stdout stays empty",
    reason: "stdout is for results",
  },
  {
    id: "flags-anywhere",
    dbmate: "wants global flags before the command and the command's own behind it",
    pgmate: "takes all flags before or behind the command",
    reason: "up -d dir is what one types",
  },
  {
    id: "stray-arguments",
    dbmate: "ignores words too many: rollback 2 undoes one, migrate VERSION applies all",
    pgmate: "refuses them and names the flag: --steps 2, --to VERSION",
    reason: "something else happened than what was asked for",
  },
  {
    id: "new-names",
    dbmate: "puts new ../../x outside of the versions, and makes x.sql.sql of x.sql",
    pgmate: "refuses slashes, and drops a .sql at the end",
    reason: "the file was never found again",
  },
  {
    id: "new-without-url",
    dbmate: "cannot make a file while the database URL is malformed",
    pgmate: "does not look at the URL for new",
    reason: "a file needs no database",
  },
  {
    id: "empty-variables",
    dbmate: "takes an empty DBMATE_MIGRATIONS_DIR or DBMATE_MIGRATIONS_TABLE for a name",
    pgmate: "takes every empty DBMATE variable for one that is not set",
    reason: "containers and CI set variables to nothing",
  },
  {
    id: "env-file-equals",
    dbmate: "accepts --env-file=x, ignores it and reads .env",
    pgmate: "reads x",
    reason: "another database than the one asked for",
  },
  {
    id: "broken-env-file",
    dbmate: "refuses even --version and --help while an env file cannot be read",
    pgmate: "refuses only commands",
    reason: "help is for when something is wrong",
  },
  {
    id: "env-file-bom",
    dbmate: "refuses an env file with a byte order mark",
    pgmate: "reads over it",
    reason: "editors add it",
  },
  {
    id: "drop-sessions",
    dbmate: "fails to drop a database that others are connected to",
    pgmate: "fails too and names the way: drop --force",
    reason: "the way is not obvious",
  },
  {
    id: "tls-prefer",
    dbmate: "demands TLS when the URL has no sslmode",
    pgmate: "prefers TLS, as libpq does, and warns when a distant host has none",
    reason: "psql takes the same URL; sslmode=require demands it",
  },
  {
    id: "libpq-urls",
    dbmate: "cannot read several hosts with ports, a socket's folder in the host's place, or a "
      + "line break behind the URL",
    pgmate: "reads URLs as libpq does, and URLs from files with the line break at their end",
    reason: "psql takes the same URL",
  },
  {
    id: "ipv6",
    dbmate: "loses the brackets of an IPv6 address and connects nowhere",
    pgmate: "connects to it",
    reason: "it is an address",
  },
  {
    id: "no-database-name",
    dbmate: "takes the user's name, or PGDATABASE, when the URL names no database",
    pgmate: "refuses such a URL",
    reason: "migrations never run in a database that nobody named",
  },
  {
    id: "empty-url",
    dbmate: "takes `--url \"\"` for no option and goes to the database of the environment",
    pgmate: "refuses it",
    reason: "a shell's variable that is not set must not drop another database",
  },
  {
    id: "pg-variables",
    dbmate: "stops at PGGSSENCMODE, PGREQUIRESSL, PGCHANNELBINDING and an empty PGPORT",
    pgmate: "reads the variables of libpq, and refuses only what it cannot do",
    reason: "they are set for other programs",
  },
  {
    id: "pg-host-create",
    dbmate: "looks for a host called postgres when the host comes from PGHOST and up is to make "
      + "the database",
    pgmate: "makes it on the host of PGHOST",
    reason: "it is the host",
  },
  {
    id: "passwords",
    dbmate: "shows parts of a password with a blank, # or @ in errors and in DNS queries",
    pgmate: "reads such passwords, and never shows one",
    reason: "errors end in logs",
  },
  ...schemaDifferences,
  {
    id: "other-databases",
    dbmate: "also works with MySQL, SQLite, ClickHouse, BigQuery, Spanner and Redshift",
    pgmate: "works with PostgreSQL",
    reason: "one database, done well",
  },
] as const satisfies readonly Difference[];

export type DifferenceId = (typeof differences)[number]["id"];
