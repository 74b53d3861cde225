/** A partition and the tables above it: what holds for those holds for it as well. */

import type { Constraint, Index, Relation } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";

/** The table itself first. */
export function withAncestors(schema: SchemaModel, name: string): readonly Relation[] {
  const found = new Map<string, Relation>();
  // What files say may go round in a circle, which no database would.
  for (let at: string | undefined = name; at !== undefined && !found.has(at);) {
    const relation: Relation = schema.relation(at);
    found.set(at, relation);
    at = relation.partitionOf;
  }
  return [...found.values()];
}

/** Its own constraints, and those that it has from above: files name them only there. */
export function constraintsOn(schema: SchemaModel, name: string): readonly Constraint[] {
  return withAncestors(schema, name).flatMap(({ constraints }) => [...constraints.values()]);
}

/** Its own indexes, and those that it has from above. */
export function indexesOn(schema: SchemaModel, name: string): readonly Index[] {
  return withAncestors(schema, name).flatMap((one) => schema.indexesOf(one.name));
}
