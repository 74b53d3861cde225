/** `set-default`: a new default is for the rows to come. */

import { columnCommand } from "../review/column-command.ts";
import { isNull } from "../review/default-value.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const setDefault: StatementRule = {
  id: "set-default",
  scope: "statement",
  title: "SET DEFAULT is for rows to come, and touches none that is there",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, or on the view, for a moment; nothing " +
      "is read or written, not even where the default differs from row to row.",
    why:
      "Only inserts that do not name the column see it. With ONLY the partitions keep their own " +
      "defaults, which count for rows that are inserted into them by name.",
    instead: "set lock_timeout = '1s'; and try again when it runs out. pgmate does both by itself.",
    since: "all versions",
  },
  judge: (action, known) => {
    const found = columnCommand(action, known, "AT_ColumnDefault");
    if (found?.command.def === undefined || isNull(found.command.def)) return undefined;
    const { table, shown, tables } = found;
    return {
      classes: ["safe"],
      reason: `${shown} gets a default for the rows to come`,
      subjects: [table.name],
      locks: sameLocks(tables, "ACCESS EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "alter table app.orders alter column note set default 'none'", gives: ["safe"] },
    {
      sql: "alter table app.orders alter column note set default gen_random_uuid()::text",
      gives: ["safe"],
    },
    { sql: "alter table app.events alter column body set default ''", gives: ["safe"] },
    { sql: "alter table only app.events alter column body set default ''", gives: ["safe"] },
    { sql: "alter view app.open_orders alter column note set default ''", gives: ["safe"] },
    { sql: "alter table app.orders alter column note set default null", gives: "silent" },
    { sql: "alter table app.orders alter column note drop default", gives: "silent" },
  ],
};
