/** `plan`: what a run would do, what it locks and what it breaks, before it happens. */

import type { Command } from "./command.ts";

export const planCommand: Command = {
  name: "plan",
  aliases: [],
  summary: "show what would run, what it locks and breaks; write nothing",
  argument: undefined,
  strayHint: () => "to look at files: pgmate lint FILE; to stop at a version: plan --to VERSION",
  options: [
    "to", "steps", "all", "strict", "rollback", "format", "output", "fail-on", "allow", "rehearse",
    "scratch", "queries", "json",
  ],
  run: async (context) => (await import("../engine/plan.ts")).planReview(context),
};
