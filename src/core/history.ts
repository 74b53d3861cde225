/** Files and ledger reconciled: what is applied, pending, missing, doubled. */

import { isHalfRun, type JournalRow, type Unfinished, unfinishedSteps } from "./journal.ts";
import type { LedgerRow, MigrationFile } from "./migration.ts";
import { compareNames, haveMixedWidths, sortByName } from "./version-id.ts";

/** A file with its row, if it has one. */
export interface HistoryEntry {
  readonly file: MigrationFile;
  /** Undefined while the file is pending. */
  readonly row: LedgerRow | undefined;
}

/** Something the ledger says was applied; its file may be gone. */
export interface AppliedEntry {
  readonly row: LedgerRow;
  readonly file: MigrationFile | undefined;
}

/** A step that the journal says began, with its file. */
export interface UnfinishedEntry extends Unfinished {
  readonly file: MigrationFile | undefined;
}

/**
 * What came to nothing is nobody's business where it was a down, which left its file as applied as
 * it was, or where the file is gone.
 */
export function isDirty(step: UnfinishedEntry): boolean {
  return isHalfRun(step) || (step.direction === "up" && step.file !== undefined);
}

/** A row, and the first file in file order that it is of. */
interface Known extends AppliedEntry {
  file: MigrationFile | undefined;
}

export interface History {
  /** In file order. */
  readonly entries: readonly HistoryEntry[];
  readonly pending: readonly MigrationFile[];
  /** In applied order, those whose file is gone included. */
  readonly applied: readonly AppliedEntry[];
  /** Rows with a version of digits but without a file. */
  readonly missing: readonly LedgerRow[];
  /**
   * Rows that are neither a version nor a file's name, or name a file that its version's row
   * stands for already: nobody can say what they mean.
   */
  readonly unreadable: readonly LedgerRow[];
  /** Files that share a version, by each version as they write it. */
  readonly duplicates: ReadonlyMap<string, readonly MigrationFile[]>;
  readonly mixedWidths: boolean;
  /** In file order: ups of files that are pending and downs of files that are applied. */
  readonly unfinished: readonly UnfinishedEntry[];
  /** What the journal says and the ledger does not: another tool has written or deleted the row. */
  readonly contradicted: readonly UnfinishedEntry[];
}

/** How a ledger spells versions: in a column of numbers it cannot keep leading zeros. */
export type VersionKind = "numeric" | "text";

/**
 * Files in any order, rows in any order, with what the journal knows. With a numeric ledger `7` in
 * the table is the file `007`.
 */
export function reconcile(
  files: readonly MigrationFile[],
  rows: readonly LedgerRow[],
  versionKind: VersionKind = "text",
  journal: readonly JournalRow[] = [],
): History {
  const key = (version: string): string =>
    versionKind === "numeric" && version.startsWith("0")
      ? version.replace(/^0+(?=.)/, "")
      : version;
  const ordered = sortByName(files, (file) => file.name);
  // A table without a primary key may hold a version twice; it is applied once all the same.
  const knownByVersion = new Map<string, Known>();
  for (const row of rows) knownByVersion.set(key(row.version), { row, file: undefined });
  const entries = ordered.map((file): HistoryEntry => {
    const known =
      knownByVersion.get(key(file.version)) ?? knownByVersion.get(nameInLedger(file));
    if (known !== undefined) known.file ??= file;
    return { file, row: known?.row };
  });
  const known = [...knownByVersion.values()];
  const homeless = known.filter(({ file }) => file === undefined).map(({ row }) => row);
  const begun = unfinishedSteps(journal).map((step): UnfinishedEntry => {
    return { ...step, file: fileOfVersion(entries, key, step) };
  });
  // The row and the end of the journal's are one commit: else another tool wrote the row.
  const isTrue = (step: UnfinishedEntry): boolean =>
    isApplied(step) === (step.direction === "down");
  let applied: readonly AppliedEntry[] | undefined;
  return {
    entries,
    pending: entries.filter((entry) => entry.row === undefined).map((entry) => entry.file),
    get applied() {
      return (applied ??= appliedOrder(known));
    },
    missing: homeless.filter((row) => isVersion(row.version)),
    unreadable: homeless.filter((row) => !isVersion(row.version)),
    duplicates: findDuplicates(ordered, key),
    mixedWidths: haveMixedWidths(ordered.map((file) => file.version)),
    unfinished: begun.filter(isTrue),
    contradicted: begun.filter((step) => !isTrue(step)),
  };

  function isApplied({ version, file }: UnfinishedEntry): boolean {
    if (knownByVersion.has(key(version))) return true;
    return file !== undefined && knownByVersion.has(nameInLedger(file));
  }
}

function fileOfVersion(
  entries: readonly HistoryEntry[],
  key: (version: string) => string,
  { version }: Unfinished,
): MigrationFile | undefined {
  const named = entries.find(
    ({ file }) => key(file.version) === key(version) || nameInLedger(file) === version,
  );
  return named?.file;
}

/** How ledger and journal may spell the version of a file. */
export function spellings(file: MigrationFile, versionKind: VersionKind): readonly string[] {
  const number = versionKind === "numeric" ? [file.version.replace(/^0+(?=.)/, "")] : [];
  return [file.version, nameInLedger(file), ...number];
}

/** How people's own tables name a file. */
export function nameInLedger(file: MigrationFile): string {
  return file.name.endsWith(".sql") ? file.name.slice(0, -4) : file.name;
}

/** The name (or, without a file, the version) that is last in file order. */
export function newestName(applied: readonly AppliedEntry[]): string | undefined {
  let newest: string | undefined;
  for (const name of applied.map(nameOf)) {
    if (newest === undefined || compareNames(name, newest) > 0) newest = name;
  }
  return newest;
}

/** What places it in file order. */
export function nameOf(entry: AppliedEntry): string {
  return entry.file?.name ?? entry.row.version;
}

function isVersion(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

/** By `applied_at`, unknown times first, then by file order: the order every rollback undoes. */
function appliedOrder(known: readonly AppliedEntry[]): readonly AppliedEntry[] {
  return known.toSorted((left, right) => {
    const byTime = compareNames(left.row.appliedAt ?? "", right.row.appliedAt ?? "");
    return byTime === 0 ? compareNames(nameOf(left), nameOf(right)) : byTime;
  });
}

function findDuplicates(
  files: readonly MigrationFile[],
  key: (version: string) => string,
): ReadonlyMap<string, readonly MigrationFile[]> {
  const versions = files.map((file) => key(file.version)).sort();
  if (!versions.some((version, index) => version === versions[index + 1])) return new Map();
  const byKey = Map.groupBy(files, (file) => key(file.version));
  const shared = [...byKey.values()].filter((sharing) => sharing.length > 1);
  return new Map(shared.flatMap((sharing) => sharing.map(({ version }) => [version, sharing])));
}
