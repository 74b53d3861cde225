/** `column-storage`: how values to come are stored. */

import { columnCommand } from "../review/column-command.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const columnStorage: StatementRule = {
  id: "column-storage",
  scope: "statement",
  title: "SET STORAGE and SET COMPRESSION are for values to come",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table for a moment, with SET STORAGE on its partitions too; " +
      "nothing is read or written.",
    why:
      "The values that are there stay as they are until their rows are written again, for which " +
      "an update that changes nothing is not enough: it keeps what is stored out of line.",
    instead: "set lock_timeout = '1s'; and try again when it runs out. pgmate does both by itself.",
    since: "SET COMPRESSION since 14; SET STORAGE DEFAULT since 16",
  },
  judge: (action, known) => {
    const found = columnCommand(action, known, "AT_SetStorage", "AT_SetCompression");
    if (found === undefined) return undefined;
    const { table, shown, tables, command } = found;
    const touched = command.subtype === "AT_SetStorage" ? tables : [table.name];
    return {
      classes: ["safe"],
      reason: `values of ${shown} to come are stored otherwise; those that are there stay`,
      subjects: [table.name],
      locks: sameLocks(touched, "ACCESS EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "alter table app.orders alter column note set storage external", gives: ["safe"] },
    { sql: "alter table app.events alter column body set storage external", gives: ["safe"] },
    { sql: "alter table app.orders alter column note set compression pglz", gives: ["safe"] },
    { sql: "alter table app.events alter column body set compression pglz", gives: ["safe"] },
    {
      sql: "alter materialized view app.totals alter column total set storage plain",
      gives: ["safe"],
    },
    { sql: "alter table app.orders alter column note set statistics 10", gives: "silent" },
  ],
};
