/** Statements that are longer than any message to Postgres, at a limit that tests can reach. */
import { expect, test } from "bun:test";
import { bytesOf } from "../testing/parsed.ts";
import { MigrationParser, type ParseResult } from "./parse.ts";

const file = { version: "1", description: "", name: "1.sql", path: "1.sql" };
const [head, tail] = ["-- migrate:up\n", "\n-- migrate:down\n"];
const mebibyte = 2 ** 20;

function parse(text: string, longest: number, chunkSize: number): ParseResult {
  const parser = new MigrationParser(file, longest);
  const bytes = bytesOf(text);
  for (let at = 0; at < bytes.length; at += chunkSize) {
    parser.push(bytes.slice(at, at + chunkSize));
  }
  return parser.end();
}

/** The offset from the section's beginning at which the parser stops; undefined where it passes. */
function stopsAt(text: string, longest: number, chunkSize = 1): number | undefined {
  const result = parse(`${head}${text}${tail}`, longest, chunkSize);
  if (result.kind === "migration") return undefined;
  expect(result.fault.message).toBe(
    `this is longer than ${longest / mebibyte} MiB, and Postgres takes no message of 1 GiB`,
  );
  expect(result.fault.code).toBe("migration-statement");
  return result.fault.offset - head.length;
}

const x = "x".repeat(mebibyte);
/** Read in parts, as files of that size are, and at once. */
const sizes = [mebibyte, mebibyte - 1, 100_000, 100 * mebibyte];

test.each([
  ["a literal", `select 1;\nselect '${x}${x}';`, 10],
  ["many rows", `select 1;\nvalues (1)${",(1)".repeat(mebibyte / 2)};`, 10],
  ["a statement that never ends", `select '${x}${x}`, 0],
  ["a comment", `select 1;/*${x}${x}*/ select 2;`, 9],
  ["a comment at the end", `select 1;\n/*${x}${x}*/`, 10],
  ["a function's body", `do $$${x}${x}$$;`, 0],
])("%s is refused where it begins", (_, text, offset) => {
  for (const size of sizes) expect(stopsAt(text, mebibyte, size)).toBe(offset);
});

test.each([
  ["what just fits", `select '${"x".repeat(mebibyte - 11)}';`],
  ["many statements", "select 1;\n".repeat(200_000)],
  ["COPY data", `copy t from stdin;\n${`${x}\n`.repeat(3)}\\.\n`],
])("%s passes", (_, text) => {
  for (const size of sizes) expect(stopsAt(text, mebibyte, size)).toBeUndefined();
});

test("bytes that are no text are told first", () => {
  const result = parse(`${head}select '${x}${x}\0';${tail}`, mebibyte, mebibyte);
  expect(result.kind === "fault" && result.fault.code).toBe("migration-encoding");
});

test("what is wrong before it is not told first, since the file was not read to its end", () => {
  const result = parse(`select 1;${head}select '${x}${x}';${tail}`, mebibyte, mebibyte);
  expect(result.kind === "fault" && result.fault.message).toContain("longer than 1 MiB");
});
