import { expect, test } from "bun:test";
import { passedOverIndex, passedOverSql } from "./passed-over.ts";
import { statementOf } from "../testing/parsed.ts";

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
