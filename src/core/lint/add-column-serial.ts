/** `add-column-serial`: a serial column is a volatile default in disguise. */

import { columnWith } from "../review/added-column.ts";
import { batchLoop, batchLoopIntroduction } from "../review/batch-loop.ts";
import type { StatementRule } from "../review/rule.ts";

export const addColumnSerial: StatementRule = {
  id: "add-column-serial",
  scope: "statement",
  title: "ADD COLUMN serial numbers, and so rewrites, every row",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, while the table and all of its indexes " +
      "are written anew.",
    why: "Each row gets its number at once; reads and writes wait until all have theirs.",
    instead:
      "create sequence t_number_seq;\n" +
      "alter table t add column number bigint;\n" +
      "alter table t alter column number set default nextval('t_number_seq');\n" +
      "alter sequence t_number_seq owned by t.number;\n" +
      "then number the rows that are there " +
      `${batchLoopIntroduction}${batchLoop("number", "nextval('t_number_seq')")}`,
    since: "all versions",
  },
  judge: (action, known) => {
    const added = columnWith("serial", action, known);
    if (added === undefined) return undefined;
    const { table, name, stored, locks } = added;
    return {
      classes: ["risky"],
      reason: `${table.name} is rewritten to number its rows, while nobody can read or write it`,
      instead:
        `add ${name} as a bigint without a default, then set default nextval(…) of a sequence ` +
        "of its own, then number the rows in a loop that commits",
      subjects: [table.name],
      growsWith: stored,
      locks,
      rewrites: stored,
      scans: stored,
    };
  },
  cases: [
    { sql: "alter table app.orders add column number bigserial", gives: ["risky"] },
    { sql: "alter table app.orders add column number serial not null", gives: ["risky"] },
    { sql: "alter table app.events add column number bigserial", gives: ["risky"] },
    { sql: "alter table app.archive add column key bigserial primary key", gives: ["risky"] },
    { sql: "alter table app.orders add column number bigint", gives: "silent" },
  ],
};
