/** What a hint says to type again: the command and its options, without what was a secret. */

import { expect, test } from "bun:test";
import { commandLine, targetOptions } from "./command-line.ts";

const options = new Map<string, readonly string[]>([
  ["url", ["postgres://u:secret@h/d"]],
  ["migrations-dir", ["a b", "c"]],
  ["strict", ["true"]],
  ["verbose", ["false"]],
  ["to", ["1"]],
  ["resume", ["skip"]],
  ["log-format", ["json"]],
  ["log-level", ["debug"]],
]);

test("the command, without what says which database is meant", () => {
  expect(commandLine(["up", ""], options, [])).toBe("pgmate up --strict --verbose=false --to=1");
});

test("words that a shell would divide are quoted", () => {
  expect(commandLine(["new", "it's new"], new Map(), ["--x", "a;b"])).toBe(
    "pgmate new 'it'\\''s new' -- --x 'a;b'",
  );
});

test("which database is meant, without its URL", () => {
  expect(targetOptions(options)).toBe("--url=… '--migrations-dir=a b' --migrations-dir=c");
  expect(targetOptions(new Map())).toBe("");
});
