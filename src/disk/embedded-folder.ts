/** The folder of a kept embedded Postgres: what it is, making it ours, copying and removing it. */
import type { Dirent } from "node:fs";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { PgmateError } from "../errors.ts";

/** The files of ours beside Postgres' own. */
export const ownFiles = {
  lock: "pgmate.lock",
  holder: "pgmate.holder",
  marker: "pgmate.folder",
} as const;

export type FolderState =
  | { readonly kind: "missing" }
  | { readonly kind: "empty" }
  /** pgmate was ended while it made or removed it: to be cleared and made anew. */
  | { readonly kind: "unfinished" }
  | {
      readonly kind: "database";
      /** As in PG_VERSION: `18`. */
      readonly majorVersion: string;
      /** Whether pgmate made it; an app's own folder is never removed. */
      readonly owner: "pgmate" | "other";
    }
  /** Not empty, and no data folder of Postgres. */
  | { readonly kind: "foreign" };

/** A file, or a folder where there are no bytes; Postgres wants its empty folders too. */
export interface FolderFile {
  readonly path: string;
  readonly bytes: Uint8Array | undefined;
}

/** Of a folder that is copied into memory. */
const copyLimitBytes = 1024 * 1024 * 1024;

/** Of one run of Postgres, and of no use to another. */
const runFiles: readonly string[] = ["postmaster.pid", "postmaster.opts"];

/** Looks without writing. Throws `embedded-folder` where it is a file, or may not be read. */
export function inspectFolder(path: string): FolderState {
  const before = markerState(path);
  const names = guarded(path, () => namesIn(path));
  const state = markerState(path);
  // Another run has just begun or ended making it: the names are of neither state.
  if (state !== before) return inspectFolder(path);
  if (names === undefined) return { kind: "missing" };
  // Whatever else got there since is somebody's, and not to be cleared away.
  if (state === "creating" && names.every(isPostgres)) return { kind: "unfinished" };
  if (state === "creating") return { kind: "foreign" };
  if (names.length === 0) return { kind: "empty" };
  if (!names.includes("PG_VERSION")) return { kind: "foreign" };
  const majorVersion = guarded(path, () => readFileSync(join(path, "PG_VERSION"), "utf8").trim());
  return { kind: "database", majorVersion, owner: state === "ready" ? "pgmate" : "other" };
}

/** Makes the folder, for nobody else to read, where there is none. */
export function makeFolder(path: string): void {
  guarded(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    // Another run may make it in between, which only a recursive one forgives.
    if (!existsSync(path)) mkdirSync(path, { recursive: true, mode: 0o700 });
  });
}

/** Says in the folder that pgmate makes it, before there is anything, and when it is done. */
export function markFolder(path: string, state: "creating" | "ready"): void {
  guarded(path, () => {
    // PGlite makes files that anybody may write.
    if (state === "creating") chmodSync(path, 0o700);
    const marker = join(path, ownFiles.marker);
    const text = `pgmate made this folder, and removes it on \`pgmate drop\`\nstate: ${state}\n`;
    writeFileSync(`${marker}.new`, text);
    renameSync(`${marker}.new`, marker);
  });
}

export function isMarked(path: string): boolean {
  return markerState(path) !== undefined;
}

/** Empties a folder that is marked, but for our own files; it is `unfinished` until then. */
export function clearFolder(path: string): void {
  refuseUnmarked(path);
  markFolder(path, "creating");
  guarded(path, () => {
    for (const name of namesIn(path) ?? []) rmSync(join(path, name), { recursive: true });
  });
}

/**
 * Removes a folder that is marked, also while its lock is held; killed halfway, it is
 * `unfinished`. What is but linked to is emptied and left.
 */
export function removeFolder(path: string): void {
  clearFolder(path);
  guarded(path, () => {
    // What is left is our own; SQLite may take its journal away itself.
    for (const name of readdirSync(path)) rmSync(join(path, name), { force: true });
    if (!lstatSync(path).isSymbolicLink()) rmdirSync(path);
  });
}

/** All that Postgres has there, for a copy in memory. Throws `embedded-folder` if too large. */
export async function readFolder(
  path: string,
  limitBytes = copyLimitBytes,
): Promise<readonly FolderFile[]> {
  const root = guarded(path, () => realpathSync(path));
  const files: FolderFile[] = [];
  let sizeBytes = 0;
  for (const entry of guarded(path, () => entriesBelow(root))) {
    const absolute = join(entry.parentPath, entry.name);
    const name = relative(root, absolute);
    if (isOwn(name) || runFiles.includes(name)) continue;
    if (entry.isDirectory()) files.push({ path: name, bytes: undefined });
    if (!entry.isFile()) continue;
    sizeBytes += guarded(path, () => statSync(absolute)).size;
    if (sizeBytes > limitBytes) throw tooLarge(path, limitBytes);
    const bytes = await readFile(absolute).catch((cause: unknown) => {
      throw unusable(path, cause);
    });
    files.push({ path: name, bytes });
  }
  return files;
}

function entriesBelow(root: string): readonly Dirent[] {
  return readdirSync(root, { recursive: true, withFileTypes: true });
}

/** Names of what is not ours; undefined where there is no folder. */
function namesIn(path: string): readonly string[] | undefined {
  if (!existsSync(path)) return undefined;
  return readdirSync(path).filter((name) => !isOwn(name));
}

function isPostgres(name: string): boolean {
  return /^(?:base|global|pg_\w+|PG_VERSION|post(?:gresql|master)\.[\w.]+)$/.test(name);
}

function isOwn(name: string): boolean {
  // SQLite keeps files of its own beside the lock while it is held.
  if (name.startsWith(`${ownFiles.lock}-`)) return true;
  return Object.values(ownFiles).some((own) => name === own || name === `${own}.new`);
}

/** A marker that cannot be understood is still ours, and not of a folder that is done. */
function markerState(path: string): "creating" | "ready" | undefined {
  const marker = join(path, ownFiles.marker);
  if (!existsSync(marker)) return undefined;
  const text = guarded(path, () => readFileSync(marker, "utf8"));
  return /^state: ready$/m.test(text) ? "ready" : "creating";
}

/** Throws `embedded-folder` where pgmate did not make the folder. */
export function refuseUnmarked(path: string): void {
  if (isMarked(path)) return;
  throw new PgmateError("embedded-folder", `pgmate did not make ${path}`, {
    hint: "remove it yourself if nothing in it is needed",
    state: "nothing was removed",
  });
}

function tooLarge(path: string, limitBytes: number): PgmateError {
  const gigabytes = (limitBytes / 1024 ** 3).toFixed(1);
  const message = `${path} holds more than the ${gigabytes} GiB that are copied into memory`;
  return new PgmateError("embedded-folder", message, { state: "nothing was changed" });
}

/** Runs what touches the disk and says what is wrong with the folder. */
function guarded<T>(path: string, touch: () => T): T {
  try {
    return touch();
  } catch (cause) {
    throw unusable(path, cause);
  }
}

export function unusable(path: string, cause: unknown): PgmateError {
  if (cause instanceof PgmateError) return cause;
  const reason = cause instanceof Error ? cause.message.replace(/, [a-z]+ '.*$/, "") : "";
  const isFile = reason.startsWith("ENOTDIR");
  const message = isFile ? `${path} is not a folder` : `${path} cannot be used: ${reason}`;
  return new PgmateError("embedded-folder", message, { cause });
}
