/** Opens the configured target, server or embedded, making its database where that is wanted. */

import type { ServerTarget, Target } from "../core/database-url.ts";
import { PgmateError } from "../errors.ts";
import { createDatabase } from "../pg/admin.ts";
import type { Connection, Purpose } from "../pg/connect.ts";
import { type Journal, readJournal } from "../pg/journal.ts";
import { type Ledger, type LedgerDetail, ledgerPlaces, readLedger } from "../pg/ledger.ts";
import type { Patience } from "../pg/patient-read.ts";
import type { Context } from "./context.ts";
import { announce, ledgerRequest, lockTimeoutOf, openServer, resolveTarget } from "./target.ts";
import { waitForServer } from "./wait.ts";

export interface OpenTarget {
  readonly target: Target;
  readonly connection: Connection;
  /** Ends the session and what was opened for it; safe to call after a loss. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** "look" and "dump" are reads that may not even touch the files of an embedded Postgres. */
  readonly purpose: Purpose | "look";
  readonly missing: "create" | "refuse";
  /** Called before a database is made; what it throws keeps it from being made. */
  readonly beforeCreate?: () => void;
}

/** Throws `database-missing` where the database is not there and is not to be made. */
export async function openTarget(context: Context, options: OpenOptions): Promise<OpenTarget> {
  const target = resolveTarget(context);
  if (context.config.wait) await waitForServer(context, target);
  if (target.kind === "server") {
    const connection = await openOrCreate(context, target, options);
    return { target, connection, close: () => connection.session.end() };
  }
  const { openEmbeddedTarget } = await import("./embedded-target.ts");
  const open = await openEmbeddedTarget(context, target, options);
  if (options.purpose === "write") announce(context, target, open.connection);
  return { target, ...open };
}

/** The ledger as it is now. Somebody's lock on it is waited for as a step's locks are. */
export async function readTargetLedger(
  context: Context,
  open: OpenTarget,
  detail: LedgerDetail = "whole",
): Promise<Ledger> {
  const { session, facts } = open.connection;
  const request = ledgerRequest(context, open.target);
  const places = ledgerPlaces(request, facts.schemas);
  const reading = { detail, patience: patience(context, open) };
  return readLedger(session, request.table, places, reading);
}

function patience(context: Context, open: OpenTarget): Patience {
  return {
    lockTimeoutMs: lockTimeoutOf(context, open.connection),
    retries: context.config.lockRetries,
    clock: context.clock,
    signal: context.signal,
    onWait: (wait) => context.emit({ kind: "table-wait", ...wait }),
  };
}

/** What the database knows of its history. */
export interface Records {
  readonly ledger: Ledger;
  readonly journal: Journal;
}

/** Ledger and journal as they are now; of the ledger as much as is needed. */
export async function readRecords(
  context: Context,
  open: OpenTarget,
  detail: LedgerDetail = "whole",
): Promise<Records> {
  const ledger = await readTargetLedger(context, open, detail);
  const { session } = open.connection;
  return { ledger, journal: await readJournal(session, ledger, patience(context, open)) };
}

async function openOrCreate(
  context: Context,
  target: ServerTarget,
  options: OpenOptions,
): Promise<Connection> {
  const purpose = options.purpose === "look" ? "read" : options.purpose;
  try {
    const connection = await openServer(context, target, purpose);
    if (purpose === "write") announce(context, target, connection);
    return connection;
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    if (context.signal.aborted) throw error.with({ state: error.state ?? "nothing was changed" });
    if (error.code !== "database-missing" || options.missing === "refuse") throw error;
  }
  options.beforeCreate?.();
  await createOnServer(context, target, "ignore");
  return openServer(context, target, purpose);
}

/** By way of the database `postgres`, or `template1` where there is none. */
export async function createOnServer(
  context: Context,
  target: ServerTarget,
  existing: "ignore" | "refuse",
): Promise<void> {
  const connection = await openMaintenance(context, target);
  try {
    announce(context, target, connection);
    context.emit({ kind: "creating-database", name: target.database });
    await createDatabase(connection.session, target.database);
  } catch (error) {
    const exists = error instanceof PgmateError && error.code === "database-exists";
    if (!exists || existing === "refuse") throw error;
  } finally {
    await connection.session.end();
  }
}

export async function openMaintenance(
  context: Context,
  target: ServerTarget,
): Promise<Connection> {
  try {
    return await openServer(context, target, "write", "postgres");
  } catch (error) {
    const missing = error instanceof PgmateError && error.code === "database-missing";
    if (!missing) throw error;
    return openServer(context, target, "write", "template1");
  }
}
