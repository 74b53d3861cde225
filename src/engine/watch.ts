/** Watches a step that takes long: tells how far it is, and notes who stands in its way. */

import type { Blocker } from "../core/blocker.ts";
import type { Direction, MigrationFile } from "../core/migration.ts";
import type { Activity } from "../pg/activity.ts";
import type { Context } from "./context.ts";
import type { StepProgress } from "./events.ts";
import { Lookout } from "./lookout.ts";
import type { OpenTarget } from "./open-target.ts";

export interface WatchedStep {
  readonly file: MigrationFile;
  readonly direction: Direction;
  /** 0 is no limit. Looks must come several times within it, or the blocker is never seen. */
  readonly lockTimeoutMs: number;
}

export interface StepWatch {
  /** Who was seen in the way of what waits now, or waited last; empty where nobody was seen. */
  blockers(): readonly Blocker[];
  /** How long somebody has been in the way, as far as it was seen. */
  waitedMs(): number;
  /** A new try begins. */
  restart(): void;
  /** Under transaction:false: which unit begins, from 1. */
  unit(number: number, of: number): void;
  /** Must be called; nothing is emitted afterwards. */
  stop(): void;
}

const longestPauseMs = 500;
const shortestPauseMs = 20;
const looksWithinTimeout = 4;
/** What takes less has no progress to tell. */
const longStepMs = 500;
/** How long nothing is told while the server does not answer, or cannot be asked. */
const tellAtLeastMs = 1_000;
const tellAtMostMs = 200;

/**
 * One for a run. Its own connection is opened by the first step that takes long. Nothing that
 * goes wrong here is told, or changes what the run does.
 */
export class Watcher {
  readonly #context: Context;
  readonly #lookout: Lookout | undefined;

  constructor(context: Context, open: OpenTarget) {
    this.#context = context;
    // An embedded Postgres has no second connection, and nobody else in it.
    this.#lookout = open.target.kind === "embedded" ? undefined : new Lookout(context, open);
  }

  /** One step at a time. */
  step(what: WatchedStep): StepWatch {
    return new Watch(this.#context, this.#lookout, what);
  }

  /** Takes a moment at most, and never rejects. */
  async close(): Promise<void> {
    await this.#lookout?.close();
  }
}

const unseen: Pick<Activity, "blockers" | "work"> = { blockers: [], work: undefined };

class Watch implements StepWatch {
  readonly #context: Context;
  readonly #what: WatchedStep;
  readonly #began: number;
  readonly #stopped = new AbortController();
  #inTheWay: readonly Blocker[] = [];
  #waitsSince = 0;
  /** Looks since then that saw nobody. */
  #emptyLooks = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #unit: StepProgress["unit"];
  #activity = unseen;
  /** What was asked before a restart or another unit says nothing of what runs now. */
  #part = 0;

  constructor(context: Context, lookout: Lookout | undefined, what: WatchedStep) {
    this.#context = context;
    this.#what = what;
    this.#began = context.clock.now();
    context.signal.addEventListener("abort", this.#onAbort);
    if (context.signal.aborted) this.stop();
    // A fault in here, or in whoever is told, must not end the run.
    if (lookout !== undefined) this.#lookAgainAndAgain(lookout).catch(() => {});
    this.#tellAgainAndAgain().catch(() => {});
  }

  /** One look may have come just after the server had given up the wait. */
  blockers(): readonly Blocker[] {
    return this.#emptyLooks > 1 ? [] : this.#inTheWay;
  }

  waitedMs(): number {
    return this.blockers().length === 0 ? 0 : this.#context.clock.now() - this.#waitsSince;
  }

  restart(): void {
    this.#begin();
  }

  unit(number: number, of: number): void {
    this.#unit = { number, of };
    this.#begin();
  }

  stop(): void {
    this.#context.signal.removeEventListener("abort", this.#onAbort);
    this.#stopped.abort();
  }

  readonly #onAbort = (): void => this.stop();

  #begin(): void {
    this.#part += 1;
    this.#activity = unseen;
    this.#inTheWay = [];
  }

  async #lookAgainAndAgain(lookout: Lookout): Promise<void> {
    const pauseMs = lookPauseMs(this.#what.lockTimeoutMs);
    for (;;) {
      if (await this.#isOverAfter(pauseMs)) return;
      const part = this.#part;
      const activity = await lookout.look();
      if (this.#stopped.signal.aborted) return;
      if (part !== this.#part) continue;
      this.#activity = activity ?? unseen;
      this.#note(activity?.blockers);
      this.#tell();
    }
  }

  /** A wait that has ended well is not what a later one ran into. */
  #note(blockers: readonly Blocker[] | undefined): void {
    if (blockers === undefined) return;
    if (this.blockers().length === 0) this.#waitsSince = this.#context.clock.now();
    this.#emptyLooks = blockers.length === 0 ? this.#emptyLooks + 1 : 0;
    if (blockers.length > 0) this.#inTheWay = blockers;
  }

  async #tellAgainAndAgain(): Promise<void> {
    while (!(await this.#isOverAfter(tellAtLeastMs))) this.#tell();
  }

  async #isOverAfter(ms: number): Promise<boolean> {
    const { signal } = this.#stopped;
    await this.#context.clock.sleep(ms, signal);
    return signal.aborted;
  }

  #tell(): void {
    const now = this.#context.clock.now();
    const elapsedMs = now - this.#began;
    if (elapsedMs < longStepMs || now - this.#toldAt < tellAtMostMs) return;
    this.#toldAt = now;
    const { file, direction } = this.#what;
    const [unit, { work, blockers }] = [this.#unit, this.#activity];
    this.#context.emit({
      kind: "step-progress", file, direction, elapsedMs, unit, work, blockers,
    });
  }
}

function lookPauseMs(lockTimeoutMs: number): number {
  if (lockTimeoutMs === 0) return longestPauseMs;
  const pauseMs = lockTimeoutMs / looksWithinTimeout;
  return Math.max(shortestPauseMs, Math.min(longestPauseMs, pauseMs));
}
