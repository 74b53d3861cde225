/** `create-partition`: CREATE TABLE … PARTITION OF stops all users of the partitioned table. */

import { defaultPartition } from "../review/drop-reach.ts";
import { keyEffects, scannedDefault } from "../review/partition-proof.ts";
import type { RelationLock, StatementRule } from "../review/rule.ts";
import { nameOfNew } from "../review/schema-fold.ts";
import type { SchemaModel } from "../review/schema-model.ts";
import { bodyOf, rangeVars } from "../review/statement-node.ts";
import { sameLocks } from "../review/table-locks.ts";

export const createPartition: StatementRule = {
  id: "create-partition",
  scope: "statement",
  title: "CREATE TABLE … PARTITION OF locks the partitioned table against all others",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the partitioned table and on its default partition, which is read for " +
      "rows that belong to the new one unless a valid CHECK on the key rules them out. SHARE ROW " +
      "EXCLUSIVE on tables at the other end of the partitioned table's foreign keys.",
    why:
      "Every query goes by way of the partitioned table, so that all partitions stand still: " +
      "while the statement waits for its lock, while the default partition is read, and until " +
      "the commit.",
    instead:
      "Make it as a table and attach it, which takes SHARE UPDATE EXCLUSIVE:\n" +
      "create table p_2030 (like p including defaults including constraints,\n" +
      "  check (at >= '2030-01-01' and at < '2031-01-01'));\n" +
      "alter table p attach partition p_2030 for values from ('2030-01-01') to ('2031-01-01');\n" +
      "On the default partition a CHECK that rules out the new range, added NOT VALID and " +
      "validated before, spares the scan of it.",
    since: "all versions; the milder lock of ATTACH since 12",
  },
  judge: (action, { schema }) => {
    const create = bodyOf(action, "CreateStmt");
    const [range] = rangeVars(create?.inhRelations);
    if (create?.partbound === undefined || range === undefined) return undefined;
    const name = nameOfNew(schema, create.relation ?? {});
    if (create.if_not_exists === true && schema.isKnown(name)) {
      const reason = `${name} is there already: nothing happens`;
      return { classes: ["safe"], reason, subjects: [] };
    }
    const parent = schema.nameOf(range);
    const scans = scannedDefault(schema, parent);
    const read = scans.length === 0 ? "" : `, and ${scans.join(", ")} is read meanwhile`;
    return {
      classes: ["risky"],
      reason: `nobody can read or write ${parent} or any of its partitions${read}`,
      instead:
        `create table ${name} (like ${parent} including defaults including constraints, ` +
        `check …), then alter table ${parent} attach partition ${name} for values …`,
      subjects: [parent],
      locks: [
        ...sameLocks([parent, ...defaultPartition(schema, parent)], "ACCESS EXCLUSIVE"),
        ...otherEnds(schema, parent),
      ],
      scans,
    };
  },
  cases: [
    {
      sql:
        "create table app.visits_2030 partition of app.visits " +
        "for values from ('2030-01-01') to ('2031-01-01')",
      gives: ["risky"],
    },
    {
      sql:
        "create table app.events_2030 partition of app.events " +
        "for values from ('2030-01-01') to ('2031-01-01')",
      gives: ["risky"],
    },
    {
      before: "alter table app.events_other add constraint c check (at < '2026-01-01')",
      sql:
        "create table app.events_2030 partition of app.events " +
        "for values from ('2030-01-01') to ('2031-01-01')",
      gives: ["risky"],
    },
    { sql: "create table app.visits_rest partition of app.visits default", gives: ["risky"] },
    { sql: "create table depot.rest partition of depot.floors default", gives: ["risky"] },
    { sql: "create table depot.rest partition of depot.rooms default", gives: ["risky"] },
    { sql: "create table app.fresh (id bigint) inherits (app.archive)", gives: "silent" },
  ],
};

/** Tables that the partitioned one refers to, and those that refer to it. */
function otherEnds(schema: SchemaModel, parent: string): readonly RelationLock[] {
  const table = schema.relation(parent);
  const referring = schema.referencing(parent).map((one) => one.table);
  // What the new partition itself is like makes no difference here: it has no keys of its own.
  const { locks } = keyEffects(table, { ...table, constraints: new Map() });
  return [...locks, ...sameLocks(referring, "SHARE ROW EXCLUSIVE")];
}
