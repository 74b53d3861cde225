/** The main job: reads, decides, locks, decides again, applies step by step, and tells. */

import { type History, reconcile } from "../core/history.ts";
import type { MigrationFile } from "../core/migration.ts";
import { type Plan, plan, type Request } from "../core/plan.ts";
import { PgmateError } from "../errors.ts";
import { applyStep, resetStatements } from "../pg/apply.ts";
import { ensureLedger, type Ledger } from "../pg/ledger.ts";
import { acquireRunLock, describeHolder, type RunLock } from "../pg/lock.ts";
import { type Context, interruption, throwIfInterrupted } from "./context.ts";
import { tellDisorder } from "./disorder.ts";
import type { Outcome, StepResult } from "./events.ts";
import { listFiles, type LoadedStep, loadSteps, noFiles } from "./migrations.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { openTarget, type OpenTarget, readTargetLedger } from "./open-target.ts";
import { brokenStep, stepError } from "./step-error.ts";
import { lockTimeoutOf } from "./target.ts";

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
      loadSteps(plan(reconcile(files, []), options.request).steps, () => {});
    },
  });
  try {
    return await run(context, open, files, options.request);
  } finally {
    await open.close();
  }
}

async function run(
  context: Context,
  open: OpenTarget,
  files: readonly MigrationFile[],
  request: Request,
): Promise<Outcome> {
  const { session } = open.connection;
  const glimpse = await readTargetLedger(context, open);
  const glance = decide(glimpse, files, request);
  tellDisorder(context, glance.history, glance.plan);
  if (glance.plan.steps.length === 0) return { kind: "ran", steps: [] };
  // Every file is read before the lock is taken, so that a fault in one keeps nobody waiting.
  loadSteps(glance.plan.steps, () => {});
  throwIfInterrupted(context, "nothing was changed");
  const lock = await takeLock(context, open, glimpse);
  try {
    const seen = await readTargetLedger(context, open);
    const decided = decide(seen, files, request);
    const steps = loadSteps(decided.plan.steps, context.emit);
    if (steps.length === 0) return { kind: "ran", steps: [] };
    const ledger = await ensureLedger(session, seen, {
      lockTimeoutMs: lockTimeoutOf(context, open.connection),
      onSchema: (name) => context.emit({ kind: "creating-schema", name }),
      onNotice: (message) => context.emit({ kind: "warning", message }),
    });
    return { kind: "ran", steps: await runSteps(context, { open, lock, ledger }, steps) };
  } finally {
    await releaseQuietly(context, lock, open);
  }
}

interface Decision {
  readonly history: History;
  readonly plan: Plan;
}

function decide(ledger: Ledger, files: readonly MigrationFile[], request: Request): Decision {
  const history = reconcile(files, ledger.rows, ledger.versionKind);
  return { history, plan: plan(history, request) };
}

async function takeLock(context: Context, open: OpenTarget, ledger: Ledger): Promise<RunLock> {
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
async function releaseQuietly(
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

interface Run {
  readonly open: OpenTarget;
  readonly lock: RunLock;
  readonly ledger: Ledger;
}

async function runSteps(
  context: Context,
  run: Run,
  steps: readonly LoadedStep[],
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const [index, loaded] of steps.entries()) {
    const progress = { done: results, left: steps.slice(index + 1).map(({ step }) => step) };
    if (context.signal.aborted) throw interruption(context, describeProgress(results));
    const { planned } = loaded.step;
    const isUp = planned.direction === "up";
    context.emit({ kind: isUp ? "applying" : "rolling-back", file: planned.file });
    const began = context.clock.now();
    try {
      const applied = await applyStep(stepContext(context, run, loaded, index), loaded.step);
      const ms = context.clock.now() - began;
      if (applied.kind === "failed") throw stepError(context, loaded, applied, progress);
      results.push({ direction: planned.direction, file: planned.file, ms });
      const rows = applied.lastRowCount;
      context.emit({ kind: isUp ? "applied" : "rolled-back", file: planned.file, ms, rows });
    } catch (error) {
      if (!(error instanceof PgmateError)) throw error;
      throw await brokenStep(context, { open: run.open, step: loaded.step, error, progress });
    }
  }
  return results;
}

function stepContext(
  context: Context,
  run: Run,
  loaded: LoadedStep,
  index: number,
): Parameters<typeof applyStep>[0] {
  const { session, settingsSql } = run.open.connection;
  return {
    session,
    resetSql: index === 0 ? [] : resetStatements(settingsSql),
    lock: run.lock,
    clock: context.clock,
    table: run.ledger.name,
    columns: run.ledger.columns,
    lockTimeoutMs: lockTimeoutOf(context, run.open.connection),
    signal: context.signal,
    read: (range) => loaded.snapshot.read(range),
  };
}

function describeProgress(results: readonly StepResult[]): string {
  if (results.length === 0) return "nothing was changed";
  const names = results.map(({ file, direction }) =>
    direction === "up" ? `${file.name} applied` : `${file.name} rolled back`,
  );
  return `done before that: ${names.join(", ")}`;
}
