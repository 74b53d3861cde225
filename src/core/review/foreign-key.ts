/** What a foreign key touches: the tables at both its ends, with their partitions. */

import type { Action } from "./action.ts";
import { type AddedConstraint, addedConstraint } from "./added-constraint.ts";
import { shownName } from "./relation-name.ts";
import type { Known, LockMode, RelationLock } from "./rule.ts";
import type { SchemaModel } from "./schema-model.ts";
import { sameLocks, tableFamily } from "./table-locks.ts";

/** One that ALTER TABLE adds. */
export interface AddedForeignKey extends AddedConstraint {
  /** The table that it refers to, as `SchemaModel` names it. */
  readonly parent: string;
  readonly columns: readonly string[];
}

export function addedForeignKey(action: Action, known: Known): AddedForeignKey | undefined {
  const added = addedConstraint(action, known, "CONSTR_FOREIGN");
  if (added?.node.pktable === undefined) return undefined;
  const columns = (added.node.fk_attrs ?? []).flatMap((one) =>
    "String" in one ? (one.String.sval ?? "") : [],
  );
  return { ...added, parent: known.schema.nameOf(added.node.pktable), columns };
}

/** The same lock on both tables and all their partitions: ONLY makes no difference to it. */
export function lockedEnds(
  schema: SchemaModel,
  { child, parent }: { readonly child: string; readonly parent: string },
  mode: LockMode,
): readonly RelationLock[] {
  return sameLocks([...tableFamily(schema, child), ...tableFamily(schema, parent)], mode);
}

/** `app.lines and app.orders`; a table that refers to itself is named once. */
export function bothEnds(child: string, parent: string): string {
  return child === parent ? child : `${child} and ${parent}`;
}

/** As it is written in SQL. */
export function shownReference({ columns, parent }: AddedForeignKey): string {
  return `foreign key (${columns.map(shownName).join(", ")}) references ${parent}`;
}
