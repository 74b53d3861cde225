/** `revoke`: code that needs the right fails at once. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf, rangeVars } from "../review/statement-node.ts";

export const revoke: StatementRule = {
  id: "revoke",
  scope: "statement",
  title: "REVOKE: code that needs the right fails at once",
  page: {
    locks: "Nothing that stops anybody: from 18 on ACCESS SHARE on the table.",
    why:
      "The next statement of a running session that needs the right fails, whether it has been " +
      "prepared before or not. On tables of the same batch nobody relies on it yet.",
    instead:
      "See first who uses it: pg_stat_statements by userid, or log_statement for the role. Give " +
      "the roles that go on needing it their own right before, in the same file.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const right = bodyOf(action, "GrantStmt");
    const role = bodyOf(action, "GrantRoleStmt");
    const isOfRole = role !== undefined && role.is_grant !== true;
    if (!isOfRole && (right === undefined || right.is_grant === true)) return undefined;
    const tables = rangeVars(right?.objects).map((range) => schema.nameOf(range));
    const what = tables.length === 0 ? "" : ` on ${tables.join(", ")}`;
    return {
      classes: ["breaking"],
      reason: `code that needs the right${what} fails`,
      instead: "deploy code that does without it first, or grant it to those roles that need it",
      subjects: tables,
    };
  },
  cases: [
    { sql: "revoke select on app.orders from public", gives: ["breaking"] },
    { sql: "revoke all on all tables in schema app from public", gives: ["breaking"] },
    { sql: "revoke execute on function app.steady_code() from public", gives: ["breaking"] },
    { sql: "revoke pg_monitor from current_user", gives: ["breaking"] },
    { sql: "grant select on app.orders to public", gives: "silent" },
  ],
};
