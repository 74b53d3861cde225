/** What is noted before a unit that runs alone, as it is kept and as a hand may have changed it. */

import { describe, expect, test } from "bun:test";
import type { AloneStatement } from "./alone-statement.ts";
import {
  isChosenName, isReindexLeftover, noteText, readNote, type UnitNote,
} from "./unit-note.ts";

const kinds: readonly AloneStatement[] = [
  { kind: "create-index", table: "a.t", index: "x", body: " (i)", rows: "any" },
  { kind: "create-index", table: "a.t", index: undefined, body: " (i)", rows: "any" },
  { kind: "drop-index", index: "x" },
  { kind: "reindex", relation: "x", schema: undefined },
  { kind: "reindex", relation: undefined, schema: "s" },
  { kind: "reindex", relation: undefined, schema: undefined },
  { kind: "detach", table: "t", partition: "p" },
  { kind: "exists", object: "database", name: "d" },
  { kind: "gone", object: "subscription", name: "s" },
  { kind: "repeatable" },
  { kind: "doubtful" },
];

function noteOf(alone: AloneStatement): UnitNote {
  return {
    alone, relation: 4_294_967_295, partition: undefined, existed: false, invalid: [1], indexes: [],
  };
}

describe("a note", () => {
  test.each(kinds.map((alone) => [alone] as const))("of %j is read again", (alone) => {
    const note = noteOf(alone);
    expect(readNote(noteText(note))).toEqual(JSON.parse(noteText(note)));
    expect(readNote(noteText(note))?.alone.kind).toBe(alone.kind);
  });

  const whole = noteOf({ kind: "drop-index", index: "x" });
  const garbage: readonly unknown[] = [
    null, 1, "x", [], {}, { ...whole, alone: undefined }, { ...whole, alone: "drop-index" },
    { ...whole, alone: { kind: "drop-index" } }, { ...whole, alone: { kind: "nothing" } },
    { ...whole, alone: { kind: "constructor" } }, { ...whole, alone: { kind: "__proto__" } },
    { ...whole, alone: { kind: "drop-index", index: 1 } },
    { ...whole, alone: { kind: "exists", object: "table", name: "x" } },
    { ...whole, alone: { kind: "exists", object: "constructor", name: "x" } },
    { ...whole, alone: { kind: "detach", table: "t", partition: null } },
    { ...whole, relation: "1; drop table x" }, { ...whole, relation: 1.5 },
    { ...whole, relation: -1 }, { ...whole, relation: 2 ** 32 }, { ...whole, relation: null },
    { ...whole, partition: "x" }, { ...whole, invalid: ["1"] }, { ...whole, invalid: undefined },
    { ...whole, indexes: [Number.NaN] }, { ...whole, indexes: {} }, { ...whole, existed: "no" },
  ];

  test.each(garbage.map((value) => [JSON.stringify(value)]))("that is none: %s", (text) => {
    expect(readNote(text)).toBeUndefined();
  });

  test.each(["", "{", "undefined", "{}", "\u0000"])("that cannot be read: %j", (text) => {
    expect(readNote(text)).toBeUndefined();
  });

  test("that is not there", () => {
    expect(readNote(undefined)).toBeUndefined();
  });
});

test.each([
  ["t_a_idx", true], ["t_a_idx1", true], ["t_expr_idx12", true], ["x", false], ["t_idx_a", false],
  ["t_a_idx_ccnew", false],
])("the server may choose the name %s: %p", (name, expected) => {
  expect(isChosenName(name)).toBe(expected);
});

test.each([
  ["x_ccnew", true], ["x_ccold", true], ["x_ccnew2", true], ["x_ccold10", true], ["x", false],
  ["x_ccnew_y", false], ["ccnew", false], ["pg_toast_1_index_ccnew", true],
])("REINDEX leaves %s: %p", (name, expected) => {
  expect(isReindexLeftover(name)).toBe(expected);
});
