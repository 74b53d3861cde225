/** Whether a try that met a lock is to be made again, and after which pause. */

import type { ServerMessage } from "../errors.ts";

/** What ended a try that met a lock; a bound on statements may be shorter than that on waits. */
export type LockCause = "lock-timeout" | "deadlock" | "statement-timeout";

/** The server's codes for a lock timeout and for a deadlock. */
const causes: Readonly<Record<string, LockCause>> = {
  "55P03": "lock-timeout",
  "40P01": "deadlock",
};

/** What a try may have done before it met the lock, so that it is done again. */
export const longestWorkMs = 10_000;

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/** Undefined for what has nothing to do with locks. `waitedMs`: how long it was seen to wait. */
export function lockCause(
  { code, message }: Pick<ServerMessage, "code" | "message">,
  waitedMs: number,
): LockCause | undefined {
  const isTimeout = code === "57014" && message.includes("statement timeout");
  return isTimeout && waitedMs > 0 ? "statement-timeout" : causes[code];
}

/** Whether so much was done and rolled back that it is not to be done again and again. */
export function wasMuchWork(workedMs: number, lockTimeoutMs: number): boolean {
  return workedMs - lockTimeoutMs > longestWorkMs;
}

/** Doubled each time and jittered by half; `failed` tries have been made, from 1. */
export function retryPauseMs(failed: number, random: number): number {
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (failed - 1));
  return pauseMs * (0.5 + random);
}
