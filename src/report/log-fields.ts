/** The fields of each event in a log, beside its time, level, name and message. */

import type { Blocker } from "../core/blocker.ts";
import { quoteTable } from "../core/identifier.ts";
import type { Direction, MigrationFile } from "../core/migration.ts";
import type { Event, ForcedEntry, Outcome } from "../engine/events.ts";
import type { PgmateError, Place, ServerMessage } from "../errors.ts";
import { unreachable } from "../errors.ts";
import { statusCounts, stepCounts } from "./done-text.ts";
import type { LogField } from "./log-events.ts";
import type { ProgramEvent, Told } from "./program-event.ts";

/** What is undefined is left out. */
export type LogFields = Readonly<Partial<Record<LogField, unknown>>>;

/** Of longer lists the first ones stand there, beside how many there are. */
const mostListed = 10;

export function fieldsOf(told: Exclude<Told, { kind: "secret" }>): LogFields {
  switch (told.kind) {
    case "start":
    case "stop-requested":
    case "stopping":
    case "question":
    case "review-written":
    case "schema-differs":
    case "done":
      return programFields(told);
    case "target":
      return { target: told.description, serverVersion: told.server };
    case "creating-database":
    case "dropping-database":
      return { database: told.name };
    case "creating-schema":
      return { schema: told.name };
    case "creating-migration":
    case "schema-written":
    case "schema-unchanged":
    case "reading-schema":
      return { file: told.path };
    case "schema-loaded":
      return { file: told.path, durationMs: whole(told.ms) };
    case "waiting-begins":
    case "waiting-goes-on":
      return { waitedMs: whole(told.waitedMs), code: told.code };
    case "waiting-ends":
      return { waitedMs: whole(told.waitedMs) };
    case "lock-wait":
      return { waitedMs: whole(told.waitedMs), holder: told.holder };
    case "table-wait": {
      const { table, waitedMs, blockers } = told;
      return { table: quoteTable(table), waitedMs: whole(waitedMs), ...blockerFields(blockers) };
    }
    case "run-lock-taken":
      return { waitedMs: whole(told.waitedMs) };
    case "run-lock-released":
      return {};
    case "planned":
      return plannedFields(told.steps);
    case "forcing":
      return changeFields(told.entries);
    case "server-notice":
      return { sqlstate: told.notice.code, server: serverFields(told.notice) };
    case "warning":
      return told.at === undefined ? {} : placeFields(told.at);
    default:
      return stepFields(told);
  }
}

type OfStep = Extract<Event, { readonly file: MigrationFile } | { kind: "leftover-dropped" }>;

function stepFields(told: OfStep): LogFields {
  switch (told.kind) {
    case "applying":
      return fileFields(told.file, "up");
    case "rolling-back":
      return fileFields(told.file, "down");
    case "applied":
    case "rolled-back": {
      const { kind, file, ms, rows } = told;
      const direction = kind === "applied" ? "up" : "down";
      return { ...fileFields(file, direction), durationMs: whole(ms), rows };
    }
    case "statement-begins":
    case "resuming":
      return {
        ...fileFields(told.file, told.direction), statement: told.unit, statements: told.of,
      };
    case "step-progress": {
      const { file, direction, elapsedMs, unit, work, blockers } = told;
      return {
        ...fileFields(file, direction),
        elapsedMs: whole(elapsedMs),
        statement: unit?.number,
        statements: unit?.of,
        work,
        ...blockerFields(blockers),
      };
    }
    case "lock-retry": {
      const { file, direction, cause, failed, left, pauseMs, blockers } = told;
      return {
        ...fileFields(file, direction),
        cause,
        try: failed,
        tries: failed + left,
        pauseMs: whole(pauseMs),
        ...blockerFields(blockers),
      };
    }
    case "leftover-dropped":
      return { index: told.index };
    default:
      return unreachable(told);
  }
}

function programFields(told: ProgramEvent): LogFields {
  switch (told.kind) {
    case "start":
      return { command: told.command, pgmate: told.version };
    case "stop-requested":
      return { code: told.reason };
    case "stopping":
    case "question":
      return {};
    case "review-written":
      return { file: told.path };
    case "schema-differs":
      return { file: told.difference.path };
    case "done": {
      const { command, outcome, verdict, ms, exitStatus } = told;
      return {
        command, exitStatus, durationMs: whole(ms), ...outcomeFields(outcome), verdict,
      };
    }
    default:
      return unreachable(told);
  }
}

function outcomeFields(outcome: Outcome): LogFields {
  switch (outcome.kind) {
    case "ran":
      return stepCounts(outcome.steps);
    case "script":
      return { stepCount: outcome.steps.length };
    case "status":
      return statusCounts(outcome);
    case "forced":
      return { changeCount: outcome.did === "changed" ? outcome.entries.length : 0 };
    default:
      return {};
  }
}

/** Of the program, and of what it had done before. */
export interface ErrorFacts {
  readonly command: string | undefined;
  readonly done: readonly { readonly direction: Direction }[];
  readonly ms: number;
  readonly exitStatus: number;
}

export function errorFields(error: PgmateError, facts: ErrorFacts): LogFields {
  const { code, at, server, state, hint } = error;
  const { command, exitStatus, ms, done } = facts;
  return {
    command,
    exitStatus,
    durationMs: whole(ms),
    code,
    ...(at === undefined ? {} : placeFields(at)),
    ...(server === undefined ? {} : { sqlstate: server.code, server: serverFields(server) }),
    state,
    hint,
    ...(command === undefined ? {} : stepCounts(done)),
  };
}

function placeFields({ file, line, column, text }: Place): LogFields {
  return { file, line, column, text };
}

function serverFields(message: ServerMessage): object {
  const { severity, code, message: said, detail, hint, where, internalQuery } = message;
  return {
    severity, sqlstate: code, message: said, detail, hint, context: where, query: internalQuery,
  };
}

function fileFields({ version, path }: MigrationFile, direction: Direction): LogFields {
  return { version, file: path, direction };
}

function blockerFields(blockers: readonly Blocker[]): LogFields {
  const listed = blockers.slice(0, mostListed).map(({ ageMs, ...rest }) => ({
    ...rest, ageMs: ageMs === undefined ? undefined : whole(ageMs),
  }));
  return { blockers: listed, blockerCount: blockers.length };
}

function plannedFields(steps: Extract<Told, { kind: "planned" }>["steps"]): LogFields {
  const listed = steps.slice(0, mostListed);
  return {
    steps: listed.map(({ direction, file }) => fileFields(file, direction)),
    stepCount: steps.length,
  };
}

function changeFields(entries: readonly ForcedEntry[]): LogFields {
  const listed = entries.slice(0, mostListed);
  return {
    changes: listed.map(({ version, file, from, to }) => ({ version, file: file?.path, from, to })),
    changeCount: entries.length,
  };
}

/** A field whose numbers are now whole and now not gets two types where logs are indexed. */
function whole(ms: number): number {
  return Math.round(ms);
}
