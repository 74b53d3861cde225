/** `serial-column`: an identity column is what serial meant to be. */

import { columnAdvice, declaredColumns } from "../review/declared-column.ts";
import type { StatementRule } from "../review/rule.ts";

export const serialColumn: StatementRule = {
  id: "serial-column",
  scope: "statement",
  title: "serial leaves a sequence with rights of its own; identity does not",
  page: {
    locks: "None of its own.",
    why:
      "Who may insert into the table needs USAGE on the sequence as well; create table … (like " +
      "…) shares the sequence between two tables; the number can be overwritten by mistake. An " +
      "identity column is in the SQL standard and has none of this.",
    instead: "id bigint generated always as identity; with `by default` where code gives a number",
    since: "10",
  },
  judge: (action, known) => {
    const found = declaredColumns(action, known).filter(({ serial }) => serial);
    return columnAdvice(found, (columns) => ({
      reason: `${columns} is a serial, whose sequence has rights of its own`,
      instead: "bigint generated always as identity",
    }));
  },
  cases: [
    { sql: "create table app.notes (id bigserial primary key)", gives: ["advice"] },
    { sql: "alter table app.archive add column key serial", gives: ["advice"] },
    {
      sql: "create table app.notes (id bigint generated always as identity primary key)",
      gives: "silent",
    },
  ],
};
