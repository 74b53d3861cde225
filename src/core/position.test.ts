/** Places in files, and carets that stand under what they mean. */

import { describe, expect, test } from "bun:test";
import { seeded } from "../testing/seeded.ts";
import {
  byteOfCharacter, countCharacters, excerpt, hasByteOrderMark, placeAt,
} from "./position.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** `|` marks the byte. */
function placeIn(text: string): string {
  const offset = Buffer.byteLength(text.slice(0, text.indexOf("|")));
  const place = placeAt("f.sql", encode(text.replace("|", "")), offset);
  return `${place.line}:${place.column} ${JSON.stringify(place.text)}`;
}

describe("places", () => {
  test.each([
    ["|", '1:1 ""'],
    ["|a", '1:1 "a"'],
    ["ab|c", '1:3 "abc"'],
    ["abc|", '1:4 "abc"'],
    ["abc|\n", '1:4 "abc"'],
    ["abc\n|", '2:1 ""'],
    ["abc\n|def", '2:1 "def"'],
    ["abc\ndef|\nghi", '2:4 "def"'],
    ["\n\n|\n", '3:1 ""'],
    ["a\r\nb|c\r\nd", '2:2 "bc"'],
    ["a\r\n|\r\nd", '2:1 ""'],
    ["ab|\r\n", '1:3 "ab"'],
    ["ab\r|\n", '1:3 "ab"'],
    ["ab\r\n|", '2:1 ""'],
    ["a\rb|c", '1:4 "a\\rbc"'],
    ["\u00e9|x", '1:2 "\u00e9x"'],
    ["\u{1f600}|x", '1:2 "\u{1f600}x"'],
    ["a\u0301|x", '1:3 "a\u0301x"'],
    ["\t\t|x", '1:3 "\\t\\tx"'],
    ["\ufeff|abc", '1:1 "abc"'],
    ["|\ufeffabc", '1:1 "abc"'],
    ["\ufeffab|c\n", '1:3 "abc"'],
    ["\ufeff\n|abc", '2:1 "abc"'],
    ["a\n\ufeffb|c", '2:3 "\ufeffbc"'],
    ["a\n\u00e9\u00e9|\u00e9\nb", '2:3 "\u00e9\u00e9\u00e9"'],
  ] as const)("%j", (text, expected) => {
    expect(placeIn(text)).toBe(expected);
  });

  test("beyond the end is the end", () => {
    expect(placeAt("f", encode("ab\ncd"), 99)).toEqual({
      file: "f", line: 2, column: 3, text: "cd",
    });
  });

  test("bytes that are no text are shown as what they are not", () => {
    const bytes = Buffer.concat([encode("a\ncaf"), Buffer.from([0xe9]), encode(" x\n")]);
    expect(placeAt("f", bytes, 5)).toEqual({
      file: "f", line: 2, column: 4, text: "caf\ufffd x",
    });
  });
});

test.each([
  ["", false],
  ["\ufeff", true],
  ["\ufeffx", true],
  ["x\ufeff", false],
  ["\u00ef\u00bb\u00bf", false],
] as const)("byte order mark: %j", (text, expected) => {
  expect(hasByteOrderMark(encode(text))).toBe(expected);
});

test("characters and bytes are each other's way back", () => {
  const random = seeded(6);
  const letters = ["a", "\n", "\u00e9", "\u20ac", "\u{1f600}", "\ufeff", "\u0301"];
  for (let round = 0; round < 500; round += 1) {
    const text = Array.from({ length: random.below(12) }, () => random.pick(letters)).join("");
    const bytes = encode(text);
    const characters = [...text];
    expect(countCharacters(bytes, 0, bytes.length)).toBe(characters.length);
    for (let index = 0; index <= characters.length; index += 1) {
      const at = byteOfCharacter(bytes, index);
      expect(at).toBe(Buffer.byteLength(characters.slice(0, index).join("")));
      expect(countCharacters(bytes, 0, at)).toBe(index);
    }
    expect(byteOfCharacter(bytes, characters.length + 5)).toBe(bytes.length);
  }
});

test("counting from behind the end is nothing", () => {
  expect(countCharacters(encode("abc"), 3, 0)).toBe(0);
});

describe("excerpts", () => {
  /** `^` marks the column; the caret must come out under it, in a terminal's cells. */
  function caretOf(text: string): readonly [line: string, caret: string] {
    const column = [...text.slice(0, text.indexOf("^"))].length + 1;
    const { line, caret } = excerpt({ file: "f", line: 1, column, text: text.replace("^", "") });
    return [line, caret];
  }

  test.each([
    ["^", "", "^"],
    ["^abc", "abc", "^"],
    ["ab^c", "abc", "  ^"],
    ["abc^", "abc", "   ^"],
    ["\tab^c", "\tabc", "\t  ^"],
    ["a\t^b", "a\tb", " \t^"],
    ["\u00e9^x", "\u00e9x", " ^"],
    ["\u4f60\u597d^x", "\u4f60\u597dx", "    ^"],
    ["\u{1f600}^x", "\u{1f600}x", "  ^"],
    ["a\u0301\u0302^x", "a\u0301\u0302x", " ^"],
    ["\u{1f468}\u200d\u{1f469}\u200d\u{1f467}^x", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}x",
      "  ^"],
    ["\u{1f44d}\u{1f3fd}^x", "\u{1f44d}\u{1f3fd}x", "  ^"],
    ["\u{1f1e9}\u{1f1ea}^x", "\u{1f1e9}\u{1f1ea}x", "  ^"],
    ["\uff21\t\u{1f600}^x", "\uff21\t\u{1f600}x", "  \t  ^"],
    ["a\u200b^x", "a\u200bx", " ^"],
    ["a\rb^c", "a\ufffdbc", "   ^"],
    ["\u001b[31m^x", "\ufffd[31mx", "     ^"],
    ["a\u0007\u009b^x", "a\ufffd\ufffdx", "   ^"],
    ["a\u202eb^c", "a\ufffdbc", "   ^"],
    ["a\u2028b^c", "a\ufffdbc", "   ^"],
  ] as const)("%j", (text, line, caret) => {
    expect([...caretOf(text)]).toEqual([line, caret]);
  });

  test("a column beyond the line stands behind its end", () => {
    expect(excerpt({ file: "f", line: 1, column: 9, text: "abc" }).caret).toBe("   ^");
  });

  const digits = "0123456789".repeat(30);

  test.each([
    [1, `${digits.slice(0, 100)}\u2026`, 0],
    [50, `${digits.slice(0, 100)}\u2026`, 49],
    [51, `${digits.slice(0, 100)}\u2026`, 50],
    [52, `\u2026${digits.slice(1, 101)}\u2026`, 51],
    [200, `\u2026${digits.slice(149, 249)}\u2026`, 51],
    [250, `\u2026${digits.slice(199, 299)}\u2026`, 51],
    [251, `\u2026${digits.slice(200)}`, 51],
    [301, `\u2026${digits.slice(250)}`, 51],
  ] as const)("a long line around column %d", (column, line, blanks) => {
    const shown = excerpt({ file: "f", line: 1, column, text: digits });
    expect(shown.line).toBe(line);
    expect(shown.caret).toBe(`${" ".repeat(blanks)}^`);
  });

  test("a line of the greatest width is not cut", () => {
    const text = digits.slice(0, 100);
    expect(excerpt({ file: "f", line: 1, column: 100, text }).line).toBe(text);
  });

  test("long lines are cut between characters, never within", () => {
    const text = "\u{1f600}".repeat(300);
    const { line, caret } = excerpt({ file: "f", line: 1, column: 150, text });
    expect(line).toBe(`\u2026${"\u{1f600}".repeat(100)}\u2026`);
    expect(caret).toBe(`${" ".repeat(101)}^`);
  });
});
