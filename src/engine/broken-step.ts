/** What was thrown in the midst of a step, and what is known then of those that were sent. */

import { reconcile, spellings } from "../core/history.ts";
import type { PlannedStep } from "../core/plan.ts";
import type { Step } from "../core/step.ts";
import { PgmateError } from "../errors.ts";
import { type Context, interruption } from "./context.ts";
import { listed } from "./disorder.ts";
import { type OpenTarget, readRecords, type Records } from "./open-target.ts";
import { goOn, keptOf, notRecorded, type Progress, stateAfter, verbOf } from "./step-error.ts";
import { openServer } from "./target.ts";

interface Broken {
  readonly open: OpenTarget;
  readonly step: Step;
  /** Steps that were sent too, before this one was answered. */
  readonly behind: readonly Step[];
  readonly error: PgmateError;
  readonly progress: Progress;
}

/** What was thrown in the midst of a step, with what is known of the state of things. */
export async function brokenStep(context: Context, broken: Broken): Promise<PgmateError> {
  const { step, error, progress } = broken;
  if (error.code === "connect-lost") return lostConnection(context, broken);
  if (error.state !== undefined) return error;
  const isAsked = error.code === "unknown-outcome";
  const of = isAsked ? " for certain" : "";
  const state = stateAfter(`${notRecorded(step, progress)}${of}`, progress);
  // What is only one of the two is the other's place to stand.
  if (context.signal.aborted && error.code === "interrupted") {
    const is = keptOf(undefined, progress.unitsDone);
    const next = goOn(context, step, { ...progress, is });
    return interruption(context, state, next);
  }
  return error.with({ state });
}

/** For so long the server may need to come back, or to notice that the old session is gone. */
const settleMs = 20_000;

/**
 * Nothing is sent again blindly: the ledger is asked which steps were committed, once the old
 * backend is gone. Where it cannot be asked, the outcome is said to be unknown.
 */
async function lostConnection(context: Context, broken: Broken): Promise<PgmateError> {
  const { open, step, behind, error, progress } = broken;
  const sent = [step, ...behind];
  const names = listed(sent.map(({ planned }) => planned.file.name));
  const isOne = sent.length === 1;
  const records = context.signal.aborted ? undefined : await recordsAfter(context, open);
  if (records !== undefined) return lostKnowing(context, broken, records);
  if (context.signal.aborted) {
    const stopped = isOne ? `${names} was stopped` : `${names} were stopped`;
    const kept = isOne ? "whether it is kept" : "whether they are kept";
    const state = `${stopped}; \`pgmate status\` shows ${kept}`;
    return interruption(context, stateAfter(state, later(progress, behind.length)));
  }
  const [verb = "run", ...others] = new Set(sent.map(verbOf));
  const ran = `${isOne ? "was" : "were"} ${others.length === 0 ? verb : "run"}`;
  const unknown = `whether ${names} ${ran} is not known`;
  return new PgmateError("unknown-outcome", error.message, {
    state: stateAfter(unknown, later(progress, behind.length)),
    hint:
      "when the server is back: `pgmate status` tells, and " +
      `\`${nextCommand(step)}\` goes on`,
    cause: error,
  });
}

/** Where one did not go through, none behind it did: the first of those is the one at hand. */
function lostKnowing(
  context: Context,
  { step, behind, error, progress }: Broken,
  records: Records,
): PgmateError {
  const sent = [step, ...behind];
  const first = sent.findIndex((one) => !hasHappened(one, records));
  const at = first === -1 ? behind.length : first;
  const done = sent.slice(0, at).map(({ planned }) => planned);
  const last = sent[at] ?? step;
  const reached = { ...later(progress, at), done: [...progress.done, ...done] };
  const happened = first === -1;
  for (const planned of happened ? [...done, last.planned] : done) {
    tellLate(context, planned, planned === step.planned ? "told" : "untold", records);
  }
  const { unitsDone } = recordedStep(last, records);
  const went = `${last.planned.file.name} was ${verbOf(last)}: its commit went through`;
  const finished = happened && reached.left.length === 0;
  const is = happened ? "done" : keptOf(undefined, unitsDone);
  return error.with({
    state: stateAfter(happened ? went : notRecorded(last, { unitsDone }), reached),
    hint: finished ? "nothing is left to do" : goOn(context, last, { ...reached, is }),
  });
}

/** What came of it had not been heard; that the step at hand begins was told. */
function tellLate(
  { emit }: Context,
  { file, direction, version }: PlannedStep,
  begins: "told" | "untold",
  { ledger }: Records,
): void {
  const isUp = direction === "up";
  if (begins === "untold") emit({ kind: isUp ? "applying" : "rolling-back", file });
  const names = spellings(file, ledger.versionKind);
  const row = ledger.rows.find((one) => one.version === version || names.includes(one.version));
  // How long a down took is written nowhere.
  const ms = row?.executionMs ?? 0;
  emit({ kind: isUp ? "applied" : "rolled-back", file, ms, rows: undefined });
}

/** The same when so many more steps have been reached. */
function later(progress: Progress, steps: number): Progress {
  return { ...progress, left: progress.left.slice(steps) };
}

function nextCommand(step: Step): string {
  return step.planned.direction === "up" ? "pgmate up" : "pgmate rollback";
}

/** What the database knows when the session that was lost has ended; undefined if nobody tells. */
async function recordsAfter(
  context: Context,
  open: OpenTarget,
): Promise<Records | undefined> {
  const { target, connection } = open;
  if (target.kind === "embedded") return undefined;
  // The tries are here: each of them is not to be patient by itself.
  const asking = { ...context, config: { ...context.config, lockRetries: 0 } };
  const lostAt = context.clock.now();
  for (let pauseMs = 200; context.clock.now() - lostAt < settleMs; pauseMs = 1_000) {
    await context.clock.sleep(pauseMs, context.signal);
    if (context.signal.aborted) return undefined;
    try {
      const again = await openServer(context, target, "write");
      try {
        // Another of several hosts may not have what this one had committed.
        if (again.facts.host !== connection.facts.host) return undefined;
        const alive = await again.session.rows(
          `select 1 as found from pg_catalog.pg_stat_activity
            where pid = ${connection.facts.backendPid}`,
        );
        if (alive.length > 0) continue;
        return await readRecords(asking, { ...open, connection: again });
      } finally {
        await again.session.end();
      }
    } catch (error) {
      if (!(error instanceof PgmateError)) throw error;
    }
  }
  return undefined;
}

function hasHappened(step: Step, records: Records): boolean {
  return recordedStep(step, records).recorded === (step.planned.direction === "up");
}

interface RecordedStep {
  readonly recorded: boolean;
  readonly unitsDone: number;
}

function recordedStep({ planned }: Step, { ledger, journal }: Records): RecordedStep {
  const history = reconcile([planned.file], ledger.rows, ledger.versionKind, journal.rows);
  const begun = history.unfinished.find(({ direction }) => direction === planned.direction);
  const done = begun?.rows.filter(({ state }) => state === "done") ?? [];
  return {
    recorded: history.applied.some(({ file }) => file !== undefined),
    unitsDone: done.length,
  };
}
