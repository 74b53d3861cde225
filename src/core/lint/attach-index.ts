/** `attach-index`: an index of a partition becomes part of the parent's. */

import type { StatementRule } from "../review/rule.ts";

export const attachIndex: StatementRule = {
  id: "attach-index",
  scope: "statement",
  title: "ALTER INDEX … ATTACH PARTITION changes the catalog only",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the partition's index and SHARE UPDATE EXCLUSIVE on the parent's; the " +
      "tables are not locked against anybody.",
    why:
      "Queries of that one partition wait for an instant. The parent's index is valid once those " +
      "of all partitions are attached. It fails where the two indexes differ.",
    instead:
      "This is the last of the steps to an index of a partitioned table that stop nobody:\n" +
      "create index t_c_idx on only t (c);\n" +
      "create index concurrently t_1_c_idx on t_1 (c);\n" +
      "alter index t_c_idx attach partition t_1_c_idx;",
    since: "11",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table" || action.command.subtype !== "AT_AttachPartition") {
      return undefined;
    }
    const { command: { def }, object, table } = action;
    const parent = schema.nameOf(table);
    const isIndex = object === "OBJECT_INDEX" || schema.index(parent) !== undefined;
    if (!isIndex || def === undefined || !("PartitionCmd" in def)) return undefined;
    const child = schema.nameOf(def.PartitionCmd.name ?? {});
    const partition = schema.index(child)?.table;
    return {
      classes: ["safe"],
      reason:
        `${child} becomes part of ${parent}: queries of ${partition ?? "its partition"} wait for ` +
        "an instant",
      subjects: [partition ?? child],
      locks: [
        { relation: child, mode: "ACCESS EXCLUSIVE" },
        { relation: parent, mode: "SHARE UPDATE EXCLUSIVE" },
      ],
    };
  },
  cases: [
    {
      before:
        "create index events_id_idx on only app.events (id); " +
        "create index events_2025_id_idx on app.events_2025 (id)",
      sql: "alter index app.events_id_idx attach partition app.events_2025_id_idx",
      gives: ["safe"],
    },
    {
      before:
        "create index events_id_idx on only app.events (id); " +
        "create index events_2025_id_idx on app.events_2025 (id); " +
        "alter index app.events_id_idx attach partition app.events_2025_id_idx",
      sql: "alter index app.events_id_idx attach partition app.events_2025_id_idx",
      gives: ["safe"],
    },
    {
      sql:
        "alter table app.events attach partition app.events_2026 " +
        "for values from ('2026-01-01') to ('2027-01-01')",
      gives: "silent",
    },
  ],
};
