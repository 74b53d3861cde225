/** What `force` decides, as a truth table: which versions change, for which history and journal. */

import { describe, expect, test } from "bun:test";
import { PgmateError } from "../errors.ts";
import { fileOf, rowOf } from "../testing/histories.ts";
import { begunUnits, force, type ForcedVersion, type ForceRequest, runsAgain } from "./force.ts";
import { reconcile } from "./history.ts";
import { type JournalRow, unfinishedSteps, type UnitState } from "./journal.ts";

/**
 * Files and rows as `histories.ts` writes them. The journal: `3+dr` is the up of version 3, unit
 * 1 done, unit 2 running; `3-f` its down, failed; `n` failed with a note. What comes of it: `+2`
 * gains a row, `-3` loses it, `~` was dirty, `~3=applied` keeps its row; `forget 3` in the journal.
 */
type Case = readonly [
  name: string,
  files: string,
  rows: string,
  journal: string,
  request: string,
  expected: string,
  versions?: "numeric",
];

const states: Readonly<Record<string, UnitState>> = {
  d: "done", r: "running", f: "failed", n: "failed",
};

function wordsOf(text: string): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}

function journalOf(text: string): readonly JournalRow[] {
  return wordsOf(text).flatMap((word) => {
    const [, version = "", sign, letters = ""] = /^(.*?)([+-])(\w+)$/.exec(word) ?? [];
    return [...letters].map((letter, at): JournalRow => ({
      version,
      direction: sign === "+" ? "up" : "down",
      unit: at + 1,
      hash: `h${at + 1}`,
      state: states[letter] ?? "done",
      error: undefined,
      note: letter === "n" ? "{}" : undefined,
    }));
  });
}

function requestOf(text: string): ForceRequest {
  const [version = "", state] = wordsOf(text);
  if (state === undefined) return { kind: "up-to", version };
  return { kind: "only", version, state: state === "applied" ? "applied" : "pending" };
}

function decided([, files, rows, journal, request, , kind]: Case): string {
  const versionKind = kind ?? "text";
  const journalRows = journalOf(journal);
  const history = reconcile(
    wordsOf(files).map(fileOf), wordsOf(rows).map(rowOf), versionKind, journalRows,
  );
  try {
    const made = force(history, { rows: journalRows, versionKind }, requestOf(request));
    const forgotten = made.forgotten.length === 0 ? "" : `; forget ${made.forgotten.join(" ")}`;
    return made.versions.map(textOf).join(" ") + forgotten;
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    return `! ${error.code}`;
  }
}

function textOf({ version, file, from, to, row }: ForcedVersion): string {
  const signs = { insert: "+", delete: "-", untouched: "" };
  const state = row === "untouched" ? `=${to}` : "";
  return `${from === "dirty" ? "~" : ""}${signs[row]}${version}${file ? "" : "?"}${state}`;
}

const upTo: readonly Case[] = [
  ["nothing applied, the last", "1 2 3", "", "", "3", "+1 +2 +3"],
  ["nothing applied, the first", "1 2 3", "", "", "1", "+1"],
  ["all applied, the first", "1 2 3", "1 2 3", "", "1", "-2 -3"],
  ["in the middle", "1 2 3 4", "1 4", "", "3", "+2 +3 -4"],
  ["as it is", "1 2 3", "1 2", "", "2", ""],
  ["as it is, applied in another order", "1 2 3", "2@1 1@2", "", "2", ""],
  ["by the file's name", "1 2 3", "", "", "2_x.sql", "+1 +2"],
  ["files in any order", "3 1 2", "3", "", "2", "+1 +2 -3"],
  ["bytes of the name, not numbers", "9 10 100 011", "9", "", "100", "+011 +100 -9"],
  ["versions of twenty digits", "00000000000000000001 00000000000000000002", "", "",
    "00000000000000000001", "+00000000000000000001"],
  ["no file has it", "1 2", "", "", "3", "! version-unknown"],
  ["other zeros", "001 002", "", "", "2", "! version-unknown"],
  ["golang-migrate's -1", "1 2", "1", "", "-1", "! version-unknown"],
  ["no files", "", "1", "", "1", "! version-unknown"],
  ["a row without a file is no target", "1 3", "1 2", "", "2", "! version-unknown"],
  ["rows without files stay", "2 4", "1 3 9", "", "2", "+2"],
  ["a row by its file's name, deleted as it is", "015 016_add", "015 016_add", "", "015",
    "-016_add"],
  ["a row by its file's name stays", "015 016_add", "016_add", "", "016", "+015"],
  ["rows nobody can read", "1 2", "1 abc", "", "2", "! ledger-row"],
  ["numbers have no zeros", "007 008 009", "7 9", "", "008", "+008 -9", "numeric"],
];

const duplicates: readonly Case[] = [
  ["one would change", "1 2_a 2_b 3", "1", "", "2", "! version-duplicate"],
  ["both would change", "1 2_a 2_b 3", "1", "", "3", "! version-duplicate"],
  ["one by its name", "1 2_a 2_b", "1 2", "", "2_a.sql", "! version-duplicate"],
  ["both stay", "1 2_a 2_b 3", "1 2", "", "3", "+3"],
  ["both stay pending", "1 2 3_a 3_b", "", "", "2", "+1 +2"],
  ["a dirty one", "1 2_a 2_b", "1 2", "2-d", "2_b.sql", "! version-duplicate"],
  ["golang-migrate's pairs", "1_a.down 1_a.up", "", "", "1", "! golang-migrate-files"],
  ["alone", "1 2_a 2_b", "", "", "2 applied", "! version-duplicate"],
  ["another alone", "1 2_a 2_b", "", "", "1 applied", "+1"],
];

const dirty: readonly Case[] = [
  ["half applied, told applied", "1 2 3", "1", "2+dr", "2", "~+2; forget 2"],
  ["half applied, told pending", "1 2 3", "1", "2+dr", "1", "~2=pending; forget 2"],
  ["half undone, told pending", "1 2 3", "1 2", "2-d", "1", "~-2; forget 2"],
  ["half undone, told applied", "1 2 3", "1 2", "2-d", "2", "~2=applied; forget 2"],
  ["a failed one that left nothing", "1 2", "1", "2+f", "1", "~2=pending; forget 2"],
  ["the whole journal", "1 2 3 4", "1 3", "2+d 3-d 4+r", "1",
    "~2=pending ~-3 ~4=pending; forget 2 3 4"],
  ["with others that change", "1 2 3", "", "2+d", "3", "+1 ~+2 +3; forget 2"],
  ["of no file, half applied", "1", "1", "7+d", "1", "~7?=pending; forget 7"],
  ["of no file, half undone", "1", "1 7", "7-d", "1", "~7?=applied; forget 7"],
  ["by a row of the file's name", "015 016_add", "015 016_add", "016_add-d", "015",
    "~-016_add; forget 016_add"],
  ["numbers: up as the file has it", "007 008", "7", "008+d", "007",
    "~008=pending; forget 008", "numeric"],
  ["numbers: down as the row has it", "007 008", "7 8", "8-d", "007", "~-8; forget 8", "numeric"],
  ["a row that disagrees is not dirty, as it is", "1 2", "1 2", "2+d", "2", "; forget 2"],
  ["a row that disagrees could become so", "1 2", "1 2", "2+d", "1", "-2; forget 2"],
];

const only: readonly Case[] = [
  ["applied", "1 2 3", "", "", "2 applied", "+2"],
  ["pending", "1 2 3", "1 2 3", "", "2 pending", "-2"],
  ["applied already", "1 2", "2", "", "2 applied", ""],
  ["pending already", "1 2", "1", "", "2 pending", ""],
  ["by the file's name", "1 2", "", "", "2_x.sql applied", "+2"],
  ["no file has it", "1", "2", "", "2 pending", "! version-unknown"],
  ["rows nobody can read", "1 2", "abc", "", "2 applied", "! ledger-row"],
  ["its own dirt alone", "1 2 3", "1", "2+d 3+d", "2 pending", "~2=pending; forget 2"],
  ["another's dirt stays", "1 2 3", "1", "3+d", "2 applied", "+2"],
  ["half undone, told applied", "1 2", "1 2", "2-d", "2 applied", "~2=applied; forget 2"],
  ["half applied, told applied", "1 2", "1", "2+dd", "2 applied", "~+2; forget 2"],
  ["numbers: all its spellings", "007", "7", "7-d 007+d", "007 pending", "~-7; forget 7 007",
    "numeric"],
  ["text: zeros tell two apart", "007", "007", "7+d 007-d", "007 pending", "~-007; forget 007"],
];

for (const [title, cases] of Object.entries({ upTo, duplicates, dirty, only })) {
  describe(title, () => {
    test.each(cases.map((one) => [one[0], one] as const))("%s", (_, one) => {
      expect(decided(one)).toBe(one[5]);
    });
  });
}

test("forced twice changes nothing, whatever was there", () => {
  for (const [, files, rows, , request, , kind] of [...upTo, ...only]) {
    const versionKind = kind ?? "text";
    const history = reconcile(wordsOf(files).map(fileOf), wordsOf(rows).map(rowOf), versionKind);
    let made: readonly ForcedVersion[];
    try {
      made = force(history, { rows: [], versionKind }, requestOf(request)).versions;
    } catch {
      continue;
    }
    const gone = new Set(made.filter(({ row }) => row === "delete").map(({ version }) => version));
    const kept = wordsOf(rows).map(rowOf).filter(({ version }) => !gone.has(version));
    const added = made.filter(({ row }) => row === "insert").map(({ version }) => ({ version }));
    const now = reconcile(wordsOf(files).map(fileOf), [...kept, ...added], versionKind);
    expect(force(now, { rows: [], versionKind }, requestOf(request)).versions).toEqual([]);
  }
});

test("a version without its zeros is told which one is meant", () => {
  const history = reconcile(["000001", "000012"].map(fileOf), []);
  try {
    force(history, { rows: [], versionKind: "text" }, requestOf("12"));
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      message: "no migration file has version 12",
      hint: "did you mean 000012?",
      state: "nothing was changed",
    });
  }
});

test("which half-run steps would run again", () => {
  expect(runsAgain("up", "pending")).toBe(true);
  expect(runsAgain("up", "applied")).toBe(false);
  expect(runsAgain("down", "applied")).toBe(true);
  expect(runsAgain("down", "pending")).toBe(false);
});

test("units of which something has happened, or may have", () => {
  const [step] = unfinishedSteps(journalOf("3+dfrn"));
  expect(step === undefined ? [] : begunUnits(step).map(({ unit }) => unit)).toEqual([1, 3, 4]);
});
