/** `cluster-on`: by which index a later CLUSTER is to go is a word in the catalog. */

import type { StatementRule } from "../review/rule.ts";

export const clusterOn: StatementRule = {
  id: "cluster-on",
  scope: "statement",
  title: "CLUSTER ON and SET WITHOUT CLUSTER only note by which index CLUSTER is to go",
  page: {
    locks: "SHARE UPDATE EXCLUSIVE on the table for a moment. Nothing is read or written.",
    why:
      "Reads and writes go on. It is the CLUSTER itself that rewrites the table, see " +
      "rewrite-table.",
    instead: "Nothing: this is the way.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table") return undefined;
    const { subtype } = action.command;
    if (subtype !== "AT_ClusterOn" && subtype !== "AT_DropCluster") return undefined;
    const { name } = schema.relation(action.table);
    return {
      classes: ["safe"],
      reason: `what a later cluster of ${name} goes by is noted`,
      subjects: [name],
      locks: [{ relation: name, mode: "SHARE UPDATE EXCLUSIVE" }],
    };
  },
  cases: [
    { sql: "alter table app.orders cluster on orders_code_idx", gives: ["safe"] },
    { sql: "alter table app.orders set without cluster", gives: ["safe"] },
    { sql: "cluster app.orders using orders_code_idx", gives: "silent" },
  ],
};
