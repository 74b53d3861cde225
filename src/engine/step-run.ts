/** Runs one step with all that stands around it: new tries, the journal, the watch. */

import { spellings } from "../core/history.ts";
import { sectionTimeouts, type Timeouts } from "../core/timeouts.ts";
import type { Unit } from "../core/unit.ts";
import { PgmateError } from "../errors.ts";
import {
  type Applied, applyTransaction, type ApplyContext, resetStatements, type SentAhead,
} from "../pg/apply.ts";
import { applyUnits } from "../pg/apply-units.ts";
import { ensureJournal, type Journal } from "../pg/journal.ts";
import type { Ledger } from "../pg/ledger.ts";
import type { RunLock } from "../pg/lock.ts";
import type { Context } from "./context.ts";
import { lockRetrier } from "./lock-retry.ts";
import { type LoadedStep, placeIn } from "./migrations.ts";
import type { OpenTarget } from "./open-target.ts";
import { askingHint, resumeOf, unitCount } from "./resume.ts";
import type { Progress } from "./step-error.ts";
import { timeoutsOf } from "./target.ts";
import type { StepWatch, Watcher } from "./watch.ts";

/** What all steps of a run share. */
export interface Run {
  readonly open: OpenTarget;
  readonly lock: RunLock;
  readonly ledger: Ledger;
  readonly watcher: Watcher;
  /** How long one question to the server takes. */
  readonly roundTripMs: number;
  /** Made when the first step needs it. */
  journal: Journal;
}

export interface StepPlace {
  /** The session is as it was at the start only for the first. */
  readonly place: "first" | "later";
  readonly progress: Progress;
  /** The first try, where it is on its way already. */
  readonly sentAhead?: SentAhead | undefined;
}

/** What was thrown in the midst of it is not yet told with its state. */
export async function runStep(
  context: Context,
  run: Run,
  loaded: LoadedStep,
  { place, progress, sentAhead }: StepPlace,
): Promise<Applied> {
  const { file, direction } = loaded.step.planned;
  const timeouts = timeoutsOf(context, run.open.connection);
  const lockTimeoutMs = shortestLockTimeout(loaded, timeouts);
  const watch = run.watcher.step({ file, direction, lockTimeoutMs });
  try {
    const retrier = lockRetrier(context, loaded, { watch, timeouts });
    progress.tries = retrier.tries;
    const apply = applyContext(context, run, loaded, { place, retry: retrier.retry });
    // Without a statement there is nothing to go on with.
    const isOne = loaded.step.transactional || unitCount(loaded.step) === 0;
    if (isOne) return await applyTransaction(apply, loaded.step, sentAhead);
    return await runUnits(context, run, loaded, {
      apply,
      progress,
      onUnit: (number, of) => {
        retrier.restart();
        watch.unit(number, of);
      },
    });
  } finally {
    watch.stop();
  }
}

/** Whoever looks must come several times within it; 0 where none is bounded. */
function shortestLockTimeout({ step }: LoadedStep, timeouts: Timeouts): number {
  const waits = step.sections.map((section) => sectionTimeouts(section, timeouts).lockTimeoutMs);
  const bounds = waits.filter((ms) => ms > 0);
  return bounds.length === 0 ? 0 : Math.min(...bounds);
}

interface UnitsRun {
  readonly apply: ApplyContext;
  readonly progress: Progress;
  readonly onUnit: StepWatch["unit"];
}

async function runUnits(
  context: Context,
  run: Run,
  loaded: LoadedStep,
  { apply, progress, onUnit }: UnitsRun,
): Promise<Applied> {
  const { step } = loaded;
  const { file, direction, begun, version } = step.planned;
  const { session } = run.open.connection;
  const { lockTimeoutMs } = apply.timeouts;
  const wanted = { ledger: run.ledger.name, lockTimeoutMs };
  run.journal = await ensureJournal(session, run.journal, wanted);
  const of = unitCount(step);
  const from = resumeOf(loaded);
  if (begun.length > 0) {
    context.emit({ kind: "resuming", file, direction, unit: from.unit, of });
  }
  let current: Unit | undefined;
  const units = {
    ...apply,
    forget: { journal: run.journal.name, versions: [version, ...apply.forget.versions] },
    journal: run.journal.name,
    from,
    doubtful: context.config.resume,
    onUnit: (unit: Unit) => {
      current = unit;
      onUnit(unit.number, of);
      const { number, command } = unit;
      context.emit({ kind: "statement-begins", file, direction, unit: number, of, command });
    },
    onLeftoverDropped: (index: string) => context.emit({ kind: "leftover-dropped", index }),
  };
  try {
    return await applyUnits(units, step, progress);
  } catch (error) {
    // What stands in the way of a statement is told at its place.
    const placed = ["invalid-index", "unknown-outcome", "lock-timeout", "journal"];
    if (!(error instanceof PgmateError) || current === undefined) throw error;
    if (error.at !== undefined || !placed.includes(error.code)) throw error;
    const at = placeIn(loaded, current.offset);
    const asks = error.code === "unknown-outcome";
    throw error.with(asks ? { at, hint: askingHint(context, step, current) } : { at });
  }
}

/** What a step is applied with; `retry` is asked after a try that failed. */
export function applyContext(
  context: Context,
  run: Run,
  loaded: LoadedStep,
  { place, retry }: { readonly place: StepPlace["place"]; readonly retry: ApplyContext["retry"] },
): ApplyContext {
  const { session, settingsSql } = run.open.connection;
  const { version, file } = loaded.step.planned;
  const names = [version, ...spellings(file, run.ledger.versionKind)];
  const known = new Set(run.journal.rows.map((row) => row.version));
  const versions = [...known].filter((one) => names.includes(one));
  return {
    session,
    resetSql: resetStatements(settingsSql),
    sessionIs: place === "first" ? "fresh" : "used",
    lock: run.lock,
    clock: context.clock,
    table: run.ledger.name,
    columns: run.ledger.columns,
    timeouts: timeoutsOf(context, run.open.connection),
    signal: context.signal,
    settingsSql,
    read: (range) => loaded.snapshot.read(range),
    forget: { journal: run.journal.name, versions },
    retry,
    retries: context.config.lockRetries,
  };
}
