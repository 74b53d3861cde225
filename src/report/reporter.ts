/** Prints what the engine tells and what a command returned. */

import { isTold, type LogFormat, type LogLevel } from "../core/log-level.ts";
import { printable } from "../core/position.ts";
import { redactSecrets } from "../core/redact.ts";
import type { ManualOutcome, Outcome, ReviewOutcome, StepResult } from "../engine/events.ts";
import { PgmateError, type ServerMessage, unreachable } from "../errors.ts";
import { errorLines } from "./error-text.ts";
import { textLevelOf } from "./event-level.ts";
import { eventLines } from "./event-text.ts";
import { forcedLine, forcingLines } from "./force-text.ts";
import {
  errorDocument, forcedDocument, jsonText, ranDocument, scriptDocument, versionDocument,
} from "./json-text.ts";
import { withTargetOptions } from "./named-commands.ts";
import { statusText, type StatusForm, versionText } from "./outcome-text.ts";
import type { Output } from "./output.ts";
import type { Told } from "./program-event.ts";
import { progressPace, liveText } from "./progress-text.ts";

export interface ReportStyle {
  readonly detail: "verbose" | "normal";
  readonly status: StatusForm;
  /** With `json` stdout is one document, and what else would be there goes to stderr. */
  readonly format: "text" | "json";
  /** What commands that are named must say to be about the same database; may be empty. */
  readonly targetOptions: string;
  /** With `json` no line of text goes to either stream, but for what a command is for. */
  readonly logFormat: LogFormat;
  /** Of what is told on stderr. */
  readonly logLevel: LogLevel;
  /** Of what is told on stdout. */
  readonly outLevel: LogLevel;
}

/**
 * Told of each event before `print` is: steps that were done are added to `done`, for an error
 * that comes after them; secrets are hidden.
 */
export function noting(
  output: Pick<Output, "hide">,
  done: StepResult[],
  print: (told: Told) => void,
): (told: Told) => void {
  return (told) => {
    if (told.kind === "secret") return output.hide(told.text);
    if (told.kind === "applied" || told.kind === "rolled-back") {
      const direction = told.kind === "applied" ? "up" : "down";
      done.push({ direction, file: told.file, ms: told.ms });
    }
    print(told);
  };
}

/** Prints each event as it comes; of a step's progress what the stream has room for. */
export function textPrinter(output: Output, style: ReportStyle): (told: Told) => void {
  const { logLevel, outLevel, format, targetOptions } = style;
  const detail = outLevel === "debug" ? "verbose" : style.detail;
  const paceOf = progressPace();
  return (told) => {
    const level = textLevelOf(told, style.detail);
    const pace = paceOf(told);
    // An answer is waited for, whatever is told of the rest.
    const isAsked = told.kind === "question";
    if (!isAsked && !isTold(level, logLevel) && !isTold(level, outLevel)) return;
    if (told.kind === "step-progress" && output.live !== undefined) {
      if (!isTold(level, logLevel)) return;
      return output.live.show(output.blanked(printable(redactSecrets(liveText(told)))));
    }
    if (pace === "never" || (pace === "often" && logLevel !== "debug")) return;
    for (const { stream, text } of eventLines(told, detail)) {
      const to = format === "json" ? "err" : stream;
      if (!isAsked && !isTold(level, to === "out" ? outLevel : logLevel)) continue;
      output[to](told.kind === "warning" ? withTargetOptions(text, targetOptions) : text);
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
      return output.out(outcome.diff);
    case "status":
      return printStatus(output, outcome, style);
    case "version":
      return output.out(isJson ? jsonText(versionDocument(outcome)) : versionText(outcome));
    case "forced":
      if (isJson) return output.out(jsonText(forcedDocument(outcome)));
      return printForced(output, outcome, style);
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
function printForced(
  output: Output,
  outcome: Extract<Outcome, { kind: "forced" }>,
  { logFormat }: ReportStyle,
): void {
  if (outcome.did === "looked") {
    for (const line of forcingLines(outcome.entries)) output.out(`${printable(line)}\n`);
  } else if (logFormat === "text") {
    output.out(`${printable(forcedLine(outcome))}\n`);
  }
}

/** As it may be shown: without what is hidden, and with commands that are about this database. */
export function shownError(error: unknown, output: Output, targetOptions: string): PgmateError {
  const told = error instanceof PgmateError ? error : internalError(error);
  const { hint, state } = told;
  const whole = told.with({
    ...(hint === undefined ? {} : { hint: withTargetOptions(hint, targetOptions) }),
    ...(state === undefined ? {} : { state: withTargetOptions(state, targetOptions) }),
  });
  // Before a line is cut to its width, which would leave a part of what is to be blanked.
  return blankedError(whole, output);
}

function internalError(cause: unknown): PgmateError {
  const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return new PgmateError("internal", `this is a fault in pgmate itself: ${reason}`, {
    hint: "look at the database with `pgmate status`, and report this with the text above",
    cause,
  });
}

export function printError(output: Output, shown: PgmateError): void {
  for (const line of errorLines(shown, output.errStyle)) output.err(`${line}\n`);
}

/** With the steps that were done before it. */
export function printErrorDocument(
  output: Output,
  shown: PgmateError,
  done: readonly StepResult[],
): void {
  output.out(jsonText(errorDocument(shown, done)));
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
