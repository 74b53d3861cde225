/** `reindex-concurrently`: the online way to build an index anew. */

import { reindexed } from "../review/reindexed.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const reindexConcurrently: StatementRule = {
  id: "reindex-concurrently",
  scope: "statement",
  title: "REINDEX CONCURRENTLY lets reads and writes go on while it builds",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the table, which stops other DDL and VACUUM but neither reads " +
      "nor writes, and two scans of it for each index. REINDEX TABLE of a partitioned one begins " +
      "with SHARE on all its partitions at once, for an instant, which writes wait for.",
    why:
      "It waits for all transactions that were open before, several times, and needs room for a " +
      "second copy of each index. If it fails or is cancelled, it leaves an invalid index whose " +
      "name ends in _ccnew or _ccold. Indexes of exclusion constraints are passed over.",
    instead:
      "This is the way to go: alone in a file with transaction:false. What a failed one leaves:\n" +
      "drop index concurrently t_c_idx_ccnew;",
    since: "12; of partitioned tables since 14; never in a transaction",
  },
  judge: (action, known) => {
    const found = reindexed(action, known);
    if (found?.isConcurrent !== true) return undefined;
    const { target, kind, table, tables, read, indexes, isPartitioned } = found;
    const whose = table ?? `what belongs to ${target}`;
    const subjects = tables.length > 0 ? tables : indexes;
    const locks = sameLocks(tables, "SHARE UPDATE EXCLUSIVE");
    if (kind === "table" && isPartitioned) {
      return {
        classes: ["safe"],
        reason:
          `writes of all partitions of ${whose} wait for an instant, then reads and writes go on ` +
          "while their indexes are built anew",
        instead: "reindex table concurrently, for each partition by itself",
        subjects,
        locks: [...locks, ...sameLocks(tables.filter((one) => one !== table), "SHARE")],
        scans: read,
      };
    }
    return {
      classes: ["safe"],
      reason:
        `reads and writes of ${whose} go on while indexes are built anew; it waits for all ` +
        "transactions that are older",
      subjects,
      locks,
      scans: read,
    };
  },
  cases: [
    { sql: "reindex index concurrently app.orders_code_idx", gives: ["safe"], alone: true },
    { sql: "reindex table concurrently app.orders", gives: ["safe"], alone: true },
    { sql: "reindex (concurrently) table app.totals", gives: ["safe"], alone: true },
    {
      before: "create index events_id_idx on app.events (id)",
      sql: "reindex table concurrently app.events",
      gives: ["safe"],
      alone: true,
    },
    {
      before: "create index events_id_idx on app.events (id)",
      sql: "reindex index concurrently app.events_id_idx",
      gives: ["safe"],
      alone: true,
    },
    { sql: "reindex schema concurrently app", gives: ["safe"], alone: true },
    { sql: "reindex index app.orders_code_idx", gives: "silent" },
  ],
};
