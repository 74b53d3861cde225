/** What is said of a file that cannot be written: which, why, what now. */

import { PgmateError } from "../errors.ts";
import { errorCode } from "./migration-files.ts";

/** The file as it was named, and what its links lead to: a path that need not be there yet. */
export interface Target {
  readonly given: string;
  readonly real: string;
}

export const oldFileStands = "the old file is as it was";
export const nothingWritten = "nothing was written";

export function shown({ given, real }: Target): string {
  return given === real ? given || '""' : `${given} (a link to ${real})`;
}

const words: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  ENOENT: "no such file or folder",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  EISDIR: "it is a folder",
  EMFILE: "too many open files",
  ENFILE: "too many open files",
  EFBIG: "the file is too large",
  EIO: "the disk failed",
  EPIPE: "its reader has gone away",
};

export function wordsFor(cause: unknown): string {
  const code = errorCode(cause);
  if (code === undefined) return String(cause);
  return words[code] === undefined ? code : `${words[code]}, ${code}`;
}

/** `look` is the file or folder whose rights decide. */
export function unwritable(
  what: string,
  cause: unknown,
  { look, state }: { readonly look: string; readonly state: string },
): PgmateError {
  const message = `${what} (${wordsFor(cause)})`;
  return new PgmateError("file-unwritable", message, { hint: cure(cause, look), state, cause });
}

function cure(cause: unknown, look: string): string {
  switch (errorCode(cause)) {
    case "ENOSPC":
    case "EDQUOT":
      return "make room, then dump again";
    case "EIO":
      return "see what the system's log says of the disk, then dump again";
    case "EACCES":
    case "EPERM":
      return `let this user write there (ls -ld ${look}), or name another file: --schema-file`;
    case "EROFS":
      return "name a file elsewhere with --schema-file, or write none with --no-dump-schema";
    default:
      return "name another file with --schema-file";
  }
}
