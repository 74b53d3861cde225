/** `rename-enum-value`: code that compares with the old value fails. */

import { names } from "../review/action.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const renameEnumValue: StatementRule = {
  id: "rename-enum-value",
  scope: "statement",
  title: "ALTER TYPE … RENAME VALUE: code that says the old value fails",
  page: {
    locks: "None on tables. Nothing is read or written: rows hold a number for the value.",
    why:
      "A query that compares with the old value or writes it is refused (invalid input value for " +
      "enum), and code that reads rows meets a value that it does not know.",
    instead:
      "alter type mood add value 'fine'; -- code learns to read it\n" +
      "update t set mood = 'fine' where mood = 'good'; -- in batches, when code writes it\n" +
      "The old value stays in the type, unused.",
    since: "all versions",
  },
  judge: (action) => {
    const alter = bodyOf(action, "AlterEnumStmt");
    if (alter?.oldVal === undefined) return undefined;
    const type = names(alter.typeName).join(".");
    return {
      classes: ["breaking"],
      reason: `code that says ${alter.oldVal} of ${type} fails`,
      instead: `alter type ${type} add value, let code read both, change the rows in batches`,
      subjects: [],
    };
  },
  cases: [
    { sql: "alter type app.order_status rename value 'open' to 'fresh'", gives: ["breaking"] },
    { sql: "alter type app.order_status add value 'lost'", gives: "silent" },
  ],
};
