/** Which word somebody meant, and when nobody can say. */

import { expect, test } from "bun:test";
import { nearest } from "./nearest.ts";

const commands = ["new", "n", "up", "migrate", "rollback", "down", "redo", "goto", "status"];

test.each([
  ["stauts", commands, "status"],
  ["statsu", commands, "status"],
  ["statuss", commands, "status"],
  ["migrat", commands, "migrate"],
  ["migration", commands, "migrate"],
  ["rolback", commands, "rollback"],
  ["UP", commands, "up"],
  ["upp", commands, "up"],
  ["u", commands, "up"],
  ["nwe", commands, "new"],
  ["go-to", commands, "goto"],
  ["redoo", commands, "redo"],
  ["x", commands, undefined],
  ["xy", commands, undefined],
  ["", commands, undefined],
  ["frobnicate", commands, undefined],
  ["--help", commands, undefined],
  ["status", [], undefined],
  ["20250101000001", ["20250101000000", "20250201000000"], "20250101000000"],
  ["002", ["001"], "001"],
  ["2", ["1"], undefined],
  ["ab", ["ba"], "ba"],
  ["stirct", ["strict", "steps"], "strict"],
  ["strict", ["strict"], "strict"],
] as const)("%j", (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected as string);
});

test("the first of several that are as near", () => {
  expect(nearest("bat", ["cat", "rat"])).toBe("cat");
});

test("distance is the same both ways", () => {
  for (const one of commands) {
    for (const other of commands) {
      if (one.length !== other.length) continue;
      const there = nearest(one, [other]) === undefined;
      expect(nearest(other, [one]) === undefined).toBe(there);
    }
  }
});
