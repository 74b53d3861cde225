/** `alter-constraint`: when a foreign key is checked, and since 18 whether it is. */

import type { ATAlterConstraint } from "libpg-query";
import { bothEnds, lockedEnds } from "../review/foreign-key.ts";
import { namedConstraint } from "../review/named-constraint.ts";
import type { Judgement, Known, StatementRule } from "../review/rule.ts";
import {
  type AlterTableAction, sameLocks, storedTables, tableFamily,
} from "../review/table-locks.ts";

export const alterConstraint: StatementRule = {
  id: "alter-constraint",
  scope: "statement",
  title: "ALTER CONSTRAINT: DEFERRABLE is a word in the catalog, ENFORCED reads every row",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions. With ENFORCED also SHARE ROW EXCLUSIVE " +
      "on the table that is referred to, and a scan of both; with NOT ENFORCED ACCESS EXCLUSIVE " +
      "on both, and no scan.",
    why:
      "A constraint that is deferred fails at the commit instead of at the statement: code that " +
      "handles the error where it writes no longer sees it there. ENFORCED keeps everybody out " +
      "of the table while every row is looked up.",
    instead:
      "In place of ENFORCED a new foreign key in two files, and the old one dropped:\n" +
      "alter table t add constraint t_c_fkey2 foreign key (c) references p not valid;\n" +
      "alter table t validate constraint t_c_fkey2;",
    since: "all versions for DEFERRABLE of foreign keys; ENFORCED and INHERIT since 18",
  },
  judge: (action, known) => {
    if (action.kind !== "alter-table" || action.command.subtype !== "AT_AlterConstraint") {
      return undefined;
    }
    const { def } = action.command;
    const node = def !== undefined && "ATAlterConstraint" in def ? def.ATAlterConstraint : {};
    return judged(known, action, node);
  },
  cases: [
    {
      sql: "alter table app.lines alter constraint lines_order_id_fkey deferrable",
      gives: ["safe"],
    },
    {
      sql:
        "alter table app.lines alter constraint lines_order_id_fkey " +
        "deferrable initially deferred",
      gives: ["breaking"],
    },
    {
      before: "alter table app.events add constraint f foreign key (id) references app.customers",
      sql: "alter table app.events alter constraint f deferrable",
      gives: ["safe"],
    },
    {
      sql: "alter table app.lines alter constraint lines_order_id_fkey not enforced",
      gives: ["risky"],
      from: 18,
    },
    {
      before: "alter table app.lines alter constraint lines_order_id_fkey not enforced",
      sql: "alter table app.lines alter constraint lines_order_id_fkey enforced",
      gives: ["risky"],
      from: 18,
    },
    {
      before:
        "alter table app.events add constraint f foreign key (id) references app.customers " +
        "not enforced",
      sql: "alter table app.events alter constraint f enforced",
      gives: ["risky"],
      from: 18,
    },
    {
      before: "alter table app.orders add constraint n not null note no inherit",
      sql: "alter table app.orders alter constraint n inherit",
      gives: ["safe"],
      from: 18,
    },
    { sql: "alter table app.lines drop constraint lines_order_id_fkey", gives: "silent" },
  ],
};

function judged(known: Known, action: AlterTableAction, node: ATAlterConstraint): Judgement {
  const { schema } = known;
  const { name } = schema.relation(action.table);
  const wanted = node.conname ?? "";
  const parent = namedConstraint(known, name, wanted)?.references ?? name;
  const family = tableFamily(schema, name);
  const own = sameLocks(family, "ACCESS EXCLUSIVE");
  const ends = { child: name, parent };
  if (node.alterEnforceability === true && node.is_enforced !== true) {
    return {
      classes: ["risky"],
      reason:
        `nobody can read or write ${bothEnds(name, parent)} for an instant; ${wanted} is no ` +
        "longer checked",
      instead: "keep it alone in its file, so that the locks are held for an instant only",
      subjects: [name, parent],
      locks: lockedEnds(schema, ends, "ACCESS EXCLUSIVE"),
    };
  }
  if (node.alterEnforceability === true) {
    return {
      classes: ["risky"],
      reason: `nobody can read or write ${name} while every row of it is looked up in ${parent}`,
      instead: `add another foreign key not valid, validate it, then drop ${wanted}`,
      subjects: [name, parent],
      growsWith: storedTables(schema, family),
      locks: [...own, ...lockedEnds(schema, ends, "SHARE ROW EXCLUSIVE")],
      scans: storedTables(schema, [...family, ...tableFamily(schema, parent)]),
    };
  }
  const isLate = node.initdeferred === true;
  return {
    classes: [isLate ? "breaking" : "safe"],
    reason: isLate
      ? `what ${wanted} of ${name} forbids fails at the commit from now on, not at the statement`
      : `when ${wanted} of ${name} is checked is changed in the catalog only`,
    subjects: [name],
    locks: own,
  };
}
