/** Takes the run lock, telling whom it waits for, and lets it go. */

import { PgmateError } from "../errors.ts";
import type { Ledger } from "../pg/ledger.ts";
import { acquireRunLock, describeHolder, type RunLock } from "../pg/lock.ts";
import type { Context } from "./context.ts";
import type { OpenTarget } from "./open-target.ts";

/** Throws `lock-timeout` with the holder's name. */
export async function takeRunLock(
  context: Context,
  open: OpenTarget,
  ledger: Pick<Ledger, "name">,
): Promise<RunLock> {
  return acquireRunLock(open.connection.session, {
    table: ledger.name,
    waitMs: context.config.lockWaitMs,
    clock: context.clock,
    signal: context.signal,
    onWait: (holder, waitedMs) => {
      const name = holder === undefined ? undefined : describeHolder(holder);
      context.emit({ kind: "lock-wait", holder: name, waitedMs });
    },
  });
}

/** A connection that is gone has let the lock go already; one that was stopped is about to. */
export async function releaseRunLock(
  context: Context,
  lock: RunLock,
  open: OpenTarget,
): Promise<void> {
  try {
    await lock.release();
  } catch (error) {
    const { isLost } = open.connection.session;
    if (!(error instanceof PgmateError) || !(isLost || context.signal.aborted)) throw error;
  }
}
