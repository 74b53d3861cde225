/** What a failed step tells: the place, the server's words, what state things are in, what next. */

import { describeBlockers, endingSql } from "../core/blocker.ts";
import type { Step } from "../core/step.ts";
import { unkeptRowText } from "../core/step-sql.ts";
import {
  type ErrorDetails, PgmateError, type Place, type ServerMessage,
} from "../errors.ts";
import type { StepFailure } from "../pg/step-failure.ts";
import { foreignIndex } from "../pg/unit-error.ts";
import { type Context, interruption } from "./context.ts";
import { listed } from "./disorder.ts";
import type { StepResult } from "./events.ts";
import type { LockTries } from "./lock-retry.ts";
import { type LoadedStep, offsetOfLine, placeIn, type Read } from "./migrations.ts";
import { askingHint, resumeRefusal, unitCount } from "./resume.ts";

/** Of those who are in the way. */
const mostBlockers = 3;

export interface Progress {
  readonly done: readonly Pick<StepResult, "direction" | "file">[];
  /** Steps that were not reached. */
  readonly left: readonly Step[];
  /** Under transaction:false: units of the step at hand that are committed and stay. */
  unitsDone: number;
  /** Of what failed last. */
  tries?: LockTries;
}

/** The error for a step that the server refused; an interruption where that was our own wish. */
export function stepError(
  context: Context,
  loaded: LoadedStep,
  failure: StepFailure,
  progress: Progress,
): PgmateError {
  const { step } = loaded;
  const { message, origin } = failure;
  const { unitsDone } = progress;
  const isOne = step.transactional || unitsDone === 0;
  const refusal = isOne ? undefined : resumeRefusal(loaded, unitsDone);
  const kept = step.transactional
    ? nothingKept(step)
    : partlyDone(step, failure, { unitsDone, refusal });
  const state = stateAfter(kept, progress);
  const only = refusal?.hint ?? (asks(failure) ? askingHint(context, step) : undefined);
  const next = only ?? goOn(context, step, { ...progress, is: keptOf(failure, unitsDone) });
  if (context.signal.aborted) return interruption(context, state, next);
  const hint = only ?? nextMove(next, failure, progress.tries);
  const details: ErrorDetails = { server: message, state, hint };
  if (origin.kind === "section") {
    const at = placeOf(loaded, failure);
    const placed = at === undefined ? { state } : { state, at };
    // The server took that statement for done.
    const { passedOver } = failure;
    if (passedOver !== undefined) return foreignIndex(passedOver, "built").with(placed);
    return new PgmateError("server", message.message, { ...details, ...placed });
  }
  const { path } = step.planned.file;
  if (origin.kind === "file") {
    const where = `${path}, at a place that the server does not tell`;
    return new PgmateError("server", `${where}: ${message.message}`, details);
  }
  if (message.message.includes(unkeptRowText)) {
    const table = origin.purpose === "journal" ? "journal" : "ledger";
    const unkept = `the ${table}'s row for ${path} was written, but the table did not keep it`;
    return new PgmateError("ledger-denied", unkept, {
      hint: `look at the triggers, rules and policies of the ${table}'s table`,
      state,
    });
  }
  const texts: Readonly<Record<typeof origin.purpose, string>> = {
    reset: "the session could not be put back as it was",
    resume: `what ${path} had set before could not be set again: ${message.message}`,
    index: `the index could not be looked for: ${message.message}`,
    journal: `the journal's row for ${path} could not be written: ${message.message}`,
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

export function stateAfter(kept: string, progress: Progress): string {
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
function partlyDone(
  step: Step,
  failure: StepFailure,
  { unitsDone, refusal }: { unitsDone: number; refusal: PgmateError | undefined },
): string {
  const { name } = step.planned.file;
  const recorded = isTwice(failure)
    ? `the ledger holds a row for ${name} already`
    : `${name} is not recorded as ${verbOf(step)}`;
  const { unit } = failure;
  if (unit === undefined) return `${recorded}: ${someKept(step, unitsDone)}`;
  const goesOn = asks(failure)
    ? `the next run must be told whether statement ${unit.number} is to run again`
    : `the next run goes on with statement ${unit.number}`;
  const next = refusal === undefined ? goesOn : refusal.message;
  return `${recorded}: ${someKept(step, unitsDone)}${leftBehind(failure)}; ${next}`;
}

/** Another tool, or the file itself, has written the row. */
function isTwice({ message, origin }: StepFailure): boolean {
  return origin.kind === "ours" && origin.purpose === "ledger" && message.code === "23505";
}

/** Whether only a person can say what became of it. */
function asks({ stays }: StepFailure): boolean {
  return stays?.endsWith("own commits") === true;
}

/** What of a step outside of a transaction is committed. */
function someKept(step: Step, done: number): string {
  const total = unitCount(step);
  if (total === 1) return `its one statement ${done === 0 ? "was not kept" : "ran and stays"}`;
  if (done === 0) return `none of its ${total} statements was kept`;
  return `${done} of its ${total} statements ran and stay`;
}

/** What a failed statement may have committed all the same. */
function leftBehind({ stays, leftovers = [] }: StepFailure): string {
  if (leftovers.length > 0) {
    const names = listed(leftovers);
    return `; the index ${names} is left INVALID, and is dropped before the next try`;
  }
  if (stays === "half detached") return "; the partition is half detached";
  if (stays?.startsWith("unrecorded")) return "; one more ran and stays, without its row";
  return stays === undefined ? "" : "; what it committed by itself before it failed stays";
}

interface Reached extends Pick<Progress, "done" | "left"> {
  /** The step at hand. */
  readonly is: "half run" | "not kept" | "done";
}

const look = "look with `pgmate status` what is left to do";

/** A command that counts steps would take more than was asked for when it is given again. */
export function goOn(context: Context, step: Step, { done, left, is }: Reached): string {
  const { command, invocation } = context.identity;
  const { direction, file } = step.planned;
  if (command === "redo" && direction === "up") {
    const { version } = left.at(-1)?.planned.file ?? file;
    return `run \`pgmate up --to=${version}\``;
  }
  // These two finish nothing that is half run.
  if (is === "half run" && (command === "goto" || command === "redo")) {
    const finish = `run \`${direction === "up" ? "pgmate up --steps=1" : "pgmate rollback"}\``;
    return `${finish}, then ${command === "goto" ? `\`${invocation}\` again` : look}`;
  }
  const counts = command === "rollback" || command === "redo" || context.config.steps !== undefined;
  const stepsDone = done.length + (is === "done" ? 1 : 0);
  return stepsDone === 0 || !counts ? `run \`${invocation}\` again` : look;
}

function nextMove(resume: string, failure: StepFailure, tries: LockTries | undefined): string {
  const { message, origin } = failure;
  if (tries?.cause !== undefined) {
    return lockMove(tries, resume);
  }
  const known = serverMove(message);
  if (known !== undefined) return `${known}, then ${resume}`;
  if (isTwice(failure)) {
    return "pgmate writes that row itself: see whether the file or another tool does, then " + look;
  }
  if (origin.kind === "ours" && origin.purpose === "ledger") {
    return `look at the triggers, rules and rights of the ledger's table, then ${resume}`;
  }
  return `correct the file, then ${resume}`;
}

function lockMove({ failed, wasMuchWork, blockers }: LockTries, resume: string): string {
  const [first] = blockers;
  const seen =
    first === undefined
      ? "nobody was seen in the way"
      : `in the way: ${describeBlockers(blockers, mostBlockers)}`;
  const end = first === undefined ? "" : `, or ended (\`${endingSql(first)}\`)`;
  const again = `${resume} when the session that holds the lock is done${end}`;
  if (wasMuchWork) {
    return (
      `${seen}; it was not tried again, since the try had done much work before it met the ` +
      `lock: ${again}, or with a longer --lock-timeout`
    );
  }
  const tries = failed === 1 ? "1 try" : `${failed} tries`;
  return `${seen}; ${tries} met a lock: ${again}, or with more --lock-retries`;
}

/** What to do about what is not the file's fault, by SQLSTATE. */
export function serverMove({ code, message }: ServerMessage): string | undefined {
  if (code === "57014") return cancelMove(message);
  return moveByCode[code] ?? moveByClass[code.slice(0, 2)];
}

/** One code stands for several; a server that speaks another language does not tell which. */
function cancelMove(message: string): string {
  if (message.includes("statement timeout")) {
    return (
      "the statement ran into a statement_timeout: allow it more (--statement-timeout, " +
      "statement_timeout: on the marker line, or what role and database set)"
    );
  }
  if (message.includes("user request")) return "somebody has cancelled it (pg_cancel_backend)";
  return "something ended the statement: see statement_timeout of the role and the database";
}

const moveByCode: Readonly<Record<string, string>> = {
  "55P03":
    "another session held the lock for longer than --lock-timeout: give it more time " +
    "(--lock-timeout 30s)",
  "25001": "give the statement's section transaction:false on the marker line",
  "25006": "see why the session is read only (default_transaction_read_only)",
  "42501": "let the role have that right, or run as one that has it",
};

const moveByClass: Readonly<Record<string, string>> = {
  "40": "another session was in the way: wait for it",
  "53": "let the server have what it lacks (disk, memory, connections)",
};

export function keptOf(failure: StepFailure | undefined, unitsDone: number): Reached["is"] {
  const { leftovers = [], stays } = failure ?? {};
  const isHalfRun = unitsDone > 0 || leftovers.length > 0 || stays !== undefined;
  return isHalfRun ? "half run" : "not kept";
}

export function notRecorded(step: Step, { unitsDone }: Pick<Progress, "unitsDone">): string {
  if (step.transactional) return nothingKept(step);
  const { name } = step.planned.file;
  return `${name} is not recorded as ${verbOf(step)}: ${someKept(step, unitsDone)}`;
}

export function verbOf(step: Step): string {
  return step.planned.direction === "up" ? "applied" : "rolled back";
}
