/** `add-column`: ADD COLUMN that is a word in the catalog and nothing else. */

import { addedColumn, defaultOf } from "../review/added-column.ts";
import type { StatementRule } from "../review/rule.ts";

export const addColumn: StatementRule = {
  id: "add-column",
  scope: "statement",
  title: "ADD COLUMN without a default, or with one that is the same for all rows",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions for a moment. Nothing is read or " +
      "written: the default is worked out once and kept in the catalog for the rows that are " +
      "there.",
    why:
      "The moment itself is short, but whoever comes later waits behind it while it waits for " +
      "those who came before. That holds for now() too, which has one value for all rows; for " +
      "random() or gen_random_uuid() it does not, see add-column-volatile-default. A prepared " +
      "select * fails once in each session (cached plan must not change result type).",
    instead: "set lock_timeout = '1s'; and try again when it runs out. pgmate does both by itself.",
    since: "with a default since 11; a VIRTUAL generated column since 18",
  },
  judge: (action, known) => {
    const added = addedColumn(action, known);
    if (added === undefined || added.hazards.size > 0) return undefined;
    const { table, node, name, shown, locks, isThere } = added;
    const value = defaultOf(node) === undefined ? "" : ", its default kept in the catalog";
    return {
      classes: ["safe"],
      reason: isThere
        ? `${shown} is there already: nothing but the lock is taken`
        : `${table.name} gets the column ${name} without a look at its rows${value}`,
      subjects: [table.name],
      locks,
    };
  },
  cases: [
    { sql: "alter table app.orders add column memo text", gives: ["safe"] },
    { sql: "alter table app.orders add column memo text not null default 'none'", gives: ["safe"] },
    { sql: "alter table app.orders add column seen_at timestamptz default now()", gives: ["safe"] },
    { sql: "alter table app.orders add column day date default current_date + 1", gives: ["safe"] },
    {
      sql: "alter table app.orders add column code2 text default app.steady_code()",
      gives: ["safe"],
    },
    {
      sql: "alter table app.orders add column tx xid8 default pg_current_xact_id()",
      gives: ["safe"],
    },
    {
      sql: "alter table app.orders add column hash integer default hashtext('x')",
      gives: ["safe"],
      // Of built-in functions files tell nothing, and not all are known.
      givesFromFiles: "silent",
    },
    { sql: "alter table app.orders add column memo app.label", gives: ["safe"] },
    {
      sql: "alter table app.orders add column amounts app.positive[] default '{}'",
      gives: ["safe"],
    },
    { sql: "alter table app.events add column memo text default 'none'", gives: ["safe"] },
    { sql: "alter table app.orders add if not exists note text not null", gives: ["safe"] },
    {
      sql:
        "alter table app.archive add column twice bigint " +
        "generated always as (number * 2) virtual",
      gives: ["safe"],
      from: 18,
    },
    {
      before:
        "create foreign data wrapper far; create server far foreign data wrapper far; " +
        "create foreign table app.remote (id int) server far",
      sql: "alter table app.remote add column key uuid default gen_random_uuid()",
      gives: ["safe"],
    },
    {
      sql: "alter table app.orders add column key uuid default gen_random_uuid()",
      gives: "silent",
    },
    {
      sql: "alter table app.orders add column memo text not null default null",
      gives: "silent",
      fails: true,
    },
  ],
};
