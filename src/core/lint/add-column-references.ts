/** `add-column-references`: a foreign key behind a new column locks a second table. */

import {
  type AddedColumn, columnWith, defaultOf, enforced,
} from "../review/added-column.ts";
import { isNull } from "../review/default-value.ts";
import { inlineConstraints, isSerial } from "../review/schema-read.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks, storedTables, tableFamily } from "../review/table-locks.ts";

export const addColumnReferences: StatementRule = {
  id: "add-column-references",
  scope: "statement",
  title: "ADD COLUMN … REFERENCES stops writes to the other table as well",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table, and SHARE ROW EXCLUSIVE on the one that it refers to, both " +
      "with their partitions. Nothing is read where the column has no default; with one, both " +
      "tables are read while the locks are held.",
    why:
      "The other table may be one that everybody writes to. Two tables are locked one after the " +
      "other, so the wait for the second holds up all users of the first, and a transaction that " +
      "takes them in the other order makes a deadlock.",
    instead:
      "alter table t add column p_id bigint;\n" +
      "alter table t add constraint t_p_id_fkey foreign key (p_id) references p (id) not valid;\n" +
      "and in a file of its own:\n" +
      "alter table t validate constraint t_p_id_fkey;",
    since: "all versions; NOT ENFORCED, which reads nothing but locks the same, since 18",
  },
  judge: (action, known) => {
    const added = columnWith("references", action, known);
    if (added === undefined) return undefined;
    const { schema } = known;
    const { table, node, name, locks, stored } = added;
    const [key] = inlineConstraints(node, "CONSTR_FOREIGN");
    const parent = schema.nameOf(key?.pktable ?? {});
    const family = tableFamily(schema, parent);
    const reads = readRows(added);
    const others = reads === "both" ? storedTables(schema, family) : [];
    const scans = reads === "none" ? [] : [...stored, ...others];
    const read = reads === "none" ? "" : ", while the rows are checked";
    return {
      classes: ["risky"],
      reason: table.name === parent
        ? `nobody can use ${parent}${read}`
        : `nobody can use ${table.name}, nor write to ${parent}${read}`,
      instead:
        `add ${name} alone, then add constraint … foreign key (${name}) references ${parent} ` +
        "not valid, then validate constraint in a file of its own",
      subjects: [table.name, parent],
      locks: [...locks, ...sameLocks(family, "SHARE ROW EXCLUSIVE")],
      scans,
    };
  },
  cases: [
    {
      sql: "alter table app.archive add column customer_id bigint references app.customers",
      gives: ["risky"],
    },
    {
      sql:
        "alter table app.archive add column customer_id bigint default 1 " +
        "references app.customers (id)",
      gives: ["risky"],
    },
    {
      sql:
        "alter table app.archive add column customer_id bigint default null " +
        "references app.customers",
      gives: ["risky"],
    },
    {
      sql: "alter table app.archive add column customer_id bigserial references app.customers",
      gives: ["risky"],
    },
    {
      sql: "alter table app.orders add column follows bigint references app.orders (id)",
      gives: ["risky"],
    },
    {
      sql: "alter table app.events add column customer_id bigint references app.customers",
      gives: ["risky"],
    },
    {
      before:
        "create table app.kinds (id integer primary key) partition by list (id); " +
        "create table app.kinds_1 partition of app.kinds for values in (1)",
      sql: "alter table app.archive add column kind integer references app.kinds",
      gives: ["risky"],
    },
    {
      sql:
        "alter table app.archive add column customer_id bigint default 1 " +
        "references app.customers not enforced",
      gives: ["risky"],
      from: 18,
    },
    { sql: "alter table app.archive add column customer_id bigint", gives: "silent" },
  ],
};

/** Without a default all rows hold a null, and Postgres knows that nothing is to be checked. */
function readRows({ node }: AddedColumn): "both" | "own" | "none" {
  if (enforced(node, "CONSTR_FOREIGN").length === 0) return "none";
  const given = defaultOf(node);
  const isComputed = inlineConstraints(node, "CONSTR_GENERATED").length > 0;
  if (isSerial(node) || isComputed || (given !== undefined && !isNull(given))) return "both";
  // DEFAULT NULL has the rows looked at, which then refer to nothing.
  return given === undefined ? "none" : "own";
}
