/** `storage-parameters`: fillfactor, autovacuum settings, and what a view can be told. */

import type { AlterTableCmd } from "libpg-query";
import type { StatementRule } from "../review/rule.ts";

/** What a query of a view may read or write depends on these. */
const decisive: readonly string[] = ["security_invoker", "check_option"];

export const storageParameters: StatementRule = {
  id: "storage-parameters",
  scope: "statement",
  title: "SET (fillfactor, autovacuum_…) stops nobody; on a view it does",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the table alone: reads and writes go on. ACCESS EXCLUSIVE for a " +
      "moment with user_catalog_table, and on a view.",
    why:
      "fillfactor is for pages to come. Of a view, security_invoker has the underlying tables " +
      "read with the rights of whoever asks, and check_option refuses rows that were taken " +
      "before: code that runs now may fail.",
    instead:
      "Before alter view v set (security_invoker = true): grant select on the tables to the " +
      "roles that read the view.",
    since: "all versions; security_invoker since 15; a partitioned table takes none",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table" || action.object === "OBJECT_INDEX") return undefined;
    const { subtype } = action.command;
    if (subtype !== "AT_SetRelOptions" && subtype !== "AT_ResetRelOptions") return undefined;
    const { name, kind } = schema.relation(action.table);
    if (kind === "index" || schema.index(action.table) !== undefined) return undefined;
    const isView = action.object === "OBJECT_VIEW" || kind === "view";
    const options = optionNames(action.command);
    const isStrong = isView || options.includes("user_catalog_table");
    const changed = options.filter((option) => isView && decisive.includes(option));
    const effects = {
      subjects: [name],
      locks: [
        { relation: name, mode: isStrong ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE" },
      ],
    } as const;
    if (changed.length > 0) {
      return {
        classes: ["breaking"],
        reason: `${changed.join(" and ")} decides what code may do with the view ${name}`,
        instead: "grant what the code needs on the tables below first",
        ...effects,
      };
    }
    const waits = isStrong ? "" : ", and nobody waits for it";
    const reason = `${options.join(", ")} of ${name} changes${waits}`;
    return { classes: ["safe"], reason, ...effects };
  },
  cases: [
    { sql: "alter table app.orders set (fillfactor = 70)", gives: ["safe"] },
    {
      sql: "alter table app.orders set (autovacuum_enabled = false, toast.vacuum_truncate = off)",
      gives: ["safe"],
    },
    { sql: "alter table app.orders reset (fillfactor)", gives: ["safe"] },
    { sql: "alter table app.orders set (user_catalog_table = true)", gives: ["safe"] },
    { sql: "alter materialized view app.totals set (fillfactor = 70)", gives: ["safe"] },
    { sql: "alter view app.open_orders set (security_barrier = true)", gives: ["safe"] },
    { sql: "alter view app.open_orders set (security_invoker = true)", gives: ["breaking"] },
    { sql: "alter table app.open_orders set (check_option = local)", gives: ["breaking"] },
    { sql: "alter index app.orders_code_idx set (fillfactor = 70)", gives: "silent" },
  ],
};

function optionNames({ def }: AlterTableCmd): readonly string[] {
  if (def === undefined || !("List" in def)) return [];
  return (def.List.items ?? []).flatMap((node) => {
    if (!("DefElem" in node)) return [];
    const { defnamespace, defname = "" } = node.DefElem;
    return defnamespace === undefined ? defname : `${defnamespace}.${defname}`;
  });
}
