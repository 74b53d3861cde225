/** What hangs on a column and is touched with it: foreign keys, and the sequence of its numbers. */

import { referencedColumns } from "./referenced-columns.ts";
import { partsOfName, relationName } from "./relation-name.ts";
import type { Column, Constraint, Relation } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";

/** A foreign key of the column or to it, by the table at its other end. */
export interface ForeignTie {
  readonly table: string;
  readonly constraint: Constraint;
}

/** Foreign keys of the column, and those of other tables to it. */
export function foreignTies(
  schema: SchemaModel,
  table: Relation,
  column: string,
): readonly ForeignTie[] {
  return [...tiesFrom(table, column), ...tiesTo(schema, table, column)];
}

/** Foreign keys of the column, by the tables that they refer to. */
export function tiesFrom(table: Relation, column: string): readonly ForeignTie[] {
  return [...table.constraints.values()].flatMap((constraint): readonly ForeignTie[] => {
    const { references, columns } = constraint;
    if (references === undefined || !columns.includes(column)) return [];
    return [{ table: references, constraint }];
  });
}

/**
 * Foreign keys of other tables that point to the column. One of which nobody knows where it points
 * is taken for each key of the table that has as many columns as the foreign key.
 */
export function tiesTo(
  schema: SchemaModel,
  { name }: Relation,
  column: string,
): readonly ForeignTie[] {
  const keys = schema.indexesOf(name).filter(({ unique, partial }) => unique && !partial);
  return schema.referencing(name).filter(({ constraint }) => {
    const pointed = referencedColumns(schema, constraint);
    if (pointed !== undefined) return pointed.includes(column);
    const { length } = constraint.columns;
    return keys.some((key) => key.columns.length === length && key.columns.includes(column));
  });
}

/**
 * The sequence of an identity or a serial column. Which of its table's sequences belongs to which
 * column is told by its name, which is Postgres' own unless somebody has renamed it.
 */
export function columnSequence(
  schema: SchemaModel,
  table: Relation,
  column: string,
): string | undefined {
  const { schema: space, name } = partsOfName(table.name);
  const usual = relationName(space, `${name}_${column}_seq`);
  const owned = schema.ownedSequences(table.name).map((sequence) => sequence.name);
  if (owned.includes(usual)) return usual;
  const known = table.columns.get(column);
  if (known === undefined || table.isNew) return undefined;
  const numbered = [...table.columns.values()].filter(isNumbered);
  if (owned.length === 1 && numbered.length === 1 && isNumbered(known)) return owned[0];
  return known.identity ? usual : undefined;
}

function isNumbered({ identity, hasDefault, type }: Column): boolean {
  return identity || (hasDefault && ["int2", "int4", "int8"].includes(type.name));
}
