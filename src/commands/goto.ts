/** `goto`: up or down, so that exactly the files up to a version are applied. */

import type { Command } from "./command.ts";

export const goto: Command = {
  name: "goto",
  aliases: [],
  summary: "go up or down until exactly the files up to VERSION are applied",
  argument: "VERSION",
  options: ["dry-run", "json", "verbose"],
  run: async (context, version) => {
    const { migrate } = await import("../engine/migrate.ts");
    return migrate(context, {
      request: { kind: "goto", version },
      missingDatabase: "refuse",
    });
  },
};
