/** `create-index-concurrently`: the online way to an index, with its own ways to go wrong. */

import { createdIndex } from "../review/created-index.ts";
import type { StatementRule } from "../review/rule.ts";

export const createIndexConcurrently: StatementRule = {
  id: "create-index-concurrently",
  scope: "statement",
  title: "CREATE INDEX CONCURRENTLY lets reads and writes go on while it builds",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the table, which stops other DDL and VACUUM but neither reads " +
      "nor writes, and two scans of it.",
    why:
      "It waits for all transactions that were open before, those on other tables too, so that " +
      "one long transaction holds it up without end. If it fails or is cancelled, by a " +
      "lock_timeout for instance, it leaves an invalid index, which is kept up to date by every " +
      "write and used by no query.",
    instead:
      "This is the way to go: alone in a file with transaction:false. pgmate lifts both timeouts " +
      "for it, and looks at its index afterwards. A partitioned table does not take it; there:\n" +
      "create index t_c_idx on only t (c);\n" +
      "create index concurrently t_1_c_idx on t_1 (c); -- and so on for each partition\n" +
      "alter index t_c_idx attach partition t_1_c_idx;",
    since: "all versions; never in a transaction",
  },
  judge: (action, known) => {
    const created = createdIndex(action, known);
    if (created?.node.concurrent !== true) return undefined;
    const { table: { name, kind }, found, read } = created;
    const subjects = [name];
    if (kind === "partitioned-table") {
      return {
        classes: ["error"],
        reason: `${name} is partitioned, and takes no index concurrently`,
        instead:
          `create index … on only ${name}, then create index concurrently on each partition, ` +
          "then alter index … attach partition",
        subjects,
      };
    }
    if (created.isLeftover) return undefined;
    const locks = [{ relation: name, mode: "SHARE UPDATE EXCLUSIVE" }] as const;
    if (found !== undefined) {
      const reason = `${found.name} is there already: nothing is built`;
      return { classes: ["safe"], reason, subjects, locks };
    }
    return {
      classes: ["safe"],
      reason:
        `reads and writes of ${name} go on while the index is built; it waits for all ` +
        "transactions that are older",
      subjects,
      locks,
      scans: read,
    };
  },
  cases: [
    { sql: "create index concurrently on app.orders (note)", gives: ["safe"], alone: true },
    {
      sql: "create unique index concurrently on app.archive (number, id)",
      gives: ["safe"],
      alone: true,
    },
    { sql: "create index concurrently on app.totals (total)", gives: ["safe"], alone: true },
    { sql: "create index concurrently on app.events_2025 (id)", gives: ["safe"], alone: true },
    {
      sql: "create index concurrently if not exists orders_code_idx on app.orders (code)",
      gives: ["safe"],
      alone: true,
    },
    {
      sql: "create index concurrently on app.events (id)",
      gives: ["error"],
      alone: true,
      fails: true,
    },
    { sql: "create index on app.orders (note)", gives: "silent" },
  ],
};
