/** The journal's name, its steps, and the SQL that writes it. */

import { describe, expect, test } from "bun:test";
import { journalOf } from "../testing/histories.ts";
import {
  asOurselvesSql, clearJournalSql, createJournalSql, isHalfRun, journalName, journalRowSql,
  unfinishedSteps,
} from "./journal.ts";

describe("the journal stands beside its ledger", () => {
  test.each([
    ["schema_migrations", "schema_migrations_progress"],
    ["a", "a_progress"],
    ["x".repeat(54), `${"x".repeat(54)}_progress`],
    ["x".repeat(63), `${"x".repeat(45)}_75220b47_progress`],
    // Cut between letters, never inside of one.
    [`x${"ä".repeat(31)}`, `x${"ä".repeat(22)}_7ac266e4_progress`],
    ["😀".repeat(15), `${"😀".repeat(11)}_6cdc133c_progress`],
    ["Odd \"name\"", "Odd \"name\"_progress"],
  ])("%s: %s", (table, expected) => {
    const name = journalName({ schema: "s", table });
    expect(name).toEqual({ schema: "s", table: expected });
    expect(Buffer.byteLength(name.table)).toBeLessThanOrEqual(63);
    expect(name.table).not.toBe(table);
  });
});

test("two long names with one beginning have two journals", () => {
  const [one, other] = ["1", "2"].map((end) =>
    journalName({ schema: "s", table: "x".repeat(55) + end }),
  );
  expect(one?.table).not.toBe(other?.table as string);
});

describe("steps of the journal", () => {
  test.each([
    ["", ""],
    ["1+d", "1 up 1"],
    ["2+d 1+dr", "1 up 1 2; 2 up 1"],
    ["1+d 1-d", "1 up 1; 1 down 1"],
    ["10+d 9+d", "10 up 1; 9 up 1"],
  ])("%s: %s", (rows, expected) => {
    const steps = unfinishedSteps([...journalOf(rows)].reverse());
    const texts = steps.map(
      ({ version, direction, rows: units }) =>
        `${version} ${direction} ${units.map(({ unit }) => unit).join(" ")}`,
    );
    expect(texts.toSorted().join("; ")).toBe(expected.split("; ").toSorted().join("; "));
    const names = steps.map(({ version }) => version);
    expect(names).toEqual(names.toSorted());
  });

  test.each([
    ["1+f", false], ["1+ff", false], ["1+d", true], ["1+r", true], ["1+n", true], ["1+fr", true],
    ["1+df", true],
  ])("%s may have done something: %p", (rows, expected) => {
    expect(unfinishedSteps(journalOf(rows)).map(isHalfRun)).toEqual([expected]);
  });
});

const journal = { schema: "Odd \"s\"", table: "t" };
const [row] = journalOf("1+d");

describe("its SQL", () => {
  test("quotes what it is given", () => {
    if (row === undefined) throw new Error("no row");
    const odd = { ...row, version: "1'; drop table x; --", error: "\\'", note: "{\"a\":\"'\"}" };
    const statements = journalRowSql(journal, odd);
    expect(statements[1]).toContain("'1''; drop table x; --', 'up', 1, 'h1', 'done', E'\\\\'''");
    expect(statements[1]).toContain("'{\"a\":\"''\"}'");
    for (const sql of [...statements, clearJournalSql(journal, [odd.version])]) {
      expect(sql).toContain("\"Odd \"\"s\"\"\".\"t\"");
    }
  });

  test("names everything with its schema", () => {
    if (row === undefined) throw new Error("no row");
    const all = [
      createJournalSql(journal), ...journalRowSql(journal, row), clearJournalSql(journal, ["1"]),
      ...asOurselvesSql.begin, ...asOurselvesSql.end,
    ].join("\n");
    expect(all).not.toMatch(/[^.(]\bset_config|[^.]\bcurrent_setting|[^.]\bclock_timestamp/);
    expect(all).not.toMatch(/[a-z] (?:=|<>) /);
  });

  test("forgets versions in both directions", () => {
    expect(clearJournalSql(journal, ["a'b", "7"])).toBe(
      "delete from \"Odd \"\"s\"\"\".\"t\" where version::pg_catalog.text " +
        "operator(pg_catalog.=) any (array['a''b', '7']::pg_catalog.text[])",
    );
  });
});
