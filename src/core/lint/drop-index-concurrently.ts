/** `drop-index-concurrently`: the online way to be rid of an index. */

import { droppedIndexes, ownedByConstraint } from "../review/dropped-index.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const dropIndexConcurrently: StatementRule = {
  id: "drop-index-concurrently",
  scope: "statement",
  title: "DROP INDEX CONCURRENTLY lets reads and writes go on",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the table, which stops other DDL and VACUUM but neither reads " +
      "nor writes; nothing is read.",
    why:
      "It waits for all transactions that use the table. If it is cancelled, it leaves an " +
      "invalid index, and is to be run again. Without a unique index, upserts by its columns fail.",
    instead:
      "This is the way to go: alone in a file with transaction:false, one index a statement. An " +
      "index of a partitioned table does not take it; there, with a short lock_timeout:\n" +
      "drop index t_c_idx;",
    since: "all versions; never in a transaction",
  },
  judge: (action, known) => {
    const dropped = droppedIndexes(action, known);
    if (dropped?.node.concurrent !== true) return undefined;
    const { names, tables, subjects, loss, node, known: found } = dropped;
    const partitioned = tables.find((table) =>
      known.schema.relation(table).kind === "partitioned-table",
    );
    const fault =
      names.length > 1 ? "drop index concurrently takes one index a statement"
      : node.behavior === "DROP_CASCADE" ? "drop index concurrently takes no cascade"
      : partitioned !== undefined
        ? `${names.join(", ")} is an index of ${partitioned}, which is partitioned: it cannot be ` +
          "dropped concurrently"
      : undefined;
    if (fault !== undefined) {
      const instead = partitioned === undefined
        ? names.map((name) => `drop index concurrently ${name}`).join("; ")
        : `drop index ${names.join(", ")}, alone in its file`;
      return { classes: ["error"], reason: fault, instead, subjects };
    }
    const owned = ownedByConstraint(known, dropped);
    if (owned !== undefined) return owned;
    const whose = found.length === 0 ? `the table of ${names.join(", ")}` : tables.join(", ");
    return {
      classes: loss === undefined ? ["safe"] : ["breaking"],
      reason: `reads and writes of ${whose} go on${loss ?? ""}`,
      subjects,
      locks: sameLocks(tables, "SHARE UPDATE EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "drop index concurrently app.orders_code_idx", gives: ["safe"], alone: true },
    { sql: "drop index concurrently app.archive_broken_idx", gives: ["safe"], alone: true },
    { sql: "drop index concurrently app.archive_number_idx", gives: ["breaking"], alone: true },
    {
      before: "create unique index archive_number_2_idx on app.archive (number)",
      sql: "drop index concurrently app.archive_number_idx",
      gives: ["safe"],
      alone: true,
    },
    {
      sql: "drop index concurrently app.orders_code_idx, app.orders_number_idx",
      gives: ["error"],
      alone: true,
      fails: true,
    },
    {
      sql: "drop index concurrently app.orders_code_idx cascade",
      gives: ["error"],
      alone: true,
      fails: true,
    },
    {
      before: "create index events_id_idx on app.events (id)",
      sql: "drop index concurrently app.events_id_idx",
      gives: ["error"],
      alone: true,
      fails: true,
    },
    {
      sql: "drop index concurrently app.orders_pkey",
      gives: ["error"],
      alone: true,
      fails: true,
    },
    { sql: "drop index app.orders_code_idx", gives: "silent" },
  ],
};
