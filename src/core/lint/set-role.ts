/** `set-role`: what the file makes from then on belongs to another role. */

import { isRoleChange } from "../review/session-settings.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const setRole: StatementRule = {
  id: "set-role",
  scope: "statement",
  title: "SET ROLE and SET SESSION AUTHORIZATION hold until the end of the file",
  page: {
    locks: "None.",
    why:
      "What is made afterwards belongs to the other role, and default privileges are that " +
      "role's. pgmate goes back to its own role for its ledger and after each file; other " +
      "migrators do not, and then lack the right to note that the file has run. SET SESSION " +
      "AUTHORIZATION needs a superuser.",
    instead: "alter table t owner to app; says it for what it is meant for, in any order of files.",
    since: "all versions",
  },
  judge: (action) => {
    const set = bodyOf(action, "VariableSetStmt");
    if (set === undefined || !isRoleChange(set)) return undefined;
    const isBack = set.kind !== "VAR_SET_VALUE";
    return {
      classes: ["safe"],
      reason: isBack
        ? "what is made from here on belongs to the role of the connection again"
        : "what is made from here to the end of the file belongs to another role",
      subjects: [],
    };
  },
  cases: [
    { sql: "set role pg_monitor", gives: ["safe"] },
    { sql: "set local role pg_monitor", gives: ["safe"] },
    { sql: "reset role", gives: ["safe"] },
    { sql: "reset session authorization", gives: ["safe"] },
    { sql: "set work_mem = '8MB'", gives: "silent" },
  ],
};
