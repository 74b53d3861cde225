/** The events of a log by their names, which are stable: the README's tables come from here. */

import type { LogLevel } from "../core/log-level.ts";
import { usualLevels } from "./event-level.ts";
import type { Told } from "./program-event.ts";

/** Each has one meaning and one type in all events, so that logs can be indexed. */
export const logFields = {
  command: ["string", "the command, as `up`"],
  pgmate: ["string", "pgmate's version"],
  exitStatus: ["number", "of the program"],
  durationMs: ["number", "how long it took; of `done` and `error`: since the program began"],
  target: ["string", "user, host, port and database, or the embedded one's folder"],
  serverVersion: ["string", "as `PostgreSQL 17.2`"],
  database: ["string", "its name, or the embedded one's folder"],
  schema: ["string", "its name"],
  version: ["string", "the migration's"],
  file: ["string", "a path, as it can be opened"],
  direction: ["string", "`up` or `down`"],
  line: ["number", "in `file`, from 1"],
  column: ["number", "in characters, from 1"],
  text: ["string", "that line of the file"],
  rows: ["number", "of the last statement"],
  statement: ["number", "under transaction:false: which one, from 1"],
  statements: ["number", "how many there are"],
  elapsedMs: ["number", "how long the step has been running"],
  work: ["object", "what the server says it is at: `what`, `done`, `total`, `unit`"],
  waitedMs: ["number", "so far, or in all"],
  holder: ["string", "who has the run lock; absent where the role may not see it"],
  table: ["string", "as SQL writes it"],
  cause: ["string", "`lock-timeout`, `deadlock` or `statement-timeout`"],
  try: ["number", "which try it was, from 1"],
  tries: ["number", "how many there are to be at most"],
  pauseMs: ["number", "until the next try"],
  blockers: [
    "array",
    "who is in the way, ten at most: `pid`, `user`, `application`, `address`, `state`, `ageMs`, " +
      "`query`, `prepared`, `seen`",
  ],
  blockerCount: ["number", "how many there are in all"],
  index: ["string", "as SQL writes it"],
  steps: ["array", "ten at most: `version`, `file`, `direction`"],
  stepCount: ["number", "how many there are in all"],
  changes: ["array", "ten at most: `version`, `file`, `from`, `to`"],
  changeCount: ["number", "how many there are in all"],
  code: ["string", "of the error: one word that stays, as `lock-timeout`"],
  sqlstate: ["string", "the server's code, as `42P01`"],
  server: [
    "object",
    "what it said: `severity`, `sqlstate`, `message`, `detail`, `hint`, `context`, `query`",
  ],
  state: ["string", "what was kept and what was not"],
  hint: ["string", "what to do next"],
  applied: ["number", "files, in this run"],
  rolledBack: ["number", "files, in this run"],
  pending: ["number", "files"],
  missing: ["number", "applied versions without a file"],
  dirty: ["number", "files that are half applied or half rolled back"],
  verdict: ["string", "`safe`, `risky`, `breaking` or `error`"],
} as const satisfies Readonly<Record<string, readonly [LogFieldType, string]>>;

export type LogFieldType = "string" | "number" | "object" | "array";
export type LogField = keyof typeof logFields;

export interface LogEvent {
  readonly name: string;
  /** The usual one first. */
  readonly levels: readonly LogLevel[];
  readonly fields: readonly LogField[];
  readonly about: string;
}

type Kind = Exclude<Told["kind"], "secret"> | "error";

const step = ["version", "file", "direction"] as const satisfies readonly LogField[];
const statement = [...step, "statement", "statements"] as const;
const blockers = ["blockers", "blockerCount"] as const satisfies readonly LogField[];
const place = ["file", "line", "column", "text"] as const satisfies readonly LogField[];

type Row = readonly [name: string, fields: readonly LogField[], about: string];

/** By the kind that the code calls them. In the order in which a run has them. */
const rows = {
  "start": ["start", ["command", "pgmate"], "a command begins"],
  "waiting-begins": ["server-wait-begin", ["code", "waitedMs"],
    "`--wait`: the server does not let us in yet; the message says why"],
  "waiting-goes-on": ["server-wait", ["code", "waitedMs"], "one more try has failed"],
  "waiting-ends": ["server-wait-end", ["waitedMs"], "it answers, or the time is up"],
  "target": ["target", ["target", "serverVersion"], "where the command works"],
  "creating-database": ["creating-database", ["database"], "a database is made"],
  "dropping-database": ["dropping-database", ["database"], "a database is dropped"],
  "creating-schema": ["creating-schema", ["schema"], "the ledger's schema is made"],
  "lock-wait": ["lock-wait", ["holder", "waitedMs"],
    "another run is under way: at once, then every ten seconds"],
  "run-lock-taken": ["run-lock-taken", ["waitedMs"], "this run is the only one"],
  "table-wait": ["table-wait", ["table", "waitedMs", ...blockers],
    "somebody has locked a table that pgmate reads"],
  "planned": ["planned", ["steps", "stepCount"], "what is going to run"],
  "applying": ["applying", step, "a file begins"],
  "rolling-back": ["rolling-back", step, "a down section begins"],
  "resuming": ["resuming", statement, "it goes on where it had stopped"],
  "leftover-dropped": ["leftover-dropped", ["index"],
    "an invalid index that the try before had left was dropped"],
  "statement-begins": ["statement", statement, "under transaction:false a statement begins"],
  "step-progress": ["step-progress", [...statement, "elapsedMs", "work", ...blockers],
    "a file takes long: every 30 seconds; at level debug every second"],
  "lock-retry": ["lock-retry", [...step, "cause", "try", "tries", "pauseMs", ...blockers],
    "a try that met a lock was rolled back; it is made again"],
  "server-notice": ["notice", ["sqlstate", "server"],
    "what the server notices, as by RAISE; its WARNING is a warn, its DEBUG a debug"],
  "applied": ["applied", [...step, "durationMs", "rows"], "a file is applied and committed"],
  "rolled-back": ["rolled-back", [...step, "durationMs", "rows"],
    "a file is undone and committed"],
  "forcing": ["forcing", ["changes", "changeCount"], "`force`: what is about to change"],
  "question": ["question", [], "`force` asks on a terminal"],
  "schema-written": ["schema-written", ["file"], "the schema file was written"],
  "schema-unchanged": ["schema-unchanged", ["file"], "the schema file stays as it is"],
  "schema-differs": ["schema-differs", ["file"], "`dump --check`: the answer is no"],
  "run-lock-released": ["run-lock-released", [], "other runs may go on"],
  "reading-schema": ["reading-schema", ["file"], "`load` begins"],
  "schema-loaded": ["schema-loaded", ["file", "durationMs"], "`load` is done"],
  "creating-migration": ["creating-migration", ["file"], "`new` makes a file"],
  "review-written": ["review-written", ["file"], "`plan -o`, `lint -o`: where it stands"],
  "warning": ["warning", place, "something that does not stop the run"],
  "stop-requested": ["stop-requested", ["code"],
    "a signal came, or nobody reads stdout any more"],
  "stopping": ["stopping", [], "the server takes longer than two seconds to stop"],
  "done": ["done",
    ["command", "exitStatus", "durationMs", "applied", "rolledBack", "stepCount", "changeCount",
      "pending", "missing", "dirty", "verdict"],
    "the command has ended, and this is the last line"],
  "error": ["error",
    ["command", "exitStatus", "durationMs", "code", ...place, "sqlstate", "server", "state", "hint",
      "applied", "rolledBack"],
    "the command has failed, or was stopped, and this is the last line"],
} as const satisfies Readonly<Record<Kind, Row>>;

const otherLevels: Readonly<Partial<Record<Kind, readonly LogLevel[]>>> = {
  "server-notice": ["warn", "debug"],
  "schema-unchanged": ["debug"],
  "step-progress": ["debug"],
};

/** In their order. */
export const logEvents: readonly LogEvent[] = kinds().map((kind) => {
  const [name, fields, about] = rows[kind];
  const usual = kind === "error" ? "error" : usualLevels[kind];
  return { name, fields, about, levels: [usual, ...(otherLevels[kind] ?? [])] };
});

export function eventName(kind: Kind): string {
  return rows[kind][0];
}

function kinds(): readonly Kind[] {
  return Object.keys(rows).filter((key): key is Kind => Object.hasOwn(rows, key));
}
