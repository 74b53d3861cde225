/** What a failed step tells: the place, the server's words, what state things are in, what next. */

import type { Step } from "../core/step.ts";
import { reconcile } from "../core/history.ts";
import { type ErrorDetails, PgmateError, type ServerMessage } from "../errors.ts";
import type { StepFailure } from "../pg/step-failure.ts";
import { type Context, interruption } from "./context.ts";
import type { StepResult } from "./events.ts";
import { placeIn } from "./migrations.ts";
import { openTarget, type OpenTarget, readTargetLedger } from "./open-target.ts";

export interface Progress {
  readonly done: readonly StepResult[];
  /** Steps that were not reached. */
  readonly left: readonly Step[];
}

/** The error for a step that the server refused; an interruption where that was our own wish. */
export function stepError(
  context: Context,
  step: Step,
  failure: StepFailure,
  progress: Progress,
): PgmateError {
  const state = stateAfter(step, failure, progress);
  if (context.signal.aborted) return interruption(context, state);
  const { message, origin } = failure;
  const details: ErrorDetails = { server: message, state, hint: nextMove(context, message) };
  if (origin.kind === "section") {
    const at = placeIn(step.planned.file, offsetOf(step, failure));
    return new PgmateError("server", message.message, { ...details, at });
  }
  const { path } = step.planned.file;
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

/** A COPY's error names the line of its data; else the place is what the server pointed at. */
function offsetOf(step: Step, failure: StepFailure): number {
  const { origin, message } = failure;
  if (origin.kind !== "section") return 0;
  const line = /^COPY .*?, line (\d+)/.exec(message.where ?? "")?.[1];
  if (origin.copyDataOffset === undefined || line === undefined) return origin.offset;
  // The data begins on the line after the statement's, and its lines count from 1.
  const start = placeIn(step.planned.file, origin.copyDataOffset).line;
  return offsetOfLine(step, start + Number(line)) ?? origin.offset;
}

function offsetOfLine(step: Step, line: number): number | undefined {
  const end = step.migration.sizeBytes;
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placeIn(step.planned.file, middle).line < line) low = middle + 1;
    else high = middle;
  }
  return low < end ? low : undefined;
}

function stateAfter(step: Step, failure: StepFailure, progress: Progress): string {
  const { name } = step.planned.file;
  const verb = step.planned.direction === "up" ? "applied" : "rolled back";
  const parts = [
    step.transactional ? `nothing of ${name} was kept` : partlyDone(step, failure, verb),
  ];
  if (progress.done.length > 0) {
    const names = progress.done.map(({ file }) => file.name);
    parts.push(`done before it: ${listed(names)}`);
  }
  if (progress.left.length > 0) {
    parts.push(`not reached: ${listed(progress.left.map((left) => left.planned.file.name))}`);
  }
  return parts.join("; ");
}

/** Outside of a transaction what ran stays: it must be said to the statement. */
function partlyDone(step: Step, failure: StepFailure, verb: string): string {
  const { name } = step.planned.file;
  const total = step.sections.reduce((sum, section) => sum + section.unitCount, 0);
  const done = failure.unitsDone;
  const kept =
    done === 0
      ? `none of its ${total} statements was kept`
      : `${done} of its ${total} statements ran and stay (they are committed)`;
  const invalid = /concurrently/i.test(failure.message.message) || failure.message.code === "23505";
  const index = invalid ? "; an index that it was building may be left INVALID: drop it" : "";
  return (
    `${name} is not recorded as ${verb}: ${kept}; the next run begins it again from its first ` +
    `statement, so undo what stays or make it repeatable (if not exists)${index}`
  );
}

function listed(names: readonly string[]): string {
  if (names.length <= 5) return names.join(", ");
  return `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;
}

function nextMove(context: Context, message: ServerMessage): string {
  const again = `pgmate ${context.identity.command}`;
  switch (message.code) {
    case "55P03":
      return (
        `another session held the lock for longer than --lock-timeout; run \`${again}\` again, ` +
        "or give it more time: --lock-timeout 30s"
      );
    case "40P01":
      return `run \`${again}\` again: a deadlock with another session was broken`;
    case "25001":
      return (
        "this statement cannot run in a transaction: give its section transaction:false on the " +
        "marker line"
      );
    case "42501":
      return `let the role have that right (or run as one that has it), then run \`${again}\``;
    default:
      return `correct the file, then run \`${again}\``;
  }
}

interface Loss {
  readonly open: OpenTarget;
  readonly step: Step;
  readonly error: PgmateError;
  readonly progress: Progress;
}

const settleTries = 15;

/**
 * Nothing is sent again blindly: the ledger is asked whether the step was committed, once the
 * old backend is gone. Where it cannot be asked, the outcome is said to be unknown.
 */
export async function lostConnection(context: Context, loss: Loss): Promise<PgmateError> {
  const { name } = loss.step.planned.file;
  const isUp = loss.step.planned.direction === "up";
  if (context.signal.aborted) {
    return interruption(context, `${name} was stopped; \`pgmate status\` shows whether it is kept`);
  }
  const recorded = await isRecorded(context, loss);
  if (recorded === undefined) {
    return new PgmateError("unknown-outcome", `${loss.error.message}`, {
      state: `whether ${name} was ${isUp ? "applied" : "rolled back"} is not known`,
      hint: "when the server is back: pgmate status tells, and pgmate up goes on from there",
      cause: loss.error,
    });
  }
  const happened = recorded === isUp;
  const verb = isUp ? "applied" : "rolled back";
  const partly = loss.step.transactional
    ? `nothing of ${name} was kept`
    : `${name} is not recorded as ${verb}; statements that ran before the loss stay`;
  return loss.error.with({
    state: happened ? `${name} was ${verb}: its commit went through` : partly,
    hint: `run \`pgmate ${context.identity.command}\` again`,
  });
}

async function isRecorded(context: Context, loss: Loss): Promise<boolean | undefined> {
  const { target, connection } = loss.open;
  if (target.kind === "embedded") return undefined;
  for (let tried = 0; tried < settleTries; tried += 1) {
    await context.clock.sleep(tried === 0 ? 200 : 1_000, context.signal);
    try {
      const again = await openTarget(context, { purpose: "read", missing: "refuse" });
      try {
        const alive = await again.connection.session.rows(
          `select 1 as found from pg_catalog.pg_stat_activity
            where pid = ${connection.facts.backendPid}`,
        );
        if (alive.length > 0) continue;
        const ledger = await readTargetLedger(context, again);
        const history = reconcile([loss.step.planned.file], ledger.rows, ledger.versionKind);
        return history.applied.some(({ file }) => file !== undefined);
      } finally {
        await again.close();
      }
    } catch (error) {
      if (!(error instanceof PgmateError)) throw error;
    }
  }
  return undefined;
}
