/** Which tables VACUUM and ANALYZE go through. */

import type { Node, VacuumStmt } from "libpg-query";
import type { SchemaModel } from "./schema-model.ts";
import { tableFamily } from "./table-locks.ts";

/** Those that are named, with their partitions; all that are known where none is. */
export function vacuumedTables(schema: SchemaModel, { rels }: VacuumStmt): readonly string[] {
  const named = (rels ?? []).flatMap((node) =>
    "VacuumRelation" in node ? (node.VacuumRelation.relation ?? []) : [],
  );
  if (named.length > 0) {
    return named.flatMap((range) => {
      const name = schema.nameOf(range);
      return range.inh === true ? tableFamily(schema, name) : [name];
    });
  }
  const kinds = ["table", "partitioned-table", "materialized-view"];
  return schema.relations().filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
}

/** Whether an option is written, and not as `(full false)`. */
export function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((node) => {
    if (!("DefElem" in node) || node.DefElem.defname !== name) return false;
    const { arg } = node.DefElem;
    if (arg === undefined) return true;
    if ("Integer" in arg) return arg.Integer.ival !== undefined;
    const off = ["false", "off", "0"];
    return !("String" in arg) || !off.includes((arg.String.sval ?? "").toLowerCase());
  });
}
