/** The end of a command in one line: what it came to, and how long it took. */

import { roughDuration } from "../core/duration.ts";
import type { Outcome, StepResult } from "../engine/events.ts";
import type { ProgramEvent } from "./program-event.ts";

/** `Done: up, 3 applied in 0.2 s`, `Done: status, 2 pending in 0.1 s`. */
export function doneText(event: Extract<ProgramEvent, { kind: "done" }>): string {
  const { command, outcome, verdict, ms } = event;
  const result = verdict ?? resultText(outcome);
  const what = result === "" ? "" : `, ${result}`;
  return `Done: ${command}${what} in ${roughDuration(ms)}`;
}

/** How many of the steps went up, and how many down. */
export function stepCounts(steps: readonly Pick<StepResult, "direction">[]) {
  const applied = steps.filter(({ direction }) => direction === "up").length;
  return { applied, rolledBack: steps.length - applied };
}

/** Files that are not applied, or half. */
export function statusCounts({ entries, missing }: Extract<Outcome, { kind: "status" }>) {
  return {
    pending: entries.filter(({ row }) => row === undefined).length,
    missing: missing.filter(({ row }) => row !== undefined).length,
    dirty: [...entries, ...missing].filter(({ dirty }) => dirty !== undefined).length,
  };
}

function resultText(outcome: Outcome): string {
  switch (outcome.kind) {
    case "ran":
      return stepsText(outcome.steps) || "nothing to do";
    case "script":
      return `${outcome.steps.length} to run`;
    case "status": {
      const { pending, missing, dirty } = statusCounts(outcome);
      const others = [...(missing === 0 ? [] : [`${missing} missing`]),
        ...(dirty === 0 ? [] : [`${dirty} dirty`])];
      return [`${pending} pending`, ...others].join(", ");
    }
    case "forced":
      return outcome.did === "changed" ? `${outcome.entries.length} changed` : "nothing changed";
    case "difference":
      return outcome.answer === "yes" ? "no difference" : "they differ";
    case "done":
    case "schema":
    case "version":
    case "review":
    case "rules":
    case "rule":
    case "completions":
    case "man-page":
      return "";
  }
}

function stepsText(steps: readonly StepResult[]): string {
  const { applied, rolledBack } = stepCounts(steps);
  const parts = [
    ...(rolledBack === 0 ? [] : [`${rolledBack} rolled back`]),
    ...(applied === 0 ? [] : [`${applied} applied`]),
  ];
  return parts.join(", ");
}
