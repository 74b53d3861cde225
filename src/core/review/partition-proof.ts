/** Whether checks spare the scan that a new partition costs, and what else joining one touches. */

import type { RelationLock } from "./rule.ts";
import { defaultPartition, isSameKey } from "./drop-reach.ts";
import type { Constraint, Relation } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";
import { storedTables } from "./table-locks.ts";

/**
 * Valid checks of the table on the parent's key. Whether they are as narrow as the bounds is not
 * looked at: the catalog keeps them in a form that only a server can read, and asking it to write
 * one as SQL would wait for the table's lock.
 */
export function keyChecks(
  schema: SchemaModel,
  parent: string,
  table: string,
): readonly Constraint[] {
  const { partitionKey } = schema.relation(parent);
  const checks = [...schema.relation(table).constraints.values()].filter(
    ({ kind, validated, columns }) =>
      kind === "check" && validated && columns.some((column) => partitionKey.includes(column)),
  );
  const isCovered = partitionKey.length > 0 && partitionKey.every((column) =>
    checks.some(({ columns }) => columns.includes(column)),
  );
  return isCovered ? checks : [];
}

/** A range says nothing of nulls, so the key must hold none for a check to prove it. */
export function hasProof(schema: SchemaModel, parent: string, child: string): boolean {
  const { columns } = schema.relation(child);
  const isNotNull = schema.relation(parent).partitionKey.every(
    (column) => columns.get(column)?.notNull === true,
  );
  return isNotNull && keyChecks(schema, parent, child).length > 0;
}

/** The default partition is read for rows that belong to the new one. */
export function scannedDefault(schema: SchemaModel, parent: string): readonly string[] {
  const [first, ...below] = defaultPartition(schema, parent);
  if (first === undefined || keyChecks(schema, parent, first).length > 0) return [];
  return storedTables(schema, [first, ...below]);
}

/** Whether each index of the parent has a fellow on the child that can be taken for it. */
export function hasIndexes(schema: SchemaModel, parent: string, child: string): boolean {
  const own = schema.indexesOf(child).filter(({ valid, partial }) => valid && !partial);
  return schema.indexesOf(parent).every(({ columns, unique }) =>
    own.some((one) => one.unique === unique && one.columns.join() === columns.join()),
  );
}

export interface KeyEffects {
  readonly locks: readonly RelationLock[];
  readonly scans: readonly string[];
}

/**
 * The parent's foreign keys get a part for the child. A key that the child has already is taken
 * for it, and its trigger at the other end is dropped, which locks that end more strongly.
 */
export function keyEffects(parent: Relation, child: Relation): KeyEffects {
  const own = [...child.constraints.values()];
  const locks: RelationLock[] = [];
  const scans: string[] = [];
  for (const key of parent.constraints.values()) {
    if (key.kind !== "foreign-key" || key.references === undefined) continue;
    const isThere = own.some((one) => isSameKey(key, one) && one.validated);
    const mode = isThere ? "ACCESS EXCLUSIVE" : "SHARE ROW EXCLUSIVE";
    locks.push({ relation: key.references, mode });
    if (!isThere) scans.push(child.name, key.references);
  }
  return { locks, scans };
}
