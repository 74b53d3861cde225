/** Reads migration files for a review: their statements parsed, what is wrong in them kept. */

import type { MigrationFile } from "../core/migration.ts";
import { MigrationParser } from "../core/parse.ts";
import type { SourceFile } from "../core/review/source.ts";
import { faultySource, readSource, type SourceReader } from "../core/review/source-file.ts";
import { type FileSnapshot, openMigration } from "../disk/migration-files.ts";

/** One that is no migration as it stands comes with its fault. Throws `file-unreadable`. */
export function readReviewSource(
  file: MigrationFile,
  parse: SourceReader["parse"],
): SourceFile {
  const snapshot = openMigration(file.path);
  const parser = new MigrationParser(file);
  for (const chunk of snapshot.read()) parser.push(chunk);
  const result = parser.end();
  const read: SourceReader["read"] = (range) => snapshot.read(range);
  if (result.kind === "fault") return faultySource(file, result.fault, { read });
  return readSource(result.migration, { read, parse });
}

/** SHA-256 of the file's bytes, in hex. */
export function hashOfFile(snapshot: FileSnapshot): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const chunk of snapshot.read()) hash.update(chunk);
  return hash.digest("hex");
}
