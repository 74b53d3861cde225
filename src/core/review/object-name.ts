/** Names of objects that are no relations, as the grammar gives them to DROP, ALTER and RENAME. */

import type { Node, ObjectType } from "libpg-query";
import { names } from "./action.ts";

/** The parts of its name: `schema`, `name`; of a trigger the table's parts, then its own. */
export function objectParts(node: Node | undefined): readonly string[] {
  if (node === undefined) return [];
  if ("List" in node) return (node.List.items ?? []).flatMap(objectParts);
  if ("TypeName" in node) return names(node.TypeName.names).filter((one) => one !== "pg_catalog");
  if ("ObjectWithArgs" in node) return names(node.ObjectWithArgs.objname);
  return names([node]);
}

/** `app.touch`. */
export function objectName(node: Node | undefined): string {
  return objectParts(node).join(".");
}

const words: Partial<Readonly<Record<ObjectType, string>>> = {
  OBJECT_MATVIEW: "materialized view",
  OBJECT_FDW: "foreign-data wrapper",
  OBJECT_FOREIGN_SERVER: "server",
  OBJECT_OPCLASS: "operator class",
  OBJECT_OPFAMILY: "operator family",
  OBJECT_STATISTIC_EXT: "statistics",
  OBJECT_TABCONSTRAINT: "constraint",
  OBJECT_DOMCONSTRAINT: "constraint",
  OBJECT_TSCONFIGURATION: "text search configuration",
  OBJECT_TSDICTIONARY: "text search dictionary",
  OBJECT_TSPARSER: "text search parser",
  OBJECT_TSTEMPLATE: "text search template",
};

/** `foreign table`, as people say it. */
export function objectWord(type: ObjectType | undefined): string {
  if (type === undefined) return "object";
  return words[type] ?? type.replace(/^OBJECT_/, "").toLowerCase().replaceAll("_", " ");
}
