/** Files and ledger reconciled: what is applied, pending, missing, doubled. */

import { isHalfRun, type JournalRow, type Unfinished, unfinishedSteps } from "./journal.ts";
import type { LedgerRow, MigrationFile } from "./migration.ts";
import { compareNames, haveMixedWidths } from "./version-id.ts";

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
    versionKind === "numeric" ? version.replace(/^0+(?=.)/, "") : version;
  const ordered = [...files].sort((left, right) => compareNames(left.name, right.name));
  // A table without a primary key may hold a version twice; it is applied once all the same.
  const rowByVersion = new Map(rows.map((row) => [key(row.version), row]));
  const entries = ordered.map((file): HistoryEntry => {
    const row = rowByVersion.get(key(file.version)) ?? rowByVersion.get(nameInLedger(file));
    return { file, row };
  });
  const fileByRow = new Map<LedgerRow, MigrationFile>();
  for (const { file, row } of entries) {
    if (row !== undefined && !fileByRow.has(row)) fileByRow.set(row, file);
  }
  const known = [...rowByVersion.values()];
  const homeless = known.filter((row) => !fileByRow.has(row));
  const begun = unfinishedSteps(journal).map((step): UnfinishedEntry => {
    return { ...step, file: fileOfVersion(entries, key, step) };
  });
  // The row and the end of the journal's are one commit: else another tool wrote the row.
  const isTrue = (step: UnfinishedEntry): boolean =>
    isApplied(step) === (step.direction === "down");
  return {
    entries,
    pending: entries.filter((entry) => entry.row === undefined).map((entry) => entry.file),
    applied: appliedOrder(known, fileByRow),
    missing: homeless.filter((row) => isVersion(row.version)),
    unreadable: homeless.filter((row) => !isVersion(row.version)),
    duplicates: findDuplicates(ordered, key),
    mixedWidths: haveMixedWidths(ordered.map((file) => file.version)),
    unfinished: begun.filter(isTrue),
    contradicted: begun.filter((step) => !isTrue(step)),
  };

  function isApplied({ version, file }: UnfinishedEntry): boolean {
    if (rowByVersion.has(key(version))) return true;
    return file !== undefined && rowByVersion.has(nameInLedger(file));
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
  return file.name.replace(/\.sql$/, "");
}

/** The name (or, without a file, the version) that is last in file order. */
export function newestName(applied: readonly AppliedEntry[]): string | undefined {
  return applied.map(nameOf).sort(compareNames).at(-1);
}

/** What places it in file order. */
export function nameOf(entry: AppliedEntry): string {
  return entry.file?.name ?? entry.row.version;
}

function isVersion(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

/** By `applied_at`, unknown times first, then by file order: the order every rollback undoes. */
function appliedOrder(
  rows: readonly LedgerRow[],
  fileByRow: ReadonlyMap<LedgerRow, MigrationFile>,
): readonly AppliedEntry[] {
  return rows
    .map((row): AppliedEntry => ({ row, file: fileByRow.get(row) }))
    .sort((left, right) => {
      const byTime = compareNames(left.row.appliedAt ?? "", right.row.appliedAt ?? "");
      return byTime === 0 ? compareNames(nameOf(left), nameOf(right)) : byTime;
    });
}

function findDuplicates(
  files: readonly MigrationFile[],
  key: (version: string) => string,
): ReadonlyMap<string, readonly MigrationFile[]> {
  const byKey = new Map<string, MigrationFile[]>();
  for (const file of files) {
    byKey.set(key(file.version), [...(byKey.get(key(file.version)) ?? []), file]);
  }
  const shared = [...byKey.values()].filter((sharing) => sharing.length > 1);
  return new Map(shared.flatMap((sharing) => sharing.map(({ version }) => [version, sharing])));
}
