/** The one error that crosses rooms, and the table that gives each code its exit status. */

/** A position in a file, as a person sees it. */
export interface Place {
  /** The path as it was given, so that a terminal can open it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** In characters (code points, a tab is one), from 1. */
  readonly column: number;
  /** The whole line, without its line end. */
  readonly text: string;
}

/** What the server said, field by field, in the words of its protocol. */
export interface ServerMessage {
  readonly severity: string;
  /** SQLSTATE, five characters. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** CONTEXT: the stack of PL/pgSQL frames. */
  readonly where?: string;
  /** In characters, from 1, over the whole text of the message that was sent. */
  readonly position?: number;
  readonly internalPosition?: number;
  readonly internalQuery?: string;
  readonly constraint?: string;
}

/** Exit status by code: 1 the answer is no, 2 could not, 3 not understood, 128 + signal. */
const exitStatusByCode = {
  "answer-no": 1,
  "usage": 2,
  "url": 2,
  "url-missing": 2,
  "url-no-database": 2,
  "connect-refused": 2,
  "connect-timeout": 2,
  "connect-host-unknown": 2,
  "connect-no-tls": 2,
  "connect-certificate": 2,
  "connect-password": 2,
  "connect-rejected": 2,
  "connect-lost": 2,
  "connect-read-only": 2,
  "connect-proxy": 2,
  "connect": 2,
  "database-missing": 2,
  "database-exists": 2,
  "database-in-use": 2,
  "database-not-empty": 2,
  "directory-missing": 2,
  "directory-empty": 2,
  "file-unreadable": 2,
  "file-exists": 2,
  "file-unwritable": 2,
  "file-changed": 2,
  "migration-name": 2,
  "migration-format": 2,
  "migration-encoding": 2,
  "migration-statement": 2,
  "version-duplicate": 2,
  "version-unknown": 2,
  "version-order": 2,
  "golang-migrate-files": 2,
  "ledger-foreign": 2,
  "ledger-row": 2,
  "ledger-denied": 2,
  "missing-file": 2,
  "nothing-applied": 2,
  "plan-stale": 2,
  "dirty": 2,
  "journal": 2,
  "invalid-index": 2,
  "lock-timeout": 2,
  "lock-lost": 2,
  "server": 2,
  "unknown-outcome": 2,
  "embedded": 2,
  "embedded-folder": 2,
  "dump": 2,
  "tool": 2,
  "output": 2,
  "internal": 2,
  "unknown-command": 3,
  "environment-file": 3,
  "configuration": 3,
  "interrupted": 130,
  "terminated": 143,
  "hangup": 129,
  "output-closed": 141,
} as const;

type ExitStatus = 0 | (typeof exitStatusByCode)[ErrorCode];

/** What each exit status says; what is typed stands in backticks. */
export const exitMeanings: Readonly<Record<ExitStatus, string>> = {
  0: "done",
  1: "the answer is no: migrations are pending or dirty (`status --exit-code`), the schema file is "
    + "not what the database is (`dump --check`), a verdict or finding is that of `--fail-on` or "
    + "worse (`plan`, `lint`), a rehearsal fails, or a person said no (`force`)",
  2: "could not: the message says why; bad options included",
  3: "unknown command, unreadable env file (one that is not there is none) or `pgmate.toml`",
  129: "stopped by SIGHUP",
  130: "stopped by SIGINT, which is Ctrl-C",
  141: "stopped because nobody reads stdout any more",
  143: "stopped by SIGTERM",
};

export type ErrorCode = keyof typeof exitStatusByCode;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(exitStatusByCode, text);
}

export interface ErrorDetails {
  /** What to do next, as a command where possible. */
  readonly hint?: string;
  readonly at?: Place;
  /** What the server said, when it was the server that refused. */
  readonly server?: ServerMessage;
  /** What state things are in now: what was done, what was not. */
  readonly state?: string;
  readonly cause?: unknown;
}

/** Every failure a person can meet. Lower case, no full stop; never holds a secret. */
export class PgmateError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly at: Place | undefined;
  readonly server: ServerMessage | undefined;
  readonly state: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "PgmateError";
    this.code = code;
    this.hint = details.hint;
    this.at = details.at;
    this.server = details.server;
    this.state = details.state;
  }

  /** The same error with what is known one room further out. */
  with(details: ErrorDetails): PgmateError {
    return new PgmateError(this.code, this.message, {
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.at === undefined ? {} : { at: this.at }),
      ...(this.server === undefined ? {} : { server: this.server }),
      ...(this.state === undefined ? {} : { state: this.state }),
      cause: this.cause,
      ...details,
    });
  }
}

/** The exit status that stands for an error code. */
export function exitStatus(code: ErrorCode): number {
  return exitStatusByCode[code];
}

/** For branches that the types rule out. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
