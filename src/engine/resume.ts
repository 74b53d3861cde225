/** Where a step goes on that began before, or the error that says why it must not. */

import { isHalfRun, type JournalRow } from "../core/journal.ts";
import { fromTheStart, type Resume, type ResumePoint, resumePoint } from "../core/resume.ts";
import type { Step } from "../core/step.ts";
import { type Unit, unitsOf } from "../core/unit.ts";
import { PgmateError } from "../errors.ts";
import type { Context } from "./context.ts";
import { type LoadedStep, placeIn } from "./migrations.ts";

/** Throws `journal`, with the place, where what ran before and the file do not go together. */
export function resumeOf(loaded: LoadedStep): ResumePoint {
  const { step } = loaded;
  const { begun, version, direction } = step.planned;
  if (begun.length === 0) return fromTheStart;
  if (step.transactional) {
    if (isHalfRun({ version, direction, rows: begun })) throw otherKind(step);
    return fromTheStart;
  }
  const resume = resumePoint(begun, stepUnits(loaded));
  if (resume.kind === "resume") return resume.point;
  throw notResumable(loaded, resume);
}

/**
 * Why the step could not go on behind the units that are done; undefined where it could. For what
 * has just failed as for what the journal tells.
 */
export function resumeRefusal(
  loaded: LoadedStep,
  done: number | undefined,
): PgmateError | undefined {
  const { step } = loaded;
  const { planned } = step;
  const rows = done === undefined ? planned.begun : [...rowsOfDone(loaded, done)];
  try {
    resumeOf({ ...loaded, step: { ...step, planned: { ...planned, begun: rows } } });
    return undefined;
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    // A file that was changed meanwhile tells nothing.
    return error.code === "journal" ? error : undefined;
  }
}

function* rowsOfDone(loaded: LoadedStep, done: number): Generator<JournalRow> {
  const { version, direction } = loaded.step.planned;
  for (const { number, hash } of stepUnits(loaded)) {
    if (number > done) return;
    const nothing = { error: undefined, note: undefined };
    yield { version, direction, unit: number, hash, state: "done", ...nothing };
  }
}

/** The units of a step that is not transactional, read as they are asked for. */
export function stepUnits({ step, snapshot }: LoadedStep): Generator<Unit> {
  return unitsOf(step.sections, (range) => snapshot.read(range));
}

/** How many units the step has. */
export function unitCount({ sections }: Step): number {
  return sections.reduce((sum, section) => sum + section.unitCount, 0);
}

/** The commands that answer, and do no more than what was asked for. */
export function askingHint(
  { identity, config }: Context,
  { planned }: Step,
  unit?: Pick<Unit, "number" | "hash">,
): string {
  const { command, invocation } = identity;
  const isUp = command === "up" || command === "migrate";
  const finish = planned.direction === "up" ? "pgmate up --steps=1" : "pgmate rollback";
  const again = isUp && config.steps === undefined ? invocation : finish;
  const [skip, repeat] = ["skip", "repeat"].map((answer) => `\`${again} --resume ${answer}\``);
  const look = "look at what it was to change; then";
  const row = planned.begun.find(({ unit: number }) => number === unit?.number);
  if (row === undefined || row.hash === unit?.hash) {
    return `${look} ${skip} if it is done, or ${repeat} to run it again`;
  }
  return `${look} ${repeat} to run what stands there now, or put it back and ${skip} if it is done`;
}

function otherKind(step: Step): PgmateError {
  const { file } = step.planned;
  return new PgmateError("journal", `${file.name} had transaction:false when it began`, {
    state: stays(step),
    hint: `put the option back, or say what is true: ${forceCommands(step)}`,
  });
}

function notResumable(
  loaded: LoadedStep,
  resume: Exclude<Resume, { kind: "resume" }>,
): PgmateError {
  const { step } = loaded;
  const { name } = step.planned.file;
  const details = {
    state: stays(step),
    ...(resume.unit === undefined ? {} : { at: placeIn(loaded, resume.unit.offset) }),
  };
  if (resume.kind === "changed") {
    const what = resume.unit === undefined ? "is gone" : "was changed";
    return new PgmateError(
      "journal",
      `statement ${resume.number} of ${name} ${what} after it had run`,
      {
        ...details,
        hint:
          "put it back as it was: what has run must stay, what follows may change; or say what " +
          `is true: ${forceCommands(step)}`,
      },
    );
  }
  return new PgmateError(
    "journal",
    `${name} cannot go on in a new session: statement ${resume.unit.number} ` +
      `(${resume.unit.command}) made ${resume.what}, which is gone`,
    {
      ...details,
      hint: `finish it by hand, or make it begin again: ${forceCommands(step)}`,
    },
  );
}

function stays({ planned }: Step): string {
  const done = planned.begun.filter(({ state }) => state === "done").length;
  const ran = done === 1 ? "statement ran and stays" : "statements ran and stay";
  return `${done} ${ran} from a run before; nothing was changed by this one`;
}

/** What there is to say about a step that is half run: it is done, or it is to begin again. */
function forceCommands({ planned }: Step): string {
  const { version } = planned.file;
  const [applied, pending] = ["applied", "pending"].map(
    (state) => `\`pgmate force --only ${version} --${state}\``,
  );
  return planned.direction === "up"
    ? `${applied} (it is done) or ${pending} (it begins again)`
    : `${pending} (it is undone) or ${applied} (it begins again)`;
}
