/** `dynamic-sql`: a reading cannot see what a DO block or a function does. */

import type { Node } from "libpg-query";
import { names } from "../review/action.ts";
import { effectfulCalls } from "../review/called-functions.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

/** Statements that run the functions in them. An EXPLAIN does so with ANALYZE only. */
const executing: readonly string[] = [
  "SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CreateTableAsStmt",
  "CopyStmt", "DeclareCursorStmt", "ExplainStmt", "RefreshMatViewStmt",
];

function runsPrepared(tree: Node): boolean {
  if ("ExecuteStmt" in tree) return true;
  const query = "ExplainStmt" in tree ? tree.ExplainStmt.query : undefined;
  return query !== undefined && "ExecuteStmt" in query;
}

export const dynamicSql: StatementRule = {
  id: "dynamic-sql",
  scope: "statement",
  title: "DO, CALL, EXECUTE and functions can do anything: a reading does not show it",
  page: {
    locks: "Whatever is inside takes. pgmate claims none.",
    why:
      "The body is text until it runs: what it locks, scans, drops or calls depends on its code " +
      "and on the data. Nothing of what pgmate knows of statements holds for it.",
    instead:
      "Run it on a copy, and see:\npgmate plan --rehearse\n" +
      "Where it only picks names, write the statements out. IF EXISTS and IF NOT EXISTS do most " +
      "of what such blocks are written for.",
    since: "all versions",
  },
  judge: (action, known) => {
    if (action.kind !== "statement") return undefined;
    const call = bodyOf(action, "CallStmt");
    const isExecuted = executing.some((kind) => kind in action.tree);
    const calls = isExecuted ? effectfulCalls(action.tree, known) : [];
    const what = bodyOf(action, "DoStmt") !== undefined
      ? "the block"
      : call !== undefined
        ? names(call.funccall?.funcname).join(".")
        : runsPrepared(action.tree) ? "the statement" : calls.join(", ");
    if (what === "") return undefined;
    return {
      classes: ["risky"],
      reason: `what ${what} does cannot be seen by reading`,
      instead: "pgmate plan --rehearse runs it on a copy, and shows what it locks",
      subjects: [],
    };
  },
  cases: [
    { sql: "do $$ begin perform 1; end $$", gives: ["risky"] },
    { sql: "call app.work()", gives: ["risky"] },
    { sql: "select app.next_code()", gives: ["risky"] },
    { sql: "select app.steady_code()", gives: "silent" },
    { sql: "explain analyze select app.next_code()", gives: ["risky"] },
    { sql: "create table app.made as select app.next_code()", gives: ["risky"] },
    { sql: "insert into app.unguarded values (0, app.next_code())", gives: ["risky"] },
    { sql: "select pg_catalog.setval('app.ticket_numbers', 5)", gives: "silent" },
    { sql: "select count(*) from app.unguarded where id = 1", gives: "silent" },
  ],
};
