/** `create-table-references`: a new table with a foreign key locks the table that it refers to. */

import type { Constraint, CreateStmt } from "libpg-query";
import type { StatementRule } from "../review/rule.ts";
import { nameOfNew } from "../review/schema-fold.ts";
import { inlineConstraints } from "../review/schema-read.ts";
import { bodyOf } from "../review/statement-node.ts";
import { tableLocks } from "../review/table-locks.ts";

export const createTableReferences: StatementRule = {
  id: "create-table-references",
  scope: "statement",
  title: "CREATE TABLE with a foreign key stops writes to the table that it refers to",
  page: {
    locks:
      "SHARE ROW EXCLUSIVE on each table that is referred to, and on its partitions, until the " +
      "transaction ends. Nothing is read, since the new table is empty.",
    why:
      "Reads go on; writes of the other table wait, first while the statement itself waits for " +
      "those who write there, then until the commit. It must wait as well while the other table " +
      "is vacuumed or has an index built.",
    instead:
      "Keep it the last statement of its file, so that the lock is held for a moment, with a " +
      "lock_timeout:\n" +
      "create table t (id bigint primary key, parent_id bigint);\n" +
      "-- in a file of its own\n" +
      "alter table t add constraint t_parent_id_fkey foreign key (parent_id) references parent;",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const create = bodyOf(action, "CreateStmt");
    if (create === undefined) return undefined;
    const name = nameOfNew(schema, create.relation ?? {});
    if (create.if_not_exists === true && schema.isKnown(name)) return undefined;
    const parents = foreignKeys(create)
      .map(({ pktable }) => schema.nameOf(pktable ?? {}))
      .filter((parent) => parent !== name);
    if (parents.length === 0) return undefined;
    const subjects = [...new Set(parents)];
    return {
      classes: ["safe"],
      reason: `nobody can write to ${subjects.join(", ")} until this commits, for the foreign key`,
      instead: "make it the last statement of its file, so that the lock is held for a moment",
      subjects,
      locks: subjects.flatMap((parent) => tableLocks(schema, parent, "SHARE ROW EXCLUSIVE")),
    };
  },
  cases: [
    { sql: "create table app.fresh (order_id bigint references app.orders)", gives: ["safe"] },
    {
      sql:
        "create table app.fresh (a bigint, b bigint references app.lines, " +
        "foreign key (a) references app.customers (id))",
      gives: ["safe"],
    },
    {
      sql:
        "create table app.fresh (id bigint, at date, " +
        "foreign key (id, at) references depot.rooms)",
      gives: ["safe"],
    },
    {
      sql:
        "create table app.fresh partition of app.visits (foreign key (id) references app.orders) " +
        "for values from ('2030-01-01') to ('2031-01-01')",
      gives: ["safe"],
    },
    {
      sql: "create table if not exists app.lines (a bigint references app.orders)",
      gives: "silent",
    },
    {
      sql: "create table app.fresh (id bigint primary key, up bigint references app.fresh)",
      gives: "silent",
    },
  ],
};

function foreignKeys({ tableElts }: CreateStmt): readonly Constraint[] {
  return (tableElts ?? []).flatMap((node) => {
    if ("ColumnDef" in node) return inlineConstraints(node.ColumnDef, "CONSTR_FOREIGN");
    const isKey = "Constraint" in node && node.Constraint.contype === "CONSTR_FOREIGN";
    return isKey ? node.Constraint : [];
  });
}
