/** `move-index`: SET TABLESPACE copies an index while no query of its table can be planned. */

import type { StatementRule } from "../review/rule.ts";

export const moveIndex: StatementRule = {
  id: "move-index",
  scope: "statement",
  title: "ALTER INDEX … SET TABLESPACE copies the index under a lock that queries wait for",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the index while its file is copied. The table is not locked. An index " +
      "of a partitioned table has no file, and notes it only for those that are yet to come.",
    why:
      "To plan a query of the table, a lock on each of its indexes is taken, whether it is used " +
      "or not; and writes keep every index up to date. So all wait but prepared plans.",
    instead:
      "Outside of a transaction, in a file of its own:\n" +
      "reindex (concurrently, tablespace fast) index t_c_idx;",
    since: "all versions; REINDEX with TABLESPACE since 14",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table" || action.command.subtype !== "AT_SetTableSpace") {
      return undefined;
    }
    const name = schema.nameOf(action.table);
    const index = schema.index(name);
    if (action.object !== "OBJECT_INDEX" && index === undefined) return undefined;
    const table = index?.table;
    const base = {
      subjects: [table ?? name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    } as const;
    if (table !== undefined && schema.relation(table).kind === "partitioned-table") {
      const reason = `${name} has no file of its own: nothing is copied`;
      return { ...base, classes: ["safe"], reason };
    }
    const space = action.command.name ?? "";
    return {
      ...base,
      classes: ["risky"],
      reason: `queries of ${table ?? `the table of ${name}`} wait until ${name} is copied`,
      instead: `reindex (concurrently, tablespace ${space}) index ${name}`,
      ...(table === undefined ? {} : { growsWith: [table] }),
      rewrites: [name],
    };
  },
  cases: [
    {
      before: "create index events_id_idx on app.events (id)",
      sql: "alter index app.events_id_idx set tablespace pg_default",
      gives: ["safe"],
    },
    {
      // The test servers have no other tablespace.
      sql: "alter index app.orders_code_idx set tablespace fast",
      gives: ["risky"],
      fails: true,
    },
    {
      sql: "alter table app.orders_code_idx set tablespace fast",
      gives: ["risky"],
      fails: true,
    },
    { sql: "alter table app.events set tablespace pg_default", gives: "silent" },
  ],
};
