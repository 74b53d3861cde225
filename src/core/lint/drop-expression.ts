/** `drop-expression`: a generated column becomes a plain one, which nobody fills. */

import { columnCommand } from "../review/column-command.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const dropExpression: StatementRule = {
  id: "drop-expression",
  scope: "statement",
  title: "DROP EXPRESSION leaves a column that nobody fills any more",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions for a moment; nothing is read or written.",
    why:
      "The values that are there stay, but new rows get a null, and an update of what it was " +
      "computed of leaves it as it was: readers see old values. A NOT NULL column refuses " +
      "inserts from then on.",
    instead:
      "Create the trigger that fills it in the same transaction, before drop expression; or " +
      "release code that writes it first, which cannot be tried before.",
    since: "13; a virtual column keeps its expression",
  },
  judge: (action, known) => {
    const found = columnCommand(action, known, "AT_DropExpression");
    if (found === undefined) return undefined;
    const { table, shown, column, command, tables } = found;
    const locks = sameLocks(tables, "ACCESS EXCLUSIVE");
    const isPlain = column !== undefined && column.generated === undefined;
    if (command.missing_ok === true && isPlain) {
      return {
        classes: ["safe"], reason: `${shown} is not generated`, subjects: [table.name], locks,
      };
    }
    return {
      classes: ["breaking"],
      reason: `code that reads ${shown} finds nothing in new rows, and old values in changed ones`,
      instead: "let a trigger fill it from the same transaction on",
      subjects: [table.name],
      locks,
    };
  },
  cases: [
    {
      before:
        "alter table app.archive add column twice bigint generated always as (number * 2) stored",
      sql: "alter table app.archive alter column twice drop expression",
      gives: ["breaking"],
    },
    {
      before: "alter table app.events add column twice bigint generated always as (id * 2) stored",
      sql: "alter table app.events alter column twice drop expression",
      gives: ["breaking"],
    },
    {
      sql: "alter table app.archive alter column body drop expression if exists",
      gives: ["safe"],
    },
    { sql: "alter table app.archive alter column body drop default", gives: "silent" },
  ],
};
