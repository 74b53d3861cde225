/** The columns that a foreign key points to, at its other end. */

import type { Constraint } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";

/** Undefined where they are not known: it names none, and the other table's key is not known. */
export function referencedColumns(
  schema: SchemaModel,
  { references, referencedColumns: named }: Constraint,
): readonly string[] | undefined {
  if (named.length > 0) return named;
  if (references === undefined) return undefined;
  const constraints = [...schema.relation(references).constraints.values()];
  // One that names no columns points to the primary key.
  return constraints.find(({ kind }) => kind === "primary-key")?.columns;
}

/** Whether both lists hold the same columns, in whatever order. */
export function areSameColumns(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((one) => right.includes(one));
}
