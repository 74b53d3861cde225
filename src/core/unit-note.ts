/** What is noted of the catalog before a statement that runs alone, to tell later what it did. */

import type { AloneStatement } from "./alone-statement.ts";
import type { JournalRow } from "./journal.ts";

export interface UnitNote {
  readonly alone: AloneStatement;
  /**
   * The object ids of what the statement names, as far as they were there: the table of CREATE
   * INDEX, REINDEX and DETACH, and the index of DROP INDEX.
   */
  readonly relation: number | undefined;
  /** Only if it was attached. */
  readonly partition: number | undefined;
  /** Whether the database, tablespace or subscription was there. */
  readonly existed: boolean;
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

/** Whether only a person can say if what the row tells of is to run again. */
export function asksPerson({ state, note }: Pick<JournalRow, "state" | "note">): boolean {
  if (state === "done" || (state === "failed" && note === undefined)) return false;
  const kind = readNote(note)?.alone.kind;
  return kind === undefined || kind === "doubtful";
}

function isNote(value: unknown): value is UnitNote {
  if (!isObject(value)) return false;
  const { alone, relation, partition, existed, invalid, indexes } = value;
  return isAlone(alone) && isIdOrNone(relation) && isIdOrNone(partition) &&
    typeof existed === "boolean" && isIds(invalid) && isIds(indexes);
}

/** Whether a field may lack. */
type Need = "text" | "any";

/** The fields of each kind. */
const fields: Readonly<Record<AloneStatement["kind"], Readonly<Record<string, Need>>>> = {
  "create-index": { table: "text", index: "any", body: "text", rows: "text" },
  "drop-index": { index: "text" },
  reindex: { relation: "any", schema: "any" },
  detach: { table: "text", partition: "text" },
  exists: { object: "text", name: "text" },
  gone: { object: "text", name: "text" },
  repeatable: {},
  doubtful: {},
};

function isAlone(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { kind } = value;
  if (typeof kind !== "string" || !Object.hasOwn(fields, kind)) return false;
  const wanted = Object.entries(fields[kind as AloneStatement["kind"]]);
  const isWhole = wanted.every(([name, need]) => {
    const given = value[name];
    return typeof given === "string" || (need === "any" && given === undefined);
  });
  const { object } = value;
  const isKnown = ["database", "tablespace", "subscription"].includes(String(object));
  return isWhole && (object === undefined || isKnown);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isIds(value: unknown): boolean {
  return Array.isArray(value) && value.every(isId);
}

function isIdOrNone(value: unknown): boolean {
  return value === undefined || isId(value);
}

function isId(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32;
}

/** Postgres' pattern for the name of an index that nobody named. */
export function isChosenName(name: string): boolean {
  return /_idx\d*$/.test(name);
}

/** Postgres' pattern for what REINDEX CONCURRENTLY works with and leaves behind. */
export function isReindexLeftover(name: string): boolean {
  return /_cc(?:new|old)\d*$/.test(name);
}
