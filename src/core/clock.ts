/** Time and chance as values that main hands down: the only source of either. */

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** The date, for names of files. */
  date(): Date;
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 up to, not including, 1. */
  random(): number;
}
