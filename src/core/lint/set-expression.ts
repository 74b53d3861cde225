/** `set-expression`: a stored column is computed, and so written, again for every row. */

import { columnCommand } from "../review/column-command.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks, storedTables } from "../review/table-locks.ts";

export const setExpression: StatementRule = {
  id: "set-expression",
  scope: "statement",
  title: "SET EXPRESSION rewrites the table of a STORED column",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, while the table and all of its indexes " +
      "are written anew. Of a virtual column nothing is read or written.",
    why: "The value is computed and stored again for each row; reads and writes wait until it is.",
    instead:
      "Add another column, fill it by a trigger and in batches, then swap the names; on 18, let " +
      "it be a virtual one.",
    since: "17; of virtual columns since 18, and there not in a table with checks",
  },
  judge: (action, known) => {
    const found = columnCommand(action, known, "AT_SetExpression");
    if (found === undefined) return undefined;
    const { table, shown, column, tables } = found;
    const stored = storedTables(known.schema, tables);
    const locks = sameLocks(tables, "ACCESS EXCLUSIVE");
    if (column?.generated === "virtual") {
      return {
        classes: ["safe"],
        reason: `${shown} is computed when it is read: no row is written`,
        subjects: [table.name],
        locks,
      };
    }
    return {
      classes: ["risky"],
      reason: `${table.name} is rewritten to store ${shown} again, and nobody can use it meanwhile`,
      instead: "add another column, fill it by a trigger and in batches, then swap the names",
      subjects: [table.name],
      growsWith: stored,
      locks,
      rewrites: stored,
      scans: stored,
    };
  },
  cases: [
    {
      before:
        "alter table app.archive add column twice bigint generated always as (number * 2) stored",
      sql: "alter table app.archive alter column twice set expression as (number * 3)",
      gives: ["risky"],
      from: 17,
    },
    {
      before: "alter table app.events add column twice bigint generated always as (id * 2) stored",
      sql: "alter table app.events alter column twice set expression as (id * 3)",
      gives: ["risky"],
      from: 17,
    },
    {
      before:
        "alter table app.archive add column twice bigint generated always as (number * 2) virtual",
      sql: "alter table app.archive alter column twice set expression as (number * 3)",
      gives: ["safe"],
      from: 18,
    },
    { sql: "alter table app.archive alter column body set default ''", gives: "silent" },
  ],
};
