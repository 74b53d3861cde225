/** Makes a new migration file. */

import { join } from "node:path";
import { newMigrationFileName, newMigrationText } from "../core/template.ts";
import { sequentialVersion, timestampVersion } from "../core/version-id.ts";
import { findMigrations } from "../disk/migration-files.ts";
import { createFile } from "../disk/project-files.ts";
import { PgmateError } from "../errors.ts";
import type { Context } from "./context.ts";
import type { Outcome } from "./events.ts";

/** In the first migrations folder, which is made if it lacks. Throws `file-exists`. */
export async function newMigration(context: Context, name: string): Promise<Outcome> {
  const folder = context.config.migrationsDirs[0] ?? "";
  const version = context.config.sequential
    ? sequentialVersion(versionsIn(context))
    : timestampVersion(context.clock.date());
  const path = join(folder === "" ? "." : folder, newMigrationFileName(version, name));
  context.emit({ kind: "creating-migration", path });
  createFile(path, newMigrationText);
  return { kind: "done" };
}

/** A folder that is not there holds no versions yet. */
function versionsIn(context: Context): readonly string[] {
  return context.config.migrationsDirs.flatMap((folder) => {
    try {
      return findMigrations([folder]).files.map((file) => file.version);
    } catch (error) {
      if (error instanceof PgmateError && error.code === "directory-missing") return [];
      throw error;
    }
  });
}
