/** `drop-default`: on a NOT NULL column, inserts that leave it out fail. */

import { columnCommand } from "../review/column-command.ts";
import { isNull } from "../review/default-value.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const dropDefault: StatementRule = {
  id: "drop-default",
  scope: "statement",
  title: "DROP DEFAULT on a NOT NULL column breaks inserts that leave it out",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, or on the view, for a moment; nothing " +
      "is read or written.",
    why:
      "An insert that does not name the column stores a null from then on, which a NOT NULL " +
      "column refuses. SET DEFAULT NULL is the same.",
    instead: "Release code that gives the column a value in each insert first.",
    since: "all versions",
  },
  judge: (action, known) => {
    const found = columnCommand(action, known, "AT_ColumnDefault");
    if (found === undefined) return undefined;
    const { table, shown, tables, column, command } = found;
    if (command.def !== undefined && !isNull(command.def)) return undefined;
    const effects = { subjects: [table.name], locks: sameLocks(tables, "ACCESS EXCLUSIVE") };
    if (column?.hasDefault === false) {
      return { classes: ["safe"], reason: `${shown} has no default`, ...effects };
    }
    if (column?.notNull === false) {
      return {
        classes: ["safe"],
        reason: `inserts that leave out ${shown} store a null from now on`,
        ...effects,
      };
    }
    const condition = column === undefined ? " if it is not null" : "";
    return {
      classes: ["breaking"],
      reason: `inserts that leave out ${shown} fail${condition}`,
      instead: "release code that gives it a value in each insert first",
      ...effects,
    };
  },
  cases: [
    { sql: "alter table app.orders alter column secret drop default", gives: ["breaking"] },
    { sql: "alter table app.orders alter column secret set default null", gives: ["breaking"] },
    { sql: "alter table app.orders alter column created_at drop default", gives: ["safe"] },
    { sql: "alter table app.customers alter column name drop default", gives: ["safe"] },
    { sql: "alter table app.events alter column body drop default", gives: ["safe"] },
    {
      // Reading files alone does not tell a view's columns.
      sql: "alter view app.open_orders alter column note drop default",
      gives: ["safe"],
      givesFromFiles: ["breaking"],
    },
    { sql: "alter table app.orders alter column secret set default ''", gives: "silent" },
  ],
};
