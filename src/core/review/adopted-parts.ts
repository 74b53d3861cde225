/** What partitions have already of a constraint or index of their parent, which takes it over. */

import type { IndexStmt } from "libpg-query";
import type { AddedConstraint } from "./added-constraint.ts";
import type { AddedForeignKey } from "./foreign-key.ts";
import type { SchemaModel } from "./schema-model.ts";
import { constraintsOn } from "./table-ancestry.ts";

/** Partitions below the table with the same foreign key; its actions are taken for the same. */
export function adoptedForeignKeys(
  schema: SchemaModel,
  { table, tables, parent, columns }: AddedForeignKey,
): { readonly validated: readonly string[]; readonly unvalidated: readonly string[] } {
  const found = tables.filter((name) => name !== table.name).flatMap((name) => {
    const same = constraintsOn(schema, name).find((one) =>
      one.kind === "foreign-key" && one.references === parent && isSame(one.columns, columns),
    );
    return same === undefined ? [] : [{ name, validated: same.validated }];
  });
  return {
    validated: found.flatMap(({ name, validated }) => (validated ? [name] : [])),
    unvalidated: found.flatMap(({ name, validated }) => (validated ? [] : [name])),
  };
}

/** Partitions whose unique constraint or primary key is the parent's; an index alone is not. */
export function adoptedKeys(
  schema: SchemaModel,
  { table, tables }: AddedConstraint,
  columns: readonly string[],
): readonly string[] {
  return tables.filter((name) => name !== table.name && constraintsOn(schema, name).some((one) =>
    (one.kind === "unique" || one.kind === "primary-key") && isSame(one.columns, columns),
  ));
}

/** Partitions with the same index. Only b-trees on plain columns are looked for. */
export function adoptedIndexes(
  schema: SchemaModel,
  partitions: readonly string[],
  create: IndexStmt,
): readonly string[] {
  const columns = (create.indexParams ?? []).map((node) =>
    "IndexElem" in node && (node.IndexElem.opclass ?? node.IndexElem.collation) === undefined
      ? (node.IndexElem.name ?? "") : "",
  );
  const isPlain = (create.accessMethod ?? "btree") === "btree" && !columns.includes("") &&
    create.whereClause === undefined && create.indexIncludingParams === undefined;
  if (!isPlain) return [];
  return partitions.filter((name) => schema.indexesOf(name).some((index) =>
    index.unique === (create.unique === true) && index.valid && !index.partial &&
    isSame(index.columns, columns),
  ));
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((one, at) => one === right[at]);
}
