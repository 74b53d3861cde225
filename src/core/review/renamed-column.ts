/** Changes the model of a schema as RENAME COLUMN would: what speaks of the column follows it. */

import type { Constraint, Relation } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";

export function renameColumn(
  model: SchemaModel,
  table: string,
  [from, to]: readonly [from: string, to: string],
): void {
  if (!model.relation(table).columns.has(from)) return;
  const renamed = (list: readonly string[]): readonly string[] =>
    list.map((name) => (name === from ? to : name));
  const tables = [table, ...model.partitionsOf(table).map(({ name }) => name)];
  for (const one of tables) {
    const relation = model.relation(one);
    const constraints = new Map([...relation.constraints].map(([key, constraint]) => [key, {
      ...constraint,
      columns: renamed(constraint.columns),
      provesNotNull: renamed(constraint.provesNotNull),
    }]));
    const columns = new Map([...relation.columns].map(([key, column]) =>
      key === from ? [to, { ...column, name: to }] : [key, column],
    ));
    model.put({
      ...relation, columns, constraints, partitionKey: renamed(relation.partitionKey),
    });
    for (const index of model.indexesOf(one)) {
      model.putIndex({ ...index, columns: renamed(index.columns) });
    }
    for (const other of model.referencing(one)) follow(model, other, renamed);
    for (const reader of model.columnReadersOf(one)) readUnder(model, { reader, one }, renamed);
  }
}

type Renamed = (list: readonly string[]) => readonly string[];

/** A foreign key that points to the column. */
function follow(
  model: SchemaModel,
  { table, constraint }: { readonly table: string; readonly constraint: Constraint },
  renamed: Renamed,
): void {
  const relation = model.relation(table);
  const { name } = constraint;
  const known = relation.constraints.get(name) ?? constraint;
  const constraints = new Map(relation.constraints);
  constraints.set(name, { ...known, referencedColumns: renamed(known.referencedColumns) });
  model.put({ ...relation, constraints });
}

function readUnder(
  model: SchemaModel,
  { reader, one }: { readonly reader: Relation; readonly one: string },
  renamed: Renamed,
): void {
  // What it is now: it may be the table itself, which has changed.
  const relation = model.relation(reader.name);
  const readsColumns = new Map(relation.readsColumns);
  readsColumns.set(one, renamed(readsColumns.get(one) ?? []));
  model.put({ ...relation, readsColumns });
}
