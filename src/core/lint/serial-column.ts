/** `serial-column`: an identity column is what serial meant to be. */

import { columnAdvice, declaredColumns } from "../review/declared-column.ts";
import type { StatementRule } from "../review/rule.ts";

export const serialColumn: StatementRule = {
  id: "serial-column",
  scope: "statement",
  title: "serial in a new table leaves a sequence with rights of its own; identity does not",
  page: {
    locks: "None of its own.",
    why:
      "Who may insert into the table needs USAGE on the sequence as well; create table … (like " +
      "…) shares the sequence between two tables; the number can be overwritten by mistake. An " +
      "identity column is in the SQL standard and has none of this. Of a table that is there it " +
      "says nothing: identity rewrites that as well, see add-column-serial.",
    instead: "id bigint generated always as identity; with `by default` where code gives a number",
    since: "10",
  },
  judge: (action, known) => {
    // A column of either kind that is added to a table with rows rewrites it.
    const isMade = (table: string): boolean =>
      action.kind === "statement" || known.schema.relation(table).isNew;
    const found = declaredColumns(action, known).filter(
      ({ serial, table }) => serial && isMade(table),
    );
    return columnAdvice(found, (columns) => ({
      reason: found.length === 1
        ? `${columns} is a serial, whose sequence has rights of its own`
        : `${columns} are serials, whose sequences have rights of their own`,
      instead: "bigint generated always as identity",
    }));
  },
  cases: [
    { sql: "create table app.notes (id bigserial primary key)", gives: ["advice"] },
    { sql: "alter table app.archive add column key serial", gives: "silent" },
    {
      sql: "create table app.notes (id bigint generated always as identity primary key)",
      gives: "silent",
    },
  ],
};
