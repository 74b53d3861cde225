/** What the parser gives for good SQL, bad SQL and what would break it. */

import { beforeAll, expect, test } from "bun:test";
import { loadSqlParser, type SqlParser } from "./sql-parser.ts";

let parser: SqlParser | undefined;
beforeAll(async () => {
  parser = await loadSqlParser();
});

function parse(sql: string): ReturnType<SqlParser["parse"]> | undefined {
  return parser?.parse(sql);
}

test("a statement is its tree", () => {
  const parsed = parse("alter table app.t add column c int");
  expect(parsed).toMatchObject({
    kind: "tree",
    statements: [{ AlterTableStmt: { relation: { schemaname: "app", relname: "t" } } }],
  });
});

test.each(["", "  \n", "-- nothing\n", "/* nor /* here */ */"])("%j has none", (sql) => {
  expect(parse(sql)).toEqual({ kind: "tree", statements: [] });
});

test("the place of an error is in bytes", () => {
  const sql = "select 1 from tä where é = ) 1";
  const at = Buffer.from(sql).indexOf(")");
  const message = 'syntax error at or near ")"';
  expect(parse(sql)).toEqual({ kind: "syntax", message, at });
});

test("an error at the end of the text is within it", () => {
  const sql = "select 'é";
  const parsed = parse(sql);
  if (parsed?.kind !== "syntax") throw new Error("it is an error");
  expect(parsed.at).toBe(Buffer.from(sql).indexOf("'"));
});

test.each([
  ["parentheses", `select ${"(".repeat(100_000)}1${")".repeat(100_000)}`],
  ["operators", `select 1${" + 1".repeat(100_000)}`],
  ["queries", `${"select (".repeat(20_000)}1${")".repeat(20_000)}`],
])("a hundred thousand %s break nothing", (_what, sql) => {
  expect(parse(sql)?.kind).not.toBe("tree");
  expect(parse("select 1")?.kind).toBe("tree");
});

test("a long flat statement is no harm", () => {
  const rows = Array.from({ length: 20_000 }, (_, at) => `(${at}, 'x')`);
  expect(parse(`insert into t values ${rows.join(", ")}`)?.kind).toBe("tree");
});

test.each(["select '\u0000'", "\u0000", "\ud800", "\u0001\u0002\u0003", "$$", "$a$b", "'", "\""])(
  "garbage is told from SQL: %j",
  (sql) => {
    expect(["syntax", "tree"]).toContain(parse(sql)?.kind ?? "");
    expect(parse("select 1")?.kind).toBe("tree");
  },
);
