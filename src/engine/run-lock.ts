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
  const began = context.clock.now();
  try {
    const lock = await acquireRunLock(open.connection.session, {
      table: ledger.name,
      waitMs: context.config.lockWaitMs,
      clock: context.clock,
      signal: context.signal,
      onWait: (holder, waitedMs) => {
        const name = holder === undefined ? undefined : describeHolder(holder);
        context.emit({ kind: "lock-wait", holder: name, waitedMs });
      },
    });
    context.emit({ kind: "run-lock-taken", waitedMs: context.clock.now() - began });
    return lock;
  } catch (error) {
    // A connection that is lost while it waits does not know what it waited for.
    if (!(error instanceof PgmateError) || error.state !== undefined) throw error;
    const hint = error.hint ?? `run \`${context.identity.invocation}\` again`;
    throw error.with({ state: "nothing was changed by this run", hint });
  }
}

/** A connection that is gone has let the lock go already; one that was stopped is about to. */
export async function releaseRunLock(
  context: Context,
  lock: RunLock,
  open: OpenTarget,
): Promise<void> {
  try {
    await lock.release();
    if (!open.connection.session.isLost) context.emit({ kind: "run-lock-released" });
  } catch (error) {
    const { isLost } = open.connection.session;
    if (!(error instanceof PgmateError) || !(isLost || context.signal.aborted)) throw error;
  }
}
