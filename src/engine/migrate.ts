/** The main job: reads, decides, locks, decides again, applies step by step, and tells. */

import { type History, isDirty, reconcile } from "../core/history.ts";
import type { TableName } from "../core/identifier.ts";
import type { MigrationFile } from "../core/migration.ts";
import { type Plan, plan, type Request } from "../core/plan.ts";
import { asksPerson } from "../core/unit-note.ts";
import { PgmateError } from "../errors.ts";
import { forgetVersions } from "../pg/journal.ts";
import { ensureLedger } from "../pg/ledger.ts";
import type { RunLock } from "../pg/lock.ts";
import type { Session } from "../pg/session.ts";
import { noHistory, refuseOtherFiles, refuseOtherHistory } from "./approved-plan.ts";
import { brokenStep } from "./broken-step.ts";
import { type Context, interruption, throwIfInterrupted } from "./context.ts";
import { tellDisorder } from "./disorder.ts";
import type { Outcome, StepResult } from "./events.ts";
import { listFiles, type LoadedStep, loadSteps, noFiles } from "./migrations.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { openTarget, type OpenTarget, readRecords, type Records } from "./open-target.ts";
import { describeProgress } from "./progress-state.ts";
import { resumeOf } from "./resume.ts";
import { RunAhead } from "./run-ahead.ts";
import type { SchemaDumper } from "./schema-text.ts";
import { releaseRunLock, takeRunLock } from "./run-lock.ts";
import { type Progress, stepError } from "./step-error.ts";
import { applyContext, type Run, runStep, type StepPlace } from "./step-run.ts";
import { ledgerPlace, lockTimeoutOf } from "./target.ts";
import { Watcher } from "./watch.ts";

/** Runs what the request means; with nothing to do it takes no lock and writes nothing. */
export async function migrate(context: Context, options: MigrateOptions): Promise<Outcome> {
  if (context.config.dryRun) {
    const { dryRun } = await import("./dry-run.ts");
    return dryRun(context, options);
  }
  const files = listFiles(context);
  if (files.length === 0 && options.request.kind === "up") throw noFiles(context);
  const open = await openTarget(context, {
    purpose: "write",
    missing: options.missingDatabase,
    // A fault in a file is to be found before there is a database that nobody needs.
    beforeCreate: () => {
      refuseOtherHistory(options.approved, noHistory, files);
      const history = reconcile(files, []);
      const { steps: planned } = plan(history, options.request);
      const steps = loadSteps(planned, () => {}, { checksums: "later" });
      refuseOtherFiles(options.approved, steps, history.pending);
    },
  });
  try {
    return await run(context, open, files, options);
  } finally {
    await open.close();
  }
}

async function run(
  context: Context,
  open: OpenTarget,
  files: readonly MigrationFile[],
  { request, approved }: MigrateOptions,
): Promise<Outcome> {
  const { session } = open.connection;
  // What goes down goes in the order of its times.
  const detail = request.kind === "up" ? "versions" : "whole";
  const glimpse = await readRecords(context, open, detail);
  refuseOtherHistory(approved, glimpse, files);
  // What looks half run may be what another run is in the midst of: the lock tells.
  const isClear = glimpse.journal.rows.length === 0;
  let early: readonly LoadedStep[] = [];
  if (isClear) {
    const glance = decide(glimpse, files, request);
    refuseNeedlessAnswer(context, glance.plan);
    if (glance.plan.steps.length === 0) return nothingToDo(context, glance);
    // Every file is read before the lock is taken, so that a fault in one keeps nobody waiting.
    early = loadSteps(glance.plan.steps, () => {}, { checksums: "later" });
    refuseOtherFiles(approved, early, glance.history.pending);
  }
  throwIfInterrupted(context, "nothing was changed");
  // Loading pg_dump takes as long as a small run, and goes on beside it.
  const dumper = context.config.dumpsSchema ? await loadDumper(context) : undefined;
  const lock = await takeRunLock(context, open, glimpse.ledger);
  try {
    const asked = context.clock.now();
    const seen = await readRecords(context, open);
    const roundTripMs = (context.clock.now() - asked) / recordsRoundTrips;
    refuseOtherHistory(approved, seen, files);
    const decided = decide(seen, files, request);
    refuseNeedlessAnswer(context, decided.plan);
    const steps = loadSteps(decided.plan.steps, context.emit, {
      before: early, checksums: "later",
    });
    refuseOtherFiles(approved, steps, decided.history.pending);
    await forgetStale(session, lock, seen.journal.name, decided);
    if (steps.length === 0) return nothingToDo(context, decided);
    for (const loaded of steps) resumeOf(loaded);
    context.emit({ kind: "planned", steps: steps.map(({ step }) => step.planned) });
    const ledger = await ensureLedger(session, seen.ledger, {
      lockTimeoutMs: lockTimeoutOf(context, open.connection),
      place: ledgerPlace(context, open.target),
      onSchema: (name) => context.emit({ kind: "creating-schema", name }),
      onNotice: (message) => context.emit({ kind: "warning", message }),
    });
    // Another run may have applied since what was late then.
    tellDisorder(context, decided.history, decided.plan);
    const watcher = new Watcher(context, open);
    const ran: Run = { open, lock, ledger, watcher, journal: seen.journal, roundTripMs };
    return { kind: "ran", steps: await runAndDump(context, ran, steps, dumper) };
  } finally {
    await releaseRunLock(context, lock, open);
  }
}

/** For the ledger's shape and its rows. */
const recordsRoundTrips = 2;

/** Else a rollback that was to finish another would undo one more. */
function refuseNeedlessAnswer({ config, identity }: Context, { steps }: Plan): void {
  if (config.resume === "ask" || steps.some(({ begun }) => begun.some(asksPerson))) return;
  const reason = "--resume is for a statement that may have committed by itself, and none is";
  throw new PgmateError("usage", `${reason} half run`, {
    hint: `look with \`pgmate status\`, then run \`${identity.invocation}\``,
    state: "nothing was changed",
  });
}

function nothingToDo(context: Context, { history, plan: decided }: Decision): Outcome {
  tellDisorder(context, history, decided);
  return { kind: "ran", steps: [] };
}

/**
 * What another tool's word in the ledger contradicts would else be true again some day; what came
 * to nothing and is not tried again is no news for ever.
 */
async function forgetStale(
  session: Session,
  lock: RunLock,
  journal: TableName,
  { history, plan: { steps } }: Decision,
): Promise<void> {
  const { contradicted, unfinished } = history;
  const over = unfinished.filter((step) => {
    const isTried = steps.some(({ file }) => file === step.file);
    return !isTried && !isDirty(step);
  });
  const versions = [...contradicted, ...over].map(({ version }) => version);
  if (versions.length > 0) await forgetVersions(session, lock, journal, versions);
}

/** The file is written under the run's lock: whoever runs next writes a newer one after it. */
async function runAndDump(
  context: Context,
  run: Run,
  steps: readonly LoadedStep[],
  dumper: SchemaDumper | undefined,
): Promise<readonly StepResult[]> {
  const progress: RunProgress = { results: [], keptUnits: 0 };
  if (dumper === undefined) {
    await runSteps(context, run, steps, progress);
    return progress.results;
  }
  const { dumpAfterRun, unwrittenFile } = await import("./schema-file.ts");
  const { open, ledger } = run;
  const { session } = open.connection;
  try {
    await runSteps(context, run, steps, progress);
  } catch (error) {
    // Of a connection that is lost nobody knows at once what it had committed.
    const hasChanged = progress.results.length > 0 || progress.keptUnits > 0 || session.isLost;
    if (!hasChanged || !(error instanceof PgmateError)) throw error;
    // Without the lock another run may have written a newer file.
    if (context.signal.aborted || session.isLost || error.code === "lock-lost") {
      const state = error.state === undefined ? "" : `${error.state}; `;
      throw error.with({ state: `${state}${unwrittenFile(context)}` });
    }
    await dumpAfterRun(context, { open, ledger, dumper, did: undefined });
    throw error;
  }
  const did = describeProgress(progress.results);
  await dumpAfterRun(context, { open, ledger, dumper, did });
  return progress.results;
}

async function loadDumper(context: Context): Promise<SchemaDumper> {
  const { prepareDump } = await import("./schema-text.ts");
  return prepareDump(context, []);
}

interface Decision {
  readonly history: History;
  readonly plan: Plan;
}

function decide(
  { ledger, journal }: Records,
  files: readonly MigrationFile[],
  request: Request,
): Decision {
  const history = reconcile(files, ledger.rows, ledger.versionKind, journal.rows);
  return { history, plan: plan(history, request) };
}

/** What a run has done so far, for whoever must tell of it after a failure. */
interface RunProgress {
  readonly results: StepResult[];
  /** Units that a failed transaction:false step had committed. */
  keptUnits: number;
}

async function runSteps(
  context: Context,
  run: Run,
  steps: readonly LoadedStep[],
  ran: RunProgress,
): Promise<void> {
  const ahead = new RunAhead(context, {
    open: run.open,
    steps,
    roundTripMs: run.roundTripMs,
    contextOf: (loaded, index) =>
      applyContext(context, run, loaded, { place: placeOf(index), retry: async () => false }),
  });
  try {
    await runEach(context, run, { steps, ahead }, ran);
  } finally {
    await ahead.drain();
    // Before the dump: a program that makes it needs a place on the server too.
    await run.watcher.close();
  }
}

function placeOf(index: number): StepPlace["place"] {
  return index === 0 ? "first" : "later";
}

interface Ordered {
  readonly steps: readonly LoadedStep[];
  readonly ahead: RunAhead;
}

async function runEach(
  context: Context,
  run: Run,
  { steps, ahead }: Ordered,
  ran: RunProgress,
): Promise<void> {
  const { results } = ran;
  for (const [index, loaded] of steps.entries()) {
    const left = steps.slice(index + 1).map(({ step }) => step);
    // What is on its way is answered first: it may be done all the same.
    const isStopped = context.signal.aborted && !ahead.holds(index);
    if (isStopped) throw interruption(context, describeProgress(results));
    const { planned } = loaded.step;
    const isUp = planned.direction === "up";
    context.emit({ kind: isUp ? "applying" : "rolling-back", file: planned.file });
    const began = context.clock.now();
    const progress: Progress = { done: results, left, unitsDone: 0 };
    try {
      const sentAhead = await ahead.take(index);
      const place = placeOf(index);
      const applied = await runStep(context, run, loaded, { place, progress, sentAhead });
      if (applied.kind === "failed") throw stepError(context, loaded, applied, progress);
      const ms = applied.ms ?? context.clock.now() - began;
      results.push({ direction: planned.direction, file: planned.file, ms });
      const rows = applied.lastRowCount;
      context.emit({ kind: isUp ? "applied" : "rolled-back", file: planned.file, ms, rows });
    } catch (error) {
      ran.keptUnits = progress.unitsDone;
      if (!(error instanceof PgmateError)) throw error;
      const { step } = loaded;
      const behind = ahead.behind(index);
      throw await brokenStep(context, { open: run.open, step, behind, error, progress });
    }
  }
}
