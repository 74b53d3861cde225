/** What is half run and what that means for each request, as a truth table. */

import { describe, expect, test } from "bun:test";
import { PgmateError } from "../errors.ts";
import { historyOf, planText, requestOf } from "../testing/histories.ts";
import { plan } from "./plan.ts";

/** Files, rows and journal as `histories.ts` writes them; `*` is a step that the journal knows. */
type Case = readonly [
  name: string,
  files: string,
  rows: string,
  journal: string,
  request: string,
  expected: string,
  versions?: "numeric",
];

const up: readonly Case[] = [
  ["goes on with it", "1 2", "1", "2+d", "up", "+2*"],
  ["first of all", "1 2 3", "", "2+d", "up", "+2* +1 +3; late 1"],
  ["it is not told as late again", "1 2 3", "1 3", "2+d", "up", "+2*"],
  ["several, in file order", "1 2 3 4", "", "4+d 2+r", "up",
    "+2* +4* +1 +3; late 1 3"],
  ["one that was cut off", "1", "", "1+r", "up", "+1*"],
  ["one that left something", "1", "", "1+n", "up", "+1*"],
  ["one of which nothing was kept waits for its turn", "1 2", "", "2+f", "up", "+1 +2*"],
  ["one whose ledger row alone lacks", "1", "", "1+dd", "up", "+1*"],
  ["--steps counts it", "1 2 3", "", "2+d", "up --steps 1", "+2*"],
  ["--steps counts what comes behind it", "1 2 3", "", "2+d", "up --steps 2",
    "+2* +1; late 1"],
  ["more of them than --steps", "1 2 3", "", "1+d 2+d", "up --steps 1", "+1* +2*"],
  ["--to below it does not leave it", "1 2 3", "", "2+d", "up --to 1", "+2* +1; late 1"],
  ["--to beyond it", "1 2 3", "", "1+d", "up --to 2", "+1* +2"],
  ["--to it", "1 2 3", "1", "2+d", "up --to 2", "+2*"],
  ["strict does not mind one that began, though it is late by now", "1 2 3", "1 3", "2+d",
    "up --strict", "+2*"],
  ["strict minds what comes before it", "1 2 3", "", "2+d", "up --strict", "! version-order"],
  ["strict minds the others", "1 2 3 4", "1 4", "2+d", "up --strict", "! version-order"],
  ["its file is gone", "1", "1", "2+d", "up", "! dirty"],
  ["its file is gone, and others are pending", "1 3", "1", "2+d", "up", "! dirty"],
  ["its file is gone, but nothing was kept", "1 3", "1", "2+f", "up", "+3"],
  ["two files claim it", "1 2_a 2_b", "1", "2+d", "up", "! version-duplicate"],
  ["in the spelling of a name", "016_add", "", "016_add+d", "up", "+016_add=016_add*"],
  ["in a column of numbers", "007", "", "7+d", "up", "+007=7*", "numeric"],
  ["a row says it is applied: another tool's word", "1 2", "1 2", "2+d", "up", ""],
  ["the same, and another is pending", "1 2 3", "1 2", "2+d", "up", "+3"],
  ["a row that no file has, either", "1", "1 9", "9+d", "up", ""],
];

const halfUndone: readonly Case[] = [
  ["up", "1 2", "1", "1-d", "up", "! dirty"],
  ["up with nothing pending", "1", "1", "1-d", "up", "! dirty"],
  ["up --to something older", "1 2", "1 2", "2-r", "up --to 1", "! dirty"],
  ["rollback goes on with it", "1 2", "1@1 2@2", "2-d", "rollback", "-2*"],
  ["first of all", "1 2 3", "1@1 2@2 3@3", "2-d", "rollback", "-2*"],
  ["--steps counts it", "1 2 3", "1@1 2@2 3@3", "2-d", "rollback --steps 2", "-2* -3"],
  ["--to goes behind it", "1 2 3", "1@1 2@2 3@3", "2-d", "rollback --to 1", "-2* -3"],
  ["--to what is half gone", "1 2 3", "1@1 2@2 3@3", "2-d", "rollback --to 2", "! dirty"],
  ["--to what is newer", "1 2 3", "1@1 2@2 3@3", "2-d", "rollback --to 3", "-2*"],
  ["--all", "1 2", "1@1 2@2", "1-d", "rollback --all", "-1* -2"],
  ["several", "1 2 3", "1@1 2@2 3@3", "1-d 3-d", "rollback", "-3* -1*"],
  ["redo", "1 2", "1 2", "2-d", "redo", "! dirty"],
  ["goto", "1 2", "1 2", "2-d", "goto 1", "! dirty"],
  ["its file is gone", "1", "1@1 2@2", "2-d", "rollback", "! dirty"],
  ["the row is gone: another tool's word", "1 2", "1", "2-d", "rollback", "-1"],
  ["the same going up", "1 2", "1", "2-d", "up", "+2"],
  ["nothing of it was kept", "1 2", "1@1 2@2", "2-f", "up", ""],
  ["nothing of it was kept, redo", "1 2", "1@1 2@2", "2-f", "redo", "-2* +2"],
  ["as the row spells it", "016_add", "016_add", "016_add-d", "rollback", "-016_add=016_add*"],
  ["in a column of numbers", "007", "7", "7-d", "rollback", "-007=7*", "numeric"],
];

const halfApplied: readonly Case[] = [
  ["rollback", "1 2", "1", "2+d", "rollback", "! dirty"],
  ["rollback --all", "1 2", "1", "2+r", "rollback --all", "! dirty"],
  ["redo", "1 2", "1", "2+n", "redo", "! dirty"],
  ["goto it", "1 2", "1", "2+d", "goto 2", "! dirty"],
  ["goto below it", "1 2", "1", "2+d", "goto 1", "! dirty"],
  ["rollback, nothing of it was kept", "1 2", "1", "2+f", "rollback", "-1"],
  ["goto, nothing of it was kept", "1 2", "1", "2+f", "goto 2", "+2*"],
  ["both directions at once", "1 2", "1", "1-d 2+d", "up", "! dirty"],
  ["both directions at once, going down", "1 2", "1", "1-d 2+d", "rollback", "! dirty"],
];

const garbage: readonly Case[] = [
  ["an empty version", "1", "", "+d", "up", "! dirty"],
  ["a version that is none", "1", "1", "abc+d", "up", "! dirty"],
  ["a version that is none, undone", "1", "1", "abc-d", "up", ""],
  ["one nobody knows, undone", "1", "1", "9-d", "rollback", "-1"],
];

for (const [title, cases] of Object.entries({ up, halfUndone, halfApplied, garbage })) {
  describe(title, () => {
    test.each(cases)("%s", (...one) => {
      const [, files, rows, journal, request, expected, versions] = one;
      const history = historyOf(files, rows, versions, journal);
      expect(planText(history, requestOf(request))).toBe(expected);
    });
  });
}

const said: readonly (readonly [journal: string, request: string, hint: string])[] = [
  ["2+d", "rollback", "`pgmate up` goes on where it stopped"],
  ["2+d", "redo", "`pgmate force --only 2 --applied`"],
  ["1-d", "up", "`pgmate rollback` goes on where it stopped"],
  ["1-d", "goto 1", "`pgmate force --only 1 --pending`"],
  ["9+d", "up", "bring its file back, then `pgmate up` goes on with it"],
];

test.each(said)("what is told of %s to %s: %s", (journal, request, hint) => {
  const history = historyOf("1 2", "1", "text", journal);
  try {
    plan(history, requestOf(request));
    expect("no error").toBe(hint);
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    expect(error.hint).toContain(hint);
    expect(error.state).toBe("nothing was changed by this run");
    expect(error.message).toMatch(/^(\d_x\.sql|version 9) is half (applied|rolled back)$/);
  }
});
