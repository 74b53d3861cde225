/** Statements that are refused before the run, and those that only look like them. */
import { expect, test } from "bun:test";
import { split } from "./split.ts";
import { unfit } from "./unfit.ts";

function faultOf(sql: string): string | undefined {
  for (const piece of split(sql)) {
    const fault = piece.kind === "statement" ? unfit(piece) : undefined;
    if (fault !== undefined) return `${fault.offset}: ${fault.message}`;
  }
  return undefined;
}

test.each([
  ["select 1 \\gexec", "9: a backslash outside of quotes is no SQL"],
  ["/* a \\ */ select '\\', 1 \\! touch x", "24: a backslash outside of quotes is no SQL"],
  ["discard all;", "0: DISCARD ALL would let the run lock go"],
  [" -- so\nDISCARD /* all */ ALL", "7: DISCARD ALL would let the run lock go"],
  ["set client_encoding = 'LATIN1'", "0: client_encoding 'LATIN1': files are UTF-8"],
  ["SET LOCAL client_encoding TO latin1", "0: client_encoding latin1: files are UTF-8"],
  ["set names 'win1252'", "0: SET NAMES 'win1252': files are UTF-8"],
])("refused: %s", (sql, fault) => {
  expect(faultOf(sql)).toBe(fault);
});

test.each([
  "select '\\', E'\\'', $$ \\ $$, \"a\\b\" -- \\",
  "discard temp",
  "discard plans; select all",
  "set client_encoding = 'UTF8'",
  "set session client_encoding to 'utf-8'",
  "set names default",
  "set search_path = client_encoding",
  "select 'set names latin1'",
])("taken: %s", (sql) => {
  expect(faultOf(sql)).toBeUndefined();
});
