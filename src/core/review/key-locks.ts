/** What a constraint that builds an index locks. */

import type { AddedConstraint } from "./added-constraint.ts";
import { nullable } from "./null-proof.ts";
import type { Known, RelationLock } from "./rule.ts";
import { sameLocks } from "./table-locks.ts";

/**
 * ACCESS EXCLUSIVE on the table. Its partitions are only locked against writes before 18, unless
 * the columns of a primary key must become NOT NULL there as well.
 */
export function keyLocks(
  known: Known,
  { node, table, tables }: AddedConstraint,
  columns: readonly string[],
): readonly RelationLock[] {
  const { serverMajor } = known;
  const isRecent = serverMajor === undefined || serverMajor >= 18;
  const setsNotNull =
    node.contype === "CONSTR_PRIMARY" && nullable(known, table.name, columns).length > 0;
  const partitions = tables.filter((name) => name !== table.name);
  return [
    { relation: table.name, mode: "ACCESS EXCLUSIVE" },
    ...sameLocks(partitions, isRecent || setsNotNull ? "ACCESS EXCLUSIVE" : "SHARE"),
  ];
}
