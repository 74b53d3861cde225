/** `transaction-control`: BEGIN, COMMIT and their like, where the file may have them. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const transactionControl: StatementRule = {
  id: "transaction-control",
  scope: "statement",
  title: "BEGIN and COMMIT group statements of a file that says transaction:false",
  page: {
    locks: "None. Locks of the statements between them are held until the COMMIT.",
    why:
      "Elsewhere the file is one transaction already: a BEGIN … COMMIT around all of it is left " +
      "out, and any other would end pgmate's own, and is refused before the run.",
    instead:
      "Leave it out, or say -- migrate:up transaction:false and group what belongs together.",
    since: "all versions",
  },
  judge: (action) => {
    if (bodyOf(action, "TransactionStmt") === undefined) return undefined;
    return { classes: ["safe"], reason: "it groups the statements of the file", subjects: [] };
  },
  cases: [
    { sql: "savepoint here", gives: ["safe"] },
    { sql: "begin", gives: ["safe"], alone: true },
    { sql: "select 1", gives: "silent" },
  ],
};
