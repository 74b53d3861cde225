/** The planner's decisions as a truth table: what runs, for which history and request. */

import { describe, expect, test } from "bun:test";
import { PgmateError } from "../errors.ts";
import { historyOf, planText, requestOf } from "../testing/histories.ts";
import { plan } from "./plan.ts";

/** Files and rows as `histories.ts` writes them; a row `3@1` was applied at second 1. */
type Case = readonly [
  name: string,
  files: string,
  rows: string,
  request: string,
  expected: string,
  versions?: "numeric",
];

const up: readonly Case[] = [
  ["no files and no rows", "", "", "up", ""],
  ["nothing applied", "1 2 3", "", "up", "+1 +2 +3"],
  ["files in any order", "3 1 2", "", "up", "+1 +2 +3"],
  ["all applied", "1 2 3", "1 2 3", "up", ""],
  ["the last is pending", "1 2 3", "1@1 2@2", "up", "+3"],
  ["a pending one between", "1 2 3", "1@1 3@2", "up", "+2; late 2"],
  ["the first is pending", "1 2 3", "2 3", "up", "+1; late 1"],
  ["late and new ones", "1 2 3 4 5", "1@1 4@2", "up", "+2 +3 +5; late 2 3"],
  ["when they were applied does not matter", "1 2 3 4", "3@1 1@2", "up", "+2 +4; late 2"],
  ["bytes of the name, not numbers", "9 10 100 011", "", "up", "+011 +100 +10 +9"],
  ["dbmate's order", "99_z 2a 2024 1_a 15_a 11_y 100_z 011", "", "up",
    "+011 +100_z +11_y +15_a +1_a +2024 +2a +99_z"],
  ["several folders are one list", "b/1 a/2 b/3", "", "up", "+1 +2 +3"],
  ["a late one by name though newer by number", "9 10", "9", "up", "+10; late 10"],
  ["--to a pending version", "1 2 3", "", "up --to 2", "+1 +2"],
  ["--to a file's name", "1 2 3", "", "up --to 2_x.sql", "+1 +2"],
  ["--to an applied version", "1 2 3", "2", "up --to 2", "+1; late 1"],
  ["--to what is reached", "1 2 3", "1 2", "up --to 2", ""],
  ["--to below all that is pending", "1 2 3", "1 2", "up --to 1", ""],
  ["--to the last", "1 2 3", "", "up --to 3", "+1 +2 +3"],
  ["--to a version nobody knows", "1 2 3", "", "up --to 4", "! version-unknown"],
  ["--to with other zeros", "1 2 3", "", "up --to 002", "! version-unknown"],
  ["--to a row without a file", "1 3", "2", "up --to 2", "! version-unknown"],
  ["--to a version of twenty digits", "00000000000000000001 00000000000000000002", "",
    "up --to 00000000000000000001", "+00000000000000000001"],
  ["--steps", "1 2 3", "1", "up --steps 1", "+2"],
  ["--steps counts late ones", "1 2 3", "2", "up --steps 1", "+1; late 1"],
  ["more --steps than there are", "1 2 3", "1", "up --steps 9", "+2 +3"],
  ["--steps with nothing pending", "1", "1", "up --steps 1", ""],
  ["--to and --steps: what stops first", "1 2 3", "", "up --to 2 --steps 1", "+1"],
  ["--to before --steps", "1 2 3", "", "up --to 1 --steps 2", "+1"],
];

const strict: readonly Case[] = [
  ["in order", "1 2 3", "1", "up --strict", "+2 +3"],
  ["nothing applied", "1 2", "", "up --strict", "+1 +2"],
  ["nothing pending", "1 2 3", "1 2 3", "up --strict", ""],
  ["a late one", "1 2 3", "1 3", "up --strict", "! version-order"],
  ["a late one, though a new one is pending too", "1 2 3", "2", "up --strict", "! version-order"],
  ["applied in another order, nothing late", "1 2 3", "2@1 1@2", "up --strict", "+3"],
  ["the newest applied has no file", "1 2 3", "1 9", "up --strict", "! version-order"],
  ["a missing one that is older", "1 3", "1 2", "up --strict", "+3"],
  ["late ones beyond --to do not matter", "1 2 3 4", "1 4", "up --strict --to 1", ""],
  ["late ones within --to do", "1 2 3 4", "1 4", "up --strict --to 2", "! version-order"],
  ["by bytes, as dbmate: 100 before 30", "30 100", "30", "up --strict", "! version-order"],
  ["by bytes, as dbmate: 9 after 10", "10 9", "10", "up --strict", "+9"],
];

const missing: readonly Case[] = [
  ["up: in the middle", "1 3", "1 2", "up", "+3"],
  ["up: at the end", "1 2 3", "1 9", "up", "+2 +3; late 2 3"],
  ["up: all files gone but one", "4", "1 2 3", "up", "+4"],
  ["rollback: the newest", "1 2", "1@1 2@2 3@3", "rollback", "! missing-file"],
  ["rollback: in the middle, not reached", "1 3", "1@1 2@2 3@3", "rollback", "-3"],
  ["rollback: in the middle, reached", "1 3", "1@1 2@2 3@3", "rollback --steps 2",
    "! missing-file"],
  ["rollback: newest by time, oldest by name", "2 3", "2@1 3@2 1@3", "rollback", "! missing-file"],
  ["rollback --all", "1 3", "1@1 2@2 3@3", "rollback --all", "! missing-file"],
  ["rollback --to it: it stays", "1 3", "1@1 2@2 3@3", "rollback --to 2", "-3"],
  ["rollback --to below it", "1 3", "1@1 2@2 3@3", "rollback --to 1", "! missing-file"],
  ["redo: the newest", "1", "1@1 2@2", "redo", "! missing-file"],
  ["redo: not reached", "2", "1@1 2@2", "redo", "-2 +2"],
  ["goto: above", "1 2", "1 2 3", "goto 2", "! missing-file"],
  ["goto: below, which stays", "1 3 4", "1@1 2@2 4@3", "goto 3", "-4 +3"],
];

const unreadable: readonly Case[] = [
  ["a name that no file has", "1 2", "1 2_other", "up", "! ledger-row"],
  ["with nothing pending either", "1", "1 2_other", "up", "! ledger-row"],
  ["rollback", "1", "1 abc", "rollback", "! ledger-row"],
  ["redo", "1", "1 abc", "redo", "! ledger-row"],
  ["goto", "1", "1 abc", "goto 1", "! ledger-row"],
  ["digits behind a blank", "1", "~1", "up", "! ledger-row"],
  ["the name with .sql", "016_add", "016_add.sql", "up", "! ledger-row"],
  ["another case", "016_add", "016_ADD", "up", "! ledger-row"],
  ["digits that are not ASCII", "1", "\u0661", "up", "! ledger-row"],
  ["a second row for the same file", "016_add", "016 016_add", "up", "! ledger-row"],
  ["the same with the rows the other way", "016_add", "016_add 016", "rollback",
    "! ledger-row"],
];

const named: readonly Case[] = [
  ["up: it is applied", "016_add 017", "016_add", "up", "+017"],
  ["rollback deletes the row as it is", "016_add", "016_add", "rollback",
    "-016_add=016_add"],
  ["redo writes digits", "016_add", "016_add", "redo", "-016_add=016_add +016_add"],
  ["rollback --to its name", "016_add 017", "016_add@1 017@2", "rollback --to 016_add",
    "-017"],
  ["rollback --to its digits", "016_add 017", "016_add@1 017@2", "rollback --to 016", "-017"],
  ["goto its digits", "016_add 017", "016_add 017", "goto 016", "-017"],
  ["late files know it by its name", "015 016_add", "016_add", "up", "+015; late 015"],
  ["two files of a version, one named", "016_a 016_b", "016_a", "up", "! version-duplicate"],
];

const numeric: readonly Case[] = [
  ["zeros do not count", "007 008", "7", "up", "+008", "numeric"],
  ["all applied", "007 008", "8 7", "up", "", "numeric"],
  ["nor in the table", "7", "007", "up", "", "numeric"],
  ["zero", "000 001", "0", "up", "+001", "numeric"],
  ["rollback names the row as it is", "007", "7", "rollback", "-007=7", "numeric"],
  ["redo writes what the file says", "007", "7", "redo", "-007=7 +007", "numeric"],
  ["goto", "007 008", "7 8", "goto 007", "-008=8", "numeric"],
  ["two files that the column cannot tell apart", "7 007", "", "up", "! version-duplicate",
    "numeric"],
  ["a text column can", "7 007", "", "up", "+007 +7"],
  ["in a text column 7 is not 007", "007", "7", "up", "+007; late 007"],
];

const duplicates: readonly Case[] = [
  ["both pending", "1_a 1_b", "", "up", "! version-duplicate"],
  ["both pending, behind a good one", "1 2_a 2_b", "", "up", "! version-duplicate"],
  ["not reached by --to", "1 2_a 2_b", "", "up --to 1", "+1"],
  ["not reached by --steps", "1 2_a 2_b", "", "up --steps 1", "+1"],
  ["one within --steps", "1 2_a 2_b", "", "up --steps 2", "! version-duplicate"],
  ["both applied, others pending", "1_a 1_b 2", "1", "up", "+2"],
  ["both applied, undone", "1_a 1_b", "1", "rollback", "! version-duplicate"],
  ["both applied, another undone", "1_a 1_b 2", "1@1 2@2", "rollback", "-2"],
  ["both applied, redone", "1_a 1_b", "1", "redo", "! version-duplicate"],
  ["both applied, goto above", "1_a 1_b 2", "1", "goto 2", "+2"],
  ["both applied, goto them", "1_a 1_b", "1", "goto 1", ""],
  ["both applied, goto below", "0 1_a 1_b", "0 1", "goto 0", "! version-duplicate"],
  ["one name in two folders", "a/1 b/1", "", "up", "! version-duplicate"],
  ["one name in two folders, applied", "a/1 b/1", "1", "up", ""],
  ["a row that the table holds twice", "1 2", "1@1 1@2 2@3", "rollback --steps 2", "-2 -1"],
  ["golang's pair", "1_x.up 1_x.down", "", "up", "! golang-migrate-files"],
  ["golang's pairs", "1_x.up 1_x.down 2_y.up 2_y.down", "1", "up", "! golang-migrate-files"],
  ["golang's pair, undone", "1_x.up 1_x.down", "1", "rollback", "! golang-migrate-files"],
  ["golang's pair, all applied", "1_x.up 1_x.down", "1", "up", ""],
  ["two ups are no pair", "a/1_x.up b/1_x.up", "", "up", "! version-duplicate"],
  ["other names are no pair", "1_x.up 1_y.down", "", "up", "! version-duplicate"],
  ["a pair and a third", "1_x.up 1_x.down 1_z", "", "up", "! version-duplicate"],
];

const rollback: readonly Case[] = [
  ["the last applied", "1 2 3", "1@1 2@2 3@3", "rollback", "-3"],
  ["one, though others are pending", "1 2 3", "1@1 2@2", "rollback", "-2"],
  ["last by time, not by name", "1 2 3", "1@1 3@2 2@3", "rollback", "-2"],
  ["--steps by time", "1 2 3", "3@1 1@2 2@3", "rollback --steps 3", "-2 -1 -3"],
  ["without times by name", "1 2 3", "3 1 2", "rollback --steps 2", "-3 -2"],
  ["unknown times are the oldest", "1 2 3", "3 2 1@1", "rollback --steps 3", "-1 -3 -2"],
  ["the same time: by name", "1 2 3", "2@5 3@5 1@5", "rollback --steps 3", "-3 -2 -1"],
  ["nothing applied", "1 2", "", "rollback", "! nothing-applied"],
  ["no files either", "", "", "rollback", "! nothing-applied"],
  ["more steps than there are", "1 2", "1 2", "rollback --steps 3", "! nothing-applied"],
  ["--to keeps what it names", "1 2 3", "1@1 2@2 3@3", "rollback --to 1", "-3 -2"],
  ["--to the newest", "1 2 3", "1@1 2@2 3@3", "rollback --to 3", ""],
  ["--to by time", "1 2 3", "3@1 1@2 2@3", "rollback --to 3", "-2 -1"],
  ["--to a file's name", "1 2", "1@1 2@2", "rollback --to 1_x.sql", "-2"],
  ["--to a pending version", "1 2 3", "1@1 2@2", "rollback --to 3", "! nothing-applied"],
  ["--to a version nobody knows", "1 2", "1 2", "rollback --to 9", "! version-unknown"],
  ["--to with nothing applied", "1 2", "", "rollback --to 1", "! nothing-applied"],
  ["--all", "1 2 3", "1@2 2@1", "rollback --all", "-1 -2"],
  ["--all with nothing applied", "1", "", "rollback --all", ""],
];

const redo: readonly Case[] = [
  ["the last applied", "1 2 3", "1@1 2@2", "redo", "-2 +2"],
  ["last by time", "1 2 3", "2@1 1@2", "redo", "-1 +1"],
  ["--steps: back in the order of before", "1 2 3", "1@1 3@2 2@3", "redo --steps 3",
    "-2 -3 -1 +1 +3 +2"],
  ["nothing applied", "1", "", "redo", "! nothing-applied"],
  ["more steps than there are", "1 2", "1", "redo --steps 2", "! nothing-applied"],
];

const goto: readonly Case[] = [
  ["up from nothing", "1 2 3", "", "goto 2", "+1 +2"],
  ["down", "1 2 3", "1@1 2@2 3@3", "goto 1", "-3 -2"],
  ["there already", "1 2 3", "1 2", "goto 2", ""],
  ["down by time", "1 2 3", "1@1 3@2 2@3", "goto 1", "-2 -3"],
  ["down and up", "1 2 3 4", "1@1 3@2 4@3", "goto 2", "-4 -3 +2"],
  ["up below what stays", "1 2 3 4", "1@1 3@2 4@3", "goto 3", "-4 +2; late 2"],
  ["by name", "1 2 3", "1", "goto 2_x.sql", "+2"],
  ["bytes of the name", "9 10", "10 9", "goto 10", "-9"],
  ["nobody knows it", "1 2", "1", "goto 3", "! version-unknown"],
  ["a row without a file", "1", "1 2", "goto 2", "! version-unknown"],
];

const tables = {
  up, strict, missing, unreadable, named, numeric, duplicates, rollback, redo, goto,
} as const;

for (const [title, cases] of Object.entries(tables)) {
  describe(title, () => {
    for (const [name, files, rows, request, expected, kind] of cases) {
      test(`${name}: [${files}] [${rows}] ${request} → ${expected}`, () => {
        expect(planText(historyOf(files, rows, kind), requestOf(request))).toBe(expected);
      });
    }
  });
}

function refusal(files: string, rows: string, request: string): PgmateError {
  try {
    plan(historyOf(files, rows), requestOf(request));
  } catch (error) {
    if (error instanceof PgmateError) return error;
    throw error;
  }
  throw new Error("it was planned");
}

const texts: readonly (readonly [
  files: string, rows: string, request: string, message: RegExp, hint: RegExp | undefined,
])[] = [
  ["20 30", "30", "up --strict",
    new RegExp(
      "^migration `20` is out of order with already applied migrations, the version number has " +
        "to be higher than the applied migration `30` in --strict mode$",
    ),
    /without --strict/],
  ["1", "", "rollback", /^can't rollback: no migrations have been applied$/, undefined],
  ["1", "", "redo", /^can't redo: no migrations have been applied$/, undefined],
  ["1 2", "1", "rollback --steps 2",
    /2 steps .* only 1 migration is applied/, /pgmate rollback --all/],
  ["1 2 3", "1 2", "redo --steps 3", /3 steps .* only 2 migrations are applied/, undefined],
  ["1", "1@1 2@2", "rollback", /^version 2 is applied and next to be undone, but has no file/,
    /git log --all -- '\*2\*'/],
  ["20250101 20250102", "", "up --to 20250103", /no migration file has version 20250103/,
    /^did you mean 2025010[12]\?$/],
  ["20250101", "", "goto bogus", /no migration file has version bogus/, /pgmate status/],
  ["1 2", "1", "rollback --to 2", /version 2 is not applied/, /pgmate status/],
  ["a/1 b/1", "", "up", /2 files have version 1: a\/1_x.sql, b\/1_x.sql/, /pgmate new/],
  ["1_x.up 1_x.down", "", "up", /golang-migrate.*db\/1_x.down.sql, db\/1_x.up.sql/,
    /-- migrate:up/],
  ["1", "1 abc ~2", "up", /the ledger holds "abc", " 2": neither a version \(digits\) nor/,
    /digits its file begins with/],
  ["016_a", "016 016_a", "up", /"016_a": 016_a.sql has the row "016" already/, /delete the row/],
];

test.each(texts)("says: [%s] [%s] %s → %p", (files, rows, request, message, hint) => {
  const error = refusal(files, rows, request);
  expect(error.message).toMatch(message);
  if (hint === undefined) expect(error.hint ?? "").not.toMatch(/undefined/);
  else expect(error.hint).toMatch(hint);
  expect(error.state).toStartWith("nothing was changed");
});

test("a history is not touched by planning", () => {
  const history = historyOf("1 2 3", "3@1 1@2");
  const before = JSON.stringify(history);
  for (const request of ["up", "rollback", "rollback --all", "redo", "goto 2"]) {
    plan(history, requestOf(request));
  }
  expect(JSON.stringify(history)).toBe(before);
});
