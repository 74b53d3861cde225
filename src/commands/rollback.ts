/** `rollback`: undoes what was applied last, or as much as is asked for. */

import { rollbackRequest } from "../engine/migrate-options.ts";
import type { Command } from "./command.ts";

export const rollback: Command = {
  name: "rollback",
  aliases: ["down"],
  summary: "undo the migration that was applied last",
  argument: undefined,
  strayHint: (argument) =>
    argument.length < 5
      ? `to undo several: pgmate rollback --steps ${argument}`
      : `to undo what is newer than a version: pgmate rollback --to ${argument}`,
  options: ["steps", "to", "all", "resume", "dry-run", "json", "verbose"],
  run: async (context) => {
    const { migrate } = await import("../engine/migrate.ts");
    return migrate(context, { request: rollbackRequest(context), missingDatabase: "refuse" });
  },
};
