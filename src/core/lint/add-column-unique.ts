/** `add-column-unique`: UNIQUE or PRIMARY KEY behind a new column builds an index at once. */

import { columnWith } from "../review/added-column.ts";
import type { StatementRule } from "../review/rule.ts";
import { inlineConstraints } from "../review/schema-read.ts";

export const addColumnUnique: StatementRule = {
  id: "add-column-unique",
  scope: "statement",
  title: "ADD COLUMN … UNIQUE builds an index under a lock that stops all others",
  page: {
    locks: "ACCESS EXCLUSIVE on the table, which is read while the index is built.",
    why:
      "Reads and writes wait until the index is built. With a default that is the same for all " +
      "rows it fails as soon as there are two.",
    instead:
      "alter table t add column c text;\n" +
      "and in a file with -- migrate:up transaction:false:\n" +
      "create unique index concurrently t_c_key on t (c);\n" +
      "and in a third:\n" +
      "alter table t add constraint t_c_key unique using index t_c_key;",
    since: "all versions",
  },
  judge: (action, known) => {
    const added = columnWith("unique", action, known);
    if (added === undefined) return undefined;
    const { table, node, name, locks, stored } = added;
    const isPrimary = inlineConstraints(node, "CONSTR_PRIMARY").length > 0;
    const what = isPrimary ? "primary key" : "unique";
    return {
      classes: ["risky"],
      reason:
        `every row of ${table.name} is read to build an index, and nobody can use it meanwhile`,
      instead:
        `add ${name} alone, then create unique index concurrently, then add constraint … ${what} ` +
        "using index",
      subjects: [table.name],
      growsWith: stored,
      locks,
      scans: stored,
    };
  },
  cases: [
    { sql: "alter table app.orders add column key text unique", gives: ["risky"] },
    { sql: "alter table app.archive add column key bigserial primary key", gives: ["risky"] },
    {
      sql:
        "alter table app.archive add column key uuid not null default gen_random_uuid() unique " +
        "check (key is not null)",
      gives: ["risky"],
    },
    { sql: "alter table app.orders add column key text", gives: "silent" },
  ],
};
