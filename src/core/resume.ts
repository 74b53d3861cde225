/** From the journal and the file as it is now: where a step goes on, or why it must not. */

import type { JournalRow } from "./journal.ts";
import type { Section } from "./migration.ts";
import type { SessionTrace } from "./session-trace.ts";
import type { Unit } from "./unit.ts";

/** Where a step goes on. */
export interface ResumePoint {
  /** The first unit to run, from 1; one more than there are where only the ledger's row lacks. */
  readonly unit: number;
  /** That unit's own row where a try at it left more to settle than an error. */
  readonly begun: JournalRow | undefined;
  /**
   * What the units before it set for the session, in order: SET and RESET as they are written,
   * without those that a later one of the same name makes needless.
   */
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
  const settings = new Settings();
  let state: Extract<Resume, { kind: "state" }> | undefined;
  let number = 1;
  for (const unit of units) {
    settings.enter(unit.section);
    const row = byUnit.get(number);
    if (row?.state !== "done") {
      // One behind it that is done was written by no run: what of it has run is not known.
      const isGap = rows.some((other) => other.unit > number && other.state === "done");
      if (isGap) return { kind: "changed", number, unit };
      // With a unit left to run that may need it.
      if (state !== undefined) return state;
      const point = { unit: number, begun: begunOf(row), settings: settings.statements() };
      return { kind: "resume", point };
    }
    if (row.hash !== unit.hash) return { kind: "changed", number, unit };
    for (const trace of unit.traces) {
      if (trace.kind === "setting") settings.add(trace);
      if (trace.kind === "state") state ??= { kind: "state", unit, what: trace.what };
    }
    number += 1;
  }
  const isGone = rows.some((row) => row.unit >= number && mayHaveRun(row));
  if (isGone) return { kind: "changed", number, unit: undefined };
  const point = { unit: number, begun: undefined, settings: settings.statements() };
  return { kind: "resume", point };
}

/** What failed inside of its transaction left nothing to settle. */
function begunOf(row: JournalRow | undefined): JournalRow | undefined {
  return row !== undefined && row.state !== "done" && mayHaveRun(row) ? row : undefined;
}

function mayHaveRun(row: JournalRow): boolean {
  return row.state !== "failed" || row.note !== undefined;
}

type Setting = Extract<SessionTrace, { kind: "setting" }>;

/** What has been set and still holds, as far as it can be told from the statements. */
class Settings {
  #kept: readonly Setting[] = [];
  #section: Section | undefined;

  /** The timeouts that a section's marker says, or no longer says, are set where it begins. */
  enter(section: Section): void {
    const before = this.#section;
    this.#section = section;
    if (before === undefined || before === section) return;
    const [old, now] = [before.timeouts, section.timeouts];
    if (now.lockMs !== undefined || old.lockMs !== undefined) this.#drop(["lock_timeout"]);
    if (now.statementMs !== undefined || old.statementMs !== undefined) {
      this.#drop(["statement_timeout"]);
    }
  }

  /** The role that a name stands for may be gone, so what holds no more is not set again. */
  add(setting: Setting): void {
    const { name } = setting;
    if (name !== undefined) this.#drop([name]);
    if (name === "session_authorization") this.#drop(["role"]);
    this.#kept = [...this.#kept, setting];
  }

  statements(): readonly string[] {
    return this.#kept.map(({ sql }) => sql);
  }

  #drop(names: readonly string[]): void {
    this.#kept = this.#kept.filter(({ name }) => name === undefined || !names.includes(name));
  }
}
