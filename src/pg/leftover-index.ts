/** Drops an invalid index that a try of ours has left, and nothing that somebody is building. */

import type { Clock } from "../core/clock.ts";
import { quoteLiteral } from "../core/identifier.ts";
import { lockTimeoutSql } from "../core/step-sql.ts";
import { PgmateError } from "../errors.ts";
import type { Session } from "./session.ts";
import { findIndex, type PlainIndex } from "./unit-catalog.ts";

export interface DropOptions {
  readonly session: Session;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Of each try; there is always some bound. */
  readonly lockTimeoutMs: number;
  /** How often it is tried again. */
  readonly retries: number;
}

const boundMs = 2_000;
const firstPauseMs = 200;
const longestPauseMs = 5_000;
/** Tries that do not queue; an autovacuum gives way only to somebody who does. */
const patientTries = 3;

/**
 * `dropped`, or `kept` where it is gone, valid, or another one by now. All in one transaction:
 * with the table's SHARE UPDATE EXCLUSIVE lock, which every build CONCURRENTLY holds from its
 * beginning to its end, nobody is building it, and it is still what it was. Throws `lock-timeout`
 * where the lock cannot be had.
 */
export async function dropLeftover(
  index: PlainIndex,
  options: DropOptions,
): Promise<"dropped" | "kept"> {
  const { session, clock, signal } = options;
  for (let tried = 0; ; tried += 1) {
    const now = await findIndex(session, index.oid);
    if (now === undefined || now.valid || now.name !== index.name) return "kept";
    const came = await tryDrop(index, options, tried < patientTries ? "nowait" : "wait");
    if (came !== "locked") return came;
    if (tried >= options.retries) throw locked(index);
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** tried);
    await clock.sleep(pauseMs * (0.5 + clock.random()), signal);
    if (signal.aborted) throw new PgmateError("interrupted", "interrupted");
  }
}

async function tryDrop(
  index: PlainIndex,
  { session, lockTimeoutMs }: DropOptions,
  manner: "nowait" | "wait",
): Promise<"dropped" | "kept" | "locked"> {
  const timeout = lockTimeoutSql(lockTimeoutMs > 0 ? lockTimeoutMs : boundMs);
  const queue = manner === "nowait" ? " nowait" : "";
  const lock = `lock table ${index.sqlTable} in share update exclusive mode${queue}`;
  if (!(await isDone(session, `begin; ${timeout}; ${lock}`))) return "locked";
  // What is dropped by its name must still be what had it.
  const [row] = await session.rowsWithin(
    "select indisvalid as valid from pg_catalog.pg_index " +
      `where indexrelid operator(pg_catalog.=) ${index.oid} and indexrelid ` +
      `operator(pg_catalog.=) pg_catalog.to_regclass(${quoteLiteral(index.sqlName)})`,
  );
  if (row?.["valid"] !== false) {
    await session.send("rollback");
    return "kept";
  }
  return (await isDone(session, `drop index ${index.sqlName}; commit`)) ? "dropped" : "locked";
}

/** False for a lock that cannot be had; throws `server` for any other refusal. */
async function isDone(session: Session, sql: string): Promise<boolean> {
  const sent = await session.send(sql);
  if (sent.kind === "done") return true;
  if (session.transactionState !== "I") await session.send("rollback");
  if (["55P03", "40P01"].includes(sent.message.code)) return false;
  throw new PgmateError("server", sent.message.message, { server: sent.message });
}

function locked({ sqlName, sqlTable }: PlainIndex): PgmateError {
  return new PgmateError(
    "lock-timeout",
    `${sqlTable} is locked, so its invalid index ${sqlName}, left by the try before, stays`,
    { hint: "is somebody building or vacuuming there? run again when that is done" },
  );
}
