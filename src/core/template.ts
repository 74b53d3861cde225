/** The name and text of a new migration. */

import { PgmateError } from "../errors.ts";

/** What dbmate writes into a new file, to the byte. */
export const newMigrationText = "-- migrate:up\n\n\n-- migrate:down\n\n";

/**
 * The file name for a new migration. Names that would leave the folder or hide the file from
 * the next run are refused: dbmate's `new ../../x` made a file that no command ever found.
 */
export function newMigrationFileName(version: string, name: string): string {
  if (name.trim() === "") {
    throw new PgmateError("migration-name", "please specify a name for the new migration", {
      hint: "pgmate new create_users",
    });
  }
  if (/[/\\\0-\x1f]/.test(name)) {
    throw new PgmateError(
      "migration-name",
      `a migration's name cannot hold a slash or a control character: ${JSON.stringify(name)}`,
      { hint: "choose the folder with --migrations-dir" },
    );
  }
  const fileName = `${version}_${name.replace(/\.sql$/, "")}.sql`;
  if (Buffer.byteLength(fileName) > 255) {
    throw new PgmateError("migration-name", "the name is too long for a file name (255 bytes)", {
      hint: "give it a shorter name and put the story into a comment inside",
    });
  }
  return fileName;
}
