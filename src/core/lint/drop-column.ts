/** `drop-column`: code that still names the column fails, and the values are gone. */

import { columnCommand, type ColumnCommand } from "../review/column-command.ts";
import { columnSequence, tiesFrom, tiesTo } from "../review/column-ties.ts";
import { cascadedUsers, columnUsers } from "../review/column-users.ts";
import type { Known, RelationLock, StatementRule } from "../review/rule.ts";
import { sameLocks, tableFamily } from "../review/table-locks.ts";

export const dropColumn: StatementRule = {
  id: "drop-column",
  scope: "statement",
  title: "DROP COLUMN breaks the code that still names it",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions for a moment; nothing is read or " +
      "written. Also on the table that a foreign key of the column refers to, and on the " +
      "column's own sequence. With CASCADE also on tables whose foreign keys refer to the " +
      "column, and on views that use it.",
    why:
      "Whatever names the column fails from then on: SELECT *, cached plans and ORMs that list " +
      "all columns as well. Indexes, checks and foreign keys of the column go with it, with " +
      "CASCADE also views and other tables' foreign keys. The values cannot be brought back; a " +
      "down that adds the column again brings back an empty one.",
    instead:
      "Release code that does not use the column (and tells the ORM to ignore it), then drop it " +
      "in a later release. Where old code inserts without it: drop its NOT NULL first.",
    since: "all versions",
  },
  judge: (action, known) => {
    const found = columnCommand(action, known, "AT_DropColumn");
    if (found === undefined) return undefined;
    const { table, shown, tables, command, name } = found;
    const locks = sameLocks(tables, "ACCESS EXCLUSIVE");
    if (command.missing_ok === true && table.isComplete && !table.columns.has(name)) {
      return {
        classes: ["safe"], reason: `${table.name} has no column ${name}`, subjects: [table.name],
        locks,
      };
    }
    const more = otherLocks(found, known);
    const others = [...new Set(more.map(({ relation }) => relation))];
    const rest = others.length === 0 ? "" : `; ${others.join(", ")} ${locked(others)} as well`;
    return {
      classes: ["breaking"],
      reason: `code that names ${shown} fails, and so may select *${rest}`,
      instead: "release code that does not use it first, and drop it in a later release",
      subjects: [table.name],
      locks: [...locks, ...more],
      loses: `the values of ${shown}`,
    };
  },
  cases: [
    { sql: "alter table app.orders drop column code", gives: ["breaking"] },
    { sql: "alter table app.orders drop column quantity", gives: ["breaking"] },
    { sql: "alter table app.lines drop column order_id", gives: ["breaking"] },
    { sql: "alter table app.events drop column body", gives: ["breaking"] },
    { sql: "alter table app.customers drop column id cascade", gives: ["breaking"] },
    {
      before: "alter table app.archive add column number2 bigserial",
      sql: "alter table app.archive drop column number2",
      gives: ["breaking"],
    },
    {
      // A view of the table that does not use the column is not locked.
      before: "create view app.names as select name from app.customers",
      sql: "alter table app.customers drop column email cascade",
      gives: ["breaking"],
    },
    {
      before: "create view app.bodies as select body from app.archive",
      sql: "alter table app.archive drop column body cascade",
      gives: ["breaking"],
    },
    {
      before:
        "create table app.kinds (id integer primary key) partition by list (id); " +
        "create table app.kinds_1 partition of app.kinds for values in (1); " +
        "alter table app.archive add column kind integer references app.kinds",
      sql: "alter table app.archive drop column kind",
      gives: ["breaking"],
    },
    { sql: "alter table app.orders drop column if exists nothing", gives: ["safe"] },
    { sql: "alter table app.orders drop constraint orders_quantity_check", gives: "silent" },
  ],
};

function locked(names: readonly string[]): string {
  return names.length === 1 ? "is locked" : "are locked";
}

function otherLocks(
  { table, tables, name, command }: ColumnCommand,
  { schema }: Known,
): readonly RelationLock[] {
  const isCascade = command.behavior === "DROP_CASCADE";
  const own = tiesFrom(table, name);
  const tied = isCascade ? [...own, ...tiesTo(schema, table, name)] : own;
  const sequence = columnSequence(schema, table, name);
  return sameLocks(
    [
      ...tied.flatMap((tie) => tableFamily(schema, tie.table)),
      ...(sequence === undefined ? [] : [sequence]),
      ...(isCascade ? cascadedUsers(schema, columnUsers(schema, tables, name)) : []),
    ],
    "ACCESS EXCLUSIVE",
  );
}
