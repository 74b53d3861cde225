/** The relations that a DROP names, where it names relations. */

import type { DropStmt, ObjectType } from "libpg-query";
import { rangeOfNames } from "./action.ts";
import { objectParts } from "./object-name.ts";
import type { Known } from "./rule.ts";

export interface NamedDrop {
  /** Those that are there, as far as one knows. */
  readonly names: readonly string[];
  readonly behavior: "restrict" | "cascade";
}

/** Undefined where it drops something of another kind. */
export function namedDrop(
  drop: DropStmt | undefined,
  known: Known,
  ...kinds: readonly ObjectType[]
): NamedDrop | undefined {
  if (drop?.removeType === undefined || !kinds.includes(drop.removeType)) return undefined;
  const { schema, source } = known;
  const all = (drop.objects ?? []).map((node) => schema.nameOf(rangeOfNames(objectParts(node))));
  // A database that does not know it has none, and IF EXISTS then passes over it.
  const isSure = source === "database" && drop.missing_ok === true;
  return {
    names: isSure ? all.filter((name) => schema.isKnown(name)) : all,
    behavior: drop.behavior === "DROP_CASCADE" ? "cascade" : "restrict",
  };
}
