/** The indexes that DROP INDEX names, with what hangs on each. */

import type { DropStmt } from "libpg-query";
import { type Action, names, rangeOfNames } from "./action.ts";
import { backedConstraint, isNeeded } from "./index-users.ts";
import { partsOfName } from "./relation-name.ts";
import type { Judgement, Known } from "./rule.ts";
import type { Index } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";

export interface DroppedIndexes {
  readonly node: DropStmt;
  /** As `SchemaModel` names them. */
  readonly names: readonly string[];
  /** Those of them of which something is known. */
  readonly known: readonly Index[];
  readonly tables: readonly string[];
  /** Tables where they are known, else the indexes themselves. */
  readonly subjects: readonly string[];
  /** What fails without them, as the end of a sentence. */
  readonly loss: string | undefined;
}

export function droppedIndexes(action: Action, { schema }: Known): DroppedIndexes | undefined {
  if (action.kind !== "statement" || !("DropStmt" in action.tree)) return undefined;
  const node = action.tree.DropStmt;
  if (node.removeType !== "OBJECT_INDEX") return undefined;
  const all = (node.objects ?? []).flatMap((one) =>
    "List" in one ? schema.nameOf(rangeOfNames(names(one.List.items))) : [],
  );
  const known = all.flatMap((name) => schema.index(name) ?? []);
  const tables = [...new Set(known.map(({ table }) => table))];
  return {
    node, names: all, known, tables,
    subjects: tables.length > 0 ? tables : all,
    loss: lossOf(schema, known.filter((one) => isNeeded(schema, one))),
  };
}

/** An index of a constraint goes only with the constraint. */
export function ownedByConstraint(
  { schema }: Known,
  { known, subjects }: DroppedIndexes,
): Judgement | undefined {
  const owned = known.find((one) => backedConstraint(schema, one) !== undefined);
  if (owned === undefined) return undefined;
  const { name, table } = owned;
  return {
    classes: ["error"],
    reason: `${name} belongs to a constraint of ${table}, and cannot be dropped by itself`,
    instead: `alter table ${table} drop constraint ${partsOfName(name).name}`,
    subjects,
  };
}

function lossOf(schema: SchemaModel, needed: readonly Index[]): string | undefined {
  if (needed.length === 0) return undefined;
  const names = needed.map(({ name }) => name).join(", ");
  const isView = needed.every(({ table }) => schema.relation(table).kind === "materialized-view");
  return isView
    ? `; refresh materialized view concurrently fails without ${names}`
    : `; on conflict fails without ${names}, and doubles are let in`;
}
