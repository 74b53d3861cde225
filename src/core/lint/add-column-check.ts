/** `add-column-check`: a CHECK behind a new column is checked on every row. */

import { columnWith } from "../review/added-column.ts";
import type { StatementRule } from "../review/rule.ts";

export const addColumnCheck: StatementRule = {
  id: "add-column-check",
  scope: "statement",
  title: "ADD COLUMN with a CHECK reads every row under a lock that stops all others",
  page: {
    locks: "ACCESS EXCLUSIVE on the table and its partitions, and a scan of them meanwhile.",
    why:
      "Though the new column holds the same in each row, all rows are read, and reads and writes " +
      "wait for it. So it is with NOT NULL on a virtual column, whose values must be computed.",
    instead:
      "alter table t add column c integer;\n" +
      "alter table t add constraint t_c_check check (c > 0) not valid;\n" +
      "and in a file of its own:\n" +
      "alter table t validate constraint t_c_check;",
    since: "all versions; CHECK … NOT ENFORCED, which reads nothing, and virtual columns since 18",
  },
  judge: (action, known) => {
    const added = columnWith("check", action, known);
    if (added === undefined) return undefined;
    const { table, name, stored, locks } = added;
    return {
      classes: ["risky"],
      reason: `every row of ${table.name} is read while nobody can read or write it`,
      instead:
        `add ${name} alone, then add constraint … check (…) not valid, then validate constraint ` +
        "in a file of its own",
      subjects: [table.name],
      growsWith: stored,
      locks,
      scans: stored,
    };
  },
  cases: [
    { sql: "alter table app.orders add column rank integer check (rank > 0)", gives: ["risky"] },
    {
      sql: "alter table app.orders add column rank integer default 1 check (rank > 0)",
      gives: ["risky"],
    },
    { sql: "alter table app.events add column rank integer check (rank > 0)", gives: ["risky"] },
    {
      sql:
        "alter table app.archive add column twice bigint " +
        "generated always as (number * 2) virtual not null",
      gives: ["risky"],
      from: 18,
    },
    {
      sql: "alter table app.orders add column rank integer check (rank > 0) not enforced",
      gives: "silent",
      from: 18,
    },
    { sql: "alter table app.orders add column rank integer", gives: "silent" },
  ],
};
