/** Env files by godotenv's rules; every value here was seen to be what dbmate reads. */

import { describe, expect, test } from "bun:test";
import { parseDotenv } from "./dotenv.ts";

function read(text: string): Readonly<Record<string, string>> | string {
  const result = parseDotenv(text);
  if (result.kind === "fault") return `line ${result.line}: ${result.message}`;
  return Object.fromEntries(result.variables);
}

type Case = readonly [text: string, value: string];

const unquoted: readonly Case[] = [
  ["V=a", "a"],
  ["V=", ""],
  ["V=\nW=b", ""],
  ["V= a b \t", "a b"],
  ["V = a", "a"],
  ["V: a", "a"],
  ["V:a", "a"],
  ["  V=a", "a"],
  ["export V=a", "a"],
  ["export\t V=a", "a"],
  ["V=a=b:c", "a=b:c"],
  ["V=a # c", "a"],
  ["V=a\t#c", "a"],
  ["V=a#b", "a#b"],
  ["V=a # b # c", "a # b"],
  ["V=#a", "#a"],
  ["V= # c", "# c"],
  ["V=\u00a0a\u00a0", "a"],
  ["V=\u0085a", "a"],
  ["V=caf\u00e9 \u{1f600}", "caf\u00e9 \u{1f600}"],
  ["V=a'b'", "a'b'"],
  ["V=a\\nb", "a\\nb"],
  ["V=C:\\dir\\new", "C:\\dir\\new"],
  ["V=postgres://u:p@h/db?sslmode=disable#x", "postgres://u:p@h/db?sslmode=disable#x"],
  ["V=a\r\nW=b", "a"],
  ["V=a\rW=b", "a"],
  ["V=a \r\n", "a"],
];

const singleQuoted: readonly Case[] = [
  ["V='a b'", "a b"],
  ["V=''", ""],
  ["V=' a # b '", " a # b "],
  ["X=1\nV='$X ${X}'", "$X ${X}"],
  ["V='a\\nb'", "a\\nb"],
  ["V='it\\'s'", "it\\'s"],
  ["V='a\nb'", "a\nb"],
  ["V='a\r\nb'", "a\nb"],
  ["V='a\"b'", 'a"b'],
  ["V='a' # c", "a"],
  ["V='a'\nW=b", "a"],
];

const doubleQuoted: readonly Case[] = [
  ['V="a b"', "a b"],
  ['V=""', ""],
  ['V=" a # b "', " a # b "],
  ['V="a\\nb"', "a\nb"],
  ['V="a\\rb"', "a\rb"],
  ['V="a\\tb"', "atb"],
  ['V="a\\\\nb"', "a\\nb"],
  ['V="a\\\\b"', "a\\b"],
  ['V="a\\"b"', 'a"b'],
  ['V="a\nb"', "a\nb"],
  ['V="a\r\nb"', "a\nb"],
  ["V=\"a'b\"", "a'b"],
  ['V="a"# c', "a"],
  ['V="{\\"a\\": 1}"', '{"a": 1}'],
];

const expansion: readonly Case[] = [
  ["X=1\nV=$X", "1"],
  ["X=1\nV=${X}", "1"],
  ["X=1\nV=a$X-b${X}c", "a1-b1c"],
  ['X=1\nV="a$X"', "a1"],
  ["X=1\nV=$XY", ""],
  ["X_2=1\nV=$X_2", "1"],
  ["V=a${NOT_THERE}b$NOR_THIS", "ab"],
  ["V=$X\nX=1", ""],
  ["X=1\nX=2\nV=$X", "2"],
  ["X=$X-\nV=$X", "-"],
  ["X=1\nV=\\$X", "$X"],
  ['X=1\nV="\\$X"', "$X"],
  ["x=1\nV=$x", "$x"],
  ["x=1\nV=${x}", "${x}"],
  ["V=pa$word", "pa$word"],
  ["V=pa$Word", "paord"],
  ["V=a$", "a$"],
  ["V=a$$b", "a$$b"],
  ["V=a$5", "a"],
  ["V=${}", "${}"],
  ["X=1\nV=${X", "1"],
  ["X=1\nV=$(X)", "1)"],
];

const layout: readonly Case[] = [
  ["# c\n\n  \n\t# d\nV=a\n\n", "a"],
  ["V=a\nV=b", "b"],
  ["a.b_C9=1\nV=a", "a"],
  ["\nV=a", "a"],
  ["# only a comment\rV=x\nV=a", "a"],
  ["SET OF=1\nV=a", "a"],
];

/** Where godotenv cuts an escaped quote off, or finds no end: what was written is read. */
const better: readonly Case[] = [
  ['V="a\\""', 'a"'],
  ['V="C:\\\\"', "C:\\"],
];

const tables = { unquoted, singleQuoted, doubleQuoted, expansion, layout, better } as const;

for (const [title, cases] of Object.entries(tables)) {
  describe(title, () => {
    test.each([...cases])("%j", (text, value) => {
      expect(read(text)).toHaveProperty("V", value);
    });
  });
}

test.each([
  ["", {}],
  ["# c", {}],
  ["\n\n", {}],
  ["A=1\nB=2", { A: "1", B: "2" }],
  ['A="1"B=2', { A: "1", B: "2" }],
  ["export=1", { export: "1" }],
  ["A=a\rB=b\rC=c", { A: "a", B: "b", C: "c" }],
] as const)("all of it: %j", (text, variables) => {
  expect(read(text)).toEqual(variables);
});

const noAssignment = "expected NAME=value";

test.each([
  ["A\n", `line 1: ${noAssignment}`],
  ["A", `line 1: ${noAssignment}`],
  ["=1", `line 1: ${noAssignment}`],
  ["A=1\n\n# c\nMY-NAME=2\n", `line 4: ${noAssignment}`],
  ["A=1\r\nB=2\r\nC=3\r\n!\r\n", `line 4: ${noAssignment}`],
  ["\u00e9=\u{1f600}\n", `line 1: ${noAssignment}`],
  ["A=\u{1f600}\nB=\u00e9\u00e9\u00e9\u00e9\n?\n", `line 3: ${noAssignment}`],
  ['A="a" b\n', `line 1: ${noAssignment}`],
  ['A="a"\nB="b\nC=c\n', "line 2: a quote never closes"],
  ["A='a", "line 1: a quote never closes"],
  ["A='a\\'", "line 1: a quote never closes"],
] as const)("no env file: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test("a fault never shows a value", () => {
  const result = parseDotenv("PASSWORD='hunter2\n");
  expect(JSON.stringify(result)).not.toMatch(/hunter2/);
});

test("a long file is read in no time", () => {
  const text = "NAME='value' # and a remark\n\n".repeat(5_000);
  const began = performance.now();
  expect(parseDotenv(text).kind).toBe("variables");
  expect(performance.now() - began).toBeLessThan(1_000);
});
