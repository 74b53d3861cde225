/** What `force` makes of a history: which versions change their state, with nothing run. */

import {
  type History, type HistoryEntry, isDirty, spellings, type UnfinishedEntry, type VersionKind,
} from "./history.ts";
import type { JournalRow, Unfinished } from "./journal.ts";
import type { Direction, MigrationFile } from "./migration.ts";
import { findFile, refuseDuplicates, refuseUnreadable } from "./plan.ts";
import { compareNames } from "./version-id.ts";

export type ForcedState = "applied" | "pending";

export type ForceRequest =
  /** All files up to this one become applied, all after it pending. */
  | { readonly kind: "up-to"; readonly version: string }
  | { readonly kind: "only"; readonly version: string; readonly state: ForcedState };

/** A version whose state changes. */
export interface ForcedVersion {
  /** As the ledger spells it, or will. */
  readonly version: string;
  /** Undefined where only the journal knows the version. */
  readonly file: MigrationFile | undefined;
  readonly from: ForcedState | "dirty";
  readonly to: ForcedState;
  /** What becomes of its row; one that stays is not written again, and keeps what it knows. */
  readonly row: "insert" | "delete" | "untouched";
  /** Steps of it that began and did not end. */
  readonly unfinished: readonly UnfinishedEntry[];
}

export interface Forced {
  /** The file that the request names. */
  readonly file: MigrationFile;
  /** In file order; empty where all is as it was asked for. */
  readonly versions: readonly ForcedVersion[];
  /** Versions that the journal is to know nothing of any more, as it spells them. */
  readonly forgotten: readonly string[];
}

/**
 * Rows without a file stay as they are. Throws `version-unknown`, and what a plan refuses: rows
 * nobody can read, and a version that would change while two files claim it.
 */
export function force(
  history: History,
  journal: { readonly rows: readonly JournalRow[]; readonly versionKind: VersionKind },
  request: ForceRequest,
): Forced {
  refuseUnreadable(history);
  const target = findFile(history, request.version);
  const meant = history.entries.filter(({ file }) => request.kind === "up-to" || file === target);
  const found = meant.map((entry): ForcedVersion => {
    const unfinished = history.unfinished.filter(({ file }) => file === entry.file);
    return forcedEntry(entry, stateFor(entry.file, target, request), unfinished);
  });
  const homeless = request.kind === "only" ? [] : forcedSteps(history);
  const versions = [...found.filter(isChange), ...homeless];
  refuseDuplicates(history, versions.flatMap(({ file }) => file ?? []));
  versions.sort((one, other) => compareNames(nameOf(one), nameOf(other)));
  // Also what is not dirty because the row disagrees: that could change now.
  const known = new Set(journal.rows.map(({ version }) => version));
  if (request.kind === "up-to") return { file: target, versions, forgotten: [...known] };
  const names = new Set(meant.flatMap((entry) => spellings(entry.file, journal.versionKind)));
  return { file: target, versions, forgotten: [...known].filter((version) => names.has(version)) };
}

function stateFor(
  file: MigrationFile,
  target: MigrationFile,
  request: ForceRequest,
): ForcedState {
  if (request.kind === "only") return request.state;
  return compareNames(file.name, target.name) <= 0 ? "applied" : "pending";
}

function forcedEntry(
  { file, row }: HistoryEntry,
  to: ForcedState,
  unfinished: readonly UnfinishedEntry[],
): ForcedVersion {
  const is: ForcedState = row === undefined ? "pending" : "applied";
  return {
    version: row?.version ?? file.version,
    file,
    from: unfinished.some(isDirty) ? "dirty" : is,
    to,
    row: is === to ? "untouched" : to === "applied" ? "insert" : "delete",
    unfinished,
  };
}

function isChange({ from, to }: ForcedVersion): boolean {
  return from !== to;
}

/** Of versions without a file only the journal is cleared. */
function forcedSteps({ unfinished }: History): readonly ForcedVersion[] {
  const homeless = unfinished.filter((step) => step.file === undefined && isDirty(step));
  return homeless.map((step): ForcedVersion => ({
    version: step.version,
    file: undefined,
    from: "dirty",
    // Only what is applied can be half rolled back.
    to: step.direction === "down" ? "applied" : "pending",
    row: "untouched",
    unfinished: [step],
  }));
}

function nameOf({ version, file }: ForcedVersion): string {
  return file?.name ?? version;
}

/** Whether the next command runs an unfinished step again, from its beginning. */
export function runsAgain(direction: Direction, to: ForcedState): boolean {
  return (direction === "up") === (to === "pending");
}

/** The units of an unfinished step of which something has happened, or may have. */
export function begunUnits({ rows }: Unfinished): readonly JournalRow[] {
  return rows.filter(({ state, note }) => state !== "failed" || note !== undefined);
}
