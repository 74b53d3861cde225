/** `redo`: undoes what was applied last and applies it again. */

import type { Command } from "./command.ts";

export const redo: Command = {
  name: "redo",
  aliases: [],
  summary: "undo the migration that was applied last and apply it again",
  argument: undefined,
  strayHint: (argument) => `to redo several: pgmate redo --steps ${argument}`,
  options: ["steps", "dry-run", "json", "verbose"],
  run: async (context) => {
    const { migrate } = await import("../engine/migrate.ts");
    return migrate(context, {
      request: { kind: "redo", steps: context.config.steps ?? 1 },
      missingDatabase: "refuse",
    });
  },
};
