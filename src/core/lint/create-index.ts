/** `create-index`: CREATE INDEX stops all writes of the table until it is built. */

import { createdIndex } from "../review/created-index.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks } from "../review/table-locks.ts";

export const createIndex: StatementRule = {
  id: "create-index",
  scope: "statement",
  title: "CREATE INDEX stops writes of the table until the index is built",
  page: {
    locks:
      "SHARE on the table and all its partitions, or the materialized view, and a scan of them " +
      "while it is held. Reads go on.",
    why:
      "INSERT, UPDATE and DELETE wait for as long as the index takes. A unique one fails where " +
      "two rows are alike.",
    instead:
      "Outside of a transaction, in a file of its own:\n" +
      "create index concurrently t_c_idx on t (c);\n" +
      "A partitioned table does not take that; there:\n" +
      "create index t_c_idx on only t (c);\n" +
      "create index concurrently t_1_c_idx on t_1 (c); -- and so on for each partition\n" +
      "alter index t_c_idx attach partition t_1_c_idx;",
    since: "all versions",
  },
  judge: (action, known) => {
    const created = createdIndex(action, known);
    if (created === undefined || created.node.concurrent === true) return undefined;
    const { table: { name, kind }, tables, read, found, concurrently } = created;
    if (created.isLeftover) return undefined;
    const subjects = [name];
    const locks = sameLocks(tables, "SHARE");
    if (found !== undefined) {
      return {
        classes: ["safe"],
        reason: `${found.name} is there already: writes of ${name} wait for an instant`,
        subjects,
        locks,
      };
    }
    if (read.length === 0) {
      return {
        classes: ["safe"],
        reason: `no row of ${name} is read: indexes of its partitions become part of this one`,
        subjects,
        locks,
      };
    }
    return {
      classes: ["risky"],
      reason: `nobody can write ${name} until the index is built`,
      instead: kind === "partitioned-table"
        ? `create index … on only ${name}, then create index concurrently on each partition, ` +
          "then alter index … attach partition"
        : `${concurrently}, in a file with transaction:false`,
      subjects,
      growsWith: read,
      locks,
      scans: read,
    };
  },
  cases: [
    { sql: "create index on app.orders (note)", gives: ["risky"] },
    { sql: "create unique index on app.orders (id)", gives: ["risky"] },
    { sql: "create index on app.totals (total)", gives: ["risky"] },
    { sql: "create index on app.events (id)", gives: ["risky"] },
    { sql: "create index on only app.events (id)", gives: ["safe"] },
    {
      before: "create index on app.events_2025 (id)",
      sql: "create index on app.events (id)",
      gives: ["risky"],
    },
    {
      before: "create index on app.events_2025 (id); create index on app.events_other (id)",
      sql: "create index on app.events (id)",
      gives: ["safe"],
    },
    {
      before: "create index on app.events_2025 (id); create index on app.events_other (id)",
      sql: "create unique index on app.events (id, at)",
      gives: ["risky"],
    },
    { sql: "create index if not exists orders_code_idx on app.orders (code)", gives: ["safe"] },
    { sql: "create index if not exists orders_note_idx on app.orders (note)", gives: ["risky"] },
    {
      before: "create index events_id_idx on app.events (id)",
      sql: "create index if not exists events_id_idx on app.events (id)",
      gives: ["safe"],
    },
    {
      before: "create index events_id_idx on only app.events (id)",
      sql: "create index if not exists events_id_idx on app.events (id)",
      gives: ["safe"],
    },
    { sql: "create unique index on app.orders (quantity)", gives: ["risky"], fails: true },
    { sql: "create index concurrently on app.orders (note)", gives: "silent", alone: true },
  ],
};
