/** `add-column-domain`: a domain with constraints is checked by writing every row. */

import { columnWith } from "../review/added-column.ts";
import type { StatementRule } from "../review/rule.ts";

export const addColumnDomain: StatementRule = {
  id: "add-column-domain",
  scope: "statement",
  title: "ADD COLUMN of a domain with constraints rewrites the table",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, while the table and all of its indexes " +
      "are written anew.",
    why:
      "Postgres keeps no default in the catalog for a domain that has a CHECK or NOT NULL, its " +
      "own or that of the domain below, not even where the column is null: it writes each row. " +
      "Reads and writes wait for it. A domain without constraints costs nothing.",
    instead:
      "alter table t add column amount integer;\n" +
      "alter table t add constraint t_amount_check check (amount > 0) not valid;\n" +
      "and in a file of its own:\n" +
      "alter table t validate constraint t_amount_check;",
    since: "15 to 18 were measured",
  },
  judge: (action, known) => {
    const added = columnWith("constrained-domain", action, known);
    if (added === undefined) return undefined;
    const { table, name, stored, locks, domain } = added;
    const type = domain?.name ?? "";
    return {
      classes: ["risky"],
      reason:
        `${table.name} is rewritten while nobody can read or write it, since the domain ${type} ` +
        "has constraints",
      instead:
        `add ${name} with the type below ${type}, and the domain's check as a constraint of the ` +
        "table: not valid first, then validate",
      subjects: [table.name],
      growsWith: stored,
      locks,
      rewrites: stored,
      scans: stored,
    };
  },
  cases: [
    { sql: "alter table app.orders add column points app.positive", gives: ["risky"] },
    { sql: "alter table app.orders add column points app.positive default 1", gives: ["risky"] },
    { sql: "alter table app.events add column points app.positive", gives: ["risky"] },
    {
      before: "create domain app.rank as app.positive",
      sql: "alter table app.orders add column rank app.rank",
      gives: ["risky"],
    },
    { sql: "alter table app.orders add column points app.positive[]", gives: "silent" },
    { sql: "alter table app.orders add column tag app.label", gives: "silent" },
  ],
};
