/** `add-check-not-valid`: a check for new rows only, which is the online way to one for all. */

import { addedConstraint } from "../review/added-constraint.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const addCheckNotValid: StatementRule = {
  id: "add-check-not-valid",
  scope: "statement",
  title: "ADD CHECK … NOT VALID reads no row, and holds for what is written from now on",
  page: {
    locks: "ACCESS EXCLUSIVE on the table and all its partitions, for an instant; nothing is read.",
    why:
      "Nothing but the wait for the lock hurts. Code that still writes rows which do not satisfy " +
      "the check fails from now on, and so does an UPDATE of an old row that does not.",
    instead:
      "This is the way to go. Then, in a file of its own:\n" +
      "alter table t validate constraint t_c_check;",
    since: "all versions; NOT ENFORCED, which is never checked at all, since 18",
  },
  judge: (action, known) => {
    const added = addedConstraint(action, known, "CONSTR_CHECK");
    if (added?.skipsRows !== true) return undefined;
    const { table: { name }, tables, node } = added;
    return {
      classes: ["safe"],
      reason:
        node.is_enforced === true
          ? `no row of ${name} is read; what is written from now on must satisfy the check`
          : `no row of ${name} is read, now or later: the check is not enforced`,
      subjects: [name],
      locks: sameLocks(tables, "ACCESS EXCLUSIVE"),
    };
  },
  cases: [
    {
      sql: "alter table app.orders add constraint c check (quantity > 1000) not valid",
      gives: ["safe"],
    },
    { sql: "alter table app.events add constraint c check (id > 0) not valid", gives: ["safe"] },
    {
      sql: "alter table app.orders add constraint c check (quantity > 1000) not enforced",
      gives: ["safe"],
      from: 18,
    },
    { sql: "alter table app.orders add constraint c check (quantity > 0)", gives: "silent" },
  ],
};
