/** `attach-partition`: ATTACH PARTITION reads the table unless a check proves where its rows go. */

import { defaultPartition } from "../review/drop-reach.ts";
import { hasIndexes, hasProof, keyEffects, scannedDefault } from "../review/partition-proof.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks, storedTables, tableFamily } from "../review/table-locks.ts";

export const attachPartition: StatementRule = {
  id: "attach-partition",
  scope: "statement",
  title: "ATTACH PARTITION reads the table, and the default partition, to see where rows belong",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the partitioned table, which goes on being used; ACCESS " +
      "EXCLUSIVE on the table that is attached and on the default partition. Both are read from " +
      "end to end unless valid CHECKs on the partition key spare that, and the table's key " +
      "columns are NOT NULL. An index of the partitioned table that the table lacks is built; a " +
      "foreign key that it lacks is checked, under SHARE ROW EXCLUSIVE on the other table.",
    why:
      "Rows in the default partition cannot be reached while it is read. Whether a CHECK is as " +
      "narrow as the bounds pgmate does not compare: it takes one on the key for one that is.",
    instead:
      "Before, each in a file of its own:\n" +
      "alter table child add constraint c\n" +
      "  check (at >= '2030-01-01' and at < '2031-01-01') not valid;\n" +
      "alter table child validate constraint c;\n" +
      "create index concurrently on child (…); -- for each index of the partitioned table\n" +
      "and for the default partition a CHECK that rules out the new range, in the same two " +
      "steps. Afterwards the checks can be dropped.",
    since: "SHARE UPDATE EXCLUSIVE since 12, ACCESS EXCLUSIVE before",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table" || action.command.subtype !== "AT_AttachPartition") {
      return undefined;
    }
    const { def } = action.command;
    // An index has no bounds to attach it with.
    if (def === undefined || !("PartitionCmd" in def) || def.PartitionCmd.bound === undefined) {
      return undefined;
    }
    const parent = schema.relation(action.table);
    const child = schema.relation(def.PartitionCmd.name ?? {});
    const isProven =
      hasProof(schema, parent.name, child.name) && hasIndexes(schema, parent.name, child.name);
    const children = tableFamily(schema, child.name);
    const keys = keyEffects(parent, child);
    const referring = schema.referencing(parent.name).map(({ table }) => table);
    const scans = [...new Set([
      ...(isProven ? [] : storedTables(schema, children)),
      ...scannedDefault(schema, parent.name),
      ...keys.scans,
    ])];
    const others = [...keys.locks, ...sameLocks(referring, "SHARE ROW EXCLUSIVE")];
    const taken = [...children, ...defaultPartition(schema, parent.name)];
    return {
      classes: scans.length === 0 ? ["safe"] : ["risky"],
      reason:
        scans.length === 0
          ? `${child.name} becomes a part of ${parent.name} without a scan, if its check is as ` +
            "narrow as the bounds"
          : `every row of ${scans.join(", ")} is read while ${taken.join(", ")} cannot be used`,
      ...(scans.length === 0 ? {} : {
        instead: isProven && keys.scans.length === 0
          ? `add a check to ${scans.join(", ")} that rules out the new range, not valid, ` +
            "validate it, and only then attach: three files"
          : "add a check on the partition key as narrow as the bounds, not valid, validate it, " +
            "and only then attach: three files",
      }),
      subjects: [...taken, ...others.map(({ relation }) => relation)],
      growsWith: scans,
      locks: [
        { relation: parent.name, mode: "SHARE UPDATE EXCLUSIVE" },
        ...sameLocks(taken, "ACCESS EXCLUSIVE"),
        ...others,
      ],
      scans,
    };
  },
  cases: [
    {
      sql:
        "alter table app.visits attach partition app.visits_2026 " +
        "for values from ('2026-01-01') to ('2027-01-01')",
      gives: ["risky"],
    },
    {
      before: "alter table app.visits_2026 add check (at >= '2026-01-01' and at < '2027-01-01')",
      sql:
        "alter table app.visits attach partition app.visits_2026 " +
        "for values from ('2026-01-01') to ('2027-01-01')",
      gives: ["safe"],
    },
    {
      before:
        "alter table app.visits_2026 " +
        "add check (at >= '2026-01-01' and at < '2027-01-01') not valid",
      sql:
        "alter table app.visits attach partition app.visits_2026 " +
        "for values from ('2026-01-01') to ('2027-01-01')",
      gives: ["risky"],
    },
    {
      sql:
        "alter table app.events attach partition app.events_2027 " +
        "for values from ('2027-01-01') to ('2028-01-01')",
      gives: ["risky"],
    },
    {
      before: "alter table app.events_other add check (at < '2026-01-01')",
      sql:
        "alter table app.events attach partition app.events_2027 " +
        "for values from ('2027-01-01') to ('2028-01-01')",
      gives: ["safe"],
    },
    {
      before:
        "create index on app.events (id); " +
        "alter table app.events_other add check (at < '2026-01-01')",
      sql:
        "alter table app.events attach partition app.events_2027 " +
        "for values from ('2027-01-01') to ('2028-01-01')",
      gives: ["risky"],
    },
    {
      sql:
        "alter table depot.rooms attach partition depot.rooms_2026 " +
        "for values from ('2026-01-01') to ('2027-01-01')",
      gives: ["risky"],
    },
    {
      sql:
        "alter table depot.rooms attach partition depot.rooms_2027 " +
        "for values from ('2027-01-01') to ('2028-01-01')",
      gives: ["safe"],
    },
    {
      sql: "alter table depot.floors attach partition depot.rooms_2027 default",
      gives: ["safe"],
    },
  ],
};
