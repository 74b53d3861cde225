/** `migrate`: applies what is pending to a database that exists. */

import { upRequest } from "../engine/migrate-options.ts";
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
  options: ["to", "steps", "strict", "resume", "dry-run", "json", "verbose"],
  run: async (context) => {
    const { migrate } = await import("../engine/migrate.ts");
    return migrate(context, { request: upRequest(context), missingDatabase: "refuse" });
  },
};
