/** Tries a step again that met a lock: tells who was in the way, and waits. */

import type { Blocker } from "../core/blocker.ts";
import { type LockCause, lockCause, retryPauseMs, wasMuchWork } from "../core/retry.ts";
import { sectionTimeouts, type Timeouts } from "../core/timeouts.ts";
import type { ApplyContext } from "../pg/apply.ts";
import type { Context } from "./context.ts";
import type { LoadedStep } from "./migrations.ts";
import type { StepWatch } from "./watch.ts";

/** What a failure that was not tried again must say. */
export interface LockTries {
  /** What ended the last try, where that was a lock. */
  cause: LockCause | undefined;
  /** Tries of what failed last that met a lock. */
  failed: number;
  /** Whether the last one had done too much to do it again. */
  wasMuchWork: boolean;
  /** Who was in the way of the last one; empty where nobody could be seen. */
  blockers: readonly Blocker[];
}

export interface Retrier {
  readonly retry: ApplyContext["retry"];
  readonly tries: LockTries;
  /** Another unit begins, with tries of its own. */
  restart(): void;
}

export function lockRetrier(
  context: Context,
  loaded: LoadedStep,
  { watch, timeouts }: { readonly watch: StepWatch; readonly timeouts: Timeouts },
): Retrier {
  const { planned, sections } = loaded.step;
  const waits = sections.map((section) => sectionTimeouts(section, timeouts).lockTimeoutMs);
  const lockTimeoutMs = Math.max(timeouts.lockTimeoutMs, ...waits);
  const tries: LockTries = { cause: undefined, failed: 0, wasMuchWork: false, blockers: [] };
  return {
    tries,
    restart: () => {
      tries.failed = 0;
      tries.wasMuchWork = false;
    },
    retry: async ({ message }, { workedMs }) => {
      const cause = lockCause(message, watch.waitedMs());
      tries.cause = cause;
      if (cause === undefined) return false;
      tries.failed += 1;
      // A file may have set a longer wait than the one that is known here.
      tries.wasMuchWork = wasMuchWork(workedMs, Math.max(lockTimeoutMs, watch.waitedMs()));
      tries.blockers = watch.blockers();
      const left = context.config.lockRetries - tries.failed + 1;
      if (left <= 0 || tries.wasMuchWork || context.signal.aborted) return false;
      const pauseMs = retryPauseMs(tries.failed, context.clock.random());
      const { file, direction } = planned;
      const { failed, blockers } = tries;
      context.emit({
        kind: "lock-retry", file, direction, cause, failed, left, pauseMs, blockers,
      });
      await context.clock.sleep(pauseMs, context.signal);
      watch.restart();
      return !context.signal.aborted;
    },
  };
}
