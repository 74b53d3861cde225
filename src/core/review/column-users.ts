/** The views and rules that use a column, and keep it from being dropped or changed. */

import type { Relation } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";

export interface ColumnUsers {
  /** Those of which the catalog tells that they do; a table stands for a rule of it. */
  readonly certain: readonly Relation[];
  /** Views that read the table, and may use the column: only files tell of them. */
  readonly possible: readonly Relation[];
}

/** `tables` are the table and the partitions in which the column changes with it. */
export function columnUsers(
  schema: SchemaModel,
  tables: readonly string[],
  column: string,
): ColumnUsers {
  const certain = tables.flatMap((table) =>
    schema.columnReadersOf(table).filter(({ readsColumns }) =>
      readsColumns?.get(table)?.includes(column) === true,
    ),
  );
  const possible = tables.flatMap((table) =>
    schema.readersOf(table).filter(({ readsColumns }) => readsColumns === undefined),
  );
  return { certain: [...new Set(certain)], possible: [...new Set(possible)] };
}

/** They and the views that read them, all of which CASCADE takes or, for a rule, locks. */
export function cascadedUsers(schema: SchemaModel, users: ColumnUsers): readonly string[] {
  const found = new Set<string>();
  const open = [...users.certain, ...users.possible];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (found.has(one.name)) continue;
    found.add(one.name);
    if (isView(one)) open.push(...schema.readersOf(one.name));
  }
  return [...found];
}

export function isView({ kind }: Relation): boolean {
  return kind === "view" || kind === "materialized-view";
}
