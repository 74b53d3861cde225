/** What an outcome is to the shell, and to whoever prints it. */

import type { ManualOutcome, Outcome, ReviewOutcome } from "../engine/events.ts";
import { exitStatus } from "../errors.ts";

/** A review has formats of its own. */
export function isReview(outcome: Outcome): outcome is ReviewOutcome {
  return outcome.kind === "review" || outcome.kind === "rules" || outcome.kind === "rule";
}

/** Made of what a project has no part in. */
export function isManual(outcome: Outcome): outcome is ManualOutcome {
  return outcome.kind === "completions" || outcome.kind === "man-page";
}

/** 0, or 1 where the answer is no. */
export function statusOf(outcome: Outcome): number {
  const isNo =
    outcome.kind === "status" || outcome.kind === "difference"
      ? outcome.answer === "no"
      : outcome.kind === "review"
      ? outcome.document.answer === "no"
      : outcome.kind === "forced" && outcome.did === "declined";
  return isNo ? exitStatus("answer-no") : 0;
}
