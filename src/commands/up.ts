/** `up`: makes the database where it lacks, then applies what is pending. */

import { upRequest } from "../engine/migrate-options.ts";
import type { Command } from "./command.ts";

export const up: Command = {
  name: "up",
  aliases: [],
  summary: "create the database if needed, then apply pending migrations",
  argument: undefined,
  strayHint: (argument) => {
    const version = /^\d/.test(argument) ? argument : "VERSION";
    return `to stop at a version: pgmate up --to ${version}`;
  },
  options: ["to", "steps", "strict", "plan", "resume", "dry-run", "json", "verbose"],
  run: async (context) => {
    const { migrate } = await import("../engine/migrate.ts");
    if (context.config.planFile === "") {
      return migrate(context, { request: upRequest(context), missingDatabase: "create" });
    }
    const { approvedOptions } = await import("../engine/approved-plan.ts");
    return migrate(context, approvedOptions(context));
  },
};
