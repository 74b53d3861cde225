/** `create-policy`: a policy shows rows, or where it is restrictive takes some away. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const createPolicy: StatementRule = {
  id: "create-policy",
  scope: "statement",
  title: "CREATE POLICY shows more rows, or AS RESTRICTIVE fewer",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table for a moment; not on its partitions. ACCESS SHARE on other " +
      "tables that it names. Nothing is read.",
    why:
      "A permissive policy, which is what CREATE POLICY makes, lets roles see or write rows that " +
      "they did not before. A restrictive one hides rows that all others show, and refuses " +
      "writes of running code. As long as row security of the table is off, neither does " +
      "anything.",
    instead:
      "Restrictive ones before row security is turned on, or with the code that expects them. " +
      "Put calls that are the same for all rows into a subquery, so that they run once: using " +
      "(owner = (select current_user)).",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const policy = bodyOf(action, "CreatePolicyStmt");
    if (policy === undefined) return undefined;
    const { name, rowSecurity } = schema.relation(policy.table ?? {});
    const isOff = !rowSecurity && schema.isKnown(name);
    const isRestrictive = policy.permissive !== true;
    const base = {
      subjects: [name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    } as const;
    if (isOff) {
      return {
        ...base,
        classes: ["safe"],
        reason: `it does nothing until row security of ${name} is turned on`,
      };
    }
    return isRestrictive
      ? {
          ...base,
          classes: ["breaking"],
          reason: `rows of ${name} that running code reads and writes can be hidden and refused`,
          instead: "deploy code first that does without the rows that it hides",
        }
      : { ...base, classes: ["safe"], reason: `more rows of ${name} can be seen and written` };
  },
  cases: [
    { sql: "create policy p on app.unguarded using (true)", gives: ["safe"] },
    { sql: "create policy p on app.events as restrictive using (true)", gives: ["safe"] },
    {
      sql:
        "create policy p on app.unguarded using " +
        "(exists (select from app.customers c where c.id = unguarded.id))",
      gives: ["safe"],
    },
    { sql: "create policy p on depot.secured as restrictive using (true)", gives: ["breaking"] },
    { sql: "create policy p on depot.secured using (true)", gives: ["safe"] },
  ],
};
