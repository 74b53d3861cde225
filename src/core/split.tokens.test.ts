/** Where statements end, case by case: comments, operators, numbers, boundaries, commands. */

import { expect, test } from "bun:test";
import { checkSplit } from "../testing/shown-pieces.ts";
import { split } from "./split.ts";

checkSplit("-- comments", [
  ["a semicolon in it", "a -- ;\n;b", ["a;", "b"]],
  ["a quote in it", "a -- '\n;b", ["a;", "b"]],
  ["ends at CR", "a -- ;\r;b", ["a;", "b"]],
  ["ends at the end", "a;-- ;", ["a;", "~-- ;"]],
  ["a block comment in it does not begin", "a -- /*\n;b", ["a;", "b"]],
  ["two dashes behind an operator", "a+--;\n;b", ["a+;", "b"]],
  ["two dashes behind a minus", "a---;\n;b", ["a;", "b"]],
  ["two dashes behind a word", "a--;\n;b", ["a;", "b"]],
  ["a dash alone is none", "a - ;b", ["a -;", "b"]],
  ["a dash last", "a -", ["a -"]],
  ["an empty one", "--\n;", ["~--\n;"]],
  ["a backslash at its end", "a -- \\\n;b", ["a;", "b"]],
  ["a NUL byte in it", "a -- \0;\n;b", ["a;", "b"]],
]);

checkSplit("/* comments */", [
  ["a semicolon in it", "a /* ; */;b", ["a;", "b"]],
  ["nested", "a /* ; /* ; */ ; */;b", ["a;", "b"]],
  ["nested three deep", "/*/*/*;*/;*/;*/a;b", ["a;", "b"]],
  ["a quote in it", "a /* ' */;b", ["a;", "b"]],
  ["two dashes in it", "a /* -- */;b", ["a;", "b"]],
  ["a slash and two stars", "a /**/;b/***/;c", ["a;", "b;", "c"]],
  ["a slash after the beginning does not end it", "a /*/;*/;b", ["a;", "b"]],
  ["stars before the end", "a /*;**/;b", ["a;", "b"]],
  ["an end that is none", "a */;b", ["a */;", "b"]],
  ["slashes before it", "a //* ; */;b", ["a /;", "b"]],
  ["behind an operator", "a+/*;*/b;c", ["a+/*;*/b;", "c"]],
  ["over lines", "a /* \n;\n */;b", ["a;", "b"]],
  ["between words", "a/* ; */b;c", ["a/* ; */b;", "c"]],
  ["never ended", "a;/* b;", ["a;", "~/* b; {open comment at 2}"]],
  ["never ended behind a token", "a /* b;", ["a /* b; {open comment at 2}"]],
  ["never ended because nested", "a /* /* */;", ["a /* /* */; {open comment at 2}"]],
  ["never ended, a star last", "/* *", ["~/* * {open comment at 0}"]],
  ["a slash last", "a /", ["a /"]],
  ["dollar quotes in it", "a /* $$ */;b;/* $$ */", ["a;", "b;", "~/* $$ */"]],
]);

checkSplit("operators and numbers", [
  ["cut at two dashes", "a<--;\n1;b", ["a<--;\n1;", "b"]],
  ["cut at a comment", "a*/*;*/1;b", ["a*/*;*/1;", "b"]],
  ["a slash in one", "a</>b;c", ["a</>b;", "c"]],
  ["a minus in one", "a@-@b;c", ["a@-@b;", "c"]],
  ["arrows", "a->>'b'->'c';d", ["a->>'b'->'c';", "d"]],
  ["a question mark", "a?'b';c", ["a?'b';", "c"]],
  ["a backtick", "a`b;c", ["a`b;", "c"]],
  ["a cast", "a::int;b", ["a::int;", "b"]],
  ["a named argument", "f(a:=1,b=>2);c", ["f(a:=1,b=>2);", "c"]],
  ["a colon", "a[1:2];b", ["a[1:2];", "b"]],
  ["1..2", "for i in 1..2;b", ["for i in 1..2;", "b"]],
  ["1.", "1.;b", ["1.;", "b"]],
  [".5", ".5;b", [".5;", "b"]],
  ["1e-5", "1e-5;b", ["1e-5;", "b"]],
  ["1e and a comment", "1e--;\n;b", ["1e;", "b"]],
  ["0x1F", "0x1F;b", ["0x1F;", "b"]],
  ["1_000", "1_000;b", ["1_000;", "b"]],
  ["a word glued to a number", "1a$$;b$$", ["1a$$;", "b$$"]],
  ["a number last", "a 1", ["a 1"]],
  ["an exponent cut off", "a 1e", ["a 1e"]],
  ["a sign cut off", "a 1e+", ["a 1e+"]],
  ["a dot last", "a.", ["a."]],
  ["a colon last", "a:", ["a:"]],
]);

checkSplit("parentheses and rules", [
  ["a rule with two actions", "create rule r as on insert to t do (a; b);c", [
    "create rule r as on insert to t do (a; b);", "c",
  ]],
  ["a rule with an empty action", "create rule r as on insert to t do also (a;;);c", [
    "create rule r as on insert to t do also (a;;);", "c",
  ]],
  ["a rule that does nothing", "create rule r as on insert to t do nothing;c", [
    "create rule r as on insert to t do nothing;", "c",
  ]],
  ["nested", "((a;b);c);d", ["((a;b);c);", "d"]],
  ["brackets do not count", "a[1;2];b", ["a[1;", "2];", "b"]],
  ["a parenthesis in a string", "('(';')');b", ["('(';')');", "b"]],
  ["a parenthesis in a comment", "(/*(*/);b--(\n;c", ["(/*(*/);", "b;", "c"]],
  ["one too many at the end", "a);b;c", ["a);", "b;", "c"]],
  ["many too many", ")));(b);c", [")));", "(b);", "c"]],
  ["one too many before others", "a) (b;c);d", ["a) (b;c);", "d"]],
  ["one too many inside", "(a));(b;c);d", ["(a));", "(b;c);", "d"]],
  ["one never closed", "a(;b;c", ["a(;b;c"]],
  ["one never closed, up to a marker", "a(;b\n-- migrate:down\nc;d", [
    "a(;b", "== -- migrate:down", "c;", "d",
  ]],
  ["an empty statement inside is a token", "(;", ["(;"]],
  ["COPY in a rule", "create rule r as on insert to t do (copy t from stdin; b);c", [
    "create rule r as on insert to t do (copy t from stdin; b);", "c",
  ]],
]);

checkSplit("boundaries", [
  ["at the beginning", "-- migrate:up\na;", ["== -- migrate:up", "a;"]],
  ["behind a byte order mark", "\uFEFF-- migrate:up\na;", [
    "~\uFEFF", "== -- migrate:up", "a;",
  ]],
  ["between statements", "a;\n-- migrate:down\nb;", [
    "a;", "~\n", "== -- migrate:down", "b;",
  ]],
  ["without its line end", "-- migrate:up x\r\na", ["== -- migrate:up x", "a"]],
  ["at the end", "-- migrate:up", ["== -- migrate:up"]],
  ["two in a row", "-- migrate:up\n-- migrate:down\n", [
    "== -- migrate:up", "~\n", "== -- migrate:down", "~\n",
  ]],
  ["ends an unfinished statement", "a\n-- migrate:down\nb", ["a", "== -- migrate:down", "b"]],
  ["a comment that the option declines", "-- x\na;", ["a;"]],
  ["not at column 0", "a;\n -- migrate:down\nb", ["a;", "b"]],
  ["not behind a statement on its line", "a; -- migrate:down\nb", ["a;", "b"]],
  ["not right behind a semicolon", "a;-- migrate:down\nb", ["a;", "b"]],
  ["not in a block comment", "/*\n-- migrate:down\n*/a", ["a"]],
  ["not in a string", "'\n-- migrate:down\n'", ["'\n-- migrate:down\n'"]],
  ["not in a quoted name", "\"\n-- migrate:down\n\"", ["\"\n-- migrate:down\n\""]],
  ["not in COPY data", "copy t from stdin;\n-- migrate:down\n\\.\n", [
    "copy t from stdin; {stdin}", "~\n", "copy < -- migrate:down\n >",
  ]],
  ["behind COPY data", "copy t from stdin;\n\\.\n-- migrate:down\n", [
    "copy t from stdin; {stdin}", "~\n", "copy <  >", "== -- migrate:down", "~\n",
  ]],
  ["behind CR", "a;\r-- migrate:down\rb", ["a;", "~\r", "== -- migrate:down", "b"]],
  ["resets a function body", "create function f() begin atomic a;\n-- migrate:down\nb;c", [
    "create function f() begin atomic a;", "== -- migrate:down", "b;", "c",
  ]],
  ["between two strings: E is over", "E''\n-- migrate:down\n'\\';b", [
    "E''", "== -- migrate:down", "'\\';", "b",
  ]],
  ["in an unfinished COPY", "copy t from stdin\n-- migrate:down\nb;", [
    "copy t from stdin {stdin}", "== -- migrate:down", "b;",
  ]],
  ["behind a meta-command", "\\restrict x\n-- migrate:up\n", [
    "meta restrict: \\restrict x", "~\n", "== -- migrate:up", "~\n",
  ]],
]);

checkSplit("psql's commands", [
  ["on a line of its own", "\\restrict aB3\nselect 1;", [
    "meta restrict: \\restrict aB3", "select 1;",
  ]],
  ["behind blanks", "  \\unrestrict x\na;", ["~  ", "meta unrestrict: \\unrestrict x", "a;"]],
  ["behind a comment", "-- c\n\\echo a;b\n", ["~-- c\n", "meta echo: \\echo a;b", "~\n"]],
  ["behind a statement on its line", "a; \\echo b\nc", ["a;", "~ ", "meta echo: \\echo b", "c"]],
  ["with CRLF", "\\echo a \r\nb", ["meta echo: \\echo a ", "b"]],
  ["with quotes", "\\echo 'a\nc'", ["meta echo: \\echo 'a", "c' {open string at 10}"]],
  ["two on a line", "\\a\\b\nc", ["meta a: \\a\\b", "c"]],
  ["an end of COPY data without COPY", "\\.\na", ["meta .: \\.", "a"]],
  ["without a name", "\\\na", ["meta : \\", "a"]],
  ["at the end", "a;\\q", ["a;", "meta q: \\q"]],
  ["a name beyond ASCII", "\\é x", ["meta é: \\é x"]],
  ["inside a statement it is none", "a\n\\echo b;c", ["a\n\\echo b;", "c"]],
  ["inside a comment it is none", "/*\n\\echo\n*/a", ["a"]],
]);

test("offsets, head and tail are told in bytes", () => {
  expect(split("é;\n /* é */ select 'é' -- é\n ; ")).toMatchObject([
    { kind: "statement", offset: 0, head: 0, tail: 2, terminated: true },
    { kind: "statement", offset: 3, head: 11, tail: 22, terminated: true },
    { kind: "trivia", offset: 34 },
  ]);
  expect(split("a;\n 'b")).toMatchObject([
    { kind: "statement" },
    { kind: "statement", open: { what: "string", offset: 4 } },
  ]);
});

test("pieces are views that later chunks do not write to", () => {
  const bytes = new TextEncoder().encode("select 'a';\nselect 'b");
  const pieces = split(bytes);
  expect(pieces[0]?.bytes.buffer).toBe(bytes.buffer);
});

test("without the option no comment is a boundary", () => {
  expect(split("-- migrate:up\na").map((piece) => piece.kind)).toEqual(["statement"]);
});
