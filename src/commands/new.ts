/** `new`: makes a migration file. */

import type { Command } from "./command.ts";

export const newCommand: Command = {
  name: "new",
  aliases: ["n"],
  summary: "make a new migration file",
  argument: "NAME",
  strayHint: (argument) => `put a name with blanks into quotes: pgmate new "… ${argument}"`,
  options: ["sequential"],
  run: async (context, name) => {
    const { newMigration } = await import("../engine/new.ts");
    return newMigration(context, name);
  },
};
