/** The table of figures: its columns stand under each other, and nothing of a series is lost. */
import { expect, test } from "bun:test";
import { cutLines, figuresTable, raceLine, seriesLine } from "./harm-figures.ts";

test("one line for each, with what went wrong", () => {
  const series = seriesLine({
    name: "kill -9", seed: 7, runs: 120, landed: 100, resumed: 60, byNamedCommand: 2,
    landedIn: new Map([["between files", 10], ["plain", 50], ["groups", 40]]),
    worstSettledMs: 3_210, faulty: 1,
  });
  const race = raceLine("32 up", {
    runs: 32, workers: 1, ms: 5_000, expectedErrors: new Map([["FATAL: x", 3]]), faults: [],
  });
  const [cut] = cutLines({
    messages: 400,
    rows: [{ kind: "up, silence", runs: 9, struck: 9, askedToStop: 8, worstMs: 950, faulty: 0 }],
  });
  expect(figuresTable([series, race, ...(cut === undefined ? [] : [cut])]).split("\n")).toEqual([
    "what                 runs  faulty  ",
    "kill -9               120       1  seed 7: 100 strikes, 90 of them in the midst of a file; " +
      "60 resumed, 2 by another command; all well at most 3.2 s after the strike",
    "32 up                  32       0  1 did something, 5.0 s; in the server's log: 3 × FATAL: x",
    "line of up, silence     9       0  9 struck, of 400 messages there and back; " +
      "8 went on until they were asked to stop; longest 0.9 s",
  ]);
});
