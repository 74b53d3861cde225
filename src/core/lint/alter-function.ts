/** `alter-function`: what a function promises, costs and runs with. */

import { names } from "../review/action.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const alterFunction: StatementRule = {
  id: "alter-function",
  scope: "statement",
  title: "ALTER FUNCTION changes what a function promises, not what it does",
  page: {
    locks: "None on tables. Nothing is read.",
    why:
      "SECURITY DEFINER lets all callers act with the owner's rights: without SET search_path " +
      "they can make it call what they like. STRICT gives null where it was called before. What " +
      "is not IMMUTABLE any more an index that uses it goes on using.",
    instead:
      "alter function f(int) security definer set search_path = pg_catalog, pg_temp;",
    since: "all versions",
  },
  judge: (action) => {
    const alter = bodyOf(action, "AlterFunctionStmt");
    if (alter === undefined) return undefined;
    return {
      classes: ["safe"],
      reason: `calls of ${names(alter.func?.objname).join(".")} go on being understood`,
      subjects: [],
    };
  },
  cases: [
    { sql: "alter function app.steady_code() stable", gives: ["safe"] },
    { sql: "alter procedure app.work() security definer set search_path = app", gives: ["safe"] },
    { sql: "alter function app.steady_code() rename to other", gives: "silent" },
  ],
};
