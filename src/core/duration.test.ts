/** Durations as Go reads and prints them, and as sentences say them. */

import { expect, test } from "bun:test";
import { seeded } from "../testing/seeded.ts";
import { formatDuration, parseDuration, roughDuration } from "./duration.ts";

test.each([
  ["0", 0],
  ["+0", 0],
  ["-0", 0],
  ["1s", 1_000],
  ["500ms", 500],
  ["1m30s", 90_000],
  ["1.5s", 1_500],
  ["2h", 7_200_000],
  ["1h2m3s4ms5us6ns", 3_723_004.005006],
  ["1us", 0.001],
  ["1\u00b5s", 0.001],
  ["1\u03bcs", 0.001],
  ["1ns", 0.000001],
  [".5s", 500],
  ["1.s", 1_000],
  ["1.1s", 1_100],
  ["0.1s0.2s", 300],
  ["-1.5h", -5_400_000],
  ["+5s", 5_000],
  ["30s1m", 90_000],
  ["00010s", 10_000],
  ["2562047h", 9_223_369_200_000],
] as const)("%s is %d ms", (text, ms) => {
  const read = parseDuration(text);
  expect(read === 0 ? 0 : read).toBe(ms);
});

test.each([
  "", " ", "90", "1", "00", "-", "+", ".", "s", ".s", "-.s", "1 s", " 1s", "1s ", "1S", "1sec",
  "1d", "1,5s", "1s2", "1e3s", "0x1s", "--1s", "1s-2s", "Infinity", "NaN", "\u0661s", "1s\n",
  "3000000h",
])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, "0s"],
  [0.000001, "1ns"],
  [0.000999, "999ns"],
  [0.001, "1\u00b5s"],
  [0.0015, "1.5\u00b5s"],
  [0.882286, "882.286\u00b5s"],
  [1, "1ms"],
  [2.4505, "2.4505ms"],
  [999.999999, "999.999999ms"],
  [999.9999999, "1s"],
  [1_000, "1s"],
  [1_500, "1.5s"],
  [1_000.000001, "1.000000001s"],
  [59_999.9, "59.9999s"],
  [60_000, "1m0s"],
  [62_500, "1m2.5s"],
  [3_600_000, "1h0m0s"],
  [3_661_001, "1h1m1.001s"],
  [90_000_000, "25h0m0s"],
  [10, "10ms"],
  [100, "100ms"],
  [1_200_000, "20m0s"],
  [-1_500, "-1.5s"],
] as const)("%d ms is printed as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("what is printed is read again as the same", () => {
  const random = seeded(4);
  for (let round = 0; round < 2_000; round += 1) {
    const ms = random.below(2 ** 31) / 10 ** random.below(7);
    const printed = formatDuration(ms);
    expect(printed).toMatch(/^(?:\d+h)?(?:\d+m)?\d+(?:\.\d*[1-9])?(?:ns|\u00b5s|ms|s)$/);
    expect(Math.abs((parseDuration(printed) ?? Number.NaN) - ms)).toBeLessThan(0.000001);
  }
});

test.each([
  [0, "0 s"],
  [49, "0 s"],
  [50, "0.1 s"],
  [200, "0.2 s"],
  [949, "0.9 s"],
  [950, "1 s"],
  [999, "1 s"],
  [1_400, "1 s"],
  [12_000, "12 s"],
  [119_499, "119 s"],
  [119_500, "2 min"],
  [120_000, "2 min"],
  [179_600, "3 min"],
  [200_000, "3 min 20 s"],
  [3_599_600, "60 min"],
  [5_401_000, "90 min 1 s"],
] as const)("%d ms is about %s", (ms, text) => {
  expect(roughDuration(ms)).toBe(text);
});
