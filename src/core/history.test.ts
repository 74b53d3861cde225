/** Files and ledger reconciled, as a table: what each file and each row counts as. */

import { expect, test } from "bun:test";
import { fileOf, historyOf } from "../testing/histories.ts";
import { newestName, reconcile } from "./history.ts";

type Case = readonly [
  name: string,
  files: string,
  rows: string,
  /** Files in order, applied ones with the row that says so. */
  entries: string,
  /** Rows in applied order. */
  applied: string,
  missing: string,
  unreadable: string,
];

const cases: readonly Case[] = [
  ["nothing", "", "", "", "", "", ""],
  ["files only", "2 1", "", "1 2", "", "", ""],
  ["rows only", "", "2 1", "", "1 2", "1 2", ""],
  ["both", "1 2 3", "2@1 1@2", "1=1 2=2 3", "2 1", "", ""],
  ["a missing one takes its place in applied order", "1 3", "1@1 2@3 3@2", "1=1 3=3", "1 3 2",
    "2", ""],
  ["unknown times first, by name", "1 2 3", "3 1@1 2", "1=1 2=2 3=3", "2 3 1", "", ""],
  ["missing rows by their version among names", "1 3", "3 2 1", "1=1 3=3", "1 2 3", "2", ""],
  ["a row named like a file", "016_add", "016_add", "016_add=016_add", "016_add", "", ""],
  ["a row named like no file", "016_add", "016_addx", "016_add", "016_addx", "", "016_addx"],
  ["digits win over the name", "016_add", "016_add 016", "016_add=016", "016_add 016", "",
    "016_add"],
  ["an empty version", "1", "~", "1", " ", "", " "],
  ["two files of a version share its row", "1_a 1_b", "1", "1_a=1 1_b=1", "1", "", ""],
  ["a version twice in the table", "1", "1@1 1@2", "1=1", "1", "", ""],
];

test.each(cases)("%s", (_, files, rows, entries, applied, missing, unreadable) => {
  const history = historyOf(files, rows);
  const shown = history.entries.map(({ file, row }) => {
    const name = file.name.replace(/(_x)?\.sql$/, "");
    return row === undefined ? name : `${name}=${row.version}`;
  });
  expect(shown.join(" ")).toBe(entries);
  expect(history.applied.map(({ row }) => row.version).join(" ")).toBe(applied);
  expect(history.missing.map((row) => row.version).toSorted().join(" ")).toBe(missing);
  expect(history.unreadable.map((row) => row.version).join(" ")).toBe(unreadable);
  const pending = history.entries.filter(({ row }) => row === undefined);
  expect([...history.pending]).toEqual(pending.map(({ file }) => file));
});

test.each([
  ["1 2 3", "text", ""],
  ["1_a 1_b 2", "text", "1: 1_a.sql 1_b.sql"],
  ["a/1 b/1", "text", "1: 1_x.sql 1_x.sql"],
  ["7 007", "text", ""],
  ["7 007", "numeric", "007: 007_x.sql 7_x.sql; 7: 007_x.sql 7_x.sql"],
  ["0 00", "numeric", "00: 00_x.sql 0_x.sql; 0: 00_x.sql 0_x.sql"],
] as const)("files of one version: %s in a %s column", (files, kind, expected) => {
  const { duplicates } = historyOf(files, "", kind);
  const shown = [...duplicates].map(([version, sharing]) => {
    return `${version}: ${sharing.map((file) => file.name).join(" ")}`;
  });
  expect(shown.join("; ")).toBe(expected);
});

test.each([
  ["", false],
  ["1", false],
  ["1 2", false],
  ["9 10", true],
  ["001 002", false],
  ["1 20250101", true],
] as const)("mixed widths: %s", (files, mixed) => {
  expect(historyOf(files, "").mixedWidths).toBe(mixed);
});

test.each([
  ["1 2 3", "", undefined],
  ["1 2 3", "1@9 3@1 2@5", "3_x.sql"],
  ["1", "1 2", "2"],
  ["10 9", "10 9", "9_x.sql"],
] as const)("newest by name: [%s] [%s]", (files, rows, expected) => {
  expect(newestName(historyOf(files, rows).applied)).toBe(expected as string);
});

test("files and rows are left as they came", () => {
  const files = ["2", "1"].map(fileOf);
  const rows = [{ version: "2" }, { version: "1" }];
  reconcile(files, rows);
  expect(files.map((file) => file.version)).toEqual(["2", "1"]);
  expect(rows.map((row) => row.version)).toEqual(["2", "1"]);
});
