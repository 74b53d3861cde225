/** `force`: says what is applied and what is pending, and clears what is half run. */

import type { Command } from "./command.ts";

export const forceCommand: Command = {
  name: "force",
  aliases: [],
  summary: "run nothing: say that exactly the files up to VERSION are applied, none half run",
  argument: "VERSION",
  options: ["only", "applied", "pending", "yes", "dry-run", "json", "verbose"],
  run: async (context, version) => (await import("../engine/force.ts")).force(context, version),
};
