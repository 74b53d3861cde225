/** Tells the statements that work CONCURRENTLY from those that only look so. */
import { expect, test } from "bun:test";
import { runsConcurrently } from "./concurrently.ts";
import { Splitter } from "./split.ts";

const cases: readonly (readonly [sql: string, concurrent: boolean])[] = [
  ["create index concurrently on t (i)", true],
  ["CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS x ON t (i)", true],
  ["create /* now */ index\nconcurrently x on t (i)", true],
  ["drop index concurrently x", true],
  ["reindex index concurrently x", true],
  ["reindex (verbose, concurrently) table t", true],
  ["reindex table t", false],
  ["alter table only a.b detach partition c.d concurrently", true],
  ["alter table b detach partition c finalize", false],
  ["alter table b detach partition c", false],
  ["refresh materialized view concurrently v", false],
  ["create index x on t (i)", false],
  ["create index \"concurrently\" on t (i)", false],
  ["vacuum t", false],
  ["select 'create index concurrently'", false],
];

test.each(cases)("%s: %p", (sql, concurrent) => {
  const splitter = new Splitter();
  const pieces = [...splitter.push(new TextEncoder().encode(sql)), ...splitter.end()];
  const statement = pieces.find((piece) => piece.kind === "statement");
  expect(statement?.kind === "statement" && runsConcurrently(statement)).toBe(concurrent);
});
