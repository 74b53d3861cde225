/** Reads a table that somebody may have locked: waits in turns, and can say for whom. */

import { type Blocker, describeBlockers, endingSql } from "../core/blocker.ts";
import type { Clock } from "../core/clock.ts";
import { roughDuration } from "../core/duration.ts";
import { quoteTable, type TableName } from "../core/identifier.ts";
import { PgmateError } from "../errors.ts";
import { readLockers } from "./activity.ts";
import type { Result, Session } from "./session.ts";

/** How long to wait, and whom to tell. */
export interface Patience {
  /** Of one try; 0 waits for as long as it takes. */
  readonly lockTimeoutMs: number;
  /** How many more tries there are after the first. */
  readonly retries: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called after the first try and then every ten seconds. */
  readonly onWait: (wait: TableWait) => void;
}

export interface TableWait {
  readonly table: TableName;
  readonly waitedMs: number;
  /** Empty where nobody could be seen. */
  readonly blockers: readonly Blocker[];
}

/** A session that waits hears nothing: without a bound it waits in turns of this length. */
const unboundedTurnMs = 2_000;
const pauseMs = 100;
const reportEveryMs = 10_000;
const lockNotAvailable = "55P03";

/** What queries on this table yield; throws `lock-timeout` with who holds it. */
export async function readPatiently(
  session: Session,
  table: TableName,
  texts: readonly string[],
  patience: Patience,
): Promise<readonly Result[]> {
  const { clock, signal, lockTimeoutMs, retries } = patience;
  const began = clock.now();
  let reportAt = began;
  for (let tries = 1; ; tries += 1) {
    try {
      return await session.results(texts, lockTimeoutMs === 0 ? unboundedTurnMs : lockTimeoutMs);
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      // Whoever held it is there still, or the next try succeeds.
      const blockers = await readLockers(session, table);
      const wait = { table, blockers, waitedMs: clock.now() - began };
      if (lockTimeoutMs !== 0 && tries > retries) throw gaveUp(wait, error);
      if (clock.now() >= reportAt) {
        patience.onWait(wait);
        reportAt = clock.now() + reportEveryMs;
      }
    }
    await clock.sleep(pauseMs * (0.5 + clock.random()), signal);
    if (signal.aborted) {
      throw new PgmateError("interrupted", "interrupted while waiting", { state: untouched });
    }
  }
}

const untouched = "nothing was changed";

export function isLockTimeout(error: unknown): boolean {
  return error instanceof PgmateError && error.server?.code === lockNotAvailable;
}

function gaveUp({ table, waitedMs, blockers }: TableWait, cause: unknown): PgmateError {
  const [first] = blockers;
  const who =
    first === undefined
      ? "nobody was seen in the way"
      : `in the way: ${describeBlockers(blockers, 3)}`;
  const next =
    first === undefined ? "pg_locks may show who it is" : `or end that: ${endingSql(first)}`;
  return new PgmateError(
    "lock-timeout",
    `${quoteTable(table)} is locked: waited ${roughDuration(waitedMs)}; ${who}`,
    {
      hint: `run again when it is free (--lock-retries 100 waits longer), ${next}`,
      state: untouched,
      cause,
    },
  );
}
