/** Where a step goes on, as a truth table: journal rows and units, and what comes of them. */

import { describe, expect, test } from "bun:test";
import { bytesOf, migrationOf } from "../testing/parsed.ts";
import type { JournalRow, UnitState } from "./journal.ts";
import { type Resume, resumePoint } from "./resume.ts";
import { type Unit, unitsOf } from "./unit.ts";

const states: Readonly<Record<string, UnitState>> = {
  d: "done", r: "running", f: "failed", n: "failed", x: "done",
};

/** The units of the SQL: of one section that is not transactional, or of what its markers say. */
function unitsIn(sql: string): readonly Unit[] {
  const up = sql.startsWith("-- migrate:") ? sql : `-- migrate:up transaction:false\n${sql}`;
  const text = `${up.replaceAll("\n-- migrate:up", "\n-- migrate:down$&")}\n-- migrate:down`;
  const bytes = bytesOf(text);
  return [...unitsOf(migrationOf(text).ups, ({ start, end }) => [bytes.subarray(start, end)])];
}

/** `d` done, `r` running, `f` failed, `n` failed with a note, `x` done as another, `.` none. */
function rowsOf(letters: string, units: readonly Unit[]): readonly JournalRow[] {
  return [...letters].flatMap((letter, at): readonly JournalRow[] => {
    const state = states[letter];
    if (state === undefined) return [];
    const note = letter === "n" || letter === "r" ? "{}" : undefined;
    const hash = letter === "x" ? "v1:other" : units[at]?.hash ?? "v1:gone";
    return [{ version: "1", direction: "up", unit: at + 1, hash, state, error: undefined, note }];
  });
}

function textOf(resume: Resume): string {
  switch (resume.kind) {
    case "resume": {
      const { unit, begun } = resume.point;
      return `at ${unit}${begun === undefined ? "" : ` begun ${begun.state} ${begun.unit}`}`;
    }
    case "changed":
      return resume.unit === undefined
        ? `gone ${resume.number}`
        : `changed ${resume.number} ${resume.unit.number}`;
    case "state":
      return `state ${resume.unit.number} ${resume.what}`;
  }
}

const three = "select 1; select 2; select 3;";

const cases: readonly (readonly [name: string, rows: string, sql: string, expected: string])[] = [
  ["no rows", "", three, "at 1"],
  ["the first failed in its transaction", "f", three, "at 1"],
  ["the first failed and left something", "n", three, "at 1 begun failed 1"],
  ["the first was cut off", "r", three, "at 1 begun running 1"],
  ["one is done", "d", three, "at 2"],
  ["one is done, the next failed", "df", three, "at 2"],
  ["one is done, the next failed and left something", "dn", three, "at 2 begun failed 2"],
  ["two are done, the third was cut off", "ddr", three, "at 3 begun running 3"],
  ["all are done, and only the ledger's row lacks", "ddd", three, "at 4"],
  ["the one that failed was another", "df", "select 1; vacuum; select 9;", "at 2"],
  ["the one that failed is gone", "ddf", "select 1; select 2;", "at 3"],
  ["no units at all any more, and none had run", "f", "", "at 1"],
  ["no units, no rows", "", "", "at 1"],
  ["one that is done was changed", "xd", three, "changed 1 1"],
  ["the second was changed", "dxd", three, "changed 2 2"],
  ["the last was changed", "ddx", three, "changed 3 3"],
  ["one that is done is gone", "ddd", "select 1; select 2;", "gone 3"],
  ["several are gone", "ddd", "select 1;", "gone 2"],
  ["all are gone", "d", "", "gone 1"],
  ["the one that was cut off is gone", "dr", "select 1;", "gone 2"],
  ["the one that left something is gone", "dn", "select 1;", "gone 2"],
  ["rows by no run: a gap", "d.d", three, "changed 2 2"],
  ["a gap at the start", ".d", three, "changed 1 1"],
  ["a failed one between what is done", "dfd", three, "changed 2 2"],
  ["far beyond the last", "d....d", three, "changed 2 2"],
  ["far beyond the last, all others done", "ddd.d", three, "gone 4"],
  ["a failed one far beyond", "d...f", three, "at 2"],

  ["state that is gone", "d", "create temp table t (); select 2;", "state 1 a temporary object"],
  ["of the first that made some", "ddd", "select 1; prepare p as select 1; " +
    "declare c cursor with hold for select 1; select 4;", "state 2 a prepared statement"],
  ["in a group", "d", "begin; select 1; create temp table t (); commit; vacuum;",
    "state 1 a temporary object"],
  ["state, but nothing left to run", "dd", "select 1; create temp table t ();", "at 3"],
  ["state of what is not done", "df", "select 1; create temp table t (); select 3;", "at 2"],
  ["the change comes before the state", "dx", "create temp table t (); select 2; select 3;",
    "changed 2 2"],
  ["state with a gap", "d.d", "create temp table t (); select 2; select 3;", "changed 2 2"],
];

describe("a step goes on", () => {
  test.each(cases)("%s", (_, rows, sql, expected) => {
    const units = unitsIn(sql);
    expect(textOf(resumePoint(rowsOf(rows, units), units))).toBe(expected);
  });

  test("rows in any order count by their units", () => {
    const units = unitsIn(three);
    const rows = [...rowsOf("ddr", units)].reverse();
    expect(textOf(resumePoint(rows, units))).toBe("at 3 begun running 3");
  });

  test("a row whose unit is no number is nobody's", () => {
    const units = unitsIn(three);
    const [row] = rowsOf("d", units);
    if (row === undefined) throw new Error("no row");
    expect(textOf(resumePoint([{ ...row, unit: Number.NaN }], units))).toBe("at 1");
    expect(textOf(resumePoint([{ ...row, unit: -1 }, { ...row, unit: 0 }], units))).toBe("at 1");
  });

  test("one that was put before what is done is found by its hash", () => {
    const [first, second] = unitsIn("select 1; select 2;");
    const rows = rowsOf("dd", [first, second].flatMap((unit) => unit ?? []));
    const resume = resumePoint(rows, unitsIn("select 0; select 1; select 2;"));
    expect(textOf(resume)).toBe("changed 1 1");
  });

  test("comments, blanks and what follows may change", () => {
    const rows = rowsOf("dd", unitsIn(three));
    const now = unitsIn("select /* a */ 1;\n\n-- b\nselect\t2; begin; select 'x'; commit; vacuum;");
    expect(textOf(resumePoint(rows, now))).toBe("at 3");
  });

  test("no more units are read than are needed", () => {
    let read = 0;
    const units = unitsIn("select 1; select 2; select 3; select 4;");
    function* counted(): Generator<Unit> {
      for (const unit of units) {
        read += 1;
        yield unit;
      }
    }
    resumePoint(rowsOf("d", units), counted());
    expect(read).toBe(2);
  });
});

const settings: readonly (readonly [name: string, sql: string, expected: readonly string[]])[] = [
  ["none", "select 1; vacuum;", []],
  ["in order", "set a.b = 1; select 2; set search_path = x; reset work_mem;",
    ["set a.b = 1", "set search_path = x", "reset work_mem"]],
  ["of a group too", "begin; set a.b = 1; set local a.c = 2; commit; select 1;", ["set a.b = 1"]],
  ["what a later one sets again", "set a.b = 1; set role x; set A.B to 2; reset role;",
    ["set A.B to 2", "reset role"]],
  ["by all names of one", "set time zone 'UTC'; set timezone = 'CET'; set schema 'a'; " +
    "set search_path = b;", ["set timezone = 'CET'", "set search_path = b"]],
  ["set_config as dumps write it",
    "set search_path = a; select pg_catalog.set_config('search_path', '', false);",
    ["select pg_catalog.set_config('search_path', '', false)"]],
  ["reset all between", "set a.b = 1; reset all; set a.c = 2; set a.b = 3;",
    ["reset all", "set a.c = 2", "set a.b = 3"]],
  ["what has no single name stays", "set session characteristics as transaction read only; " +
    "load 'x'; set session characteristics as transaction read write;",
    ["set session characteristics as transaction read only", "load 'x'",
      "set session characteristics as transaction read write"]],
  ["another user takes the role away", "set role a; set session authorization b; set role c;",
    ["set session authorization b", "set role c"]],
  ["a role that is given back may be gone",
    "set role a; create table t (); reset role; drop role a;", ["reset role"]],
  ["over sections", "-- migrate:up\nset a.b = 1; set lock_timeout = 1;\n" +
    "-- migrate:up transaction:false\nselect 1;", ["set a.b = 1", "set lock_timeout = 1"]],
  ["a marker's timeout comes after", "-- migrate:up\nset a.b = 1; set lock_timeout = 1;\n" +
    "-- migrate:up transaction:false lock_timeout:500ms\nselect 1; select 2;", ["set a.b = 1"]],
  ["and what follows it too", "-- migrate:up transaction:false statement_timeout:1s\n" +
    "set statement_timeout = 1; set lock_timeout = 2;\n-- migrate:up transaction:false\nselect 1;",
    ["set lock_timeout = 2"]],
  ["within a marker's section it holds", "-- migrate:up transaction:false lock_timeout:500ms\n" +
    "set lock_timeout = 1; select 1;", ["set lock_timeout = 1"]],
];

describe("what is set again", () => {
  test.each(settings)("%s", (_, sql, expected) => {
    const whole = unitsIn(sql);
    const rows = rowsOf("d".repeat(whole.length), whole);
    const resume = resumePoint(rows, whole);
    if (resume.kind !== "resume") throw new Error(textOf(resume));
    expect(resume.point.settings).toEqual([...expected]);
  });
});
