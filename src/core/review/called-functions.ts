/** Functions that a query calls, and whether they can do more than give a value. */

import type { FuncCall, Node } from "libpg-query";
import { names } from "./action.ts";
import type { Known } from "./rule.ts";
import { nodeBody } from "./statement-node.ts";
import { nodesOf } from "./tree-nodes.ts";

/**
 * The functions that can change what they like, as far as one knows. What a database does not
 * know is built in, and what that does is known. From files alone nothing is known of extensions:
 * a name with a schema is somebody's own, and so is one that is called for its own sake.
 */
export function effectfulCalls(query: Node, known: Known): readonly string[] {
  const isForItsOwnSake = nodeBody(query, "SelectStmt")?.fromClause === undefined;
  const calls = nodesOf("FuncCall", query).filter((call) =>
    isEffectful(call, known, isForItsOwnSake ? "sake" : "value"),
  );
  return [...new Set(calls.map(({ funcname }) => names(funcname).join(".")))];
}

function isEffectful(
  { funcname }: FuncCall,
  { schema, source }: Known,
  calledFor: "sake" | "value",
): boolean {
  const parts = names(funcname);
  const name = parts.at(-1) ?? "";
  const [space] = parts.length > 1 ? parts : [undefined];
  if (space === "pg_catalog") return false;
  if (schema.isOwnFunction(name)) return schema.volatility(name) === "volatile";
  if (name.startsWith("pg_")) return false;
  if (source === "database" || schema.volatility(name) !== undefined) return false;
  return space !== undefined || (calledFor === "sake" && !aggregates.has(name));
}

const aggregates: ReadonlySet<string> = new Set([
  "count", "sum", "min", "max", "avg", "bool_and", "bool_or", "array_agg", "string_agg",
  "json_agg", "jsonb_agg", "unnest", "generate_series", "row_number",
]);
