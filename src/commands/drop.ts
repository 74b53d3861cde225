/** `drop`: drops the database if it exists. */

import type { Command } from "./command.ts";

export const drop: Command = {
  name: "drop",
  aliases: [],
  summary: "drop the database if it exists",
  argument: undefined,
  options: ["force"],
  run: async (context) => (await import("../engine/database.ts")).drop(context),
};
