/** `add-column-not-null`: NOT NULL without a default fails on rows that are there. */

import { columnWith } from "../review/added-column.ts";
import type { StatementRule } from "../review/rule.ts";

export const addColumnNotNull: StatementRule = {
  id: "add-column-not-null",
  scope: "statement",
  title: "ADD COLUMN NOT NULL without a default fails on rows, and fails inserts",
  page: {
    locks: "ACCESS EXCLUSIVE on the table and its partitions, and a scan of them meanwhile.",
    why:
      "The rows that are there have no value for it: with a single row the statement fails. " +
      "Where there is none, it succeeds, and each INSERT of the code that runs now fails from " +
      "then on. DEFAULT NULL is no default.",
    instead:
      "alter table t add column c text not null default '';\n" +
      "which reads nothing and suits old code; drop the default once all code gives a value. Or " +
      "add it without NOT NULL, fill it, and make it NOT NULL as set-not-null says.",
    since: "all versions",
  },
  judge: (action, known) => {
    const added = columnWith("required", action, known);
    if (added === undefined) return undefined;
    const { table, name, stored, locks } = added;
    return {
      classes: ["risky", "breaking"],
      reason:
        `it fails if ${table.name} holds a row, and else each insert fails that does not know ` +
        `${name} yet`,
      instead: `add ${name} with a default, or without not null, and make it not null later`,
      subjects: [table.name],
      locks,
      scans: stored,
    };
  },
  cases: [
    {
      sql: "alter table app.orders add column memo text not null",
      gives: ["risky", "breaking"],
      fails: true,
    },
    {
      sql: "alter table app.archive add column key bigint primary key",
      gives: ["risky", "breaking"],
      fails: true,
    },
    {
      before: "truncate app.unguarded",
      sql: "alter table app.unguarded add column memo text not null default null",
      gives: ["risky", "breaking"],
    },
    { sql: "alter table app.orders add column memo text not null default ''", gives: "silent" },
    { sql: "alter table app.orders add column memo text", gives: "silent" },
    {
      sql: "alter table app.orders add column number integer generated always as identity not null",
      gives: "silent",
    },
  ],
};
