/** Which relations a command on a table touches: the table, and the partitions it goes down to. */

import type { Action } from "./action.ts";
import type { LockMode, RelationLock } from "./rule.ts";
import type { SchemaModel } from "./schema-model.ts";

/** A subcommand of ALTER TABLE. */
export type AlterTableAction = Extract<Action, { readonly kind: "alter-table" }>;

/** The table and all partitions below it. */
export function tableFamily(schema: SchemaModel, name: string): readonly string[] {
  return [name, ...schema.partitionsOf(name).map((partition) => partition.name)];
}

/** What a subcommand that goes down to partitions touches: with ONLY it does not go down. */
export function touchedTables(schema: SchemaModel, action: AlterTableAction): readonly string[] {
  const { name } = schema.relation(action.table);
  return action.only ? [name] : tableFamily(schema, name);
}

/** One lock on the table, and the same on each of its partitions. */
export function tableLocks(
  schema: SchemaModel,
  name: string,
  mode: LockMode,
): readonly RelationLock[] {
  return sameLocks(tableFamily(schema, name), mode);
}

/** The same lock on each of them. */
export function sameLocks(names: readonly string[], mode: LockMode): readonly RelationLock[] {
  return names.map((relation) => ({ relation, mode }));
}

/**
 * Those of them that hold rows here: a partitioned table has no file of its own, and the rows of
 * a foreign table lie elsewhere and are never looked at.
 */
export function storedTables(schema: SchemaModel, names: readonly string[]): readonly string[] {
  const without: readonly string[] = ["partitioned-table", "foreign-table", "view"];
  return names.filter((name) => !without.includes(schema.relation(name).kind));
}
