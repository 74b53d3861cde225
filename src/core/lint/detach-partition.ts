/** `detach-partition`: DETACH PARTITION stops all users of the partitioned table. */

import { defaultPartition } from "../review/drop-reach.ts";
import type { StatementRule } from "../review/rule.ts";
import type { SchemaModel } from "../review/schema-model.ts";
import { sameLocks, storedTables, tableFamily } from "../review/table-locks.ts";

export const detachPartition: StatementRule = {
  id: "detach-partition",
  scope: "statement",
  title: "DETACH PARTITION without CONCURRENTLY locks the partitioned table against all others",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the partitioned table, the partition and the default partition; SHARE " +
      "ROW EXCLUSIVE on tables that the partitioned table refers to, ACCESS EXCLUSIVE on tables " +
      "that refer to it, which are read as well, to see that no row refers to the partition.",
    why:
      "All partitions stand still while it waits for its lock and until the commit. Afterwards " +
      "the partition's rows are not to be found in the partitioned table any more: code that " +
      "still looks for them there gets less, without an error.",
    instead:
      "Outside of a transaction:\nalter table p detach partition p_2020 concurrently;\n" +
      "That needs SHARE UPDATE EXCLUSIVE, and is not possible where there is a default " +
      "partition. One that was interrupted is finished by … finalize.",
    since: "all versions; detach-partition-concurrently since 14",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table" || action.command.subtype !== "AT_DetachPartition") {
      return undefined;
    }
    const { def } = action.command;
    if (def === undefined || !("PartitionCmd" in def)) return undefined;
    if (def.PartitionCmd.concurrent === true) return undefined;
    const parent = schema.relation(action.table).name;
    const child = schema.nameOf(def.PartitionCmd.name ?? {});
    const children = tableFamily(schema, child);
    const defaults = defaultPartition(schema, parent);
    const { referred, referring } = otherEnds(schema, parent, child);
    return {
      classes: ["risky"],
      reason:
        `nobody can read or write ${parent} or any of its partitions, and the rows of ${child} ` +
        "are no longer in it",
      instead:
        defaults.length > 0
          ? "keep the transaction to this one statement: concurrently is not possible beside a " +
            "default partition"
          : `alter table ${parent} detach partition ${child} concurrently, in a file that says ` +
            "transaction:false",
      subjects: [parent],
      locks: [
        ...sameLocks([parent, ...children, ...defaults, ...referring], "ACCESS EXCLUSIVE"),
        ...sameLocks(referred, "SHARE ROW EXCLUSIVE"),
      ],
      scans: referring.length === 0 ? [] : storedTables(schema, [...children, ...referring]),
    };
  },
  cases: [
    { sql: "alter table app.visits detach partition app.visits_2025", gives: ["risky"] },
    { sql: "alter table app.events detach partition app.events_2025", gives: ["risky"] },
    { sql: "alter table app.events detach partition app.events_other", gives: ["risky"] },
    { sql: "alter table depot.floors detach partition depot.floors_2025", gives: ["risky"] },
    { sql: "alter table depot.rooms detach partition depot.rooms_2025", gives: ["risky"] },
  ],
};

function otherEnds(schema: SchemaModel, parent: string, child: string) {
  const keys = [...schema.relation(parent).constraints.values()];
  const referring = [parent, child].flatMap((name) =>
    schema.referencing(name).map(({ table }) => table),
  );
  return {
    referred: [...new Set(keys.flatMap(({ references }) => references ?? []))],
    referring: [...new Set(referring)],
  };
}
