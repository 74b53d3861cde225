/** `add-check`: ADD CHECK reads the whole table while nobody else can. */

import { addedConstraint, growing, notValidFirst } from "../review/added-constraint.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const addCheck: StatementRule = {
  id: "add-check",
  scope: "statement",
  title: "ADD CHECK reads every row under a lock that stops all others",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and all its partitions, and a scan of them while it is held.",
    why:
      "Reads and writes of the table wait for as long as the scan takes. It fails where a row " +
      "does not satisfy the check.",
    instead:
      "Two files, since the lock of the first is held to the end of its transaction:\n" +
      "alter table t add constraint t_c_check check (c > 0) not valid;\n" +
      "alter table t validate constraint t_c_check;\n" +
      "The second reads the rows under SHARE UPDATE EXCLUSIVE, which stops nobody.",
    since: "all versions",
  },
  judge: (action, known) => {
    const added = addedConstraint(action, known, "CONSTR_CHECK");
    if (added === undefined || added.skipsRows) return undefined;
    const { table: { name }, tables, stored } = added;
    const locks = sameLocks(tables, "ACCESS EXCLUSIVE");
    if (stored.length === 0) {
      const reason = `${name} holds no rows of its own that the check would have to read`;
      return { classes: ["safe"], reason, subjects: [name], locks };
    }
    return {
      classes: ["risky"],
      reason: `every row of ${name} is read while nobody can read or write it`,
      instead: notValidFirst(added, "check (…)"),
      subjects: [name],
      growsWith: growing(added),
      locks,
      scans: stored,
    };
  },
  cases: [
    { sql: "alter table app.orders add constraint c check (quantity > 0)", gives: ["risky"] },
    { sql: "alter table app.orders add check (quantity > 0) no inherit", gives: ["risky"] },
    { sql: "alter table app.events add constraint c check (id > 0)", gives: ["risky"] },
    {
      before: "create table app.days (at date) partition by range (at)",
      sql: "alter table app.days add constraint c check (at > '2000-01-01')",
      gives: ["safe"],
    },
    {
      sql: "alter table app.orders add constraint c check (quantity > 0) not valid",
      gives: "silent",
    },
    {
      sql: "alter table app.orders add constraint c check (quantity > 1000)",
      gives: ["risky"],
      fails: true,
    },
  ],
};
