/** Each event as the line that is printed for it, on the stream where scripts look for it. */

import { printable } from "../core/position.ts";
import { redactSecrets } from "../core/redact.ts";
import { formatDuration, roughDuration } from "../core/duration.ts";
import { unreachable } from "../errors.ts";
import type { Event, ServerWait } from "../engine/events.ts";
import { doneText } from "./done-text.ts";
import { noticeLines } from "./error-text.ts";
import { forcingLines } from "./force-text.ts";
import { differenceText } from "./outcome-text.ts";
import type { ProgramEvent, Told } from "./program-event.ts";
import { retryText, stillText, tableWaitText } from "./progress-text.ts";

export interface Line {
  readonly stream: "out" | "err";
  readonly text: string;
}

const stoppingText =
  "Stopping: the server has not ended yet what it runs; two signals (Ctrl-C) within a second " +
  "leave at once";

/** Empty for what is not shown. The lines of dbmate are its own, to the letter. */
export function eventLines(event: Told, detail: "verbose" | "normal"): readonly Line[] {
  switch (event.kind) {
    case "start":
    case "stop-requested":
    case "stopping":
    case "question":
    case "review-written":
    case "schema-differs":
    case "done":
      return programLines(event);
    case "target":
      return err(`Target: ${event.description} (${event.server})`);
    case "creating-database":
      return out(`Creating: ${event.name}`);
    case "dropping-database":
      return out(`Dropping: ${event.name}`);
    case "creating-schema":
      return out(`Creating schema: ${nameAsWritten(event.name)}`);
    case "creating-migration":
      return out(`Creating migration: ${event.path}`);
    case "schema-loaded":
      return err(`Loaded: ${event.path} in ${formatDuration(event.ms)}`);
    case "schema-written":
      return out(`Writing: ${event.path}`);
    case "schema-unchanged":
      return err(`Unchanged: ${event.path}`);
    case "reading-schema":
      return out(`Reading: ${event.path}`);
    case "waiting-begins":
    case "waiting-goes-on":
    case "waiting-ends":
    case "lock-wait":
    case "run-lock-taken":
    case "run-lock-released":
    case "table-wait":
      return waitLines(event);
    case "planned":
      return err(`To run: ${event.steps.map(({ file }) => file.name).join(", ")}`);
    case "statement-begins":
      return err(`Statement ${event.unit} of ${event.of}: ${event.file.name}, ${event.command}`);
    case "applying":
      return out(`Applying: ${event.file.name}`);
    case "rolling-back":
      return out(`Rolling back: ${event.file.name}`);
    case "applied":
      return [...rows(event.rows, detail), ...done("Applied", event)];
    case "rolled-back":
      return [...rows(event.rows, detail), ...done("Rolled back", event)];
    case "secret":
      return [];
    case "step-progress":
      return err(stillText(event));
    case "lock-retry":
      return err(retryText(event));
    case "resuming":
      return err(`Resuming: ${event.file.name} ${resumedAt(event)}`);
    case "leftover-dropped":
      return err(`Dropped: the invalid index ${event.index}, left by the try before`);
    case "forcing":
      return forcingLines(event.entries).flatMap(err);
    case "server-notice":
      return noticeLines(event.notice).flatMap(err);
    case "warning":
      return err(`Warning: ${at(event)}${event.message}`);
    default:
      return unreachable(event);
  }
}

type Wait = Extract<Event, {
  kind: ServerWait["kind"] | "waiting-ends" | "lock-wait" | "table-wait" | "run-lock-taken" |
    "run-lock-released";
}>;

function waitLines(event: Wait): readonly Line[] {
  switch (event.kind) {
    case "waiting-begins":
      return [{ stream: "out", text: "Waiting for database" }];
    case "waiting-goes-on":
      return [{ stream: "out", text: "." }];
    case "waiting-ends":
      return out("");
    case "lock-wait":
      return err(
        `Waiting for another run to end: ${event.holder ?? "its session is not visible"}` +
          (event.waitedMs < 1000 ? "" : `, ${roughDuration(event.waitedMs)} so far`),
      );
    case "run-lock-taken":
      return err("Locked: no other run works on this ledger meanwhile");
    case "run-lock-released":
      return err("Unlocked");
    case "table-wait":
      return err(tableWaitText(event));
    default:
      return unreachable(event);
  }
}

function programLines(event: ProgramEvent): readonly Line[] {
  switch (event.kind) {
    case "start":
      return err(`Start: ${event.command} (pgmate ${event.version})`);
    case "stop-requested":
      return err(`Stop: ${event.reason}`);
    case "stopping":
      return err(stoppingText);
    case "question":
      // The answer is typed behind it.
      return [{ stream: "err", text: `${printable(event.text)} [y/N] ` }];
    case "review-written":
      return err(`${event.verdict}Writing: ${event.path}`);
    case "schema-differs":
      return [{ stream: "err", text: differenceText(event.difference) }];
    case "done":
      return err(doneText(event));
    default:
      return unreachable(event);
  }
}

function resumedAt({ unit, of }: Extract<Event, { kind: "resuming" }>): string {
  if (unit > of) return "where all statements ran, only its row lacks";
  return `at statement ${unit} of ${of}`;
}

function out(text: string): readonly Line[] {
  return [{ stream: "out", text: `${printable(text)}\n` }];
}

function err(text: string): readonly Line[] {
  return [{ stream: "err", text: `${printable(redactSecrets(text))}\n` }];
}

function rows(count: number | undefined, detail: "verbose" | "normal"): readonly Line[] {
  return detail === "verbose" && count !== undefined ? out(`Rows affected: ${count}`) : [];
}

function done(
  verb: string,
  event: Extract<Event, { kind: "applied" | "rolled-back" }>,
): readonly Line[] {
  return out(`${verb}: ${event.file.name} in ${formatDuration(event.ms)}`);
}

function at(event: Extract<Event, { kind: "warning" }>): string {
  return event.at === undefined ? "" : `${event.at.file}:${event.at.line}: `;
}

function nameAsWritten(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
