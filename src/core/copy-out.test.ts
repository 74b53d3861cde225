/** Tells COPY … TO STDOUT from every other COPY. */
import { expect, test } from "bun:test";
import { copiesToStdout } from "./copy-out.ts";
import { Splitter } from "./split.ts";

const cases: readonly (readonly [sql: string, out: boolean])[] = [
  ["copy t to stdout", true],
  ["COPY a.\"to\" (i, j) /* x */ TO STDOUT WITH (FORMAT csv)", true],
  ["copy (select 'to stdout', (1) from t) to stdin", true],
  ["copy (select 1) to '/tmp/stdout'", false],
  ["copy t to program 'stdout'", false],
  ["copy t from stdin;", false],
  ["copy t from '/to' ", false],
  ["select 'copy t to stdout'", false],
];

test.each(cases)("%s: %p", (sql, out) => {
  const splitter = new Splitter();
  const pieces = [...splitter.push(new TextEncoder().encode(sql)), ...splitter.end()];
  const statement = pieces.find((piece) => piece.kind === "statement");
  expect(statement?.kind === "statement" && copiesToStdout(statement)).toBe(out);
});
