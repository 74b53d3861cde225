/** A column's type out of the catalog, spelled as the parser spells one that is written. */

import type { ColumnType } from "../core/review/action.ts";
import type { ColumnJson, TypeJson } from "./catalog-sql.ts";

/** What an interval's modifier says where it limits neither the fields nor the digits. */
const allFields = 0x7fff;
const allDigits = 0xffff;

export function typeOf(
  [, , , oid, modifier, written]: ColumnJson,
  types: ReadonlyMap<number, TypeJson>,
): ColumnType {
  const own = types.get(oid);
  const element = types.get(own?.[3] ?? 0);
  const [, schema = "", name = ""] = element ?? own ?? [];
  return {
    name: schema === "pg_catalog" ? name : `${schema}.${name}`,
    modifiers: name === "interval" ? ofInterval(modifier) : modifiersIn(written ?? ""),
    isArray: element !== undefined,
  };
}

/** `numeric(10,2)`, `timestamp(3) with time zone`; a name in quotes may hold anything. */
function modifiersIn(written: string): readonly number[] {
  const [, list = ""] = /\(([^()]*)\)/.exec(written.replaceAll(/"(?:[^"]|"")*"/g, "")) ?? [];
  return list.split(",").flatMap((part) => (/^-?\d+$/.test(part.trim()) ? Number(part) : []));
}

/** The parser gives the fields as a mask of bits, and the digits behind it. */
function ofInterval(modifier: number): readonly number[] {
  if (modifier === -1) return [];
  const fields = (modifier >> 16) & allFields;
  const digits = modifier & allDigits;
  return digits === allDigits ? [fields] : [fields, digits];
}
