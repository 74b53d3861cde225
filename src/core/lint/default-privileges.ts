/** `default-privileges`: rights of what is yet to be made. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const defaultPrivileges: StatementRule = {
  id: "default-privileges",
  scope: "statement",
  title: "ALTER DEFAULT PRIVILEGES holds for what is made later",
  page: {
    locks: "None.",
    why:
      "Rights on what is there stay as they are. Without FOR ROLE it holds for objects that the " +
      "current role makes, and for none that others make: run migrations with the same role, or " +
      "name it.",
    instead:
      "alter default privileges for role owner in schema app grant select on tables to reader;\n" +
      "grant select on all tables in schema app to reader; -- for those that are there",
    since: "all versions",
  },
  judge: (action) => {
    const statement = bodyOf(action, "AlterDefaultPrivilegesStmt");
    if (statement === undefined) return undefined;
    return {
      classes: ["safe"],
      reason: "rights on what is there stay as they are; what is made later gets others",
      subjects: [],
    };
  },
  cases: [
    {
      sql: "alter default privileges in schema app grant select on tables to public",
      gives: ["safe"],
    },
    {
      sql: "alter default privileges revoke execute on functions from public",
      gives: ["safe"],
    },
    { sql: "grant select on app.orders to public", gives: "silent" },
  ],
};
