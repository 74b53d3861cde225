/** The embedded Postgres as a target: takes its folder's lock, opens it, makes and removes it. */

import type { EmbeddedTarget } from "../core/database-url.ts";
import {
  clearFolder,
  type FolderState,
  inspectFolder,
  markFolder,
  readFolder,
  refuseUnmarked,
  removeFolder,
} from "../disk/embedded-folder.ts";
import {
  type FolderLock,
  type FolderLockOptions,
  lockFolder,
  lockFolderForReading,
} from "../disk/folder-lock.ts";
import { PgmateError } from "../errors.ts";
import { type Connection, connectEmbedded } from "../pg/connect.ts";
import {
  type Embedded,
  embeddedMajorVersion,
  type EmbeddedStorage,
  openEmbedded,
} from "../pg/embedded.ts";
import type { Context } from "./context.ts";

export interface EmbeddedOptions {
  /** "look" and "dump" open a copy in memory, so that no file is touched. */
  readonly purpose: "read" | "write" | "look" | "dump";
  readonly missing: "create" | "refuse";
  /** Called before the folder's database is made. */
  readonly beforeCreate?: () => void;
}

export interface OpenEmbedded {
  readonly connection: Connection;
  close(): Promise<void>;
}

const pollMs = 100;

/** Throws `database-missing`, `embedded-folder`, and `lock-timeout` with the holder's name. */
export async function openEmbeddedTarget(
  context: Context,
  target: EmbeddedTarget,
  options: EmbeddedOptions,
): Promise<OpenEmbedded> {
  // In memory there would be nothing to dump: it begins with the command.
  const folder = options.purpose === "dump" ? keptFolder(target) : target.folder;
  if (folder === undefined) return open(context, { kind: "memory" }, undefined);
  if (["look", "dump"].includes(options.purpose)) return openCopy(context, folder);
  const seen = inspectFolder(folder);
  if (isAbsent(seen) && options.missing === "refuse") throw missingFolder(folder);
  refuseUnusable(folder, seen);
  if (isAbsent(seen)) options.beforeCreate?.();
  const lock = await takeFolder(context, folder, isAbsent(seen) ? "make" : "refuse");
  try {
    return await openLocked(context, folder, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** `create`: makes the folder's database; the folder must be empty or not there yet. */
export async function createFolder(context: Context, target: EmbeddedTarget): Promise<void> {
  const folder = keptFolder(target);
  if (inspectFolder(folder).kind === "database") {
    throw new PgmateError("database-exists", `${folder} already holds a database`, {
      hint: "to start anew: pgmate drop, then pgmate create",
      state: "nothing was changed",
    });
  }
  const made = await openEmbeddedTarget(context, target, { purpose: "write", missing: "create" });
  await made.close();
}

/** `drop`: removes the folder if it is there and pgmate made it. */
export async function dropFolder(context: Context, target: EmbeddedTarget): Promise<void> {
  const folder = keptFolder(target);
  const isThere = inspectFolder(folder).kind !== "missing";
  // Before the lock, which would leave its file in a folder that is not ours.
  if (isThere) refuseUnmarked(folder);
  context.emit({ kind: "dropping-database", name: folder });
  if (!isThere) return;
  const lock = await takeFolder(context, folder, "refuse");
  try {
    removeFolder(folder);
  } finally {
    lock.release();
  }
}

/** Under the lock the folder is looked at again: another run may have made it meanwhile. */
async function openLocked(
  context: Context,
  folder: string,
  lock: FolderLock,
): Promise<OpenEmbedded> {
  const state = inspectFolder(folder);
  refuseUnusable(folder, state);
  const storage: EmbeddedStorage = { kind: "folder", path: folder };
  if (!isAbsent(state)) return open(context, storage, lock);
  context.emit({ kind: "creating-database", name: folder });
  if (state.kind === "unfinished") clearFolder(folder);
  markFolder(folder, "creating");
  const made = await open(context, storage, lock);
  markFolder(folder, "ready");
  return made;
}

async function openCopy(context: Context, folder: string): Promise<OpenEmbedded> {
  const seen = inspectFolder(folder);
  if (isAbsent(seen)) throw missingFolder(folder);
  refuseUnusable(folder, seen);
  const lock = await lockFolderForReading(folder, lockOptions(context));
  try {
    return await open(context, { kind: "copy", files: await readFolder(folder) }, undefined);
  } finally {
    lock?.release();
  }
}

async function open(
  context: Context,
  storage: EmbeddedStorage,
  lock: FolderLock | undefined,
): Promise<OpenEmbedded> {
  const { version, command } = context.identity;
  const settings = { application_name: `pgmate ${version} ${command}` };
  const embedded = await openEmbedded({ storage, settings, signal: context.signal });
  try {
    const connection = await connectEmbedded(embedded, {
      onNotice: (notice) => context.emit({ kind: "server-notice", notice }),
      signal: context.signal,
    });
    return { connection, close: () => close(connection, embedded, lock) };
  } catch (error) {
    await embedded.close();
    throw error;
  }
}

async function close(
  connection: Connection,
  embedded: Embedded,
  lock: FolderLock | undefined,
): Promise<void> {
  try {
    await connection.session.end();
    await embedded.close();
  } finally {
    lock?.release();
  }
}

function takeFolder(
  context: Context,
  folder: string,
  missing: "make" | "refuse",
): Promise<FolderLock> {
  const { pid, command } = context.identity;
  const since = context.clock.date().toISOString();
  const self = { pid, command: `pgmate ${command}`, since };
  return lockFolder(folder, missing, self, lockOptions(context));
}

function lockOptions(context: Context): FolderLockOptions {
  const began = context.clock.now();
  return {
    waitMs: context.config.lockWaitMs,
    pollMs,
    clock: context.clock,
    signal: context.signal,
    onWait: (holder) => {
      const who = holder === undefined ? undefined : `${holder.command} (process ${holder.pid})`;
      context.emit({ kind: "lock-wait", holder: who, waitedMs: context.clock.now() - began });
    },
  };
}

/** A folder that a killed run left half made holds no database either. */
function isAbsent(state: FolderState): boolean {
  return ["missing", "empty", "unfinished"].includes(state.kind);
}

function refuseUnusable(folder: string, state: FolderState): void {
  if (state.kind === "foreign") {
    throw new PgmateError("embedded-folder", `${folder} holds files, but no Postgres data`, {
      hint: "name an empty folder, or one that does not exist yet",
      state: "nothing was changed",
    });
  }
  if (state.kind === "database" && state.majorVersion !== embeddedMajorVersion) {
    throw new PgmateError(
      "embedded-folder",
      `${folder} holds data of PostgreSQL ${state.majorVersion}; ` +
        `the embedded one is ${embeddedMajorVersion}`,
      { hint: "dump it with the version that made it", state: "nothing was changed" },
    );
  }
}

function keptFolder(target: EmbeddedTarget): string {
  if (target.folder !== undefined) return target.folder;
  throw new PgmateError("embedded", "pglite: lives as long as the command, in memory", {
    hint: "name a folder to keep it in: --url pglite:./data",
    state: "nothing was changed",
  });
}

function missingFolder(folder: string): PgmateError {
  return new PgmateError("database-missing", `${folder} holds no database`, {
    hint: "make it with pgmate create, or with pgmate up",
    state: "nothing was changed",
  });
}
