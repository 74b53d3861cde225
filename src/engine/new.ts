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
    : freeTimestamp(context.clock.date(), versionsIn(context));
  const path = join(folder === "" ? "." : folder, newMigrationFileName(version, name));
  context.emit({ kind: "creating-migration", path });
  createFile(path, newMigrationText);
  return { kind: "done" };
}

/** Two files made in one second are to have two versions. */
function freeTimestamp(now: Date, taken: readonly string[]): string {
  let at = now;
  while (taken.includes(timestampVersion(at))) at = new Date(at.getTime() + 1_000);
  return timestampVersion(at);
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
