/** Plans that are read back, and files that are none. */

import { expect, test } from "bun:test";
import { PgmateError } from "../../errors.ts";
import { parsePlanFile } from "./plan-file.ts";

const step = {
  direction: "up", version: "20260301090000", file: "db/migrations/20260301090000_a.sql",
  sha256: "a".repeat(64),
};
const target = {
  description: "me@h/d", serverVersion: "17.1", fingerprint: `history:${"0f".repeat(32)}`,
  applied: ["20260101000000"],
};
const plan = {
  format: "pgmate-review/1", command: "plan", pgmate: "0.1.0", madeAt: "2026-03-04T05:06:07Z",
  target, steps: [step],
};

test("a plan is read, and what else stands in it is left alone", () => {
  const { file: path, ...rest } = step;
  expect(parsePlanFile(JSON.stringify({ ...plan, verdict: "none known", more: [] }), "p")).toEqual({
    fingerprint: target.fingerprint,
    applied: target.applied,
    steps: [{ ...rest, direction: "up", path }],
    madeAt: plan.madeAt,
    pgmateVersion: "0.1.0",
  });
});

test("a byte-order mark, which some editors put first, does not count", () => {
  expect(parsePlanFile(`\ufeff${JSON.stringify(plan)}`, "p").steps).toHaveLength(1);
});

type Wrong = readonly [what: string, text: string, code: string, message: string];

function changed(change: object): string {
  return JSON.stringify({ ...plan, ...change });
}

const wrong: readonly Wrong[] = [
  ["nothing", "", "file-unreadable", "p.json is no plan of pgmate: it is no JSON"],
  ["no JSON", "{", "file-unreadable", "p.json is no plan of pgmate: it is no JSON"],
  ["a list", "[]", "file-unreadable", "p.json is no plan of pgmate"],
  ["null", "null", "file-unreadable", "p.json is no plan of pgmate"],
  ["another's JSON", "{}", "file-unreadable", "p.json is no plan of pgmate"],
  ["a number as format", changed({ format: 1 }), "file-unreadable", "p.json is no plan of pgmate"],
  ["another format", changed({ format: "pgmate-review/2" }), "usage",
    "p.json is in the format pgmate-review/2, and this pgmate reads pgmate-review/1"],
  ["what lint found", changed({ command: "lint" }), "usage",
    "p.json is what lint found, which is no plan"],
  ["no database", changed({ target: null }), "usage",
    "p.json was made without a database, so it is no plan for one"],
  ["no fingerprint", changed({ target: {} }), "file-unreadable",
    "p.json is damaged: target.fingerprint is not what it must be"],
  ["half a fingerprint", changed({ target: { ...target, fingerprint: "history:00" } }),
    "file-unreadable", "p.json is damaged: target.fingerprint is not what it must be"],
  ["a number that is applied", changed({ target: { ...target, applied: ["1", 2] } }),
    "file-unreadable", "p.json is damaged: target.applied[1] is not what it must be"],
  ["no steps", changed({ steps: undefined }), "file-unreadable",
    "p.json is damaged: steps is not what it must be"],
  ["a step that is none", changed({ steps: [step, null] }), "file-unreadable",
    "p.json is damaged: steps[1] is not what it must be"],
  ["another direction", changed({ steps: [{ ...step, direction: "sideways" }] }),
    "file-unreadable", "p.json is damaged: steps[0].direction is not what it must be"],
  ["no version", changed({ steps: [{ ...step, version: 20260301090000 }] }),
    "file-unreadable", "p.json is damaged: steps[0].version is not what it must be"],
  ["no path", changed({ steps: [{ ...step, file: "" }] }), "file-unreadable",
    "p.json is damaged: steps[0].file is not what it must be"],
  ["half a hash", changed({ steps: [{ ...step, sha256: "abc" }] }), "file-unreadable",
    "p.json is damaged: steps[0].sha256 is not what it must be"],
];

test.each(wrong)("%s is refused", (_what, text, code, message) => {
  let thrown: unknown;
  try {
    parsePlanFile(text, "p.json");
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(PgmateError);
  expect(thrown).toMatchObject({ code, message });
  expect((thrown as PgmateError).hint).toBeDefined();
});
