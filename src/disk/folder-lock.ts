/** One pgmate at a time on a folder: a lock that the system lets go with the process. */
import { Database } from "bun:sqlite";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { PgmateError } from "../errors.ts";
import { makeFolder, ownFiles, unusable } from "./embedded-folder.ts";

/** Who has the folder, as that one wrote it down. */
export interface FolderHolder {
  readonly pid: number;
  /** As in `pgmate up`. */
  readonly command: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface FolderLockOptions {
  readonly waitMs: number;
  readonly pollMs: number;
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly signal: AbortSignal;
  /** Called when the wait begins, and when another holder takes the place of the first. */
  readonly onWait: (holder: FolderHolder | undefined) => void;
}

export interface FolderLock {
  /** A second call does nothing. */
  release(): void;
}

/**
 * Takes the folder for this process alone; `make` makes it, also when it went while we waited.
 * Throws `lock-timeout`, naming the holder, `database-missing`, `interrupted`,
 * `embedded-folder`.
 */
export async function lockFolder(
  path: string,
  missing: "make" | "refuse",
  self: FolderHolder,
  options: FolderLockOptions,
): Promise<FolderLock> {
  const attempt = (): Database | undefined => {
    if (missing === "make") makeFolder(path);
    if (!existsSync(path)) throw new PgmateError("database-missing", `${path} does not exist`);
    return tryLock(path, "exclusive");
  };
  const database = await waitFor(path, attempt, options);
  const holderFile = join(path, ownFiles.holder);
  try {
    writeFileSync(holderFile, `${JSON.stringify(self)}\n`);
  } catch (cause) {
    database.close();
    throw unusable(path, cause);
  }
  return releasing(database, () => rmSync(holderFile, { force: true }));
}

/**
 * Keeps writers out while the folder is read, without making a file there: undefined where there
 * is no lock file, so that no pgmate was ever here or it has never been this folder's.
 */
export async function lockFolderForReading(
  path: string,
  options: FolderLockOptions,
): Promise<FolderLock | undefined> {
  if (!existsSync(join(path, ownFiles.lock))) return undefined;
  const database = await waitFor(path, () => tryLock(path, "shared"), options);
  return releasing(database, () => undefined);
}

async function waitFor(
  path: string,
  attempt: () => Database | undefined,
  options: FolderLockOptions,
): Promise<Database> {
  const { clock, signal } = options;
  const deadline = clock.now() + options.waitMs;
  let told: string | undefined;
  for (;;) {
    const database = attempt();
    if (database !== undefined) return database;
    const holder = holderOf(path);
    const known = JSON.stringify(holder ?? null);
    if (known !== told) options.onWait(holder);
    told = known;
    if (clock.now() >= deadline) throw timeout(path, holder);
    await clock.sleep(options.pollMs, signal);
    if (signal.aborted) throw new PgmateError("interrupted", "interrupted while waiting");
  }
}

/**
 * SQLite's own file lock. The file must not be opened in any other way by this process: closing
 * it would let the lock go.
 */
function tryLock(path: string, kind: "exclusive" | "shared"): Database | undefined {
  const file = join(path, ownFiles.lock);
  const database = begin(file, path, kind);
  if (database === undefined || kind === "shared") return database;
  // Whoever removed the folder just now took the file with it: then this is no lock at all.
  const again = existsSync(file) ? begin(file, path, "shared") : database;
  if (again === undefined) return database;
  again.close();
  if (again !== database) database.close();
  return undefined;
}

function begin(file: string, path: string, kind: "exclusive" | "shared"): Database | undefined {
  let database: Database | undefined;
  try {
    database = kind === "exclusive"
      ? new Database(file, { create: true, readwrite: true })
      : new Database(file, { readonly: true });
    database.run("pragma busy_timeout = 0");
    database.run(kind === "exclusive" ? "begin exclusive" : "begin");
    if (kind === "shared") database.query("select count(*) from sqlite_schema").get();
    return database;
  } catch (cause) {
    database?.close();
    if (codeOf(cause).startsWith("SQLITE_BUSY")) return undefined;
    throw unusable(path, cause);
  }
}

/** Kept here until they are released: the garbage collector would close the file, and the lock. */
const heldLocks = new Set<Database>();

function releasing(database: Database, before: () => void): FolderLock {
  let held = true;
  heldLocks.add(database);
  return {
    release: () => {
      if (!held) return;
      held = false;
      heldLocks.delete(database);
      before();
      database.close();
    },
  };
}

/** Undefined where it has not been written yet, or is no longer there. */
function holderOf(path: string): FolderHolder | undefined {
  try {
    const text = readFileSync(join(path, ownFiles.holder), "utf8");
    const { pid, command, since } = JSON.parse(text) as Partial<FolderHolder>;
    if (pid === undefined || command === undefined || since === undefined) return undefined;
    return { pid, command, since };
  } catch {
    return undefined;
  }
}

function timeout(path: string, holder: FolderHolder | undefined): PgmateError {
  const who = holder === undefined
    ? "another pgmate"
    : `${holder.command}, process ${holder.pid}, since ${holder.since}`;
  return new PgmateError("lock-timeout", `${path} is in use by ${who}`, {
    hint: "run again when it is done, or wait longer: --lock-wait 30m",
    state: "nothing was changed",
  });
}

function codeOf(cause: unknown): string {
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return "";
  return String(cause.code);
}
