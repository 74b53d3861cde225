/** What is noted of the catalog before a statement that runs alone, to tell later what it did. */

import type { AloneStatement } from "./alone-statement.ts";

export interface UnitNote {
  readonly alone: AloneStatement;
  /** The object ids of what the statement names, as far as they were there. */
  readonly relation: number | undefined;
  readonly partition: number | undefined;
  /** Indexes that were invalid already, in the whole database: they are not its doing. */
  readonly invalid: readonly number[];
  /** Of the table of a CREATE INDEX: those that it had. */
  readonly indexes: readonly number[];
}

/** As it is kept in the journal. */
export function noteText(note: UnitNote): string {
  return JSON.stringify(note);
}

/** Undefined for what no version of pgmate has written. */
export function readNote(text: string | undefined): UnitNote | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isNote(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isNote(value: unknown): value is UnitNote {
  if (typeof value !== "object" || value === null) return false;
  const { alone, invalid, indexes } = value as Partial<Record<keyof UnitNote, unknown>>;
  const isKind = typeof alone === "object" && alone !== null && "kind" in alone;
  return isKind && Array.isArray(invalid) && Array.isArray(indexes);
}

/** Postgres' pattern for the name of an index that nobody named. */
export function isChosenName(name: string): boolean {
  return /_idx\d*$/.test(name);
}

/** Postgres' pattern for what REINDEX CONCURRENTLY works with and leaves behind. */
export function isReindexLeftover(name: string): boolean {
  return /_cc(?:new|old)\d*$/.test(name);
}
