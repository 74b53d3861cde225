/** `load`: loads the schema file into the database. */

import type { Command } from "./command.ts";

export const loadCommand: Command = {
  name: "load",
  aliases: [],
  summary: "load the schema file into an empty database",
  argument: undefined,
  strayHint: (argument) => `to load another file: pgmate load --schema-file ${argument}`,
  options: ["force"],
  run: async (context) => (await import("../engine/load.ts")).load(context),
};
