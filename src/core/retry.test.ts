/** Which failures are tried again, after which pause, and when enough was done already. */

import { expect, test } from "bun:test";
import { lockCause, longestWorkMs, retryPauseMs, wasMuchWork } from "./retry.ts";

test.each([
  ["55P03", "lock-timeout"], ["40P01", "deadlock"], ["40001", undefined], ["57014", undefined],
  ["42P07", undefined], ["", undefined],
] as const)("%s is %p", (code, expected) => {
  expect(lockCause({ code, message: "x" }, 500) ?? "none").toBe(expected ?? "none");
});

test("a statement timeout is one of locks where it was seen to wait", () => {
  const said = { code: "57014", message: "canceling statement due to statement timeout" };
  expect(lockCause(said, 300)).toBe("statement-timeout");
  expect(lockCause(said, 0)).toBeUndefined();
  const cancelled = { code: "57014", message: "canceling statement due to user request" };
  expect(lockCause(cancelled, 300)).toBeUndefined();
});

test.each([
  [0, 2_000, false], [2_500, 2_000, false], [longestWorkMs, 0, false], [longestWorkMs + 1, 0, true],
  // The wait itself is no work.
  [12_000, 2_000, false], [12_001, 2_000, true], [40_000, 30_000, false], [50_000, 30_000, true],
])("%d ms with a wait of up to %d: %p", (workedMs, lockTimeoutMs, expected) => {
  expect(wasMuchWork(workedMs, lockTimeoutMs)).toBe(expected);
});

test("pauses grow, are jittered by half, and have an end", () => {
  const middles = Array.from({ length: 12 }, (_, at) => retryPauseMs(at + 1, 0.5));
  expect(middles.slice(0, 4)).toEqual([250, 500, 1_000, 2_000]);
  expect(middles).toEqual(middles.toSorted((left, right) => left - right));
  expect(middles.at(-1)).toBe(10_000);
  for (const failed of [1, 3, 1_000]) {
    const [least, most] = [retryPauseMs(failed, 0), retryPauseMs(failed, 1)];
    expect(most).toBe(least * 3);
    expect(most).toBeLessThanOrEqual(15_000);
  }
});
