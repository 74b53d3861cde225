/** `query`: what only reads, or speaks to the session. */

import type { Node } from "libpg-query";
import { names } from "../review/action.ts";
import { effectfulCalls } from "../review/called-functions.ts";
import { dataChanges } from "../review/data-change.ts";
import { wholeTable } from "../review/query-reads.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf, type NodeKind, statementKind } from "../review/statement-node.ts";
import { nodesOf } from "../review/tree-nodes.ts";

const kinds: readonly NodeKind[] = [
  "SelectStmt", "ExplainStmt", "VariableShowStmt", "PrepareStmt", "DeallocateStmt",
  "DeclareCursorStmt", "FetchStmt", "ClosePortalStmt", "ListenStmt", "UnlistenStmt", "NotifyStmt",
  "CheckPointStmt", "LoadStmt", "DiscardStmt",
];

export const query: StatementRule = {
  id: "query",
  scope: "statement",
  title: "SELECT, SHOW, EXPLAIN and the like change nothing",
  page: {
    locks:
      "ACCESS SHARE on what is read, ROW SHARE with FOR UPDATE: only who changes the schema " +
      "waits for it. How a query reads its tables pgmate does not claim, but for one that reads " +
      "a whole table.",
    why:
      "It takes as long as it takes, and earlier locks of its transaction are held meanwhile. " +
      "What it gives nobody sees: a migration shows no rows.",
    instead: "Leave it out, unless it is there for what it does, such as setval().",
    since: "all versions",
  },
  judge: (action, known) => {
    const kind = statementKind(action);
    if (action.kind !== "statement" || kind === undefined) return undefined;
    if (!kinds.includes(kind)) return undefined;
    const select = bodyOf(action, "SelectStmt");
    // A DELETE in a WITH has a rule of its own, and so has SELECT INTO.
    if (dataChanges(known.schema, action).length > 0) return undefined;
    if (select?.intoClause !== undefined) return undefined;
    if (select !== undefined && effectfulCalls(action.tree, known).length > 0) return undefined;
    return {
      classes: ["safe"],
      reason: said(action.tree, select?.lockingClause === undefined ? "reads" : "locks"),
      subjects: [],
      scans: wholeTable(known.schema, action.tree),
    };
  },
  cases: [
    { sql: "select 1", gives: ["safe"] },
    { sql: "select count(*) from app.orders", gives: ["safe"] },
    { sql: "select * from app.orders where id = 1 for update", gives: ["safe"] },
    { sql: "select setval('app.ticket_numbers', 100)", gives: ["safe"] },
    { sql: "select app.steady_code()", gives: ["safe"] },
    { sql: "show work_mem", gives: ["safe"] },
    { sql: "explain select * from app.orders", gives: ["safe"] },
    { sql: "notify app", gives: ["safe"] },
    { sql: "select app.next_code()", gives: "silent" },
    {
      sql: "with gone as (delete from app.archive where id = 1 returning id) select * from gone",
      gives: "silent",
    },
  ],
};

function said(tree: Node, does: "reads" | "locks"): string {
  if (does === "locks") return "the rows that it finds are locked until the commit";
  const called = nodesOf("FuncCall", tree).map(({ funcname }) => names(funcname).at(-1) ?? "");
  const moving = called.find((name) => name === "nextval" || name === "setval");
  return moving === undefined
    ? "it changes no table"
    : `${moving} moves the sequence at once, and no rollback undoes it`;
}
