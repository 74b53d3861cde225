/** `length-limit`: varchar(n) and char(n) are limits that are hard to change. */

import type { Action } from "../review/action.ts";
import { columnAdvice, type DeclaredColumn, declaredColumns } from "../review/declared-column.ts";
import type { Known, StatementRule } from "../review/rule.ts";

export const lengthLimit: StatementRule = {
  id: "length-limit",
  scope: "statement",
  title: "varchar(n) and char(n): a limit that is hard to change later",
  page: {
    locks: "None of its own.",
    why:
      "text is as fast and as small. A shorter varchar later writes the whole table, and any " +
      "other char does; a view that uses the column forbids even a longer one. char(n) fills " +
      "up with blanks, which count in some comparisons and not in others.",
    instead:
      "code text constraint t_code_length check (length(code) <= 20)\n" +
      "which is replaced by another check, not valid and then validated, without stopping anybody.",
    since: "all versions",
  },
  judge: (action, known) => {
    const found = declaredColumns(action, known).filter((one) =>
      isLimited(one) && !isLimitAlready(action, known, one),
    );
    return columnAdvice(found, (columns) => ({
      reason: found.length === 1
        ? `${columns} has a length that is hard to change later`
        : `${columns} have lengths that are hard to change later`,
      instead: "text with check (length(…) <= …)",
    }));
  },
  cases: [
    { sql: "create table app.notes (id bigint, code varchar(20))", gives: ["advice"] },
    { sql: "alter table app.archive add column country char(2)", gives: ["advice"] },
    { sql: "alter table app.archive add column flag char", gives: ["advice"] },
    { sql: "alter table app.orders alter column secret type varchar(40)", gives: ["advice"] },
    { sql: "alter table app.orders alter column code type varchar(40)", gives: "silent" },
    { sql: "alter table app.archive add column code varchar", gives: "silent" },
    { sql: "alter table app.archive add column code text", gives: "silent" },
    { sql: "alter table app.archive add column price numeric(10, 2)", gives: "silent" },
  ],
};

/** Whoever makes a limit wider is not to be told of limits; what is not known may have one. */
function isLimitAlready(action: Action, { schema }: Known, one: DeclaredColumn): boolean {
  if (action.kind !== "alter-table" || action.command.subtype !== "AT_AlterColumnType") {
    return false;
  }
  const column = schema.relation(one.table).columns.get(one.name);
  return column === undefined || isLimited(column);
}

function isLimited({ type }: Pick<DeclaredColumn, "type">): boolean {
  return (type.name === "varchar" || type.name === "bpchar") && type.modifiers.length > 0;
}
