/** Small files of a project: new migrations, env files, settings, certificates. */

import { closeSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PgmateError } from "../errors.ts";
import { errorCode } from "./migration-files.ts";

/** Makes the folder where it lacks; never writes over a file. Throws `file-exists`. */
export function createFile(path: string, text: string): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw unwritable(`${folder} cannot be made`, cause);
  }
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o644 });
  } catch (cause) {
    if (errorCode(cause) !== "EEXIST") throw unwritable(`${path} cannot be written`, cause);
    throw new PgmateError("file-exists", `${path} exists already`, {
      hint: "choose another name",
      state: "nothing was written",
      cause,
    });
  }
}

function unwritable(what: string, cause: unknown): PgmateError {
  const reason = errorCode(cause) ?? String(cause);
  // A file stands where the path has a folder.
  const isFile = reason === "EEXIST" || reason === "ENOTDIR";
  return new PgmateError("file-unwritable", `${what} (${reason})`, {
    hint: isFile
      ? "a file stands where the folder should; choose another: --migrations-dir"
      : "is the folder there, and may this user write to it?",
    state: "nothing was written",
    cause,
  });
}

/** Settings, certificates and passfiles are small; a device such as /dev/zero never ends. */
const longestBytes = 16 * 1024 * 1024;

/** The text of a file that may be absent; undefined then. Throws `file-unreadable`. */
export function readIfThere(path: string): string | undefined {
  try {
    return readSmall(path);
  } catch (cause) {
    if (cause instanceof PgmateError) throw cause;
    const reason = errorCode(cause);
    if (reason === "ENOENT" || reason === "ENOTDIR") return undefined;
    const why = reason === "EACCES" ? "may not be read by this user" : `cannot be read (${reason})`;
    throw new PgmateError("file-unreadable", `${path} ${why}`, {
      hint: `ls -l ${path}`,
      cause,
    });
  }
}

/** A pipe has no size, so that the end shows only when it comes. */
function readSmall(path: string): string {
  const descriptor = openSync(path, "r");
  try {
    const chunks: Uint8Array[] = [];
    for (let size = 0; size <= longestBytes; ) {
      const chunk = new Uint8Array(64 * 1024);
      const count = readSync(descriptor, chunk, 0, chunk.length, null);
      if (count === 0) return Buffer.concat(chunks).toString("utf8");
      chunks.push(chunk.subarray(0, count));
      size += count;
    }
  } finally {
    closeSync(descriptor);
  }
  throw new PgmateError("file-unreadable", `${path} is larger than 16 MiB`, {
    hint: "is it the file that was meant?",
  });
}

/** Whether only its owner may read it; on systems without such rights every file is private. */
export function isPrivate(path: string, platform: string): boolean {
  return (statSync(path).mode & 0o077) === 0 || platform === "win32";
}
