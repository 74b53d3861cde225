/** `create`: makes the database. */

import type { Command } from "./command.ts";

export const create: Command = {
  name: "create",
  aliases: [],
  summary: "create the database",
  argument: undefined,
  options: [],
  run: async (context) => (await import("../engine/database.ts")).create(context),
};
