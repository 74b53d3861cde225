/** Writes a file in place, where no new one can take its name, and puts back what it cannot end. */

import { fsyncSync, ftruncateSync, readFileSync, writeSync } from "node:fs";
import type { Range } from "../core/migration.ts";
import type { PgmateError } from "../errors.ts";
import { errorCode } from "./migration-files.ts";
import { oldFileStands, shown, type Target, unwritable, wordsFor } from "./unwritable-file.ts";

/**
 * What may fail for want of room comes first and is cut off again; then the old bytes are
 * written over, and put back where that fails; the end is cut off last.
 */
export function overwriteFile(
  target: Target,
  descriptor: number,
  oldLength: number,
  bytes: Uint8Array,
): void {
  const failed = (cause: unknown, state: string): PgmateError => unwritable(
    `${shown(target)} cannot be written`, cause, { look: target.real, state },
  );
  const old = readOrNone(target.real);
  try {
    writeAt(descriptor, bytes.subarray(oldLength), { end: oldLength });
    if (bytes.length > oldLength) sync(descriptor);
  } catch (cause) {
    const left = trouble(() => ftruncateSync(descriptor, oldLength));
    throw failed(cause, left === undefined
      ? oldFileStands
      : `the old file has a piece of the new one at its end (${left})`);
  }
  const written: Progress = { end: 0 };
  let newLength = oldLength;
  try {
    writeAt(descriptor, bytes.subarray(0, oldLength), written);
    sync(descriptor);
    ftruncateSync(descriptor, bytes.length);
    newLength = bytes.length;
    sync(descriptor);
  } catch (cause) {
    const kept = { start: written.end, end: Math.min(newLength, oldLength) };
    const left = putBack(descriptor, old, oldLength, kept);
    throw failed(cause, left === undefined
      ? oldFileStands
      : `the old file is damaged and could not be put back (${left})`);
  }
}

/** Writes the old bytes again, but for a range that still stands. Says why it could not. */
function putBack(
  descriptor: number,
  old: Uint8Array | undefined,
  oldLength: number,
  kept: Range,
): string | undefined {
  const isWhole = kept.start === 0 && kept.end === oldLength;
  if (!isWhole && old?.length !== oldLength) return "it could not be read before";
  return trouble(() => {
    if (old !== undefined) {
      writeAt(descriptor, old.subarray(0, kept.start), { end: 0 });
      writeAt(descriptor, old.subarray(kept.end), { end: kept.end });
    }
    ftruncateSync(descriptor, oldLength);
    sync(descriptor);
  });
}

/** The words for what went wrong, or undefined where nothing did. */
function trouble(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (cause) {
    return wordsFor(cause);
  }
}

function readOrNone(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** How far a file has been written, from its beginning; true also after a failure. */
export interface Progress {
  end: number;
}

/** From where the progress stands. */
export function writeAt(descriptor: number, bytes: Uint8Array, progress: Progress): void {
  const start = progress.end;
  while (progress.end - start < bytes.length) {
    const at = progress.end - start;
    progress.end += writeSync(descriptor, bytes, at, bytes.length - at, progress.end);
  }
}

/** A disk over the network says only here that it is full. */
export function sync(descriptor: number): void {
  try {
    fsyncSync(descriptor);
  } catch (cause) {
    // Some file systems have no such thing.
    if (!/^(?:EINVAL|ENOSYS|ENOTSUP|EOPNOTSUPP)$/.test(errorCode(cause) ?? "")) throw cause;
  }
}
