/** File names, their order and the versions that new ones get. */

import { describe, expect, test } from "bun:test";
import { seeded } from "../testing/seeded.ts";
import {
  compareNames, haveMixedWidths, parseFileName, sequentialVersion, timestampVersion,
} from "./version-id.ts";

describe("names of migrations", () => {
  test.each([
    ["20240101000000_users.sql", "20240101000000", "users"],
    ["1.sql", "1", ""],
    ["2a.sql", "2", "a"],
    ["3-dash.sql", "3", "dash"],
    ["4 space.sql", "4", "space"],
    ["5.up.sql", "5", "up"],
    ["15_\u00e9.sql", "15", "\u00e9"],
    ["16.foo.sql", "16", "foo"],
    ["001__x_y.sql", "001", "x_y"],
    ["00000000000000000000000000000001_x.sql", "00000000000000000000000000000001", "x"],
    ["1_.sql", "1", ""],
    ["1_x.sql.sql", "1", "x.sql"],
    ["1\u0661.sql", "1", "\u0661"],
    ["1\r.sql", "1", "\r"],
  ] as const)("%j", (name, version, description) => {
    expect(parseFileName(name)).toEqual({ version, description });
  });

  test.each([
    "a10.sql", "_9.sql", ".12_hidden.sql", "6_x.SQL", "7_x.sql.bak", "13.sql~", "14.txt", "17",
    ".sql", "", "sql", "1sql", "\u0661.sql", " 1.sql", "-1.sql", "1_a\nb.sql", "1_x.sql\n",
    "1_xsql",
  ])("none: %j", (name) => {
    expect(parseFileName(name)).toBeUndefined();
  });
});

test("dbmate's order, which is that of bytes", () => {
  const sorted = [
    "011_x.sql", "1.sql", "100_z.sql", "11_y.sql", "15_.sql", "1_a.sql", "20240101_x.sql",
    "2a.sql", "99_z.sql",
  ];
  expect(sorted.toReversed().toSorted(compareNames)).toEqual(sorted);
});

test("by UTF-8, where UTF-16 has another order", () => {
  // A private-use letter, a fullwidth one, then what UTF-16 writes with surrogates.
  const sorted = ["1_a", "1_\u00e9", "1_\ud7ff", "1_\ue000", "1_\uff41", "1_\u{1f600}", "2"];
  expect(sorted.toReversed().toSorted(compareNames)).toEqual(sorted);
  expect(sorted.toSorted()).not.toEqual(sorted);
});

test("the order is that of the UTF-8 bytes for any names", () => {
  const random = seeded(8);
  const letters = [..."1_a\u00e9\ud7ff\ue000\uffff\u{1f600}\u{10ffff}"];
  const name = (): string => {
    return Array.from({ length: random.below(4) }, () => random.pick(letters)).join("");
  };
  for (let round = 0; round < 3_000; round += 1) {
    const [one, other] = [name(), name()];
    expect(compareNames(one, other)).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)));
  }
});

test.each([
  [0, "19700101000000"],
  [Date.UTC(2024, 0, 31, 23, 59, 59, 999), "20240131235959"],
  [Date.UTC(2024, 8, 3, 4, 5, 6), "20240903040506"],
] as const)("the version for %d", (ms, version) => {
  expect(timestampVersion(new Date(ms))).toBe(version);
});

test.each([
  [[], "000001"],
  [["000001"], "000002"],
  [["001", "002", "009"], "010"],
  [["1"], "2"],
  [["009", "010"], "011"],
  [["0", "00"], "01"],
  [["9"], "10"],
  [["999"], "1000"],
  [["1", "0007"], "0008"],
  [["20240131235959"], "20240131235960"],
  [["99999999999999999998"], "99999999999999999999"],
  [["00000000000000000009"], "00000000000000000010"],
] as const)("the number behind %j", (versions, expected) => {
  expect(sequentialVersion(versions)).toBe(expected);
});

test.each([
  [[], false],
  [["1"], false],
  [["1", "2"], false],
  [["1", "10"], true],
  [["01", "10"], false],
] as const)("mixed widths: %j", (versions, mixed) => {
  expect(haveMixedWidths(versions)).toBe(mixed);
});
