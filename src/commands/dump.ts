/** `dump`: writes the schema file, or holds it against the database. */

import type { Command } from "./command.ts";

export const dumpCommand: Command = {
  name: "dump",
  aliases: [],
  summary: "write the schema file, or check that it is what the database is",
  argument: undefined,
  passesOn: "pg_dump options",
  strayHint: (argument) => `options for pg_dump follow --: pgmate dump -- ${argument}`,
  options: ["check", "stdout"],
  run: async (context, _argument, passedOn) => {
    const { dump } = await import("../engine/dump.ts");
    return dump(context, passedOn);
  },
};
