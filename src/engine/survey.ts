/** Looks up the statements of a half-run step in its file, to show what forcing it means. */

import { begunUnits, type ForcedVersion, runsAgain } from "../core/force.ts";
import type { JournalRow, Unfinished } from "../core/journal.ts";
import type { MigrationFile } from "../core/migration.ts";
import { type Unit, unitsOf } from "../core/unit.ts";
import { PgmateError } from "../errors.ts";
import type { ForcedEntry, ForcedStatement, ForcedStatements } from "./events.ts";
import { type LoadedStep, loadSteps, placeIn } from "./migrations.ts";

/** Of a file with thousands of statements nobody reads them all. */
const mostListed = 20;

/** What is to be shown of a version that changes. Reads its file where it ran half. */
export function surveyedEntry(forced: ForcedVersion): ForcedEntry {
  const { version, file, from, to, unfinished } = forced;
  const repeats = new Listing();
  const skips = new Listing();
  for (const step of unfinished) {
    const loaded = file === undefined ? undefined : loadedStep(file, step);
    if (runsAgain(step.direction, to)) listBegun(step, loaded, repeats);
    else if (loaded !== undefined) listLeft(step, loaded, skips);
  }
  return { version, file, from, to, repeats: repeats.made(), skips: skips.made() };
}

class Listing {
  readonly #listed: ForcedStatement[] = [];
  #more = 0;

  /** Places are looked up for those only that are shown. */
  add(statement: () => ForcedStatement): void {
    if (this.#listed.length < mostListed) this.#listed.push(statement());
    else this.#more += 1;
  }

  made(): ForcedStatements {
    return { listed: this.#listed, more: this.#more };
  }
}

/** Undefined for a file that cannot be read as it is now: the journal alone is known then. */
function loadedStep(file: MigrationFile, step: Unfinished): LoadedStep | undefined {
  const { direction, version, rows } = step;
  try {
    const [loaded] = loadSteps([{ direction, file, version, begun: rows }], () => {});
    return loaded?.step.transactional === false ? loaded : undefined;
  } catch (error) {
    if (error instanceof PgmateError) return undefined;
    throw error;
  }
}

function* unitsIn({ step, snapshot }: LoadedStep): Generator<Unit> {
  yield* unitsOf(step.sections, (range) => snapshot.read(range));
}

function listBegun(step: Unfinished, loaded: LoadedStep | undefined, into: Listing): void {
  const left = new Map(begunUnits(step).map((row) => [row.unit, row]));
  if (loaded !== undefined) {
    for (const unit of unitsIn(loaded)) {
      if (left.size === 0) break;
      const row = left.get(unit.number);
      if (row?.hash !== unit.hash) continue;
      left.delete(unit.number);
      into.add(() => ({ ...shown(step, loaded, unit), ran: ranOf(row) }));
    }
  }
  const { direction } = step;
  for (const row of left.values()) {
    const { unit } = row;
    into.add(() => ({ direction, unit, at: undefined, command: undefined, ran: ranOf(row) }));
  }
}

function listLeft(step: Unfinished, loaded: LoadedStep, into: Listing): void {
  const rows = new Map(step.rows.map((row) => [row.unit, row]));
  for (const unit of unitsIn(loaded)) {
    const ran = ranOf(rows.get(unit.number));
    if (ran !== "yes") into.add(() => ({ ...shown(step, loaded, unit), ran }));
  }
}

function ranOf(row: JournalRow | undefined): ForcedStatement["ran"] {
  if (row?.state === "done") return "yes";
  return row?.state === "running" || row?.note !== undefined ? "perhaps" : "no";
}

function shown(
  { direction }: Unfinished,
  loaded: LoadedStep,
  { number, offset, command }: Unit,
): Omit<ForcedStatement, "ran"> {
  const { file, line } = placeIn(loaded, offset);
  return { direction, unit: number, at: { file, line }, command };
}
