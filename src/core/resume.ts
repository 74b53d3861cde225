/** From the journal and the file as it is now: where a step goes on, or why it must not. */

import type { JournalRow } from "./journal.ts";
import type { Unit } from "./unit.ts";

/** Where a step goes on. */
export interface ResumePoint {
  /** The first unit to run, from 1; one more than there are where only the ledger's row lacks. */
  readonly unit: number;
  /** That unit's own row where a try at it left more to settle than an error. */
  readonly begun: JournalRow | undefined;
  /** What the units before it set for the session, in order: SET and RESET as they are written. */
  readonly settings: readonly string[];
}

export type Resume =
  | { readonly kind: "resume"; readonly point: ResumePoint }
  /** A unit that is done is not what it was, or is gone; then there is no unit. */
  | { readonly kind: "changed"; readonly number: number; readonly unit: Unit | undefined }
  /** A unit that is done left something in its session that the rest may need. */
  | { readonly kind: "state"; readonly unit: Unit; readonly what: string };

export const fromTheStart: ResumePoint = { unit: 1, begun: undefined, settings: [] };

/** Reads no more units than it needs. With no row of a unit that is done it begins at the start. */
export function resumePoint(rows: readonly JournalRow[], units: Iterable<Unit>): Resume {
  const byUnit = new Map(rows.map((row) => [row.unit, row]));
  const settings: string[] = [];
  let state: Extract<Resume, { kind: "state" }> | undefined;
  let number = 1;
  for (const unit of units) {
    const row = byUnit.get(number);
    if (row?.state !== "done") {
      // With a unit left to run that may need it.
      if (state !== undefined) return state;
      return { kind: "resume", point: { unit: number, begun: begunOf(row), settings } };
    }
    if (row.hash !== unit.hash) return { kind: "changed", number, unit };
    for (const trace of unit.traces) {
      if (trace.kind === "setting") settings.push(trace.sql);
      if (trace.kind === "state") state ??= { kind: "state", unit, what: trace.what };
    }
    number += 1;
  }
  const row = byUnit.get(number);
  if (row !== undefined && (row.state === "done" || begunOf(row) !== undefined)) {
    return { kind: "changed", number, unit: undefined };
  }
  return { kind: "resume", point: { unit: number, begun: undefined, settings } };
}

/** What failed inside of its transaction left nothing to settle. */
function begunOf(row: JournalRow | undefined): JournalRow | undefined {
  return row?.state === "running" || row?.note !== undefined ? row : undefined;
}
