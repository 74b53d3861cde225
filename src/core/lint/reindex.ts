/** `reindex`: REINDEX stops writes of the table, and every query that looks at its indexes. */

import { reindexed } from "../review/reindexed.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const reindex: StatementRule = {
  id: "reindex",
  scope: "statement",
  title: "REINDEX stops writes of the table, and most reads too",
  page: {
    locks:
      "SHARE on the table, ACCESS EXCLUSIVE on each index while it is built anew, and a scan of " +
      "the table for each of them. The table itself is not rewritten.",
    why:
      "Writes wait until all is done. Reads wait too: to plan a query of the table, a lock on " +
      "each of its indexes is taken, whether it is used or not. Prepared plans alone go on.",
    instead:
      "Outside of a transaction, in a file of its own:\n" +
      "reindex index concurrently t_c_idx;",
    since:
      "all versions; CONCURRENTLY since 12; of partitioned tables since 14, outside of a " +
      "transaction",
  },
  judge: (action, known) => {
    const found = reindexed(action, known);
    if (found === undefined || found.isConcurrent) return undefined;
    const { target, kind, table, tables, read, indexes, isPartitioned } = found;
    const locks = [...sameLocks(tables, "SHARE"), ...sameLocks(indexes, "ACCESS EXCLUSIVE")];
    if (kind === "table" && read.length === 0) {
      const reason = `${table ?? target} has no index: nothing is built`;
      return { classes: ["safe"], reason, subjects: tables, locks };
    }
    const step = isPartitioned ? ", partition by partition,"
      : table === undefined ? ", one by one," : "";
    return {
      classes: ["risky"],
      reason:
        `nobody can write ${table ?? `what belongs to ${target}`}, and most reads wait${step} ` +
        "until its indexes are built anew",
      instead: kind === "database"
        ? "reindex index concurrently …, for the indexes that need it"
        : `reindex ${target.replace(" ", " concurrently ")}, in a file with transaction:false`,
      subjects: tables.length > 0 ? tables : indexes,
      ...(read.length > 0 ? { growsWith: read } : {}),
      locks,
      rewrites: indexes,
      scans: read,
    };
  },
  cases: [
    { sql: "reindex index app.orders_code_idx", gives: ["risky"] },
    { sql: "reindex table app.orders", gives: ["risky"] },
    { sql: "reindex table app.totals", gives: ["risky"] },
    { sql: "reindex (verbose, concurrently false) index app.orders_code_idx", gives: ["risky"] },
    {
      before: "create index events_id_idx on app.events (id)",
      sql: "reindex table app.events",
      gives: ["risky"],
      alone: true,
    },
    {
      before: "create index events_id_idx on app.events (id)",
      sql: "reindex index app.events_id_idx",
      gives: ["risky"],
      alone: true,
    },
    { sql: "reindex table app.events_2026", gives: ["safe"] },
    { sql: "reindex schema app", gives: ["risky"], alone: true },
    { sql: "reindex index concurrently app.orders_code_idx", gives: "silent", alone: true },
  ],
};
