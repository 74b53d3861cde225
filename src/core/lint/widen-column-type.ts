/** `widen-column-type`: a type that stores the same lets the rows stay, but not every index. */

import { columnType, shownType } from "../review/action.ts";
import { changedType } from "../review/changed-type.ts";
import { keptColumn } from "../review/column-rewrite.ts";
import type { StatementRule } from "../review/rule.ts";

export const widenColumnType: StatementRule = {
  id: "widen-column-type",
  scope: "statement",
  title: "ALTER COLUMN … TYPE that leaves the rows as they are",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, and on the tables at the other ends of " +
      "the column's foreign keys, for a moment. The column's indexes are locked too, and most " +
      "are kept. The table is read meanwhile where a check on the column is checked again, or " +
      "an index is built again: one over an expression or with WHERE, one that is INVALID, any " +
      "index of a partitioned table, all of the column's indexes with COLLATE or from integer " +
      "to oid.",
    why:
      "varchar(20) to varchar(40), varchar to text, text to varchar without a length, a numeric " +
      "with more digits and the same scale, cidr to inet and their like are stored alike, so " +
      "nothing is written. What must be read again is read while nobody can use the table. It " +
      "fails where a view uses the column.",
    instead:
      "Where a check or an index is in the way: drop the check and add it again not valid, then " +
      "validate it; drop the index concurrently first and create it again concurrently.",
    since: "all versions; 15 to 18 were measured",
  },
  judge: (action, known) => {
    const changed = changedType(action, known);
    if (changed === undefined || changed.change.kind !== "kept") return undefined;
    const { shown, node, table, change } = changed;
    const { again, ...effects } = keptColumn(changed, known, change.indexes);
    const to = `${shown} becomes ${shownType(columnType(node.typeName))}`;
    if (again.length === 0) {
      return {
        classes: ["safe"],
        reason: `${to}, and the rows of ${table.name} stay as they are`,
        subjects: [table.name],
        ...effects,
      };
    }
    return {
      classes: ["risky"],
      reason:
        `${to}: ${table.name} is read while nobody can use it, because of ${again.join(", ")}`,
      instead:
        "drop what is in the way first, and make it again after: an index concurrently, a check " +
        "not valid and then validated",
      subjects: [table.name],
      ...effects,
    };
  },
  cases: [
    { sql: "alter table app.orders alter column code type varchar(30)", gives: ["safe"] },
    { sql: "alter table app.orders alter column code type text", gives: ["safe"] },
    { sql: "alter table app.orders alter column code type text using code::text", gives: ["safe"] },
    { sql: "alter table app.orders alter column secret type varchar", gives: ["safe"] },
    { sql: "alter table app.orders alter column created_at type timestamptz(6)", gives: ["safe"] },
    { sql: "alter table app.lines alter column order_id type bigint", gives: ["safe"] },
    { sql: "alter table app.events alter column body type varchar", gives: ["safe"] },
    { sql: "alter table app.orders alter column quantity type integer", gives: ["risky"] },
    {
      sql: "alter table app.orders alter column code type text collate \"C\"",
      gives: ["risky"],
    },
    {
      before: "drop materialized view app.totals",
      sql: "alter table app.orders alter column amount type numeric(12, 2)",
      gives: ["safe"],
    },
    {
      before: "drop materialized view app.totals",
      sql: "alter table app.orders alter column amount type numeric",
      gives: ["safe"],
    },
    {
      before: "drop view app.open_orders",
      sql: "alter table app.orders alter column id type bigint",
      gives: ["safe"],
    },
    {
      before: "create index on app.orders (lower(code))",
      sql: "alter table app.orders alter column code type varchar(40)",
      gives: ["risky"],
    },
    {
      before: "create index on app.orders (amount) where code = 'x'",
      sql: "alter table app.orders alter column code type text",
      gives: ["risky"],
    },
    {
      before: "create index on app.events (body)",
      sql: "alter table app.events alter column body type varchar",
      gives: ["risky"],
    },
    {
      // Its index is made invalid behind the back of whoever reads files.
      sql: "alter table app.archive alter column body type varchar",
      gives: ["risky"],
      givesFromFiles: ["safe"],
    },
    {
      before:
        "create table app.codes (code varchar(5) primary key); " +
        "create table app.uses (code varchar(5) references app.codes)",
      sql: "alter table app.codes alter column code type varchar(9)",
      gives: ["safe"],
    },
    {
      // A key of as many columns as the foreign key, which does not refer to it.
      before:
        "create table app.codes (id bigint primary key, code varchar(5) unique); " +
        "create table app.uses (code_id bigint references app.codes)",
      sql: "alter table app.codes alter column code type varchar(9)",
      gives: ["safe"],
    },
    {
      before:
        "create table app.codes (id bigint primary key, code varchar(5) unique); " +
        "create table app.uses (code varchar(5) references app.codes (code))",
      sql: "alter table app.codes alter column code type varchar(9)",
      gives: ["safe"],
    },
    {
      before: "alter table app.archive add column span interval second(3)",
      sql: "alter table app.archive alter column span type interval(4)",
      gives: ["safe"],
    },
    {
      before: "alter table app.lines add check (customer_id > 0) not valid",
      sql: "alter table app.lines alter column customer_id type bigint",
      gives: ["safe"],
    },
    { sql: "alter table app.orders alter column code type varchar(10)", gives: "silent" },
  ],
};
