/** Small files of a project: new migrations, env files, settings, certificates. */

import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
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

/** The text of a file that may be absent; undefined then. Throws `file-unreadable`. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = errorCode(cause);
    if (reason === "ENOENT" || reason === "ENOTDIR") return undefined;
    const why = reason === "EACCES" ? "may not be read by this user" : `cannot be read (${reason})`;
    throw new PgmateError("file-unreadable", `${path} ${why}`, {
      hint: `ls -l ${path}`,
      cause,
    });
  }
}

/** Whether only its owner may read it; on systems without such rights every file is private. */
export function isPrivate(path: string, platform: string): boolean {
  return (statSync(path).mode & 0o077) === 0 || platform === "win32";
}
