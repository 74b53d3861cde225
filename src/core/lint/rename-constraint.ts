/** `rename-constraint`: a new name for a constraint, which code may know by the old one. */

import { indexBacked, namedConstraint, shownKind } from "../review/named-constraint.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";
import { sameLocks, tableFamily } from "../review/table-locks.ts";

export const renameConstraint: StatementRule = {
  id: "rename-constraint",
  scope: "statement",
  title: "RENAME CONSTRAINT changes the catalog only, but upserts may name the constraint",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table, for an instant, and on its partitions where it is a check " +
      "or a NOT NULL; nothing is read.",
    why:
      "Of a unique constraint, a primary key or an exclusion constraint, ON CONFLICT ON " +
      "CONSTRAINT with the old name fails. Of any other, only code that looks for the name in an " +
      "error (as ORMs do, to tell which field is wrong) does not find it.",
    instead:
      "Write upserts by columns first, which need no name:\n" +
      "insert into t (…) values (…) on conflict (c) do update set …;",
    since: "all versions; of NOT NULL since 18",
  },
  judge: (action, known) => {
    const rename = bodyOf(action, "RenameStmt");
    if (rename?.renameType !== "OBJECT_TABCONSTRAINT") return undefined;
    const { schema } = known;
    const { name } = schema.relation(rename.relation ?? {});
    const wanted = rename.subname ?? "";
    const constraint = namedConstraint(known, name, wanted);
    const isInherited = ["check", "not-null", undefined].includes(constraint?.kind);
    const base = {
      subjects: [name],
      locks: sameLocks(isInherited ? tableFamily(schema, name) : [name], "ACCESS EXCLUSIVE"),
    };
    if (constraint === undefined || indexBacked.includes(constraint.kind)) {
      const doubt = constraint === undefined ? `, if ${wanted} is a key` : "";
      return {
        ...base,
        classes: ["breaking"],
        reason: `on conflict on constraint ${wanted} fails for ${name}${doubt}`,
        instead: "on conflict (…) with the columns needs no name",
      };
    }
    return {
      ...base,
      classes: ["safe"],
      reason: `the ${shownKind(constraint)} ${wanted} of ${name} gets another name: no row is read`,
    };
  },
  cases: [
    {
      sql: "alter table app.orders rename constraint orders_quantity_check to some_check",
      gives: ["safe"],
    },
    {
      sql: "alter table app.lines rename constraint lines_order_id_fkey to lines_fkey",
      gives: ["safe"],
    },
    { sql: "alter table app.orders rename constraint orders_pkey to key", gives: ["breaking"] },
    {
      before: "alter table app.events add constraint c check (id > 0)",
      sql: "alter table app.events rename constraint c to d",
      gives: ["safe"],
    },
    {
      before: "alter table app.events add constraint p primary key (id, at)",
      sql: "alter table app.events rename constraint p to d",
      gives: ["breaking"],
    },
    {
      before: "alter table app.events add constraint f foreign key (id) references app.customers",
      sql: "alter table app.events rename constraint f to d",
      gives: ["safe"],
    },
    {
      sql: "alter table app.orders rename constraint orders_secret_not_null to d",
      gives: ["safe"],
      from: 18,
    },
    { sql: "alter table app.orders rename column note to remark", gives: "silent" },
  ],
};
