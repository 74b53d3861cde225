/** `rename-column`: code knows one name or the other, and fails with the other. */

import type { StatementRule } from "../review/rule.ts";
import { sameLocks, tableFamily } from "../review/table-locks.ts";

export const renameColumn: StatementRule = {
  id: "rename-column",
  scope: "statement",
  title: "RENAME COLUMN breaks the code that knows the old name",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, or on the view, for a moment; nothing " +
      "is read or written.",
    why:
      "Old code fails at once, new code fails before. Views, indexes, constraints and foreign " +
      "keys follow the new name; functions, whose bodies are text, do not.",
    instead:
      "Add a column with the new name, write both, fill the new one, read the new one, drop the " +
      "old one in a later release. To fill it, a loop in a file of its own that says " +
      "transaction:false; dynamic-sql calls it risky, ignore that with a reason:\n" +
      "-- pgmate:ignore dynamic-sql fills b in batches\n" +
      "do $$ begin loop\n" +
      "  update t set b = a where id in\n" +
      "    (select id from t where b is null and a is not null limit 5000);\n" +
      "  exit when not found;\n" +
      "  commit;\n" +
      "end loop; end $$;\n" +
      "Or let old code read a view: in one transaction\n" +
      "alter table t rename to t_data;\n" +
      "alter table t_data rename column a to b;\n" +
      "create view t as select *, b as a from t_data;",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "statement" || !("RenameStmt" in action.tree)) return undefined;
    const { renameType, relation, subname = "", newname = "" } = action.tree.RenameStmt;
    if (renameType !== "OBJECT_COLUMN" || relation === undefined) return undefined;
    const { name } = schema.relation(relation);
    const tables = relation.inh === true ? tableFamily(schema, name) : [name];
    return {
      classes: ["breaking"],
      reason: `code that knows ${name}.${subname} fails, and so does code that knows ${newname} ` +
        "before this ran",
      instead:
        `add ${newname}, write both, fill it in a loop that commits (transaction:false), read ` +
        `it, and drop ${subname} in a later release`,
      subjects: [name],
      locks: sameLocks(tables, "ACCESS EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "alter table app.orders rename column note to remark", gives: ["breaking"] },
    { sql: "alter table app.orders rename note to remark", gives: ["breaking"] },
    { sql: "alter table app.events rename column body to content", gives: ["breaking"] },
    { sql: "alter view app.open_orders rename column note to remark", gives: ["breaking"] },
    {
      sql: "alter materialized view app.totals rename column total to amount",
      gives: ["breaking"],
    },
    { sql: "alter table app.orders rename to purchases", gives: "silent" },
  ],
};
