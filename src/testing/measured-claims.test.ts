/** That a claim which is not what was seen is told, whichever way it is wrong. */

import { expect, test } from "bun:test";
import type { Effects } from "../core/review/rule.ts";
import { noFacts } from "../core/review/schema-facts.ts";
import type { SeenEffects } from "../pg/measure.ts";
import { differences, ofTables } from "./measured-claims.ts";

const nothing: Effects = { locks: [], rewrites: [], scans: [] };
const lock = { relation: "app.t", mode: "ACCESS EXCLUSIVE" } as const;
const indexLock = { relation: "app.i", mode: "ACCESS EXCLUSIVE" } as const;
const weakLock = { relation: "app.t", mode: "ROW SHARE" } as const;
const facts = {
  ...noFacts,
  indexes: [{
    name: "app.i", table: "app.t", columns: ["a"], unique: false, valid: true, partial: false,
  }],
};

function told(
  claimed: Partial<Effects>,
  seen: Partial<Effects>,
  onIndexes: Partial<Effects> = {},
): readonly string[] {
  const all: SeenEffects = { ...nothing, ...seen, onIndexes: { ...nothing, ...onIndexes } };
  return differences({ ...nothing, ...claimed }, all, facts);
}

const cases: readonly (readonly [
  claimed: Partial<Effects>,
  seen: Partial<Effects>,
  onIndexes: Partial<Effects>,
  told: readonly string[],
])[] = [
  [{ locks: [lock] }, { locks: [lock] }, {}, []],
  [{ locks: [lock] }, {}, {}, ["lock of app.t: ACCESS EXCLUSIVE is claimed, none was taken"]],
  [{}, { locks: [lock] }, {}, ["lock of app.t: ACCESS EXCLUSIVE was taken, none is claimed"]],
  [
    { locks: [{ ...lock, mode: "SHARE" }] }, { locks: [lock] }, {},
    ["lock of app.t: SHARE is claimed, ACCESS EXCLUSIVE was taken"],
  ],
  [{}, { locks: [weakLock] }, {}, []],
  [{ locks: [weakLock] }, {}, {}, ["lock of app.t: ROW SHARE is claimed, none was taken"]],
  [{}, {}, { locks: [indexLock], rewrites: ["app.i"], scans: ["app.i"] }, []],
  [{ locks: [indexLock] }, {}, { locks: [indexLock] }, []],
  [
    { locks: [indexLock] }, {}, {},
    ["lock of app.i: ACCESS EXCLUSIVE is claimed, none was taken"],
  ],
  [{ rewrites: ["app.t"] }, {}, {}, ["rewrite of app.t: it is claimed, and was not seen"]],
  [{}, { rewrites: ["app.t"] }, {}, ["rewrite of app.t: it was seen, and is not claimed"]],
  [{ rewrites: ["app.i"] }, {}, { rewrites: ["app.i"] }, []],
  [{ scans: ["app.t"] }, {}, {}, ["scan of app.t: it is claimed, and was not seen"]],
  [{}, { scans: ["app.t"] }, {}, ["scan of app.t: it was seen, and is not claimed"]],
  // The server may read all rows by way of an index.
  [{ scans: ["app.t"] }, {}, { scans: ["app.i"] }, []],
];

test.each(cases)("claimed %j, seen %j, of indexes %j", (claimed, seen, onIndexes, lines) => {
  expect(told(claimed, seen, onIndexes)).toEqual([...lines]);
});

test("what is claimed of indexes can be left out", () => {
  expect(ofTables({ ...nothing, locks: [lock, indexLock] }, facts).locks).toEqual([lock]);
});
