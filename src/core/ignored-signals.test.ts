/** Reads masks of ignored signals, and the one of a program that a shell made ignore some. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { ignoredSignals } from "./ignored-signals.ts";

const masks: readonly (readonly [string, readonly number[]])[] = [
  ["Name:\tx\nSigIgn:\t0000000000000000\nSigCgt:\tffffffffffffffff\n", []],
  ["SigIgn:\t0000000000001001\n", [1, 13]],
  ["SigIgn:\t8000000000004002\n", [2, 15, 64]],
  ["", []],
  ["SigIgn:\tnonsense\n", []],
];

test.each(masks)("%p", (status, ignored) => {
  expect([...ignoredSignals(status)]).toEqual([...ignored]);
});

test.skipIf(process.platform !== "linux")("as the system tells it", () => {
  const script = "trap '' HUP TERM; exec cat /proc/self/status";
  const { stdout } = Bun.spawnSync(["/bin/sh", "-c", script]);
  const own = ignoredSignals(readFileSync("/proc/self/status", "utf8"));
  const found = ignoredSignals(stdout.toString());
  expect([1, 2, 15].filter((number) => found.has(number) && !own.has(number))).toEqual([1, 15]);
});
