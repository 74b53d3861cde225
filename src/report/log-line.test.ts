/** Whatever is told is one line, which any reader of JSON takes, and which is never too long. */

import { expect, test } from "bun:test";
import { logLine, longestLineBytes } from "./log-line.ts";

const asItIs = (text: string): string => text;

function read(record: object): Record<string, unknown> {
  const line = logLine(record, asItIs);
  expect(line.indexOf("\n")).toBe(line.length - 1);
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(longestLineBytes);
  return JSON.parse(line);
}

test("line ends, controls and what turns a line's direction are escaped", () => {
  const text = 'a\r\nb\t"\\\u0001\u001b[2J\u0085\u009b\u2028\u2029\u202e\u2066é→🌅';
  const line = logLine({ text }, asItIs);
  expect(line).toMatch(/^[\x20-\x7eé→🌅]+\n$/u);
  expect(JSON.parse(line)).toEqual({ text });
});

test("half a character and a NUL, which not all programs read, are replaced", () => {
  const text = "a\ud800b\udc00c\0🌅";
  const line = logLine({ list: [{ text }] }, asItIs);
  expect(line).not.toMatch(/\\u(?:d[89a-f]|0000)/);
  expect(JSON.parse(line)).toEqual({ list: [{ text: "a\ufffdb\ufffdc\ufffd🌅" }] });
});

test.each([
  ["one text", { message: "x".repeat(5_000_000) }],
  ["characters of three bytes", { message: "→".repeat(100_000) }],
  ["what is written as six", { message: "\u0001".repeat(100_000) }],
  ["many texts", { list: Array.from({ length: 60 }, () => ({ query: "y".repeat(10_000) })) }],
])("%s: too long for a line is cut", (_, record) => {
  expect(JSON.stringify(read({ event: "x", ...record }))).toContain("…");
});

test("what fits is kept", () => {
  const message = "x".repeat(4_000);
  expect(read({ message })).toEqual({ message });
  expect(read({ message: `${message}y` })).toEqual({ message: `${"x".repeat(3_999)}…` });
});

test("no character is cut in two", () => {
  for (const before of ["", "x"]) {
    const { message } = read({ message: before + "🌅".repeat(4_000) });
    expect(String(message).isWellFormed()).toBe(true);
    expect(String(message)).toMatch(/^x?(?:🌅)+…$/u);
  }
});

test("numbers, truths and what is missing stay what they are", () => {
  const record = { a: 1, b: true, c: null, d: undefined, e: [1, "x"], f: { g: 2 } };
  expect(read(record)).toEqual({ a: 1, b: true, c: null, e: [1, "x"], f: { g: 2 } });
});

test("a text is changed before it is escaped or cut", () => {
  const secret = `it's "9"`;
  const shown = (text: string): string => text.replaceAll(secret, "***");
  const line = logLine({ a: secret, b: `${"x".repeat(3_996)}${secret}`, c: 9 }, shown);
  expect(JSON.parse(line)).toEqual({ a: "***", b: `${"x".repeat(3_996)}***`, c: 9 });
});
