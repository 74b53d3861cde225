/** `rewrite-table`: VACUUM FULL, CLUSTER and the like write the whole table anew. */

import type { Action } from "../review/action.ts";
import type { Known, StatementRule } from "../review/rule.ts";
import { shownList } from "../review/shown-list.ts";
import { bodyOf } from "../review/statement-node.ts";
import { sameLocks } from "../review/table-locks.ts";
import { hasOption, vacuumedTables } from "../review/vacuumed-tables.ts";

export const rewriteTable: StatementRule = {
  id: "rewrite-table",
  scope: "statement",
  title: "VACUUM FULL, CLUSTER, SET UNLOGGED, SET TABLESPACE and SET ACCESS METHOD rewrite a table",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table while it is read and written anew, its indexes too (SET " +
      "TABLESPACE leaves those where they are). On a partitioned table the three SET commands " +
      "touch no partition, and are over at once.",
    why:
      "Nobody can read or write the table for as long as that takes, disk space for a second " +
      "copy is needed, and all of it goes through the log to the replicas. What is unlogged is " +
      "empty after a crash, and on every replica.",
    instead:
      "Against bloat: pg_repack or pg_squeeze, which need the lock for moments only. Else a " +
      "maintenance window, or a new table that is filled in batches and swapped in. A new " +
      "tablespace can be had partition by partition.",
    since: "all versions; SET ACCESS METHOD since 15, of a partitioned table since 17",
  },
  judge: (action, known) => {
    const found = rewriting(action, known);
    if (found === undefined) return undefined;
    const { tables, does, isSetting } = found;
    const { schema } = known;
    const stored = tables.filter((name) => schema.relation(name).kind !== "partitioned-table");
    const list = tables.length === 0 ? "every table" : shownList(tables);
    if (isSetting && stored.length === 0) {
      return {
        classes: ["safe"],
        reason: `it holds for partitions of ${list} that are yet to come; none is touched`,
        subjects: tables,
        locks: sameLocks(tables, "ACCESS EXCLUSIVE"),
      };
    }
    return {
      classes: ["risky"],
      reason: `${does} writes ${list} anew while nobody can read or write it`,
      instead: isSetting
        ? "a new table that is filled in batches and swapped in, or a maintenance window"
        : "pg_repack, which needs the lock for moments only, or a maintenance window",
      subjects: tables,
      growsWith: tables,
      locks: sameLocks(stored, "ACCESS EXCLUSIVE"),
      rewrites: stored,
      scans: stored,
    };
  },
  cases: [
    { sql: "vacuum full app.archive", gives: ["risky"], alone: true },
    { sql: "vacuum (full, analyze) app.archive, app.unguarded", gives: ["risky"], alone: true },
    { sql: "cluster app.orders using orders_code_idx", gives: ["risky"] },
    { sql: "cluster app.totals using totals_customer_id_idx", gives: ["risky"] },
    { sql: "alter table app.archive set unlogged", gives: ["risky"] },
    { sql: "alter table depot.cache set logged", gives: ["risky"] },
    { sql: "alter table app.archive set access method depot_heap", gives: ["risky"] },
    { sql: "alter table app.events set tablespace pg_default", gives: ["safe"] },
    { sql: "analyze app.archive", gives: "silent" },
    { sql: "alter sequence app.ticket_numbers set unlogged", gives: "silent" },
  ],
};

interface Rewriting {
  readonly tables: readonly string[];
  readonly does: string;
  /** Whether it sets what holds for partitions to come. */
  readonly isSetting: boolean;
}

const settings: Readonly<Record<string, string>> = {
  AT_SetLogged: "set logged",
  AT_SetUnLogged: "set unlogged",
  AT_SetTableSpace: "set tablespace",
  AT_SetAccessMethod: "set access method",
};

function rewriting(action: Action, { schema }: Known): Rewriting | undefined {
  if (action.kind === "alter-table") {
    const does = settings[action.command.subtype ?? ""];
    const { name, kind } = schema.relation(action.table);
    const isOther = ["OBJECT_INDEX", "OBJECT_SEQUENCE"].includes(action.object) ||
      kind === "sequence" || schema.index(action.table) !== undefined;
    return does === undefined || isOther ? undefined : { tables: [name], does, isSetting: true };
  }
  const cluster = bodyOf(action, "ClusterStmt");
  if (cluster !== undefined) {
    const { relation } = cluster;
    const tables = relation === undefined ? [] : [schema.nameOf(relation)];
    return { tables, does: "cluster", isSetting: false };
  }
  const vacuum = bodyOf(action, "VacuumStmt");
  if (vacuum === undefined || !hasOption(vacuum.options, "full")) return undefined;
  return { tables: vacuumedTables(schema, vacuum), does: "vacuum full", isSetting: false };
}
