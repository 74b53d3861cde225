/** Finds nodes of one kind anywhere in a parse tree, which is made of plain objects and lists. */

import type { ColumnRef, CommonTableExpr, FuncCall, RangeVar } from "libpg-query";

interface SoughtNodes {
  readonly FuncCall: FuncCall;
  readonly ColumnRef: ColumnRef;
  readonly RangeVar: RangeVar;
  readonly CommonTableExpr: CommonTableExpr;
}

/** In the order in which they are written, those within others too. */
export function nodesOf<Kind extends keyof SoughtNodes>(
  kind: Kind,
  part: unknown,
): readonly SoughtNodes[Kind][] {
  if (Array.isArray(part)) return part.flatMap((one) => nodesOf(kind, one));
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === kind
      ? [value as SoughtNodes[Kind], ...nodesOf(kind, value)]
      : nodesOf(kind, value),
  );
}
