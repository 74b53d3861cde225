/** The difference of two texts: `patch` makes the one of the other. */
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testWithOracle } from "../testing/oracles.ts";
import { unifiedDiff } from "./unified-diff.ts";

function between(from: string, to: string): string {
  return unifiedDiff({ name: "a", text: from }, { name: "b", text: to });
}

test("has three lines around a change", () => {
  const lines = [..."abcdefghij"].map((letter) => `${letter}\n`);
  const changed = lines.with(5, "F\n");
  expect(between(lines.join(""), changed.join(""))).toBe(
    "--- a\n+++ b\n@@ -3,7 +3,7 @@\n c\n d\n e\n-f\n+F\n g\n h\n i\n",
  );
});

test("says where a last line has no end", () => {
  expect(between("a\nb", "a\nb\n")).toBe(
    "--- a\n+++ b\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n",
  );
});

/** No randomness that would not come again. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; state = (state * 48271) % 2147483647) yield state;
}

testWithOracle("patch", "patch makes the second text of the first, many times", async (patch) => {
  const folder = mkdtempSync(join(tmpdir(), "pgmate-diff-"));
  const path = join(folder, "file");
  const random = numbers(20_261_120);
  const next = (below: number): number => (random.next().value ?? 0) % below;
  for (let round = 0; round < 60; round += 1) {
    const line = (): string => `${"x\t \r-+@\\"[next(8)] ?? ""}${next(12)}`;
    const from = Array.from({ length: next(40) }, line);
    const to = from.flatMap((one) => (next(5) === 0 ? [] : next(5) === 0 ? [one, line()] : [one]));
    const texts = [from, to].map((lines) => lines.join("\n") + (next(3) === 0 ? "" : "\n"));
    const [before = "", after = ""] = texts;
    if (before === after) continue;
    writeFileSync(path, before);
    const stdin = new TextEncoder().encode(between(before, after));
    const child = Bun.spawn([patch, "--binary", "-s", path], { stdin, cwd: folder });
    expect(await child.exited).toBe(0);
    expect(readFileSync(path, "utf8")).toBe(after);
  }
});

test("texts that have nothing in common come whole, and soon", () => {
  const from = Array.from({ length: 30_000 }, (_, index) => `a${index}\n`).join("");
  const to = Array.from({ length: 30_000 }, (_, index) => `b${index}\n`).join("");
  const diff = between(from, to);
  expect(diff).toStartWith("--- a\n+++ b\n@@ -1,30000 +1,30000 @@\n-a0\n");
  expect(diff).toEndWith("\n+b29999\n");
});
