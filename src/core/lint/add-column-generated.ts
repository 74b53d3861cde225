/** `add-column-generated`: a STORED column is computed, and so written, for every row. */

import { columnWith } from "../review/added-column.ts";
import type { StatementRule } from "../review/rule.ts";

export const addColumnGenerated: StatementRule = {
  id: "add-column-generated",
  scope: "statement",
  title: "ADD COLUMN … GENERATED … STORED rewrites the table",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, while the table and all of its indexes " +
      "are written anew.",
    why: "The value is computed and stored for each row; reads and writes wait until it is.",
    instead:
      "From 18 on a virtual column, which is computed when it is read and writes nothing:\n" +
      "alter table t add column total numeric generated always as (price * amount) virtual;\n" +
      "Before, a plain column that a trigger fills (before insert or update), and a backfill in " +
      "batches; or a view that computes it.",
    since: "12; VIRTUAL since 18, where a column that says neither is virtual",
  },
  judge: (action, known) => {
    const added = columnWith("stored-expression", action, known);
    if (added === undefined) return undefined;
    const { table, name, stored, locks } = added;
    return {
      classes: ["risky"],
      reason: `${table.name} is rewritten to store ${name}, while nobody can read or write it`,
      instead:
        (known.serverMajor ?? 0) >= 18
          ? `generated always as (…) virtual writes nothing`
          : `add ${name} as a plain column, fill it by a trigger, and the rows that are there in ` +
            "batches; from 18 on, generated always as (…) virtual writes nothing",
      subjects: [table.name],
      growsWith: stored,
      locks,
      rewrites: stored,
      scans: stored,
    };
  },
  cases: [
    {
      sql:
        "alter table app.orders add column twice integer generated always as (quantity * 2) stored",
      gives: ["risky"],
    },
    {
      sql: "alter table app.events add column twice bigint generated always as (id * 2) stored",
      gives: ["risky"],
    },
    {
      sql: "alter table app.orders add column twice integer generated always as (quantity * 2)",
      gives: "silent",
      from: 18,
    },
  ],
};
