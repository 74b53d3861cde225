/** `add-not-null-constraint`: NOT NULL as a constraint with a name, which 18 has brought. */

import { names } from "../review/action.ts";
import { addedConstraint, growing, notValidFirst } from "../review/added-constraint.ts";
import { nullable, unvalidatedNotNull } from "../review/null-proof.ts";
import { shownName } from "../review/relation-name.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const addNotNullConstraint: StatementRule = {
  id: "add-not-null-constraint",
  scope: "statement",
  title: "ADD CONSTRAINT … NOT NULL reads every row under a lock that stops all others",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and all its partitions, and a scan of them while it is " +
      "held. No scan with NOT VALID, or where a validated CHECK (column IS NOT NULL) is there.",
    why:
      "Reads and writes of the table wait for as long as the scan takes. It fails where a row " +
      "holds a null, and where a NOT NULL that is NOT VALID is there already.",
    instead:
      "Two files:\n" +
      "alter table t add constraint t_c_not_null not null c not valid;\n" +
      "alter table t validate constraint t_c_not_null;\n" +
      "Before 18, a CHECK (c IS NOT NULL) NOT VALID is the first step: see set-not-null.",
    since: "18; before, NOT NULL is no constraint that could be added by name",
  },
  judge: (action, known) => {
    const added = addedConstraint(action, known, "CONSTR_NOTNULL");
    if (added === undefined) return undefined;
    const { table: { name }, tables, stored, node } = added;
    const [column = ""] = names(node.keys);
    const blocker = added.skipsRows ? undefined : unvalidatedNotNull(known, name, [column]);
    if (blocker !== undefined) return { classes: ["error"], ...blocker, subjects: [name] };
    const isProven = nullable(known, name, [column]).length === 0;
    const base = { subjects: [name], locks: sameLocks(tables, "ACCESS EXCLUSIVE") };
    if (added.skipsRows || isProven || stored.length === 0) {
      const why = added.skipsRows ? "it is not valid yet: only what is written is checked"
        : isProven ? "it holds no null, as is known"
        : "the table holds no rows of its own";
      const reason = `no row of ${name} is read for not null ${column}, since ${why}`;
      return { ...base, classes: ["safe"], reason };
    }
    return {
      ...base,
      classes: ["risky"],
      reason: `every row of ${name} is read while nobody can read or write it`,
      instead: notValidFirst(added, `not null ${shownName(column)}`),
      growsWith: growing(added),
      scans: stored,
    };
  },
  cases: [
    { sql: "alter table app.orders add constraint n not null note", gives: ["risky"], from: 18 },
    { sql: "alter table app.events add constraint n not null body", gives: ["risky"], from: 18 },
    {
      sql: "alter table app.orders add constraint n not null note not valid",
      gives: ["safe"],
      from: 18,
    },
    {
      sql: "alter table app.events add constraint n not null body not valid",
      gives: ["safe"],
      from: 18,
    },
    { sql: "alter table app.orders add not null customer_id", gives: ["safe"], from: 18 },
    {
      before: "alter table app.orders add constraint c check (note is not null)",
      sql: "alter table app.orders add constraint n not null note",
      gives: ["safe"],
      from: 18,
    },
    {
      before: "alter table app.orders add constraint c check (note is not null) not valid",
      sql: "alter table app.orders add constraint n not null note",
      gives: ["risky"],
      from: 18,
    },
    {
      before: "alter table app.orders add constraint n not null note not valid",
      sql: "alter table app.orders add constraint n not null note",
      gives: ["error"],
      from: 18,
      fails: true,
    },
    { sql: "alter table app.orders alter column note set not null", gives: "silent" },
  ],
};
