/** `rename-view`: code that uses the old name of a view fails at once. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const renameView: StatementRule = {
  id: "rename-view",
  scope: "statement",
  title: "RENAME VIEW: code that uses the old name fails at once",
  page: {
    locks: "ACCESS EXCLUSIVE on the view for a moment.",
    why:
      "Between the commit and the last deployed process every statement with the old name fails.",
    instead:
      "A second view under the new name, and the old one dropped when no code reads it any " +
      "more:\n" +
      "create view new_name as select * from old_name;",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const rename = bodyOf(action, "RenameStmt");
    const kinds = ["OBJECT_VIEW", "OBJECT_MATVIEW"];
    if (rename === undefined || !kinds.includes(rename.renameType ?? "")) return undefined;
    const { name } = schema.relation(rename.relation ?? {});
    return {
      classes: ["breaking"],
      reason: `code that reads ${name} fails at once`,
      instead: `create a view under the new name as select * from ${name}, and drop this one later`,
      subjects: [name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    };
  },
  cases: [
    { sql: "alter view app.open_orders rename to pending_orders", gives: ["breaking"] },
    { sql: "alter materialized view app.totals rename to sums", gives: ["breaking"] },
    { sql: "alter view app.open_orders rename column note to remark", gives: "silent" },
  ],
};
