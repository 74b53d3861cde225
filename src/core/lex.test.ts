/** Which tokens text is made of, case by case, and that they do not depend on how it comes in. */

import { expect, test } from "bun:test";
import { seeded } from "../testing/seeded.ts";
import { scripts } from "../testing/sql-corpus.ts";
import { Lexer } from "./lex.ts";
import { TokenKind } from "./token.ts";

const names = new Map(Object.entries(TokenKind).map(([name, kind]) => [kind, name]));

interface Shown {
  readonly kind: string;
  readonly text: string;
  readonly flags: string;
}

/** The lexer sees this many bytes more each time; it keeps all it was given. */
function tokens(input: string, step = Infinity): readonly Shown[] {
  const bytes = new TextEncoder().encode(input);
  const lexer = new Lexer();
  const found: Shown[] = [];
  for (let known = Math.min(step, bytes.length); ; known = Math.min(known + step, bytes.length)) {
    lexer.feed(bytes.subarray(0, known), 0, known === bytes.length ? "final" : "more");
    while (lexer.next()) {
      const { kind, start, end, open, continues } = lexer;
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(start, end));
      const flags = `${open ? "open" : ""}${continues ? "continues" : ""}`;
      found.push({ kind: names.get(kind) ?? "", text, flags });
    }
    if (known === bytes.length) return found;
  }
}

const texts: readonly (readonly [input: string, texts: readonly string[]])[] = [
  ["a b", ["a", "b"]],
  ["a.b", ["a", ".", "b"]],
  ["a$1 é_ 😀", ["a$1", "é_", "😀"]],
  ["\uFEFFa", ["\uFEFFa"]],
  ["E'a' e'\\''", ["E'a'", "e'\\''"]],
  ["U&'a' u&\"b\" U & 'c'", ["U&'a'", "u&\"b\"", "U", "&", "'c'"]],
  ["N'a' n 'b'", ["N'a'", "n", "'b'"]],
  ["B'1''0' x'1'", ["B'1'", "'0'", "x'1'"]],
  ["aE'b'", ["aE", "'b'"]],
  ["'a''b'", ["'a''b'"]],
  ["'a' 'b'", ["'a'", "'b'"]],
  ["\"a\"\"b\"c", ["\"a\"\"b\"", "c"]],
  ["$$a$$ $b$$$$b$", ["$$a$$", "$b$$$$b$"]],
  ["$a $1 $1a $1$$x$$", ["$", "a", "$1", "$1a", "$1", "$$x$$"]],
  ["a$$b$$", ["a$$b$$"]],
  ["1 1. .5 1.5 1e5 1E-3 1.5e+10", ["1", "1.", ".5", "1.5", "1e5", "1E-3", "1.5e+10"]],
  ["1..2", ["1", "..", "2"]],
  ["1...2", ["1", "..", ".2"]],
  ["1.5.6", ["1.5", ".6"]],
  ["0x1F 0b1 0o7 1_000 1_0.0_1 1e1_0", ["0x1F", "0b1", "0o7", "1_000", "1_0.0_1", "1e1_0"]],
  ["1a 1_ 1__0 1e 1.e", ["1a", "1_", "1__0", "1e", "1.e"]],
  ["1e+ 1e-a", ["1e", "+", "1e", "-", "a"]],
  ["0xE+5", ["0xE", "+", "5"]],
  ["a+b-c", ["a", "+", "b", "-", "c"]],
  ["a=-1", ["a", "=", "-", "1"]],
  ["a=+-1", ["a", "=", "+", "-", "1"]],
  ["a@-1", ["a", "@-", "1"]],
  ["a<>-1", ["a", "<>", "-", "1"]],
  ["a%-1", ["a", "%-", "1"]],
  ["+-+", ["+", "-", "+"]],
  ["->> #>> @> ~* != => |/ <->", ["->>", "#>>", "@>", "~*", "!=", "=>", "|/", "<->"]],
  ["a/b */ c", ["a", "/", "b", "*/", "c"]],
  ["+/*-*/-", ["+", "/*-*/", "-"]],
  ["<--x", ["<", "--x"]],
  [":: := : :a", ["::", ":=", ":", ":", "a"]],
  ["(a,[b];)", ["(", "a", ",", "[", "b", "]", ";", ")"]],
  ["\\ { } \0", ["\\", "{", "}", "\0"]],
  ["--a\n--b\r--c", ["--a", "--b", "--c"]],
  ["/*/*a*/b*/c", ["/*/*a*/b*/", "c"]],
  ["/*/ /**/a", ["/*/ /**/a"]],
];

test.each(texts)("tokens of %j", (input, expected) => {
  expect(tokens(input).map((token) => token.text)).toEqual([...expected]);
  expect(tokens(input, 1)).toEqual([...tokens(input)]);
});

test("kinds", () => {
  const all = "a \"b\" 'c' $$d$$ $1 1 + , --e\n/*f*/";
  expect(tokens(all).map((token) => token.kind)).toEqual([...names.values()]);
});

test.each([
  ["'a'\n'b'", ["", "continues"]],
  ["'a'\n'b'\n'c'", ["", "continues", "continues"]],
  ["'a' -- x\n -- y\n'b'", ["", "", "", "continues"]],
  ["E'a'\n'\\''", ["", "continues"]],
  ["B'1'\n'0'", ["", "continues"]],
  ["'a' 'b'", ["", ""]],
  ["'a'\n\"b\"", ["", ""]],
  ["'a'\n$$b$$", ["", ""]],
  ["'a'\nE'b'", ["", ""]],
  ["'a' /**/\n'b'", ["", "", ""]],
  ["'a'\n/**/'b'", ["", "", ""]],
  ["'a',\n'b'", ["", "", ""]],
  ["$$a$$\n'b'", ["", ""]],
  ["\"a\"\n'b'", ["", ""]],
  ["a\n'b'", ["", ""]],
  ["'a", ["open"]],
  ["'a'\n'b", ["", "opencontinues"]],
  ["E'\\'", ["open"]],
  ["\"a", ["open"]],
  ["$$a$", ["open"]],
  ["/* a *", ["open"]],
  ["-- a", [""]],
] as const)("what is open and what continues a string: %j", (input, flags) => {
  expect(tokens(input).map((token) => token.flags)).toEqual([...flags]);
  expect(tokens(input, 1)).toEqual([...tokens(input)]);
});

test("tokens are the same however the text comes in", () => {
  const random = seeded(5);
  const next = scripts(random);
  for (let round = 0; round < 1000; round++) {
    const { text } = next();
    const whole = tokens(text);
    const stepped = tokens(text, 1 + random.below(9));
    if (Bun.deepEquals(stepped, whole)) continue;
    expect({ text, stepped }).toEqual({ text, stepped: whole });
  }
});
