/** The tables whose foreign keys refer to a key, and go with it. */

import { areSameColumns, referencedColumns } from "./referenced-columns.ts";
import type { Constraint } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";

export interface KeyDependents {
  readonly certain: readonly string[];
  /** Those that may refer to another key of the same columns, or of as many. */
  readonly possible: readonly string[];
}

/**
 * A foreign key refers to a key of its columns. There is doubt where the table has several of
 * them, or where nobody knows the columns and the table has several keys of so many.
 */
export function dependents(
  schema: SchemaModel,
  table: string,
  { kind, columns }: Constraint,
): KeyDependents {
  if (kind !== "primary-key" && kind !== "unique") return { certain: [], possible: [] };
  const keys = schema.indexesOf(table).filter((index) =>
    index.unique && index.valid && !index.partial && index.columns.length === columns.length,
  );
  const isOnlyKey = keys.filter((key) => areSameColumns(key.columns, columns)).length <= 1;
  const certain = new Set<string>();
  const possible = new Set<string>();
  for (const { table: other, constraint } of schema.referencing(table)) {
    const pointed = referencedColumns(schema, constraint);
    const mayBe = pointed === undefined
      ? constraint.columns.length === columns.length
      : areSameColumns(pointed, columns);
    if (!mayBe) continue;
    const isSure = pointed === undefined ? keys.length <= 1 : isOnlyKey;
    (isSure ? certain : possible).add(other);
  }
  return {
    certain: [...certain],
    possible: [...possible].filter((other) => !certain.has(other)),
  };
}
