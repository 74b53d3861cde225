/** `detach-partition-concurrently`: it stops nobody, in two transactions that wait in between. */

import { defaultPartition } from "../review/drop-reach.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks, tableFamily } from "../review/table-locks.ts";

export const detachPartitionConcurrently: StatementRule = {
  id: "detach-partition-concurrently",
  scope: "statement",
  title: "DETACH PARTITION … CONCURRENTLY goes on while the partitioned table is used",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the partitioned table. Between its two transactions it waits " +
      "for all who use the table; then the partition is locked in ACCESS EXCLUSIVE mode for a " +
      "moment.",
    why:
      "The partition's rows are not to be found in the partitioned table any more, without an " +
      "error. It cannot run in a transaction; interrupted, it leaves the partition half detached " +
      "until it is finished by FINALIZE. With a default partition it is refused.",
    instead:
      "When it was interrupted:\nalter table p detach partition p_2020 finalize;",
    since: "14",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table") return undefined;
    const { def, subtype } = action.command;
    if (def === undefined || !("PartitionCmd" in def)) return undefined;
    const isFinal = subtype === "AT_DetachPartitionFinalize";
    const isConcurrent = subtype === "AT_DetachPartition" && def.PartitionCmd.concurrent === true;
    if (!isFinal && !isConcurrent) return undefined;
    const parent = schema.relation(action.table).name;
    const child = schema.nameOf(def.PartitionCmd.name ?? {});
    const [other] = defaultPartition(schema, parent);
    if (isConcurrent && other !== undefined) {
      return {
        classes: ["error"],
        reason: `it is refused, since ${other} is the default partition of ${parent}`,
        instead: `alter table ${parent} detach partition ${child}`,
        subjects: [],
      };
    }
    return {
      classes: ["safe"],
      reason: `${child} leaves ${parent}, which goes on being used, and takes its rows along`,
      subjects: [parent, child],
      locks: [
        { relation: parent, mode: "SHARE UPDATE EXCLUSIVE" },
        ...sameLocks(tableFamily(schema, child), "ACCESS EXCLUSIVE"),
      ],
    };
  },
  cases: [
    {
      sql: "alter table app.visits detach partition app.visits_2025 concurrently",
      gives: ["safe"],
      alone: true,
    },
    {
      sql: "alter table app.events detach partition app.events_2025 concurrently",
      gives: ["error"],
      alone: true,
      fails: true,
    },
  ],
};
