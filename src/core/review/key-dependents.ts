/** The tables whose foreign keys refer to a key, and go with it. */

import type { Constraint } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";

export interface KeyDependents {
  readonly certain: readonly string[];
  /** Those that may refer to another key of the table. */
  readonly possible: readonly string[];
}

/**
 * Which key a foreign key refers to is not kept: it must have as many columns, and there is no
 * doubt where the table has but one unique index of so many.
 */
export function dependents(
  schema: SchemaModel,
  table: string,
  { kind, columns }: Constraint,
): KeyDependents {
  if (kind !== "primary-key" && kind !== "unique") return { certain: [], possible: [] };
  const fitting = schema.referencing(table).filter(({ constraint }) =>
    constraint.columns.length === columns.length,
  );
  const tables = [...new Set(fitting.map((one) => one.table))];
  const keys = schema.indexesOf(table).filter((index) =>
    index.unique && index.valid && !index.partial && index.columns.length === columns.length,
  );
  return keys.length > 1 ? { certain: [], possible: tables } : { certain: tables, possible: [] };
}
