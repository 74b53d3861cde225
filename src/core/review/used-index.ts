/** The index of ADD CONSTRAINT … USING INDEX, and why the server would refuse it. */

import type { AddedConstraint } from "./added-constraint.ts";
import { partsOfName, relationName } from "./relation-name.ts";
import type { Index } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";

export interface UsedIndex {
  readonly name: string;
  /** Undefined where nothing is known of it. */
  readonly index: Index | undefined;
  readonly fault: IndexFault | undefined;
}

export interface IndexFault {
  readonly reason: string;
  readonly instead: string;
}

/** An index lies in the schema of its table. */
export function usedIndex(schema: SchemaModel, { node, table }: AddedConstraint): UsedIndex {
  const name = relationName(partsOfName(table.name).schema, node.indexname ?? "");
  const index = schema.index(name);
  if (table.kind === "partitioned-table") {
    const instead =
      "give each partition the constraint by an index of its own, then add it to the parent, " +
      "which takes them over";
    const reason = `${table.name} is partitioned, and takes no constraint by an index`;
    return { name, index, fault: { reason, instead } };
  }
  return { name, index, fault: index === undefined ? undefined : faultOf(index) };
}

function faultOf({ name, valid, unique, partial, columns, table }: Index): IndexFault | undefined {
  if (!valid) {
    return {
      reason: `${name} is invalid: building it has failed or goes on`,
      instead:
        `drop index concurrently ${name}, and create unique index concurrently anew on ${table}`,
    };
  }
  const instead = `create unique index concurrently … on ${table} (…), of plain columns, no where`;
  if (!unique) return { reason: `${name} is not a unique index`, instead };
  if (partial) return { reason: `${name} is a partial index`, instead };
  if (columns.includes("")) return { reason: `${name} contains expressions`, instead };
  return undefined;
}
