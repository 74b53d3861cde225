/** Replaces a file whole: the old content stands until the new one is complete on the disk. */

import type { Stats } from "node:fs";
import {
  closeSync, constants, fchmodSync, fchownSync, fstatSync, lstatSync, mkdirSync, openSync,
  readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync,
} from "node:fs";
import { basename, dirname, isAbsolute } from "node:path";
import { PgmateError } from "../errors.ts";
import { errorCode } from "./migration-files.ts";
import { overwriteFile, sync, writeAt } from "./overwrite-file.ts";
import type { Target } from "./unwritable-file.ts";
import { nothingWritten, oldFileStands, shown, unwritable } from "./unwritable-file.ts";

/**
 * Makes the file hold these bytes, and the folders it lies in where they lack. Links are followed
 * and stay; mode and owner stay. "unchanged" where it holds the bytes already: then nothing is
 * touched, not even its time. Whoever reads meanwhile, and a kill in between, finds the old or the
 * new file whole, but where a rename cannot be or would lose something: what is written in place
 * then is put back on failure, a kill in between cuts it short. Throws `file-unwritable`.
 */
export function replaceFile(path: string, bytes: Uint8Array): "written" | "unchanged" {
  const target: Target = { given: path, real: followLinks(path) };
  if (isInherited(target.real)) throw notForStreams(target);
  const found = lookAt(target);
  if (found?.isDirectory() === true || (found === undefined && target.real.endsWith("/"))) {
    throw new PgmateError("file-unwritable", `${shown(target)} is a folder, not a file`, {
      hint: "name a file in it with --schema-file",
      state: nothingWritten,
    });
  }
  if (found === undefined) return makeNew(target, bytes);
  if (found.isFile()) return replaceOld(target, bytes);
  if (found.isCharacterDevice()) return writeDevice(target, bytes);
  throw notForStreams(target);
}

/** Undefined where there is none. Throws `file-unreadable`, also for what is no file. */
export function readWhole(path: string): Uint8Array | undefined {
  const refused = (why: string, cause?: unknown): PgmateError =>
    new PgmateError("file-unreadable", `${path} ${why}`, { hint: `ls -l ${path}`, cause });
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isFile()) throw refused("is not a regular file");
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof PgmateError) throw cause;
    throw refused(`cannot be read (${errorCode(cause)})`, cause);
  }
}

/** As many as Linux follows. */
const linkLimit = 40;

/**
 * Joined as text without taking `..` out of it: after a link to a folder `..` is another folder
 * than the text says. Where a loop or a lack of rights stops it, looking at the file says so.
 */
function followLinks(path: string): string {
  let at = path;
  for (let count = 0; count < linkLimit; count += 1) {
    // What /proc says of an open pipe or a removed file is no path.
    if (isInherited(at)) return at;
    const link = readLink(at);
    if (link === undefined) return at;
    const folder = dirname(at);
    at = isAbsolute(link) || folder === "." ? link : `${folder}/${link}`;
  }
  return at;
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** What is open already is no file to be replaced, wherever it leads. */
function isInherited(path: string): boolean {
  return /^\/dev\/(?:stdin|stdout|stderr|fd\/\d+)$|^\/proc\/[^/]+\/fd\/\d+$/.test(path);
}

/** Asked by the name that was given: the system refuses links that others planted in /tmp. */
function lookAt(target: Target): Stats | undefined {
  try {
    return statSync(target.given);
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw unmakeable(target, cause);
  }
}

function makeNew(target: Target, bytes: Uint8Array): "written" {
  const folder = dirname(target.real);
  try {
    if (statSync(folder, { throwIfNoEntry: false }) === undefined) {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
    }
    renameInto(target.real, bytes, undefined);
    return "written";
  } catch (cause) {
    throw unmakeable(target, cause);
  }
}

function unmakeable(target: Target, cause: unknown): PgmateError {
  const what = `${shown(target)} cannot be written`;
  // With more at its end a path that ends in "/" has what stands before that above it.
  const look = nearestAbove(`${target.real}x`);
  const found = readLink(look) === undefined ? "a file" : "a link that leads nowhere";
  if (isFolder(look)) return unwritable(what, cause, { look, state: nothingWritten });
  return new PgmateError("file-unwritable", `${what} (${look} is ${found}, not a folder)`, {
    hint: "name another file with --schema-file",
    state: nothingWritten,
    cause,
  });
}

/** The lowest of the folders in a path that is there to be seen, whatever it is. */
function nearestAbove(path: string): string {
  const folder = dirname(path);
  try {
    lstatSync(folder);
    return folder;
  } catch {
    return dirname(folder) === folder ? folder : nearestAbove(folder);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function replaceOld(target: Target, bytes: Uint8Array): "written" | "unchanged" {
  const { real } = target;
  if (holds(real, bytes)) return "unchanged";
  const refused = (cause: unknown): PgmateError => unwritable(
    `${shown(target)} cannot be written`, cause, { look: real, state: oldFileStands },
  );
  let descriptor: number;
  try {
    // Also where it will be renamed over: a file that may not be written is not replaced either.
    descriptor = openSync(real, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (cause) {
    // It went away just now.
    if (errorCode(cause) === "ENOENT") return makeNew(target, bytes);
    throw refused(cause);
  }
  try {
    const old = fstatSync(descriptor);
    if (renamed(real, bytes, old) === "no") {
      overwriteFile(target, descriptor, old.size, bytes);
    }
    return "written";
  } catch (cause) {
    throw cause instanceof PgmateError ? cause : refused(cause);
  } finally {
    closeSync(descriptor);
  }
}

/** False also where this user may not read it. */
function holds(path: string, bytes: Uint8Array): boolean {
  try {
    return statSync(path).size === bytes.length && Buffer.compare(readFileSync(path), bytes) === 0;
  } catch {
    return false;
  }
}

/** A folder we may not write to, a file mounted by itself, a name at its longest. */
const inPlaceCodes: ReadonlySet<string | undefined> = new Set([
  "EACCES", "EPERM", "EROFS", "EBUSY", "EXDEV", "EEXIST", "ENAMETOOLONG",
]);

function renamed(real: string, bytes: Uint8Array, old: Stats): "yes" | "no" {
  // The other names of the file would keep the old content.
  if (old.nlink > 1) return "no";
  try {
    return renameInto(real, bytes, old);
  } catch (cause) {
    if (inPlaceCodes.has(errorCode(cause))) return "no";
    throw cause;
  }
}

/** "no" where the new file would have another owner or mode than the old one. */
function renameInto(real: string, bytes: Uint8Array, old: Stats | undefined): "yes" | "no" {
  const { path, descriptor } = openBeside(real, old === undefined ? 0o644 : 0o600);
  let result: "yes" | "no" = "no";
  try {
    try {
      if (old !== undefined && !takeOver(descriptor, old)) return result;
      writeAt(descriptor, bytes, { end: 0 });
      sync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    // The folder is not synced: after a power cut the name leads to either file, whole.
    renameSync(path, real);
    result = "yes";
    return result;
  } finally {
    if (result === "no") removeQuietly(path);
  }
}

/** More than anybody's killed runs have left behind. */
const besideLimit = 10_000;

/** A new file in the same folder; never one that is there, whoever left it. */
function openBeside(real: string, mode: number): { path: string; descriptor: number } {
  // Cut, as a long name has no room for more; in characters of at most four bytes.
  const name = [...basename(real)].slice(0, 40).join("");
  for (let count = 0; ; count += 1) {
    const path = `${dirname(real)}/.${name}.pgmate-${count}`;
    try {
      return { path, descriptor: openSync(path, "wx", mode) };
    } catch (cause) {
      if (errorCode(cause) !== "EEXIST" || count === besideLimit) throw cause;
    }
  }
}

/** Whether the new file has the old one's owner, group and mode now. */
function takeOver(descriptor: number, old: Stats): boolean {
  const now = fstatSync(descriptor);
  try {
    if (now.uid !== old.uid || now.gid !== old.gid) fchownSync(descriptor, old.uid, old.gid);
    // After the owner, as a change of owner takes bits away.
    fchmodSync(descriptor, old.mode & 0o7777);
  } catch {
    return false;
  }
  const then = fstatSync(descriptor);
  return then.uid === old.uid && then.gid === old.gid && then.mode === old.mode;
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What went wrong before is what counts.
  }
}

/** `/dev/null` and the like take what they are given at once, or refuse it. */
function writeDevice(target: Target, bytes: Uint8Array): "written" {
  try {
    writeFileSync(target.given, bytes);
    return "written";
  } catch (cause) {
    throw unwritable(`${shown(target)} cannot be written`, cause, {
      look: target.given,
      state: nothingWritten,
    });
  }
}

/** One that nobody reads would keep us waiting, with the run's lock held. */
function notForStreams(target: Target): PgmateError {
  return new PgmateError("file-unwritable", `${shown(target)} is a stream, not a file`, {
    hint: "name a file with --schema-file; pgmate dump --stdout prints the schema",
    state: nothingWritten,
  });
}
