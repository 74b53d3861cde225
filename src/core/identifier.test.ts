/** Quoting, and search_path settings by PostgreSQL's rules. */

import { expect, test } from "bun:test";
import { quoteIdentifier, quoteLiteral, quoteTable, searchPathItems } from "./identifier.ts";
import { split } from "./split.ts";

const texts = [
  "", "a", "A b", "it's", "''", "\\", "\\'", "a\\nb", "\"", "a\"b", "x; drop table y", "--",
  "/*", "$$", "caf\u00e9 \u{1f600}", "a\nb", "%s", "$user",
];

test.each([
  ["a", '"a"'],
  ["A b", '"A b"'],
  ['a"b', '"a""b"'],
  ['"', '""""'],
  ["select", '"select"'],
  ["it's", '"it\'s"'],
] as const)("identifier %j", (name, quoted) => {
  expect(quoteIdentifier(name)).toBe(quoted);
});

test.each([
  ["", "''"],
  ["a", "'a'"],
  ["it's", "'it''s'"],
  ["''", "''''''"],
  ["\\", "E'\\\\'"],
  ["\\'", "E'\\\\'''"],
  ["a\nb", "'a\nb'"],
] as const)("literal %j", (text, quoted) => {
  expect(quoteLiteral(text)).toBe(quoted);
});

test.each(texts)("nothing gets out of its quotes: %j", (text) => {
  for (const quoted of [quoteIdentifier(text || "x"), quoteLiteral(text)]) {
    const pieces = split(`select ${quoted}; -- end`);
    const [first] = pieces;
    expect(new TextDecoder().decode(first?.bytes)).toBe(`select ${quoted};`);
    expect(pieces).toHaveLength(2);
  }
});

test("a table by both names", () => {
  expect(quoteTable({ schema: "a.b", table: 'c"d' })).toBe('"a.b"."c""d"');
});

test.each([
  ["", []],
  ["a", ["a"]],
  ["a,b", ["a", "b"]],
  [" a , b ", ["a", "b"]],
  ["Foo", ["foo"]],
  ["\u00c9A", ["\u00c9a"]],
  ['"Foo Bar", public', ["Foo Bar", "public"]],
  ['"a,b",c', ["a,b", "c"]],
  ['"a""b"', ['a"b']],
  ['"$user", public', ["$user", "public"]],
  ["$user,public", ["$user", "public"]],
  ['"",x', ["", "x"]],
] as const)("search path %j", (setting, items) => {
  expect([...searchPathItems(setting)]).toEqual([...items]);
});
