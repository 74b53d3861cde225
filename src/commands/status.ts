/** `status`: what is applied and what is pending. */

import type { Command } from "./command.ts";

export const status: Command = {
  name: "status",
  aliases: [],
  summary: "list applied and pending migrations",
  argument: undefined,
  options: ["exit-code", "quiet", "long", "json"],
  run: async (context) => (await import("../engine/status.ts")).status(context),
};
