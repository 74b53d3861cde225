/** `change-column-type`: a type that is stored otherwise has every row written again. */

import type { ColumnDef } from "libpg-query";
import { columnType, names, shownType } from "../review/action.ts";
import { columnRewrite } from "../review/column-rewrite.ts";
import type { StatementRule } from "../review/rule.ts";
import { changedType } from "../review/changed-type.ts";
import { nodeBody } from "../review/statement-node.ts";
import { isUtc } from "../review/time-zone.ts";

export const changeColumnType: StatementRule = {
  id: "change-column-type",
  scope: "statement",
  title: "ALTER COLUMN … TYPE rewrites the table where the rows cannot stay as they are",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, while the table and all of its indexes " +
      "are written anew. A foreign key of the column, or to it, is dropped and made again: " +
      "ACCESS EXCLUSIVE on the other table as well, which is read to check it. The sequence of " +
      "an identity column is changed with it.",
    why:
      "Reads and writes wait for as long as it takes to write the table, which needs its space " +
      "twice. So it is with integer to bigint, json to jsonb, text to varchar(n), a shorter " +
      "varchar, another scale of a numeric, any char(n), arrays, and with USING that computes " +
      "something. Where running code can fail on the new type (text to integer, a shorter " +
      "varchar, json to jsonb) it is breaking too; to a wider number it is not, though some " +
      "drivers hand a bigint to the code as a text. It fails where a view uses the column.",
    instead:
      "alter table t add column c_new bigint;\n" +
      "a trigger that writes c_new whenever c is written, a backfill in batches, then in one\n" +
      "transaction:\n" +
      "alter table t rename column c to c_old;\n" +
      "alter table t rename column c_new to c;\n" +
      "timestamp with USING at AT TIME ZONE 'UTC': without USING, behind set local timezone = " +
      "'UTC', no row is written, see change-timestamp-zone.\n" +
      "For text that must be short: keep text, and add check (length(c) <= 20) not valid.",
    since: "all versions",
  },
  judge: (action, known) => {
    const changed = changedType(action, known);
    if (changed === undefined) return undefined;
    const { change, column, node, shown, table } = changed;
    if (change.kind !== "written" && change.kind !== "unknown") return undefined;
    const { stored, ...effects } = columnRewrite(changed, known);
    const isBreaking = change.kind === "written" && change.breaks;
    const from = column === undefined ? "" : ` from ${shownType(column.type)}`;
    const to = `${shown}${from} to ${shownType(columnType(node.typeName))}`;
    const isWritten = stored.length > 0 || !isBreaking;
    return {
      classes: isBreaking ? (isWritten ? ["risky", "breaking"] : ["breaking"]) : ["risky"],
      reason:
        change.kind === "unknown"
          ? `${to}: whether ${table.name} is rewritten depends on ` +
            (column === undefined
              ? "the type that it has, which is not known"
              : "what the domain stands for, which is not looked up")
          : `${to}: ${table.name} is rewritten while nobody can read or write it`,
      instead: usesUtc(node)
        ? "set local timezone = 'UTC' before it, and no using: then no row is written"
        : "add a column of the new type, write both by a trigger, fill it in batches, then swap " +
          "the names",
      subjects: [table.name],
      ...effects,
    };
  },
  cases: [
    { sql: "alter table app.orders alter column quantity type bigint", gives: ["risky"] },
    {
      sql: "alter table app.orders alter column payload type jsonb",
      gives: ["risky", "breaking"],
    },
    {
      sql: "alter table app.orders alter column secret type varchar(100)",
      gives: ["risky", "breaking"],
    },
    {
      sql: "alter table app.orders alter column code type varchar(10)",
      gives: ["risky", "breaking"],
    },
    { sql: "alter table app.orders alter column created_at type timestamptz(3)", gives: ["risky"] },
    { sql: "alter table app.orders alter column placed_at type timestamptz(3)", gives: ["risky"] },
    {
      sql: "alter table app.orders alter column created_at type date",
      gives: ["risky", "breaking"],
    },
    {
      sql: "alter table app.orders alter column code type text using upper(code)",
      gives: ["risky"],
    },
    {
      sql:
        "alter table app.orders alter column placed_at type timestamptz " +
        "using placed_at at time zone 'UTC'",
      gives: ["risky"],
    },
    { sql: "alter table app.customers alter column country type char(3)", gives: ["risky"] },
    { sql: "alter table app.customers alter column country type text", gives: ["risky"] },
    {
      sql: "alter table app.customers alter column id type integer",
      gives: ["risky", "breaking"],
    },
    {
      before: "drop view app.open_orders",
      sql: "alter table app.orders alter column id type integer",
      gives: ["risky", "breaking"],
    },
    {
      sql: "alter table app.lines alter column order_id type integer",
      gives: ["risky", "breaking"],
    },
    {
      sql: "alter table app.lines alter column customer_id type app.positive",
      gives: ["risky", "breaking"],
    },
    { sql: "alter table app.lines alter column amount type bigint", gives: ["risky"] },
    {
      before: "drop materialized view app.totals",
      sql: "alter table app.orders alter column amount type numeric(12, 4)",
      gives: ["risky"],
    },
    {
      before: "drop materialized view app.totals",
      sql: "alter table app.orders alter column amount type numeric(8, 2)",
      gives: ["risky", "breaking"],
    },
    {
      before: "alter table app.archive add column tags varchar(3)[]",
      sql: "alter table app.archive alter column tags type text[]",
      gives: ["risky"],
    },
    {
      before: "alter table app.archive add column key integer generated always as identity",
      sql: "alter table app.archive alter column key type bigint",
      gives: ["risky"],
    },
    {
      sql: "alter table app.events alter column body type varchar(10)",
      gives: ["risky", "breaking"],
    },
    { sql: "alter table app.orders alter column secret type varchar", gives: "silent" },
    { sql: "alter table app.orders alter column created_at type timestamp", gives: "silent" },
  ],
};

/** USING … AT TIME ZONE 'UTC', which Postgres does not see through. */
function usesUtc({ typeName, raw_default: expression }: ColumnDef): boolean {
  if (!["timestamp", "timestamptz"].includes(columnType(typeName).name)) return false;
  const call = nodeBody(expression, "FuncCall");
  const zone = nodeBody(call?.args?.[0], "A_Const")?.sval?.sval;
  return names(call?.funcname).at(-1) === "timezone" && zone !== undefined && isUtc(zone);
}
