/** `column-statistics`: what ANALYZE is told about a column. */

import { columnCommand } from "../review/column-command.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const columnStatistics: StatementRule = {
  id: "column-statistics",
  scope: "statement",
  title: "SET STATISTICS and SET (n_distinct = …) stop nobody",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the table, and with SET STATISTICS on its partitions: reads and " +
      "writes go on. VACUUM, ANALYZE, CREATE INDEX and other changes of the table wait.",
    why: "It takes effect with the next ANALYZE, which may change query plans.",
    instead: "Run analyze t; when plans may change.",
    since: "all versions",
  },
  judge: (action, known) => {
    const found = columnCommand(
      action, known, "AT_SetStatistics", "AT_SetOptions", "AT_ResetOptions",
    );
    if (found === undefined) return undefined;
    const { table, shown, tables, command } = found;
    const touched = command.subtype === "AT_SetStatistics" ? tables : [table.name];
    return {
      classes: ["safe"],
      reason: `what ANALYZE does about ${shown} changes, and nobody waits for it`,
      subjects: [table.name],
      locks: sameLocks(touched, "SHARE UPDATE EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "alter table app.orders alter column note set statistics 500", gives: ["safe"] },
    { sql: "alter table app.events alter column body set statistics 500", gives: ["safe"] },
    { sql: "alter table app.orders alter column note set (n_distinct = 10)", gives: ["safe"] },
    { sql: "alter table app.orders alter column note reset (n_distinct)", gives: ["safe"] },
    {
      sql: "alter table app.events alter column body set (n_distinct_inherited = 10)",
      gives: ["safe"],
    },
    {
      sql: "alter materialized view app.totals alter column total set statistics 10",
      gives: ["safe"],
    },
    { sql: "alter table app.orders alter column note set storage external", gives: "silent" },
  ],
};
