/** What ALTER TABLE … ADD CONSTRAINT adds, and which tables it goes down to. */

import type { Constraint as ConstraintNode } from "libpg-query";
import type { Action } from "./action.ts";
import { shownName } from "./relation-name.ts";
import type { Known } from "./rule.ts";
import type { Relation } from "./schema-facts.ts";
import { storedTables, touchedTables } from "./table-locks.ts";

export interface AddedConstraint {
  readonly node: ConstraintNode;
  readonly table: Relation;
  /** The table, with its partitions. */
  readonly tables: readonly string[];
  /** Those of them that hold rows. */
  readonly stored: readonly string[];
  /** Whether the rows that are there are left alone: NOT VALID, or NOT ENFORCED. */
  readonly skipsRows: boolean;
  /** `app.orders add constraint x`, for what is to be written instead. */
  readonly addition: string;
  /** `x` as SQL writes it, or a dash of a name where the author gave none. */
  readonly name: string;
}

/** Undefined for anything but a constraint of these kinds on a table. */
export function addedConstraint(
  action: Action,
  { schema }: Known,
  ...kinds: readonly NonNullable<ConstraintNode["contype"]>[]
): AddedConstraint | undefined {
  if (action.kind !== "alter-table" || action.command.subtype !== "AT_AddConstraint") {
    return undefined;
  }
  const { object, command } = action;
  if (object !== "OBJECT_TABLE" && object !== "OBJECT_FOREIGN_TABLE") return undefined;
  if (command.def === undefined || !("Constraint" in command.def)) return undefined;
  const node = command.def.Constraint;
  if (node.contype === undefined || !kinds.includes(node.contype)) return undefined;
  const table = schema.relation(action.table);
  const tables = touchedTables(schema, action);
  const name = node.conname === undefined ? "…" : shownName(node.conname);
  return {
    node, table, tables, name,
    stored: object === "OBJECT_FOREIGN_TABLE" ? [] : storedTables(schema, tables),
    skipsRows: node.skip_validation === true,
    addition: `${table.name} add constraint ${name}`,
  };
}

/** The two files that do in steps what one ADD CONSTRAINT does at once. */
export function notValidFirst({ addition, table, name }: AddedConstraint, what: string): string {
  return (
    `alter table ${addition} ${what} not valid; then, in a file of its own, ` +
    `alter table ${table.name} validate constraint ${name}`
  );
}

/** What the time of a scan grows with. A table that holds no rows of its own stands for itself. */
export function growing({ table, stored }: AddedConstraint): readonly string[] {
  return stored.length > 0 ? stored : [table.name];
}
