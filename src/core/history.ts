/** Files and ledger reconciled: what is applied, pending, missing, doubled, out of order. */

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

export interface History {
  /** In file order. */
  readonly entries: readonly HistoryEntry[];
  readonly pending: readonly MigrationFile[];
  /** In applied order, those whose file is gone included. */
  readonly applied: readonly AppliedEntry[];
  /** Rows with a version of digits but without a file. */
  readonly missing: readonly LedgerRow[];
  /** Rows that are neither a version nor a file's name: nobody can say what they mean. */
  readonly unreadable: readonly LedgerRow[];
  /** Files that share a version, by version. */
  readonly duplicates: ReadonlyMap<string, readonly MigrationFile[]>;
  readonly mixedWidths: boolean;
}

/**
 * Files in any order, rows in any order. With `numericVersions` (a ledger whose column is a
 * number) `7` in the table is the file `007`: such a column cannot keep zeros.
 */
export function reconcile(
  files: readonly MigrationFile[],
  rows: readonly LedgerRow[],
  numericVersions: "numeric" | "text" = "text",
): History {
  const key = (version: string): string =>
    numericVersions === "numeric" ? version.replace(/^0+(?=.)/, "") : version;
  const ordered = [...files].sort((left, right) => compareNames(left.name, right.name));
  const rowByVersion = new Map(rows.map((row) => [key(row.version), row]));
  const entries = ordered.map((file): HistoryEntry => {
    const named = rowByVersion.get(file.name.replace(/\.sql$/, ""));
    return { file, row: rowByVersion.get(key(file.version)) ?? named };
  });
  const fileByRow = new Map<LedgerRow, MigrationFile>();
  for (const { file, row } of entries) {
    if (row !== undefined && !fileByRow.has(row)) fileByRow.set(row, file);
  }
  const named = new Set(files.map((file) => file.name.replace(/\.sql$/, "")));
  const homeless = rows.filter((row) => !fileByRow.has(row) && !named.has(row.version));
  return {
    entries,
    pending: entries.filter((entry) => entry.row === undefined).map((entry) => entry.file),
    applied: appliedOrder(rows, fileByRow),
    missing: homeless.filter((row) => isVersion(row.version)),
    unreadable: homeless.filter((row) => !isVersion(row.version)),
    duplicates: findDuplicates(ordered),
    mixedWidths: haveMixedWidths(ordered.map((file) => file.version)),
  };
}

/** Pending files that come before an applied one in file order. */
export function outOfOrder(history: History): readonly MigrationFile[] {
  const newest = newestApplied(history);
  if (newest === undefined) return [];
  return history.pending.filter((file) => compareNames(file.name, newest) < 0);
}

/** The name (or, without a file, the version) that is applied and last in file order. */
export function newestApplied(history: History): string | undefined {
  const names = history.applied.map((entry) => entry.file?.name ?? entry.row.version);
  return names.sort(compareNames).at(-1);
}

function isVersion(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

/** By `applied_at`, unknown times first, then by file order: the order every rollback undoes. */
function appliedOrder(
  rows: readonly LedgerRow[],
  fileByRow: ReadonlyMap<LedgerRow, MigrationFile>,
): readonly AppliedEntry[] {
  const name = (entry: AppliedEntry): string => entry.file?.name ?? entry.row.version;
  return rows
    .map((row): AppliedEntry => ({ row, file: fileByRow.get(row) }))
    .sort((left, right) => {
      const byTime = compareNames(left.row.appliedAt ?? "", right.row.appliedAt ?? "");
      return byTime === 0 ? compareNames(name(left), name(right)) : byTime;
    });
}

function findDuplicates(
  files: readonly MigrationFile[],
): ReadonlyMap<string, readonly MigrationFile[]> {
  const byVersion = new Map<string, MigrationFile[]>();
  for (const file of files) {
    byVersion.set(file.version, [...(byVersion.get(file.version) ?? []), file]);
  }
  return new Map([...byVersion].filter(([, sharing]) => sharing.length > 1));
}
