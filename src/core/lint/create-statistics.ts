/** `create-statistics`: CREATE and ALTER STATISTICS stop nobody. */

import type { StatementRule } from "../review/rule.ts";

export const createStatistics: StatementRule = {
  id: "create-statistics",
  scope: "statement",
  title: "CREATE STATISTICS stops nobody",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the table, not on its partitions: reads and writes go on. " +
      "ALTER STATISTICS … SET STATISTICS locks no table.",
    why:
      "VACUUM, ANALYZE, CREATE INDEX and other changes of the table wait, and nothing else. It " +
      "takes effect with the next ANALYZE, which may change query plans.",
    instead: "Run analyze t; when plans may change.",
    since: "all versions; without a name since 16",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "statement") return undefined;
    const { tree } = action;
    if ("AlterStatsStmt" in tree) {
      return { classes: ["safe"], reason: "locks no table, and nobody waits for it", subjects: [] };
    }
    if (!("CreateStatsStmt" in tree)) return undefined;
    const tables = (tree.CreateStatsStmt.relations ?? []).flatMap((node) =>
      "RangeVar" in node ? schema.nameOf(node.RangeVar) : [],
    );
    return {
      classes: ["safe"],
      reason: `the next ANALYZE learns more about ${tables.join(", ")}, and nobody waits for it`,
      subjects: tables,
      locks: tables.map((relation) => ({ relation, mode: "SHARE UPDATE EXCLUSIVE" })),
    };
  },
  cases: [
    { sql: "create statistics app.order_stats on note, code from app.orders", gives: ["safe"] },
    { sql: "create statistics app.event_stats on id, body from app.events", gives: ["safe"] },
    {
      sql: "create statistics app.total_stats on customer_id, total from app.totals",
      gives: ["safe"],
    },
    {
      before: "create statistics app.order_stats on note, code from app.orders",
      sql: "alter statistics app.order_stats set statistics 100",
      gives: ["safe"],
    },
    { sql: "analyze app.orders", gives: "silent" },
  ],
};
