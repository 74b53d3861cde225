/** History and a request made into steps: the only place that decides what runs. */

import { PgmateError } from "../errors.ts";
import {
  type AppliedEntry, type History, nameInLedger, nameOf, newestName, type UnfinishedEntry,
} from "./history.ts";
import { isHalfRun, type JournalRow } from "./journal.ts";
import type { Direction, MigrationFile } from "./migration.ts";
import { nearest } from "./nearest.ts";
import { compareNames } from "./version-id.ts";

export type Request =
  | {
      readonly kind: "up";
      readonly to: string | undefined;
      readonly steps: number | undefined;
      readonly order: "any" | "strict";
    }
  | { readonly kind: "rollback"; readonly amount: RollbackAmount }
  | { readonly kind: "redo"; readonly steps: number }
  /** Exactly these, in this order: what a plan that was approved says. */
  | { readonly kind: "planned"; readonly versions: readonly string[] }
  | { readonly kind: "goto"; readonly version: string };

export type RollbackAmount =
  | { readonly kind: "steps"; readonly steps: number }
  | { readonly kind: "to"; readonly version: string }
  | { readonly kind: "all" };

/** One file to run in one direction. */
export interface PlannedStep {
  readonly direction: Direction;
  readonly file: MigrationFile;
  /** What the ledger calls it: the file's version, or how an existing row spells it. */
  readonly version: string;
  /** What the journal knows of it from a try before; empty for a step that begins. */
  readonly begun: readonly JournalRow[];
}

export interface Plan {
  readonly steps: readonly PlannedStep[];
  /** Steps that run although an applied migration is newer. */
  readonly outOfOrder: readonly MigrationFile[];
}

/**
 * What the request means for this history; no steps when there is nothing to do. Refuses, before
 * anything runs: rows nobody can read, a version that two files claim, an unknown version,
 * disorder under `strict`, a rollback whose next migration has no file, and what is half run and
 * not what the request would finish.
 */
export function plan(history: History, request: Request): Plan {
  refuseUnreadable(history);
  const steps = stepsFor(history, request);
  refuseDuplicates(history, steps.map(fileOf));
  return { steps, outOfOrder: lateFiles(history, steps) };
}

/**
 * What comes back by a redo is not late: it had been applied. What is half applied counts as
 * applied for those behind it.
 */
function lateFiles(history: History, steps: readonly PlannedStep[]): readonly MigrationFile[] {
  const gone = new Set(steps.filter(({ direction }) => direction === "down").map(fileOf));
  const stays = history.applied.filter(({ file }) => file === undefined || !gone.has(file));
  const begun = unfinishedFiles(history, "up").flatMap(({ file }) => file ?? []);
  const newest = newestOf(stays, begun);
  if (newest === undefined) return [];
  const ups = steps.filter(({ direction }) => direction === "up").map(fileOf);
  return ups.filter(
    (file) => !gone.has(file) && !begun.includes(file) && compareNames(file.name, newest) < 0,
  );
}

/** The name that is last in file order. */
function newestOf(
  applied: readonly AppliedEntry[],
  begun: readonly MigrationFile[],
): string | undefined {
  const names = [newestName(applied), ...begun.map(({ name }) => name)];
  return names.filter((name) => name !== undefined).sort(compareNames).at(-1);
}

function fileOf(step: PlannedStep): MigrationFile {
  return step.file;
}

function stepsFor(history: History, request: Request): readonly PlannedStep[] {
  const begun = (step: PlannedStep): PlannedStep => withJournal(history, step);
  refuseHalfRun(history, request);
  switch (request.kind) {
    case "up":
      return planUp(history, request).map(begun);
    case "rollback":
      return planRollback(history, request.amount).map(begun);
    case "planned":
      return planPlanned(history, request.versions).map(begun);
    case "redo":
      return planRedo(history, request.steps).map(begun);
    case "goto":
      return planGoto(history, request.version).map(begun);
  }
}

/** Each request may finish what goes its own way; anything else half run would be built upon. */
function refuseHalfRun(history: History, request: Request): void {
  const ups: readonly Request["kind"][] = ["up", "planned"];
  const mayFinish =
    ups.includes(request.kind) ? "up" : request.kind === "rollback" ? "down" : "none";
  const found = history.unfinished.find(
    (step) => isHalfRun(step) && (step.direction !== mayFinish || step.file === undefined),
  );
  if (found === undefined) return;
  const { version, direction, file } = found;
  const verb = direction === "up" ? "applied" : "rolled back";
  const finish = direction === "up" ? "pgmate up" : "pgmate rollback";
  const settled =
    `pgmate force --only ${version} --applied\` or \`pgmate force --only ${version} --pending`;
  throw new PgmateError("dirty", `${file?.name ?? `version ${version}`} is half ${verb}`, {
    hint:
      file === undefined
        ? `bring its file back, then \`${finish}\` goes on with it (pgmate status tells where)`
        : `\`${finish}\` goes on where it stopped (pgmate status tells where); or say what is ` +
          `true: \`${settled}\``,
    state: "nothing was changed by this run",
  });
}

function withJournal(history: History, step: PlannedStep): PlannedStep {
  const known = history.unfinished.find(
    (one) => one.direction === step.direction && one.file === step.file,
  );
  return known === undefined ? step : { ...step, version: known.version, begun: known.rows };
}

/** Files of this direction that began, which go on before anything else. */
function unfinishedFiles(history: History, direction: Direction): readonly UnfinishedEntry[] {
  return history.unfinished.filter((step) => step.direction === direction && isHalfRun(step));
}

function planUp(
  history: History,
  request: Extract<Request, { kind: "up" }>,
): readonly PlannedStep[] {
  const first = unfinishedFiles(history, "up").flatMap(({ file }) => file ?? []);
  let files = history.pending.filter((file) => !first.includes(file));
  if (request.to !== undefined) {
    const last = findFile(history, request.to);
    files = files.filter((file) => compareNames(file.name, last.name) <= 0);
  }
  if (request.steps !== undefined) {
    files = files.slice(0, Math.max(0, request.steps - first.length));
  }
  if (request.order === "strict") refuseDisorder(history, files, first);
  return [...first, ...files].map(upStep);
}

/** Throws `plan-stale` for one that is not pending any more. */
function planPlanned(history: History, versions: readonly string[]): readonly PlannedStep[] {
  return versions.map((version) => {
    const file = findFile(history, version);
    if (history.pending.includes(file)) return upStep(file);
    throw new PgmateError("plan-stale", `${file.name} of the plan is applied already`, {
      hint: "make a new plan: pgmate plan --format json -o FILE",
      state: "nothing was changed",
    });
  });
}

/** What goes, last applied first; before that what has half gone. */
function planRollback(history: History, amount: RollbackAmount): readonly PlannedStep[] {
  const halfGone = unfinishedFiles(history, "down").map(({ file }) => file);
  const newestFirst = [...history.applied].reverse();
  const first = newestFirst.filter(({ file }) => file !== undefined && halfGone.includes(file));
  const others = newestFirst.filter((entry) => !first.includes(entry));
  switch (amount.kind) {
    case "all":
      return [...first, ...others].map(downStep);
    case "steps":
      if (newestFirst.length === 0) throw nothingApplied("can't rollback");
      return take([...first, ...others], Math.max(first.length, amount.steps)).map(downStep);
    case "to": {
      const half = first.find((entry) => isNamed(entry, amount.version));
      if (half !== undefined) throw halfGoneItself(half);
      const at = others.findIndex((entry) => isNamed(entry, amount.version));
      if (at === -1) throw notApplied(history, amount.version);
      return [...first, ...others.slice(0, at)].map(downStep);
    }
  }
}

function planRedo(history: History, count: number): readonly PlannedStep[] {
  if (history.applied.length === 0) throw nothingApplied("can't redo");
  const downs = take([...history.applied].reverse(), count).map(downStep);
  // They come back in the order in which they had been applied.
  const ups = [...downs].reverse().map((step) => upStep(step.file));
  return [...downs, ...ups];
}

/** Afterwards exactly the files up to this version are applied, however it was before. */
function planGoto(history: History, version: string): readonly PlannedStep[] {
  const last = findFile(history, version);
  const downs = [...history.applied]
    .reverse()
    .filter((entry) => compareNames(nameOf(entry), last.name) > 0);
  const ups = history.pending.filter((file) => compareNames(file.name, last.name) <= 0);
  return [...downs.map(downStep), ...ups.map(upStep)];
}

function take(newestFirst: readonly AppliedEntry[], count: number): readonly AppliedEntry[] {
  if (count <= newestFirst.length) return newestFirst.slice(0, count);
  const applied = newestFirst.length;
  throw new PgmateError(
    "nothing-applied",
    `${count} steps back were asked for, but only ${applied} ${plural(applied)} applied`,
    { hint: "to undo all of them: `pgmate rollback --all`", state: "nothing was changed" },
  );
}

function upStep(file: MigrationFile): PlannedStep {
  return { direction: "up", file, version: file.version, begun: [] };
}

function downStep(entry: AppliedEntry): PlannedStep {
  if (entry.file !== undefined) {
    return { direction: "down", file: entry.file, version: entry.row.version, begun: [] };
  }
  throw new PgmateError(
    "missing-file",
    `version ${entry.row.version} is applied and next to be undone, but has no file here`,
    {
      hint:
        "bring the file back (another branch, git log --all -- '*" +
        `${entry.row.version}*') and run again`,
      state: "nothing was changed; no other migration was taken in its place",
    },
  );
}

/** A version may be given as its digits or as the file's name. Throws `version-unknown`. */
export function findFile(history: History, version: string): MigrationFile {
  const found = history.entries.find(
    ({ file }) => file.version === version || file.name === version,
  );
  if (found !== undefined) return found.file;
  throw unknownVersion(history, version);
}

function isNamed(entry: AppliedEntry, version: string): boolean {
  const { row, file } = entry;
  return row.version === version || file?.version === version || file?.name === version;
}

function unknownVersion(history: History, version: string): PgmateError {
  // Versions are alike: one is meant only where nothing but a digit or two is off.
  const known = history.entries.map((entry) => entry.file.version);
  const near = known.filter((one) => one.length > 4 && differences(one, version) <= 2);
  // Digits without their zeros are what golang-migrate's users are wont to type.
  const [meant = nearest(version, near)] = known.filter((one) => isSameNumber(one, version));
  const isGone = history.applied.some((entry) => entry.row.version === version);
  const reason = isGone
    ? `version ${version} is applied, but has no file here`
    : `no migration file has version ${version}`;
  return new PgmateError("version-unknown", reason, {
    hint: meant === undefined ? "pgmate status lists them" : `did you mean ${meant}?`,
    state: "nothing was changed",
  });
}

function isSameNumber(one: string, other: string): boolean {
  const digits = (text: string): string => text.replace(/^0+(?=.)/, "");
  return digits(one) === digits(other);
}

/** In how many places two texts differ, the longer one's rest counted. */
function differences(left: string, right: string): number {
  const places = Array.from({ length: Math.max(left.length, right.length) }, (_, at) => at);
  return places.filter((at) => left[at] !== right[at]).length;
}

function notApplied(history: History, version: string): PgmateError {
  if (!history.entries.some(({ file }) => file.version === version || file.name === version)) {
    return unknownVersion(history, version);
  }
  return new PgmateError("nothing-applied", `version ${version} is not applied`, {
    hint: "rollback --to keeps the version it names; pgmate status lists what is applied",
    state: "nothing was changed",
  });
}

/** It is to stay, and cannot: finishing it would undo it. */
function halfGoneItself(entry: AppliedEntry): PgmateError {
  return new PgmateError("dirty", `${nameOf(entry)} is half rolled back, and cannot be kept so`, {
    hint: "finish it with `pgmate rollback`; `pgmate up` applies it again",
    state: "nothing was changed by this run",
  });
}

function nothingApplied(verb: string): PgmateError {
  return new PgmateError("nothing-applied", `${verb}: no migrations have been applied`, {
    state: "nothing was changed",
  });
}

/** Throws `ledger-row`: with such a row in the table nobody can say what is applied. */
export function refuseUnreadable(history: History): void {
  if (history.unreadable.length === 0) return;
  const versions = history.unreadable.map((row) => row.version);
  const twice = history.entries.find(({ file }) => versions.includes(nameInLedger(file)));
  const reason =
    twice?.row === undefined
      ? "neither a version (digits) nor the name of a file here"
      : `${twice.file.name} has the row ${JSON.stringify(twice.row.version)} already`;
  throw new PgmateError(
    "ledger-row",
    `the ledger holds ${versions.map((version) => JSON.stringify(version)).join(", ")}: ${reason}`,
    {
      hint:
        "update each such row to the digits its file begins with, or delete the row if its " +
        "change is not in this database",
      state: "nothing was changed: a run could apply a file for the second time",
    },
  );
}

/** Throws `version-duplicate`, `golang-migrate-files` where a file shares its version. */
export function refuseDuplicates(history: History, files: readonly MigrationFile[]): void {
  for (const { version } of files) {
    const sharing = history.duplicates.get(version);
    if (sharing === undefined) continue;
    const names = sharing.map((file) => file.path).join(", ");
    if (arePairs(sharing)) {
      throw new PgmateError(
        "golang-migrate-files",
        `this folder holds golang-migrate's pairs of files: ${names}`,
        {
          hint:
            "pgmate reads one file a change: put the .up.sql under -- migrate:up and the " +
            ".down.sql under -- migrate:down",
          state: "nothing was changed",
        },
      );
    }
    throw new PgmateError(
      "version-duplicate",
      `${sharing.length} files have version ${version}: ${names}`,
      {
        hint: "give all but one a version of its own (pgmate new makes one)",
        state: "nothing was changed: the ledger could hold only one of them",
      },
    );
  }
}

function arePairs([one, other, ...more]: readonly MigrationFile[]): boolean {
  const down = /^(.*)\.down\.sql$/.exec(one?.name ?? "")?.[1];
  return down !== undefined && other?.name === `${down}.up.sql` && more.length === 0;
}

/** dbmate's words, since people's scripts know them. */
function refuseDisorder(
  history: History,
  files: readonly MigrationFile[],
  begun: readonly MigrationFile[],
): void {
  const newest = newestOf(history.applied, begun);
  const first = files[0];
  if (newest === undefined || first === undefined || compareNames(first.name, newest) > 0) return;
  const version = /^[0-9]+/.exec(newest)?.[0] ?? newest;
  throw new PgmateError(
    "version-order",
    `migration \`${first.version}\` is out of order with already applied migrations, the ` +
      `version number has to be higher than the applied migration \`${version}\` in --strict mode`,
    {
      hint: "give the file a newer version, or run without --strict",
      state: "nothing was changed",
    },
  );
}

function plural(count: number): string {
  return count === 1 ? "migration is" : "migrations are";
}
