/** Prints what the engine tells and what a command returned. */

import { printable } from "../core/position.ts";
import { redactSecrets } from "../core/redact.ts";
import type {
  Emit, Event, ManualOutcome, Outcome, ReviewOutcome, StepResult,
} from "../engine/events.ts";
import { PgmateError, type ServerMessage, unreachable } from "../errors.ts";
import { errorLines } from "./error-text.ts";
import { eventLines } from "./event-text.ts";
import { forcedLine, forcingLines } from "./force-text.ts";
import {
  errorDocument, forcedDocument, jsonText, ranDocument, scriptDocument, versionDocument,
} from "./json-text.ts";
import { withTargetOptions } from "./named-commands.ts";
import { differenceText, statusText, type StatusForm, versionText } from "./outcome-text.ts";
import type { Output } from "./output.ts";
import { liveText } from "./progress-text.ts";

export interface ReportStyle {
  readonly detail: "verbose" | "normal";
  readonly status: StatusForm;
  /** With `json` stdout is one document, and what else would be there goes to stderr. */
  readonly format: "text" | "json";
  /** What commands that are named must say to be about the same database; may be empty. */
  readonly targetOptions: string;
}

/** How often a long step gets a line where there is no terminal. */
const stillEveryMs = 30_000;

/**
 * Prints each event as it comes; of a step's progress what the stream has room for. Steps that
 * were done are added to `done`, for an error that comes after them.
 */
export function eventPrinter(output: Output, style: ReportStyle, done: StepResult[]): Emit {
  let stillAtMs = stillEveryMs;
  return (event: Event) => {
    if (event.kind === "secret") return output.hide(event.text);
    if (event.kind === "applied" || event.kind === "rolled-back") {
      const direction = event.kind === "applied" ? "up" : "down";
      done.push({ direction, file: event.file, ms: event.ms });
    }
    if (event.kind === "applying" || event.kind === "rolling-back") stillAtMs = stillEveryMs;
    if (event.kind === "step-progress") {
      if (output.live !== undefined) {
        return output.live.show(output.blanked(printable(redactSecrets(liveText(event)))));
      }
      if (event.elapsedMs < stillAtMs) return;
      stillAtMs = (Math.floor(event.elapsedMs / stillEveryMs) + 1) * stillEveryMs;
    }
    for (const { stream, text } of eventLines(event, style.detail)) {
      const whole = event.kind === "warning" ? withTargetOptions(text, style.targetOptions) : text;
      output[style.format === "json" ? "err" : stream](whole);
    }
  };
}

/**
 * Prints the payload of an outcome; most have none, their events have told it all. A review and the
 * manual have writers of their own, which other commands need not load.
 */
export function printOutcome(
  output: Output,
  outcome: Exclude<Outcome, ManualOutcome | ReviewOutcome>,
  style: ReportStyle,
): void {
  const isJson = style.format === "json";
  switch (outcome.kind) {
    case "done":
      return;
    case "ran":
      if (isJson) output.out(jsonText(ranDocument(outcome)));
      return;
    case "script":
      if (isJson) return output.out(jsonText(scriptDocument(outcome)));
      for (const part of outcome.parts) output.out(part);
      return;
    case "schema":
      return output.out(outcome.text);
    case "difference":
      output.out(outcome.diff);
      if (outcome.answer === "no") output.err(differenceText(outcome));
      return;
    case "status":
      return printStatus(output, outcome, style);
    case "version":
      return output.out(isJson ? jsonText(versionDocument(outcome)) : versionText(outcome));
    case "forced":
      if (isJson) return output.out(jsonText(forcedDocument(outcome)));
      return printForced(output, outcome);
    default:
      return unreachable(outcome);
  }
}

function printStatus(
  output: Output,
  outcome: Extract<Outcome, { kind: "status" }>,
  { status, targetOptions }: ReportStyle,
): void {
  const text = statusText(outcome, status);
  output.out(status === "json" ? text : withTargetOptions(text, targetOptions));
}

/** Of a dry run the lines are the payload; else they were told before it was done. */
function printForced(output: Output, outcome: Extract<Outcome, { kind: "forced" }>): void {
  if (outcome.did === "looked") {
    for (const line of forcingLines(outcome.entries)) output.out(`${printable(line)}\n`);
  } else {
    output.out(`${printable(forcedLine(outcome))}\n`);
  }
}

export interface ErrorStyle extends Pick<ReportStyle, "targetOptions"> {
  /** Those that were done before it, for a document; undefined where none is wanted. */
  readonly steps: readonly StepResult[] | undefined;
}

export function printError(
  output: Output,
  error: PgmateError,
  { steps, targetOptions }: ErrorStyle,
): void {
  const { hint, state } = error;
  const whole = error.with({
    ...(hint === undefined ? {} : { hint: withTargetOptions(hint, targetOptions) }),
    ...(state === undefined ? {} : { state: withTargetOptions(state, targetOptions) }),
  });
  // Before a line is cut to its width, which would leave a part of what is to be blanked.
  const shown = blankedError(whole, output);
  if (steps !== undefined) output.out(jsonText(errorDocument(shown, steps)));
  for (const line of errorLines(shown, output.errStyle)) output.err(`${line}\n`);
}

function blankedError(error: PgmateError, { blanked }: Output): PgmateError {
  const { code, message, hint, at, server, state } = error;
  return new PgmateError(code, blanked(message), {
    ...(hint === undefined ? {} : { hint: blanked(hint) }),
    ...(at === undefined ? {} : { at: { ...at, text: blanked(at.text) } }),
    ...(server === undefined ? {} : { server: blankedMessage(server, blanked) }),
    ...(state === undefined ? {} : { state: blanked(state) }),
  });
}

function blankedMessage(server: ServerMessage, blanked: Output["blanked"]): ServerMessage {
  const { message, detail, hint, where, internalQuery } = server;
  return {
    ...server,
    message: blanked(message),
    ...(detail === undefined ? {} : { detail: blanked(detail) }),
    ...(hint === undefined ? {} : { hint: blanked(hint) }),
    ...(where === undefined ? {} : { where: blanked(where) }),
    ...(internalQuery === undefined ? {} : { internalQuery: blanked(internalQuery) }),
  };
}
