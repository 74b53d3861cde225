/** Prints what the engine tells and what a command returned. */

import { printable } from "../core/position.ts";
import { redactSecrets } from "../core/redact.ts";
import type { Outcome } from "../engine/events.ts";
import type { Emit, Event } from "../engine/events.ts";
import { type PgmateError, unreachable } from "../errors.ts";
import { errorLines } from "./error-text.ts";
import { eventLines } from "./event-text.ts";
import { differenceText, statusText, type StatusForm, versionText } from "./outcome-text.ts";
import type { Output } from "./output.ts";
import { liveText } from "./progress-text.ts";

export interface ReportStyle {
  readonly detail: "verbose" | "normal";
  readonly status: StatusForm;
}

/** How often a long step gets a line where there is no terminal. */
const stillEveryMs = 30_000;

/** Prints each event as it comes; of a step's progress what the stream has room for. */
export function eventPrinter(output: Output, style: ReportStyle): Emit {
  let stillAtMs = stillEveryMs;
  return (event: Event) => {
    if (event.kind === "applying" || event.kind === "rolling-back") stillAtMs = stillEveryMs;
    if (event.kind === "step-progress") {
      if (output.live !== undefined) {
        return output.live.show(printable(redactSecrets(liveText(event))));
      }
      if (event.elapsedMs < stillAtMs) return;
      stillAtMs = (Math.floor(event.elapsedMs / stillEveryMs) + 1) * stillEveryMs;
    }
    for (const { stream, text } of eventLines(event, style.detail)) {
      output[stream](text);
    }
  };
}

/** Prints the payload of an outcome; most have none, their events have told it all. */
export function printOutcome(output: Output, outcome: Outcome, style: ReportStyle): void {
  switch (outcome.kind) {
    case "done":
    case "ran":
      return;
    case "script":
      for (const part of outcome.parts) output.out(part);
      return;
    case "schema":
      return output.out(outcome.text);
    case "difference":
      output.out(outcome.diff);
      if (outcome.answer === "no") output.err(differenceText(outcome));
      return;
    case "status":
      return output.out(statusText(outcome, style.status));
    case "version":
      return output.out(versionText(outcome));
    default:
      return unreachable(outcome);
  }
}

export function printError(output: Output, error: PgmateError): void {
  for (const line of errorLines(error, output.errStyle)) output.err(`${line}\n`);
}
