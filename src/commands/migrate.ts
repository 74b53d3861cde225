/** `migrate`: applies what is pending to a database that exists. */

import type { Command } from "./command.ts";

export const migrateCommand: Command = {
  name: "migrate",
  aliases: [],
  summary: "apply pending migrations",
  argument: undefined,
  strayHint: (argument) => {
    const version = /^\d/.test(argument) ? argument : "VERSION";
    return `to stop at a version: pgmate migrate --to ${version}`;
  },
  options: ["to", "steps", "strict", "dry-run", "verbose"],
  run: async (context) => {
    const { migrate } = await import("../engine/migrate.ts");
    const { to, steps, strict } = context.config;
    const order = strict ? "strict" : "any";
    return migrate(context, {
      request: { kind: "up", to, steps, order },
      missingDatabase: "refuse",
    });
  },
};
