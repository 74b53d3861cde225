/** `grant`: a right more hurts no running code. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const grant: StatementRule = {
  id: "grant",
  scope: "statement",
  title: "GRANT: running code goes on as before",
  page: {
    locks: "Nothing that stops anybody: from 18 on ACCESS SHARE on the table.",
    why:
      "It may run before the code that needs it. ON ALL TABLES IN SCHEMA means those that are " +
      "there now, and none that is made later.",
    instead:
      "For tables to come, by the role that will make them:\n" +
      "alter default privileges in schema app grant select on tables to reader;",
    since: "all versions",
  },
  judge: (action) => {
    const right = bodyOf(action, "GrantStmt");
    const role = bodyOf(action, "GrantRoleStmt");
    if (right?.is_grant !== true && role?.is_grant !== true) return undefined;
    return { classes: ["safe"], reason: "some role may do more than before", subjects: [] };
  },
  cases: [
    { sql: "grant select on app.orders to public", gives: ["safe"] },
    { sql: "grant select (id) on app.orders to public", gives: ["safe"] },
    { sql: "grant usage on schema app to public", gives: ["safe"] },
    { sql: "grant select on all tables in schema app to public", gives: ["safe"] },
    { sql: "grant pg_monitor to current_user", gives: ["safe"] },
    { sql: "revoke select on app.orders from public", gives: "silent" },
  ],
};
