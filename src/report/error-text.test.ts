/** Errors as they are printed: the place, the caret, the server's words, what now, what next. */

import { describe, expect, test } from "bun:test";
import { type ErrorDetails, PgmateError, type ServerMessage } from "../errors.ts";
import { errorLines, noticeLines } from "./error-text.ts";

const server: ServerMessage = { severity: "ERROR", code: "42P01", message: 'no table "x"' };

function shown(message: string, details: ErrorDetails = {}): readonly string[] {
  return errorLines(new PgmateError("server", message, details), "plain");
}

test.each([
  ["only a message", "it failed", {}, ["Error: it failed"]],
  ["what now and what next", "it failed", { state: "nothing was changed", hint: "pgmate up" },
    ["Error: it failed", "State: nothing was changed", "Next: pgmate up"]],
  ["a place", "it failed",
    { at: { file: "db/1_x.sql", line: 12, column: 5, text: "\tab\u{1f600}cd" } },
    ["Error: db/1_x.sql:12:5: it failed", "", "  12 | \tab\u{1f600}cd", "     | \t    ^", ""]],
  ["the first column of an empty line", "it failed",
    { at: { file: "f", line: 1, column: 1, text: "" } },
    ["Error: f:1:1: it failed", "", "  1 | ", "    | ^", ""]],
  ["the server's error", 'no table "x"', { server },
    ['Error: no table "x" (SQLSTATE 42P01)']],
  ["the server's words behind ours", "the row could not be written", { server },
    ["Error: the row could not be written (SQLSTATE 42P01)", 'Server: no table "x"']],
  ["all that the server says", 'no table "x"', {
    server: {
      ...server, detail: "d1\nd2", hint: "h", where: "PL/pgSQL function f()\nSQL statement",
      internalQuery: "select 1",
    },
    state: "s", hint: "n",
  }, [
    'Error: no table "x" (SQLSTATE 42P01)', "Detail: d1", "  d2", "Hint: h",
    "Context: PL/pgSQL function f()", "  SQL statement", "Query: select 1", "State: s", "Next: n",
  ]],
  ["empty fields of the server", 'no table "x"', { server: { ...server, detail: "", hint: "" } },
    ['Error: no table "x" (SQLSTATE 42P01)']],
] as const)("%s", (_, message, details, expected) => {
  expect(shown(message, details)).toEqual([...expected]);
});

test("colour is on the label alone", () => {
  const error = new PgmateError("usage", "it failed", { hint: "n" });
  expect(errorLines(error, "colour")).toEqual([
    "\u001b[1;31mError:\u001b[0m it failed", "Next: n",
  ]);
});

describe("secrets", () => {
  const sql = "create role a password 's3cret' x";

  test("in every part", () => {
    const lines = shown(sql, {
      at: { file: "f", line: 1, column: 33, text: sql },
      server: { ...server, message: sql, detail: sql, hint: sql, where: sql, internalQuery: sql },
      state: sql,
      hint: sql,
    });
    expect(lines.join("\n")).not.toContain("s3cret");
    expect(lines.join("\n").split("'******'").length - 1).toBe(8);
  });

  test("the caret stays where it belongs", () => {
    const [, , line, caret] = shown("x", { at: { file: "f", line: 1, column: 33, text: sql } });
    expect(line).toBe("  1 | create role a password '******' x");
    expect(caret?.indexOf("^")).toBe(line?.lastIndexOf("x"));
  });

  test("in a URL", () => {
    expect(shown("cannot use postgres://u:p w@h/d")).toEqual([
      "Error: cannot use postgres://u:***@h/d",
    ]);
  });
});

test("what moves a terminal's cursor is not printed", () => {
  const evil = "a\u001b[2Jb\u0007\rc";
  const lines = shown(evil, {
    at: { file: evil, line: 1, column: 1, text: evil },
    server: { ...server, message: "m", detail: evil },
    state: evil,
    hint: evil,
  });
  // Line ends are the printer's own matter.
  expect(lines.join("\n")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test.each([
  [{ severity: "NOTICE", code: "00000", message: "careful" }, ["NOTICE: careful"]],
  [{ severity: "WARNING", code: "01000", message: "m", detail: "d", hint: "h", where: "w" },
    ["WARNING: m", "Detail: d", "Hint: h", "Context: w"]],
  [{ severity: "NOTICE", code: "00000", message: "password 'abc' \u001b[1m" },
    ["NOTICE: password '***' \ufffd[1m"]],
] as const)("notices: %j", (notice, expected) => {
  expect(noticeLines(notice)).toEqual([...expected]);
});
