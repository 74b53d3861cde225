/** `replica-identity`: what logical replication tells of a changed row. */

import type { StatementRule } from "../review/rule.ts";

export const replicaIdentity: StatementRule = {
  id: "replica-identity",
  scope: "statement",
  title: "REPLICA IDENTITY is a word in the catalog; NOTHING stops published updates",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table alone, not on its partitions, for a moment; nothing is read " +
      "or written.",
    why:
      "FULL writes the whole old row to the log with each update and delete. With NOTHING, " +
      "updates and deletes of a table that is published fail.",
    instead:
      "With a unique index on NOT NULL columns: alter table t replica identity using index i;\n" +
      "on a partitioned table, for each partition as well.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table") return undefined;
    const { subtype, def } = action.command;
    if (subtype !== "AT_ReplicaIdentity") return undefined;
    const { name } = schema.relation(action.table);
    const isNothing = def !== undefined && "ReplicaIdentityStmt" in def &&
      def.ReplicaIdentityStmt.identity_type === "n";
    return {
      classes: isNothing ? ["breaking"] : ["safe"],
      reason: isNothing
        ? `updates and deletes of ${name} fail if it is published`
        : `what replication tells of rows of ${name} changes`,
      ...(isNothing ? { instead: `alter table ${name} replica identity full` } : {}),
      subjects: [name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    };
  },
  cases: [
    { sql: "alter table app.orders replica identity full", gives: ["safe"] },
    { sql: "alter table app.events replica identity full", gives: ["safe"] },
    {
      sql: "alter table app.archive replica identity using index archive_number_idx",
      gives: ["safe"],
    },
    { sql: "alter table app.orders replica identity nothing", gives: ["breaking"] },
    { sql: "alter table app.orders set (fillfactor = 80)", gives: "silent" },
  ],
};
