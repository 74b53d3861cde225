/** `foreign-table-options`: options of a foreign table and its columns. */

import type { StatementRule } from "../review/rule.ts";

export const foreignTableOptions: StatementRule = {
  id: "foreign-table-options",
  scope: "statement",
  title: "options of a foreign table are a word in the catalog",
  page: {
    locks: "ACCESS EXCLUSIVE on the foreign table for a moment. Nothing is read.",
    why:
      "They take effect with the next query, and whether the other server knows of such a table " +
      "or column nobody looks before that.",
    instead: "Try it under a second name before: create foreign table t2 (…) server s options (…);",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table") return undefined;
    const { subtype } = action.command;
    const isMeant = subtype === "AT_GenericOptions" || subtype === "AT_AlterColumnGenericOptions";
    if (!isMeant) return undefined;
    const { name } = schema.relation(action.table);
    return {
      classes: ["safe"],
      reason: `queries of ${name} ask the other server in another way from then on`,
      subjects: [name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    };
  },
  cases: [
    { sql: "alter foreign table depot.remote options (add place 'x')", gives: ["safe"] },
    {
      sql: "alter foreign table depot.remote alter column id options (add place 'x')",
      gives: ["safe"],
    },
    { sql: "alter table app.orders set (fillfactor = 90)", gives: "silent" },
  ],
};
