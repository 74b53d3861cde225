/** What is applied and what is pending; writes nothing and takes no lock. */

import { type History, isDirty, reconcile, type UnfinishedEntry } from "../core/history.ts";
import type { LedgerRow, MigrationFile } from "../core/migration.ts";
import { asksPerson } from "../core/unit-note.ts";
import { compareNames } from "../core/version-id.ts";
import { PgmateError } from "../errors.ts";
import type { LedgerDetail } from "../pg/ledger.ts";
import { describeHolder, findRunHolder, type LockHolder } from "../pg/lock.ts";
import type { Context } from "./context.ts";
import type { DirtyStep, Outcome, StatusEntry } from "./events.ts";
import { checksumOf, listFiles, loadSteps, placeIn } from "./migrations.ts";
import { openTarget, readRecords, type Records } from "./open-target.ts";
import { resumeRefusal, stepUnits, unitCount } from "./resume.ts";

/** Files in their order, then rows without files. The answer is no while something is pending. */
export async function status(context: Context): Promise<Outcome> {
  const files = listFiles(context);
  const withChecksums = context.config.long || context.config.json;
  const { ledger, journal, holder } = await look(context, withChecksums ? "whole" : "versions");
  const history = reconcile(files, ledger.rows, ledger.versionKind, journal.rows);
  const dirty = dirtySteps(history, holder);
  const entries = history.entries.map(({ file, row }): StatusEntry => {
    const checksum = withChecksums ? checksumState(file, row) : "none";
    return { version: file.version, file, row, checksum, dirty: dirty.get(file.version) };
  });
  const homeless = [...history.missing, ...history.unreadable];
  const gone = history.unfinished.filter((step) => step.file === undefined && isDirty(step));
  const missing = [
    ...homeless.map((row): StatusEntry => {
      const step = dirty.get(row.version);
      return { version: row.version, file: undefined, row, checksum: "none", dirty: step };
    }),
    // Half applied, so that the ledger does not know it, and its file is gone.
    ...gone.filter(({ direction }) => direction === "up").map(({ version }): StatusEntry => {
      const step = dirty.get(version);
      return { version, file: undefined, row: undefined, checksum: "none", dirty: step };
    }),
  ].sort((left, right) => compareNames(left.version, right.version));
  const isDone = history.pending.length === 0 && dirty.size === 0;
  const answer = isDone || !context.config.exitCode ? "yes" : "no";
  return { kind: "status", entries, missing, answer };
}

/**
 * The newest applied version in file order, as golang-migrate's users know it; one that is half
 * run comes before all others.
 */
export async function version(context: Context): Promise<Outcome> {
  const { ledger, journal } = await look(context, "versions");
  const files = journal.rows.length === 0 ? [] : listFiles(context);
  const history = reconcile(files, ledger.rows, ledger.versionKind, journal.rows);
  const [unfinished] = history.unfinished.filter(isDirty);
  if (unfinished !== undefined) {
    const { file } = unfinished;
    return { kind: "version", version: file?.version ?? unfinished.version, dirty: true };
  }
  const versions = ledger.rows.map((row) => row.version);
  // A number has lost its zeros, so that its order as text is not that of the files.
  const width = Math.max(0, ...versions.map((one) => one.length));
  const order = (one: string): string =>
    ledger.versionKind === "numeric" ? one.padStart(width, "0") : one;
  versions.sort((left, right) => compareNames(order(left), order(right)));
  return { kind: "version", version: versions.at(-1), dirty: false };
}

interface Seen extends Records {
  /** Who has the run lock, where that is asked: what looks half run may be running. */
  readonly holder: LockHolder | undefined;
}

async function look(context: Context, detail: LedgerDetail): Promise<Seen> {
  const open = await openTarget(context, { purpose: "read", missing: "refuse" });
  try {
    const records = await readRecords(context, open, detail);
    if (records.journal.rows.length === 0) return { ...records, holder: undefined };
    const { session } = open.connection;
    return { ...records, holder: await findRunHolder(session, records.ledger.name) };
  } finally {
    await open.close();
  }
}

/** By version, as the file has it. */
function dirtySteps(
  { unfinished }: History,
  holder: LockHolder | undefined,
): ReadonlyMap<string, DirtyStep> {
  const runBy = holder === undefined ? undefined : describeHolder(holder);
  return new Map(
    unfinished
      .filter(isDirty)
      .map((step) => [step.file?.version ?? step.version, { ...dirtyStep(step), runBy }]),
  );
}

function dirtyStep(step: UnfinishedEntry): Omit<DirtyStep, "runBy"> {
  const open = step.rows.find(({ state }) => state !== "done");
  const unit = open?.unit ?? (step.rows.at(-1)?.unit ?? 0) + 1;
  const known = {
    direction: step.direction,
    unit,
    state: open?.state ?? "next",
    error: open?.error,
    asks: open !== undefined && asksPerson(open),
  } as const;
  const where = step.file === undefined ? undefined : placeOfUnit(step, step.file, unit);
  return {
    ...known, of: where?.of, place: where?.place, command: where?.command,
    changed: where?.changed ?? false,
    refusal: where?.refusal,
  };
}

/** Undefined where the file cannot be parsed any more. */
function placeOfUnit(
  { direction, version, rows }: UnfinishedEntry,
  file: MigrationFile,
  number: number,
): Pick<DirtyStep, "of" | "place" | "command" | "changed" | "refusal"> | undefined {
  try {
    const planned = { direction, file, version, begun: rows };
    const [loaded] = loadSteps([planned], () => {});
    if (loaded === undefined || loaded.step.transactional) return undefined;
    const of = unitCount(loaded.step);
    const refusal = resumeRefusal(loaded, undefined)?.message;
    for (const unit of stepUnits(loaded)) {
      if (unit.number < number) continue;
      const place = placeIn(loaded, unit.offset);
      const row = rows.find((one) => one.unit === number);
      const isSame = row === undefined || row.hash === unit.hash;
      return { of, place, command: isSame ? unit.command : undefined, changed: !isSame, refusal };
    }
    return { of, place: undefined, command: undefined, changed: false, refusal };
  } catch (error) {
    if (error instanceof PgmateError) return undefined;
    throw error;
  }
}

function checksumState(file: MigrationFile, row: LedgerRow | undefined): StatusEntry["checksum"] {
  if (row?.checksum === undefined || row.checksum === "") return "none";
  const now = checksumOf(file);
  if (now === undefined) return "unreadable";
  return now === row.checksum ? "same" : "changed";
}
