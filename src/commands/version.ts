/** `version`: the newest applied version, in golang-migrate's two lines. */

import type { Command } from "./command.ts";

export const version: Command = {
  name: "version",
  aliases: [],
  summary: "print the newest applied version, or the dirty one, and say which",
  argument: undefined,
  options: ["json"],
  run: async (context) => (await import("../engine/status.ts")).version(context),
};
