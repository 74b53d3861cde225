/** How far the drop of a relation reaches: what goes with it, and what else is locked for it. */

import type { Constraint, Relation } from "./schema-facts.ts";
import type { RelationLock } from "./rule.ts";
import type { SchemaModel } from "./schema-model.ts";
import { sameLocks, tableFamily } from "./table-locks.ts";

export interface DropReach {
  /** What was named, and what goes with it. */
  readonly dropped: readonly string[];
  /** What stays, and is locked all the same: the other ends of foreign keys, the parent. */
  readonly others: readonly string[];
  readonly locks: readonly RelationLock[];
}

/** Partitions and owned sequences go with a table always, views only by CASCADE. */
export function dropReach(
  schema: SchemaModel,
  named: readonly string[],
  behavior: "restrict" | "cascade",
): DropReach {
  const dropped = new Set<string>();
  const open = [...named];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (dropped.has(name)) continue;
    dropped.add(name);
    const views = behavior === "cascade" ? schema.readersOf(name) : [];
    const more = [...schema.partitionsOf(name), ...schema.ownedSequences(name), ...views];
    open.push(...more.map((relation) => relation.name));
  }
  const others = new Set<string>();
  for (const name of dropped) {
    const relation = schema.relation(name);
    for (const other of keptNeighbours(schema, relation)) others.add(other);
    if (behavior === "restrict") continue;
    for (const { table } of schema.referencing(name)) others.add(table);
    // A column whose default asks the sequence loses it.
    if (relation.ownedBy !== undefined) others.add(relation.ownedBy);
  }
  const kept = [...others].filter((name) => !dropped.has(name));
  return {
    dropped: [...dropped],
    others: kept,
    locks: sameLocks([...dropped, ...kept], "ACCESS EXCLUSIVE"),
  };
}

function keptNeighbours(schema: SchemaModel, relation: Relation): readonly string[] {
  const { partitionOf } = relation;
  const parents = partitionOf === undefined
    ? []
    : [partitionOf, ...defaultPartition(schema, partitionOf)];
  const referred = foreignKeys(schema, relation).flatMap(({ references }) => references ?? []);
  return [...referred, ...parents];
}

/** A partition's copy of its parent's foreign key has nothing at the other end. */
function foreignKeys(schema: SchemaModel, relation: Relation): readonly Constraint[] {
  const own = [...relation.constraints.values()].filter(({ kind }) => kind === "foreign-key");
  if (relation.partitionOf === undefined) return own;
  const parents = [...schema.relation(relation.partitionOf).constraints.values()];
  return own.filter((one) => !parents.some((other) => isSameKey(one, other)));
}

export function isSameKey(one: Constraint, other: Constraint): boolean {
  return other.kind === "foreign-key" && one.references === other.references &&
    one.columns.join() === other.columns.join();
}

/** The default partition and those below it; none where there is none. */
export function defaultPartition(schema: SchemaModel, parent: string): readonly string[] {
  const found = schema.partitionsOf(parent).find(
    ({ partitionOf, isDefaultPartition }) => partitionOf === parent && isDefaultPartition,
  );
  return found === undefined ? [] : tableFamily(schema, found.name);
}
