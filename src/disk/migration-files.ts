/** Finds migration files and reads their bytes; nothing here knows what they mean. */

import {
  closeSync, fstatSync, openSync, readdirSync, readSync, realpathSync, type Stats, statSync,
} from "node:fs";
import { join, normalize, resolve } from "node:path";
import type { MigrationFile, Range } from "../core/migration.ts";
import { parseFileName } from "../core/version-id.ts";
import { PgmateError } from "../errors.ts";

export interface FoundFiles {
  readonly files: readonly MigrationFile[];
  /** Paths of .sql files that are no migrations by their names. */
  readonly ignored: readonly string[];
}

/**
 * All migrations of all folders, unordered. Folders inside are not entered; a link counts as
 * what it points to only when it is read. Throws `directory-missing`, `file-unreadable`.
 */
export function findMigrations(folders: readonly string[]): FoundFiles {
  const files: MigrationFile[] = [];
  const ignored: string[] = [];
  const seen = new Set<string>();
  for (const folder of folders) {
    const path = normalize(folder === "" ? "." : folder);
    const entries = readFolder(path);
    // The same folder given twice, however it is spelled, holds its files once.
    const real = realpathSync(path);
    if (seen.has(real)) continue;
    seen.add(real);
    // Joined once: thousands of joins take as long as reading the folder.
    const prefix = join(path, "x").slice(0, -1);
    for (const entry of entries) {
      if (entry.isDirectory()) continue;
      const parts = parseFileName(entry.name);
      const filePath = `${prefix}${entry.name}`;
      if (parts !== undefined) files.push({ ...parts, name: entry.name, path: filePath });
      else if (/^[^.].*\.sql$/is.test(entry.name)) ignored.push(filePath);
    }
  }
  return { files, ignored };
}

/** Paths of the .sql files of a folder, in order. Throws `directory-missing`, `file-unreadable`. */
export function listSqlFiles(folder: string): readonly string[] {
  try {
    const names = readEntries(folder).filter((entry) => !entry.isDirectory());
    const found = names.map(({ name }) => name).filter((name) => /^[^.].*\.sql$/is.test(name));
    return found.toSorted().map((name) => join(folder, name));
  } catch (cause) {
    if (errorCode(cause) !== "ENOENT" && errorCode(cause) !== "ENOTDIR") {
      throw unreadable(folder, cause, `chmod a+rx ${folder}`);
    }
    throw new PgmateError("directory-missing", `there is no folder \`${folder}\``, { cause });
  }
}

/** What the path is without links; the path itself where nothing lies there. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** What lies there, links followed. */
export function kindOfPath(path: string): "file" | "folder" | "nothing" {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return "nothing";
  return found.isDirectory() ? "folder" : "file";
}

function readFolder(path: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(path);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new PgmateError(
        "directory-missing",
        `could not find migrations directory \`${path}\``,
        {
          hint:
            code === "ENOTDIR"
              ? "this is a file; name the folder it lies in with --migrations-dir"
              : "pgmate new NAME makes it, or name another with --migrations-dir",
          cause,
        },
      );
    }
    throw unreadable(path, cause, `chmod a+rx ${path}`);
  }
}

function readEntries(path: string) {
  return readdirSync(path, { withFileTypes: true, encoding: "utf8" });
}

/** Larger files are not kept in memory. */
const keptBytes = 1024 * 1024;
/** So much stays in a processor's own cache while it is looked through in several ways. */
const chunkBytes = 256 * 1024;

/** A file's bytes, and what tells whether it has been changed since. */
export interface FileSnapshot {
  readonly sizeBytes: number;
  /** All chunks of the file or of a part of it; throws `file-changed`. */
  read(range?: Range): Iterable<Uint8Array>;
  /** Whether the file is still the one that was read, as far as its size and times tell. */
  isCurrent(): boolean;
}

/** Small files are kept in memory; large ones are read again and must not have changed. */
export function openMigration(path: string): FileSnapshot {
  return withFile(path, (descriptor): FileSnapshot => {
    const stamp = stampOf(descriptor, path);
    const isCurrent = (): boolean => {
      try {
        return isSame(stamp, stampFrom(statSync(path)));
      } catch {
        // What is wrong with it is said by whoever reads it again.
        return false;
      }
    };
    const sizeBytes = stamp.size;
    if (sizeBytes > keptBytes) {
      const whole = { start: 0, end: sizeBytes };
      return { sizeBytes, isCurrent, read: (range) => readChunks(path, stamp, range ?? whole) };
    }
    const bytes = readAll(descriptor, stamp.size);
    refuseChanged(path, stamp, stampOf(descriptor, path));
    return {
      sizeBytes,
      isCurrent,
      read: (range) => [range === undefined ? bytes : bytes.subarray(range.start, range.end)],
    };
  });
}

interface Stamp {
  readonly size: number;
  readonly modifiedMs: number;
  /** Unlike the other time, nobody can set it. */
  readonly changedMs: number;
  readonly inode: number;
}

function stampOf(descriptor: number, path: string): Stamp {
  const found = fstatSync(descriptor);
  if (found.isDirectory()) {
    throw new PgmateError("file-unreadable", `${path} is a folder, not a file`, {
      hint: "remove the link or give the folder another name",
    });
  }
  return stampFrom(found);
}

function stampFrom(found: Stats): Stamp {
  const { size, mtimeMs: modifiedMs, ctimeMs: changedMs, ino: inode } = found;
  return { size, modifiedMs, changedMs, inode };
}

function* readChunks(path: string, stamp: Stamp, range: Range): Generator<Uint8Array> {
  const descriptor = open(path);
  try {
    let at = range.start;
    while (at < range.end) {
      const buffer = new Uint8Array(Math.min(chunkBytes, range.end - at));
      const count = readSync(descriptor, buffer, 0, buffer.length, at);
      refuseChanged(path, stamp, stampOf(descriptor, path));
      if (count === 0) return;
      at += count;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(descriptor);
  }
}

function refuseChanged(path: string, before: Stamp, now: Stamp): void {
  if (isSame(before, now)) return;
  throw new PgmateError("file-changed", `${path} was changed while the run was using it`, {
    hint: "run again when nothing writes to it",
  });
}

function isSame(before: Stamp, now: Stamp): boolean {
  return (
    before.size === now.size &&
    before.modifiedMs === now.modifiedMs &&
    before.changedMs === now.changedMs &&
    before.inode === now.inode
  );
}

function readAll(descriptor: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  while (at < size) {
    const count = readSync(descriptor, bytes, at, size - at, at);
    if (count === 0) break;
    at += count;
  }
  return bytes.subarray(0, at);
}

function withFile<Result>(path: string, use: (descriptor: number) => Result): Result {
  const descriptor = open(path);
  try {
    return use(descriptor);
  } catch (cause) {
    if (cause instanceof PgmateError) throw cause;
    throw unreadable(path, cause);
  } finally {
    closeSync(descriptor);
  }
}

function open(path: string): number {
  try {
    // A pipe or device would hang; only what can be read as a file is opened.
    const found = statSync(path);
    if (!found.isFile() && !found.isDirectory()) {
      throw new PgmateError("file-unreadable", `${path} is not a regular file`, {
        hint: "put the SQL into a file",
      });
    }
    return openSync(path, "r");
  } catch (cause) {
    if (cause instanceof PgmateError) throw cause;
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown, cure = `chmod a+r ${path}`): PgmateError {
  const reason = errorCode(cause);
  const [message, hint] =
    reason === "EACCES"
      ? [`${path} may not be read by this user`, cure]
      : reason === "ENOENT"
        ? [`${path} does not exist`, missingHint(path)]
        : [`${path} cannot be read (${reason ?? String(cause)})`, "look at it with ls -l"];
  return new PgmateError("file-unreadable", message, { hint, cause });
}

/** Bytes that are no text come as U+FFFD, by which name there is no file. */
function missingHint(path: string): string {
  const isText = !path.includes("\ufffd");
  return isText ? "is it a link whose target is gone?" : "its name is not UTF-8: rename it";
}

/** ENOENT and the like; undefined for what is no system error. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
