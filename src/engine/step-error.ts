/** What a failed step tells: the place, the server's words, what state things are in, what next. */

import type { Step } from "../core/step.ts";
import { reconcile } from "../core/history.ts";
import { unkeptRowText } from "../core/step-sql.ts";
import { type ErrorDetails, PgmateError, type Place } from "../errors.ts";
import type { StepFailure } from "../pg/step-failure.ts";
import { type Context, interruption } from "./context.ts";
import { listed } from "./disorder.ts";
import type { StepResult } from "./events.ts";
import { type LoadedStep, offsetOfLine, placeIn, type Read } from "./migrations.ts";
import { type OpenTarget, readTargetLedger } from "./open-target.ts";
import { openServer } from "./target.ts";

export interface Progress {
  readonly done: readonly StepResult[];
  /** Steps that were not reached. */
  readonly left: readonly Step[];
}

/** The error for a step that the server refused; an interruption where that was our own wish. */
export function stepError(
  context: Context,
  loaded: LoadedStep,
  failure: StepFailure,
  progress: Progress,
): PgmateError {
  const { step } = loaded;
  const kept = step.transactional ? nothingKept(step) : partlyDone(step, failure);
  const state = stateAfter(kept, progress);
  if (context.signal.aborted) return interruption(context, state);
  const { message, origin } = failure;
  const hint = nextMove(goOn(context, step, progress.done.length), failure);
  const details: ErrorDetails = { server: message, state, hint };
  if (origin.kind === "section") {
    const at = placeOf(loaded, failure);
    const placed = at === undefined ? details : { ...details, at };
    return new PgmateError("server", message.message, placed);
  }
  const { path } = step.planned.file;
  if (origin.kind === "file") {
    const where = `${path}, at a place that the server does not tell`;
    return new PgmateError("server", `${where}: ${message.message}`, details);
  }
  if (message.message.includes(unkeptRowText)) {
    const unkept = `the ledger's row for ${path} was written, but the table did not keep it`;
    return new PgmateError("ledger-denied", unkept, {
      hint: "look at the triggers, rules and policies of the ledger's table",
      state,
    });
  }
  const texts: Readonly<Record<typeof origin.purpose, string>> = {
    reset: "the session could not be put back as it was",
    begin: "the transaction could not begin",
    lock: "the run lock could not be checked",
    constraints: `what ${path} left to be checked at its end does not hold: ${message.message}`,
    ledger: `the ledger's row for ${path} could not be written: ${message.message}`,
    commit: `${path} could not be committed: ${message.message}`,
  };
  return new PgmateError("server", texts[origin.purpose], details);
}

/** Undefined for a large file that was changed meanwhile: it cannot show it any more. */
export function placeOf(loaded: LoadedStep | Read, failure: StepFailure): Place | undefined {
  try {
    return placeIn(loaded, offsetOf(loaded, failure));
  } catch (error) {
    if (error instanceof PgmateError && error.code === "file-changed") return undefined;
    throw error;
  }
}

/** A COPY's error names the line of its data; else the place is what the server pointed at. */
function offsetOf(loaded: LoadedStep | Read, failure: StepFailure): number {
  const { origin, message } = failure;
  if (origin.kind !== "section") return 0;
  // A trigger's own frames may stand before the COPY's.
  const line = /^COPY .*?, line (\d+)/m.exec(message.where ?? "")?.[1];
  if (origin.copyDataOffset === undefined || line === undefined) return origin.offset;
  // The data begin on the line after the statement's, and their lines count from 1.
  return offsetOfLine(loaded, origin.copyDataOffset, Number(line)) ?? origin.offset;
}

function nothingKept(step: Step): string {
  return `nothing of ${step.planned.file.name} was kept`;
}

function stateAfter(kept: string, progress: Progress): string {
  const parts = [kept];
  if (progress.done.length > 0) {
    const names = progress.done.map(({ file, direction }) =>
      direction === "down" ? `${file.name} (rolled back)` : file.name,
    );
    parts.push(`done before it: ${listed(names)}`);
  }
  if (progress.left.length > 0) {
    parts.push(`not reached: ${listed(progress.left.map((left) => left.planned.file.name))}`);
  }
  return parts.join("; ");
}

/** Outside of a transaction what ran stays: it must be said to the statement. */
function partlyDone(step: Step, failure: StepFailure): string {
  const { name } = step.planned.file;
  const total = step.sections.reduce((sum, section) => sum + section.unitCount, 0);
  const done = failure.unitsDone;
  const kept =
    done === 0
      ? `none of its ${total} statements was kept`
      : `${done} of its ${total} statements ran and stay (they are committed)`;
  return (
    `${name} is not recorded as ${verbOf(step)}: ${kept}${leftBehind(failure)}; ` +
    "the next run begins it again from its first statement, so undo what stays or make it " +
    "repeatable (if not exists)"
  );
}

/** What a failed statement may have committed all the same. */
function leftBehind({ command = "", message }: StepFailure): string {
  // An error of class 42 (unknown names, existing ones) comes before anything is built.
  const begun = !message.code.startsWith("42");
  if (begun && /^(CREATE INDEX|REINDEX).* CONCURRENTLY/.test(command)) {
    return "; the index that it was building may be left INVALID: look, and drop it if so";
  }
  return /^(DO|CALL)$/.test(command) ? "; what it committed by itself before it failed stays" : "";
}

/** A command that counts steps would take more than was asked for when it is given again. */
function goOn(context: Context, step: Step, stepsDone: number): string {
  const { command, invocation } = context.identity;
  const counts = command === "rollback" || command === "redo" || context.config.steps !== undefined;
  if (stepsDone === 0 || !counts) return `run \`${invocation}\` again`;
  if (command === "redo" && step.planned.direction === "up") return "run `pgmate up`";
  return "look with `pgmate status` what is left to do";
}

function nextMove(resume: string, failure: StepFailure): string {
  const { message, origin } = failure;
  const known = serverMove(message.code);
  if (known !== undefined) return `${known}, then ${resume}`;
  if (origin.kind === "ours" && origin.purpose === "ledger") {
    return `look at the triggers, rules and rights of the ledger's table, then ${resume}`;
  }
  return `correct the file, then ${resume}`;
}

/** What to do about what is not the file's fault, by SQLSTATE. */
export function serverMove(code: string): string | undefined {
  return moveByCode[code] ?? moveByClass[code.slice(0, 2)];
}

const moveByCode: Readonly<Record<string, string>> = {
  "55P03":
    "another session held the lock for longer than --lock-timeout: give it more time " +
    "(--lock-timeout 30s)",
  "25001": "give the statement's section transaction:false on the marker line",
  "25006": "see why the session is read only (default_transaction_read_only)",
  "42501": "let the role have that right, or run as one that has it",
  "57014": "something ended the statement: see statement_timeout of the role and the database",
};

const moveByClass: Readonly<Record<string, string>> = {
  "40": "another session was in the way: wait for it",
  "53": "let the server have what it lacks (disk, memory, connections)",
};

interface Broken {
  readonly open: OpenTarget;
  readonly step: Step;
  readonly error: PgmateError;
  readonly progress: Progress;
}

/** What was thrown in the midst of a step, with what is known of the state of things. */
export async function brokenStep(context: Context, broken: Broken): Promise<PgmateError> {
  const { step, error, progress } = broken;
  if (error.code === "connect-lost") return lostConnection(context, broken);
  if (error.state !== undefined) return error;
  const kept = step.transactional ? nothingKept(step) : someKept(step);
  return error.with({ state: stateAfter(kept, progress) });
}

function someKept(step: Step): string {
  const { name } = step.planned.file;
  return `${name} is not recorded as ${verbOf(step)}; its statements that had run before stay`;
}

function verbOf(step: Step): string {
  return step.planned.direction === "up" ? "applied" : "rolled back";
}

const settleTries = 15;

/**
 * Nothing is sent again blindly: the ledger is asked whether the step was committed, once the
 * old backend is gone. Where it cannot be asked, the outcome is said to be unknown.
 */
async function lostConnection(context: Context, broken: Broken): Promise<PgmateError> {
  const { step, error, progress } = broken;
  const { name } = step.planned.file;
  const verb = verbOf(step);
  if (context.signal.aborted) {
    return interruption(context, `${name} was stopped; \`pgmate status\` shows whether it is kept`);
  }
  const recorded = await isRecorded(context, broken);
  if (recorded === undefined) {
    return new PgmateError("unknown-outcome", error.message, {
      state: stateAfter(`whether ${name} was ${verb} is not known`, progress),
      hint: "when the server is back: pgmate status tells, and pgmate up goes on from there",
      cause: error,
    });
  }
  const happened = recorded === (step.planned.direction === "up");
  const kept = step.transactional ? nothingKept(step) : someKept(step);
  const stepsDone = progress.done.length + (happened ? 1 : 0);
  const finished = happened && progress.left.length === 0;
  return error.with({
    state: stateAfter(happened ? `${name} was ${verb}: its commit went through` : kept, progress),
    hint: finished ? "nothing is left to do" : goOn(context, step, stepsDone),
  });
}

async function isRecorded(context: Context, { open, step }: Broken): Promise<boolean | undefined> {
  const { target, connection } = open;
  if (target.kind === "embedded") return undefined;
  for (let tried = 0; tried < settleTries; tried += 1) {
    await context.clock.sleep(tried === 0 ? 200 : 1_000, context.signal);
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
        const ledger = await readTargetLedger(context, { ...open, connection: again });
        const history = reconcile([step.planned.file], ledger.rows, ledger.versionKind);
        return history.applied.some(({ file }) => file !== undefined);
      } finally {
        await again.session.end();
      }
    } catch (error) {
      if (!(error instanceof PgmateError)) throw error;
    }
  }
  return undefined;
}
