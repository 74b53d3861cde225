import { expect, test } from "bun:test";
import { passedOverIndex, passedOverSql } from "./passed-over.ts";
import { Splitter, type Statement } from "./split.ts";

function statementOf(sql: string): Statement {
  const splitter = new Splitter();
  const pieces = [...splitter.push(new TextEncoder().encode(sql)), ...splitter.end()];
  const found = pieces.find((piece): piece is Statement => piece.kind === "statement");
  if (found === undefined) throw new Error(`no statement in ${sql}`);
  return found;
}

test.each([
  "create index x on t (i)",
  "create index concurrently if not exists x on t (i)",
  "create table if not exists x (i int)",
  "create index \"if\" on t (i)",
  "drop index if exists x",
])("%s is not looked after", (sql) => {
  expect(passedOverSql(statementOf(sql))).toBeUndefined();
});

test("names are as the statement writes them, in quotes of SQL", () => {
  const sql = passedOverSql(
    statementOf("create unique index if not exists \"o'x\" on only (s.\"T\") using hash (i)"),
  );
  expect(sql).toContain("pg_catalog.parse_ident('\"o''x\"')");
  expect(sql).toContain("pg_catalog.to_regclass('s.\"T\"')");
});

test.each([
  ["invalid input syntax for type integer: \"pgmate: invalid index [\"s.x\", \"s.t\"]\"", "s.x"],
  ["ungültig: »pgmate: invalid index [\"s.\\\"a]\\\"\", \"s.t\"]«", "s.\"a]\""],
  ["permission denied for table pg_index", undefined],
  ["pgmate: invalid index [oh]", undefined],
])("%s", (message, name) => {
  expect(passedOverIndex(message)?.sqlName).toBe(name);
});
