/** `wait`: waits for the server. */

import type { Command } from "./command.ts";

export const wait: Command = {
  name: "wait",
  aliases: [],
  summary: "wait until the server answers",
  argument: undefined,
  options: [],
  run: async (context) => (await import("../engine/database.ts")).wait(context),
};
