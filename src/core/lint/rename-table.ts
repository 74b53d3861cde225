/** `rename-table`: code that uses the old name of a table fails at once. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const renameTable: StatementRule = {
  id: "rename-table",
  scope: "statement",
  title: "RENAME TABLE: code that uses the old name fails at once",
  page: {
    locks: "ACCESS EXCLUSIVE on the table for a moment; its partitions and indexes are not locked.",
    why:
      "Between the commit and the last deployed process every statement with the old name fails. " +
      "Names of indexes, constraints and sequences stay as they are.",
    instead:
      "A view under the old name, in the same transaction, lets both names work:\n" +
      "alter table users rename to accounts;\n" +
      "create view users as select * from accounts;\n" +
      "Such a view takes INSERT, UPDATE and DELETE too, but no ON CONFLICT ON CONSTRAINT, and no " +
      "foreign key can refer to it. Drop it when no code uses it any more. pgmate looks at one " +
      "statement at a time and does not see the view: ignore this with a reason then. To rename " +
      "a table out of the way before it is dropped, code is meant to fail, and there is no view: " +
      "see drop-table.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const rename = bodyOf(action, "RenameStmt");
    const kinds = ["OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"];
    if (rename === undefined || !kinds.includes(rename.renameType ?? "")) return undefined;
    const { name, kind } = schema.relation(rename.relation ?? {});
    const isIndex = schema.index(rename.relation ?? {}) !== undefined;
    if (isIndex) return undefined;
    return {
      classes: ["breaking"],
      reason: `code that uses ${name} fails at once, unless a view takes over its name`,
      instead:
        `create view ${name} as select * from its new name, in the same transaction, lets both ` +
        "names work until the code has changed: then ignore this with that as its reason",
      subjects: [name],
      locks: kind === "index" ? [] : [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    };
  },
  cases: [
    { sql: "alter table app.orders rename to purchases", gives: ["breaking"] },
    { sql: "alter table app.events rename to happenings", gives: ["breaking"] },
    { sql: "alter table app.events_2025 rename to old_events", gives: ["breaking"] },
    { sql: "alter table app.orders rename column note to remark", gives: "silent" },
  ],
};
