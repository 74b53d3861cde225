/** What each error code means, what state it leaves, and its cure: for help and the README. */

import type { ErrorCode } from "../errors.ts";

export interface ErrorMeaning {
  /** When it comes. */
  readonly means: string;
  /** What holds then; where there is none, nothing was changed. */
  readonly state?: string;
  /** What to do, as a command where possible. */
  readonly cure: string;
}

const saidByState = "the `State:` line says what is kept";

/** In the order of the table of exit statuses: a code without its meaning does not compile. */
export const errorMeanings: Readonly<Record<ErrorCode, ErrorMeaning>> = {
  "answer-no": {
    means: "no error, but the name of exit status 1: the answer to what was asked is no",
    state: "the command did what it is for",
    cure: "read what stands on stdout and stderr: pending files, a difference, a finding",
  },
  "usage": {
    means: "an option, a value or an argument is unknown, missing, or does not go with another; "
      + "`force` also where nobody can be asked and `--yes` is not given",
    cure: "`pgmate COMMAND --help`",
  },
  "url": {
    means: "the database URL is malformed, or it, a `PG…` variable or pg_service.conf holds what "
      + "pgmate does not support or the server does not accept",
    cure: "the message names the part; in user and password write `/ ? # @ : %` as "
      + "`%2F %3F %23 %40 %3A %25`",
  },
  "url-missing": {
    means: "no database URL is given, or `--url` is empty",
    cure: "`export DATABASE_URL=postgres://user@host:5432/name`, or `--url`; "
      + "`--url pglite:DIR` needs no server",
  },
  "url-no-database": {
    means: "the URL names no database, and pgmate takes no other in its place",
    cure: "put its name after the host: `postgres://user@host:5432/name`",
  },
  "connect-refused": {
    means: "nothing listens at that host and port or socket, or a firewall or its rights keep it "
      + "closed",
    cure: "`pg_isready -h HOST -p PORT`; for a server that is starting: `pgmate wait`",
  },
  "connect-timeout": {
    means: "no answer within `connect_timeout` (15 s where the URL says nothing)",
    cure: "look for a firewall in between; `?connect_timeout=60` in the URL waits longer",
  },
  "connect-host-unknown": {
    means: "the host's name has no address, or the name server does not answer",
    cure: "`getent hosts HOST`; a password that is not escaped can look like a host: see `url`",
  },
  "connect-no-tls": {
    means: "TLS is demanded and the server does not speak it, or the two cannot agree on how",
    cure: "`ssl = on` in postgresql.conf; in a network that is trusted `sslmode=prefer`",
  },
  "connect-certificate": {
    means: "the server's certificate is not trusted, has expired or is for another name; or "
      + "the client's is missing, unreadable or refused",
    cure: "the message says which: `sslrootcert=FILE`, `sslservername=NAME`, "
      + "`sslcert=FILE` and `sslkey=FILE` in the URL",
  },
  "connect-password": {
    means: "the server wants a password and none was given, or does not accept it",
    cure: "give it in the URL, `PGPASSWORD` or ~/.pgpass; escape it in the URL: see `url`",
  },
  "connect-rejected": {
    means: "the server answers and does not let this user in: no such role, no right to connect, "
      + "pg_hba.conf, or a database that takes no connections",
    cure: "the hint has the SQL: `create role …`, `grant connect on database …`; "
      + "`select * from pg_hba_file_rules`",
  },
  "connect-lost": {
    means: "the connection broke while it was made or during a run",
    state: "of a step the ledger is asked again: the `State:` line says whether it was committed",
    cure: "run the command again when the server is back",
  },
  "connect-read-only": {
    means: "the command writes, and the server is a standby or its sessions are read-only; or it "
      + "is not what `target_session_attrs` wants",
    cure: "name the primary, or all hosts; or unset `default_transaction_read_only`",
  },
  "connect-proxy": {
    means: "a connection pooler in between shares its backends, has none left, or does not pass a "
      + "setting on",
    cure: "connect to Postgres directly, or in session mode (PgBouncer: `pool_mode=session`)",
  },
  "connect": {
    means: "no connection for another reason: no route, no connection left on the server, it is "
      + "starting, it is no Postgres, or several hosts failed in different ways",
    cure: "the message says which; `pgmate wait` for a server that is starting",
  },
  "database-missing": {
    means: "the database, or the folder of `pglite:DIR`, does not exist",
    cure: "`pgmate create` or `pgmate up`; or correct the name at the end of the URL",
  },
  "database-exists": {
    means: "`create` for a database that is there",
    cure: "nothing needs to be done; to begin anew `pgmate drop`, then `pgmate create`",
  },
  "database-in-use": {
    means: "`drop` while others are connected to the database",
    cure: "`pgmate drop --force` ends their sessions",
  },
  "database-not-empty": {
    means: "`load` into a database that holds something",
    cure: "`pgmate drop` and `pgmate create`; `pgmate load --force` loads on top of it",
  },
  "directory-missing": {
    means: "the folder of migrations, or of `--queries`, does not exist or is a file",
    cure: "`pgmate new NAME` makes it; `--migrations-dir DIR` names another",
  },
  "directory-empty": {
    means: "no file in the folder is a migration by its name, so there is nothing to run",
    cure: "`pgmate new NAME`; or name the folder with `--migrations-dir DIR`",
  },
  "file-unreadable": {
    means: "a migration, schema file, certificate or plan cannot be read, is not there, or is not "
      + "what it should be",
    state: `nothing was changed; where a file went away during a run, ${saidByState}`,
    cure: "`ls -l FILE`; make a plan anew with `pgmate plan --format json -o FILE`",
  },
  "file-exists": {
    means: "`new` would write over a file",
    cure: "choose another name",
  },
  "file-unwritable": {
    means: "the schema file, a report of `--output` or a new migration cannot be written",
    state: `what a run did before stays; of the file ${saidByState}`,
    cure: "`ls -ld FOLDER`; name another with `--schema-file` or `--output`, or write none: "
      + "`--no-dump-schema`",
  },
  "file-changed": {
    means: "a migration was written to while the run was reading it",
    state: saidByState,
    cure: "run again when nothing writes to it",
  },
  "migration-name": {
    means: "`new` was given a name that can be no file's: empty, too long, or with a slash",
    cure: "`pgmate new create_users`; the folder is chosen with `--migrations-dir`",
  },
  "migration-format": {
    means: "the markers of a file are wrong: one is missing, SQL stands on its line, or an "
      + "option's value is none",
    cure: "correct the line that is named; `pgmate lint` looks at all files",
  },
  "migration-encoding": {
    means: "a file is not UTF-8, holds a NUL byte, or is pg_dump's custom format",
    cure: "`iconv -f latin1 -t utf-8`; of an archive `pg_restore --file=schema.sql FILE`",
  },
  "migration-statement": {
    means: "a statement could only go wrong: transaction control, one that must not run in a "
      + "transaction, a psql command, a quote that never ends, more than 1000 MiB",
    cure: "the hint says what to write; most often `transaction:false` behind the marker",
  },
  "version-duplicate": {
    means: "two files have one version, and one of them would run",
    cure: "rename one; `pgmate new NAME` makes a version of its own",
  },
  "version-unknown": {
    means: "no file has the version that `--to`, `goto` or `force` names",
    cure: "`pgmate status` lists them; leading zeros count",
  },
  "version-order": {
    means: "with `--strict`, a pending file comes before one that is applied",
    cure: "give the file a newer version, or leave `--strict` out",
  },
  "golang-migrate-files": {
    means: "the folder holds golang-migrate's pairs `1_x.up.sql` and `1_x.down.sql`",
    cure: "make one file of each pair: the README's \"Coming from golang-migrate\" has a script",
  },
  "ledger-foreign": {
    means: "what has the ledger's name is another tool's table, or no table",
    cure: "`--migrations-table NAME`, best in pgmate.toml",
  },
  "ledger-row": {
    means: "a row of the ledger is no version and no file's name, so nobody can say what it is",
    cure: "update it to the digits of its file, or delete it",
  },
  "ledger-denied": {
    means: "the role may not read or make the ledger or the journal; or a trigger, rule or policy "
      + "undoes what is written there; or a publication is in the way",
    state: `nothing was changed; in the midst of a run ${saidByState}`,
    cure: "the hint has the SQL: `grant select on schema_migrations to ROLE`; or let a role that "
      + "may create tables run once",
  },
  "missing-file": {
    means: "the migration that would be rolled back next is applied, and its file is not here",
    cure: "bring the file back: `git log --all -- '*VERSION*'`",
  },
  "nothing-applied": {
    means: "`rollback` or `redo` of more than is applied, or to a version that is not",
    cure: "`pgmate status`; `pgmate rollback --all` undoes all there is",
  },
  "plan-stale": {
    means: "`up --plan`: a file or the database's history has changed since the plan was made, or "
      + "a file came in between",
    cure: "look again: `pgmate plan --format json -o FILE`",
  },
  "dirty": {
    means: "a migration is half run, and what was asked for does not finish it",
    state: "nothing was changed by this run; the statements that ran before stay",
    cure: "`pgmate status` tells where it stopped; `pgmate up`, or `pgmate rollback` for a down, "
      + "goes on; `pgmate force --only VERSION --applied` or `--pending` says what is true",
  },
  "journal": {
    means: "a half-run file cannot be gone on with: a statement that had run was changed or is "
      + "gone, or an earlier one had made what only its session had",
    state: "nothing was changed by this run; the statements that ran before stay",
    cure: "put the file back as it was; else finish by hand and "
      + "`pgmate force --only VERSION --applied`",
  },
  "invalid-index": {
    means: "an invalid index, or a half-detached partition, that this run did not leave stands in "
      + "the way",
    state: `it stays; of the file ${saidByState}`,
    cure: "the hint has the SQL: `drop index concurrently …` or `reindex index concurrently …`, "
      + "`alter table … detach partition … finalize`",
  },
  "lock-timeout": {
    means: "another run, or another command on a `pglite:` folder, did not end within "
      + "`--lock-wait`; or the ledger's table is locked. (A migration that cannot have a lock is "
      + "`server`, SQLSTATE 55P03.)",
    state: `nothing was changed; in the midst of a run ${saidByState}`,
    cure: "run again when the one that is named is done; or wait longer, `--lock-wait 30m`, for a "
      + "table `--lock-retries 100`",
  },
  "lock-lost": {
    means: "the run lock is gone during a run: a file let all advisory locks go, or a pooler in "
      + "between gave the session to others",
    state: `the step was not begun, or was rolled back; ${saidByState}`,
    cure: "`pgmate status`, then run again; behind a pooler connect directly",
  },
  "server": {
    means: "Postgres refused a statement: its message, SQLSTATE and the place are shown",
    state: `of a file in one transaction nothing is kept; else ${saidByState}`,
    cure: "the `Next:` line says what; most often correct the file, and run the command again",
  },
  "unknown-outcome": {
    means: "whether something was committed cannot be known: the server did not come back to be "
      + "asked, or a `CALL` or `DO` commits by itself",
    state: "not known; the `State:` line says of what",
    cure: "when the server is back `pgmate status`, then `pgmate up`; where it asks, `--resume "
      + "repeat` or `--resume skip`",
  },
  "embedded": {
    means: "the Postgres inside pgmate ended, or cannot do what is asked: it has one connection, "
      + "is version 18, and `pglite:` is gone with the command",
    state: `nothing was changed; in the midst of a run ${saidByState}`,
    cure: "name a folder (`--url pglite:DIR`) or a server; for a rehearsal "
      + "`--scratch postgres://…`",
  },
  "embedded-folder": {
    means: "the folder of `pglite:DIR` holds something else, another major version or too much, "
      + "cannot be used, or was not made by pgmate (`drop`)",
    cure: "name an empty folder, or one that does not exist yet",
  },
  "dump": {
    means: "the schema could not be dumped: rights, locks, an option that pg_dump does not know, a "
      + "server newer than 18, a `search_path` of schemas that are not there",
    state: "the schema file is as it was; what a run did before stays",
    cure: "the hint names it; for a newer server `--pg-dump PATH`",
  },
  "tool": {
    means: "git (`lint --since`) or the program of `--pg-dump` cannot be run or failed",
    state: "nothing was changed; what a run did before its dump stays",
    cure: "`git fetch --unshallow` where a revision is missing; leave `--pg-dump` out",
  },
  "output": {
    means: "stdout cannot be written, as on a full disk",
    state: "what was done stays, and what was printed is not complete",
    cure: "`pgmate status`",
  },
  "internal": {
    means: "a fault in pgmate itself",
    state: "not known",
    cure: "`pgmate status`; report it with the text that is shown",
  },
  "unknown-command": {
    means: "there is no command of that name",
    cure: "`pgmate --help`",
  },
  "environment-file": {
    means: "an env file (`.env`, `--env-file`) is there and cannot be read",
    cure: "`NAME=value`, one a line; quote values that hold blanks or `#`",
  },
  "configuration": {
    means: "`pgmate.toml` cannot be read, or holds an unknown option or value",
    cure: "the message names it; options stand there by their long names: "
      + "`migrations-dir = [\"db/migrations\"]`",
  },
  "interrupted": {
    means: "stopped by Ctrl-C (SIGINT)",
    state: saidByState,
    cure: "run the command again, or look with `pgmate status`",
  },
  "terminated": {
    means: "stopped by SIGTERM",
    state: saidByState,
    cure: "run the command again, or look with `pgmate status`",
  },
  "hangup": {
    means: "stopped by SIGHUP: the terminal was closed",
    state: saidByState,
    cure: "run the command again, or look with `pgmate status`; `nohup` keeps it running",
  },
  "output-closed": {
    means: "stopped because nobody reads stdout any more, as behind `| head`",
    state: saidByState,
    cure: "run the command again, or look with `pgmate status`",
  },
};
