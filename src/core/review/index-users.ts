/** Who needs an index: the constraint that it backs, and statements that lean on it. */

import { indexBacked } from "./named-constraint.ts";
import { partsOfName } from "./relation-name.ts";
import type { Constraint, Index } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";

/** An index that backs a constraint has its name. */
export function backedConstraint(
  schema: SchemaModel,
  { name, table }: Index,
): Constraint | undefined {
  const constraint = schema.relation(table).constraints.get(partsOfName(name).name);
  return constraint !== undefined && indexBacked.includes(constraint.kind) ? constraint : undefined;
}

/**
 * Whether ON CONFLICT (columns), or the concurrent refresh of a materialized view, fails when the
 * index is gone: it is unique, and no other unique index has the same columns.
 */
export function isNeeded(schema: SchemaModel, index: Index): boolean {
  if (!index.unique || !index.valid) return false;
  // Whether two predicates, or two expressions, are the same is not known.
  if (index.partial || index.columns.includes("")) return true;
  const wanted = sortedColumns(index);
  return !schema.indexesOf(index.table).some((other) =>
    other.name !== index.name && other.unique && other.valid && !other.partial &&
    sortedColumns(other) === wanted,
  );
}

function sortedColumns({ columns }: Index): string {
  return columns.toSorted().join("\n");
}
