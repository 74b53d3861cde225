/** What a change of a column's type comes to, by the type that it has and the one it gets. */

import type { ColumnDef, Node } from "libpg-query";
import { type ColumnType, columnType, names, rangeOfNames } from "./action.ts";
import type { SchemaModel } from "./schema-model.ts";

export type TypeChange =
  /**
   * The rows can stay as they are. An index that leads to the column by its name alone can stay
   * as well, but where `indexes` says that it is rebuilt.
   */
  | { readonly kind: "kept"; readonly indexes: "kept" | "rebuilt" }
  /** Between timestamp and timestamptz: the rows can stay where the session's TimeZone is UTC. */
  | { readonly kind: "zone" }
  /** Every row is written again; `breaks` where running code can fail on what comes of it. */
  | { readonly kind: "written"; readonly breaks: boolean }
  /** It depends on what a type is that nothing is known of. */
  | { readonly kind: "unknown" };

/** `from` is undefined where nothing is known of the column. */
export function typeChange(
  schema: SchemaModel,
  column: string,
  from: ColumnType | undefined,
  node: ColumnDef,
): TypeChange {
  const to = columnType(node.typeName);
  const isComputed = node.raw_default !== undefined && !isPlain(node.raw_default, column, to);
  const breaks = from !== undefined && !isWider(from, to) && !isZoneChange(from, to);
  if (isComputed) return { kind: "written", breaks };
  if (from === undefined) return { kind: "unknown" };
  const isRebuilt = node.collClause !== undefined || !sharesOperators(from.name, to.name);
  const kept = { kind: "kept", indexes: isRebuilt ? "rebuilt" : "kept" } as const;
  if (isSame(from, to)) return kept;
  const domain = to.isArray
    ? undefined
    : schema.domain(rangeOfNames(names(node.typeName?.names)));
  if (domain?.hasConstraints === true) return { kind: "written", breaks: true };
  const isOfDomain = schema.domain(rangeOfNames(from.name.split("."))) !== undefined;
  if (domain !== undefined || isOfDomain) return { kind: "unknown" };
  if (isZoneChange(from, to)) {
    return isFine(to) ? { kind: "zone" } : { kind: "written", breaks: false };
  }
  return keepsRows(from, to) ? kept : { kind: "written", breaks };
}

/** USING that says no more than Postgres would do without it: the column, cast to the type. */
function isPlain(expression: Node, column: string, to: ColumnType): boolean {
  if ("ColumnRef" in expression) return names(expression.ColumnRef.fields).at(-1) === column;
  if (!("TypeCast" in expression)) return false;
  const { arg, typeName } = expression.TypeCast;
  return arg !== undefined && "ColumnRef" in arg && isPlain(arg, column, to) &&
    isSame(columnType(typeName), to);
}

function isSame(from: ColumnType, to: ColumnType): boolean {
  return from.name === to.name && from.isArray === to.isArray &&
    from.modifiers.join() === to.modifiers.join();
}

/** `from to` where each value of the first is stored as the second, without a limit, stores it. */
const storedAlike: readonly string[] = [
  "varchar text", "text varchar", "bit varbit", "cidr inet", "xml text", "xml varchar",
  "int4 oid", "oid int4", "oid regclass", "regclass oid", "int4 regclass", "regclass int4",
];

function keepsRows(from: ColumnType, to: ColumnType): boolean {
  // Casts of arrays go through their elements one by one, even where those could stay.
  if (from.isArray || to.isArray) return false;
  const isUnlimited = to.modifiers.length === 0;
  if (from.name !== to.name) return isUnlimited && storedAlike.includes(`${from.name} ${to.name}`);
  switch (to.name) {
    case "bpchar":
      return isUnlimited;
    case "varchar":
    case "varbit":
      return fits(from, to);
    case "time":
    case "timetz":
    case "timestamp":
    case "timestamptz":
      return isFine(to) || fits(from, to);
    case "interval":
      return isUnlimited || intervalFits(from, to);
    case "numeric":
      return isUnlimited ||
        (fits(from, to) && (from.modifiers[1] ?? 0) === (to.modifiers[1] ?? 0));
    default:
      return false;
  }
}

/** Whether the first modifier, a length or a precision, gets no smaller. */
function fits(from: ColumnType, to: ColumnType): boolean {
  const [most] = to.modifiers;
  const [now] = from.modifiers;
  return most === undefined || (now !== undefined && now <= most);
}

/** Six digits of a second are all that there are. */
const allDigits = 6;

function isFine({ modifiers: [digits = allDigits] }: ColumnType): boolean {
  return digits >= allDigits;
}

/** Postgres' bits for the fields of an interval, from the smallest field to the largest. */
const fieldBits = [4096, 2048, 1024, 8, 2, 4] as const;

/** A value is cut off below its smallest field, and seconds behind their digits. */
function intervalFits(from: ColumnType, to: ColumnType): boolean {
  const now = smallestField(from);
  const digits = from.modifiers[1] ?? allDigits;
  const most = to.modifiers[1] ?? allDigits;
  return now >= smallestField(to) && (now > 0 || most >= digits);
}

function smallestField({ modifiers: [fields = 4096] }: ColumnType): number {
  return fieldBits.findIndex((bit) => (fields & bit) !== 0);
}

function isZoneChange(from: ColumnType, to: ColumnType): boolean {
  if (from.isArray || to.isArray) return false;
  return [from.name, to.name].sort().join() === "timestamp,timestamptz";
}

/** Whether an index over one serves the other. */
function sharesOperators(from: string, to: string): boolean {
  if (from === to) return true;
  return [["varchar", "text"], ["cidr", "inet"]].some((row) =>
    row.includes(from) && row.includes(to),
  );
}

/** Numbers in the order in which each holds all values of those before it. */
const widths: readonly (readonly string[])[] = [["int2", "int4", "int8"], ["float4", "float8"]];
const texts: readonly string[] = ["bpchar", "varchar", "text"];

/** Whether all that running code writes is still taken, and it reads what it has read so far. */
function isWider(from: ColumnType, to: ColumnType): boolean {
  if (from.isArray !== to.isArray) return false;
  const isLonger = widths.some((row) =>
    row.includes(from.name) && row.indexOf(from.name) < row.indexOf(to.name),
  );
  if (isLonger) return true;
  if (texts.includes(from.name) && texts.includes(to.name)) return fits(from, to);
  if (from.name !== to.name) return false;
  if (to.name !== "numeric") return !["varbit", "bit"].includes(to.name) || fits(from, to);
  const [digits, scale = 0] = from.modifiers;
  const [most, fraction = 0] = to.modifiers;
  if (most === undefined) return true;
  return digits !== undefined && scale <= fraction && digits - scale <= most - fraction;
}
