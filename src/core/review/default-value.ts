/** Whether a default's value differs from row to row, by the functions that it calls. */

import type { Node } from "libpg-query";
import { names } from "./action.ts";
import type { Known } from "./rule.ts";
import type { SchemaModel } from "./schema-model.ts";
import { nodesOf } from "./tree-nodes.ts";

/** Functions of an expression, by their names without a schema, each once. */
export interface DefaultFunctions {
  /** Each call may give another value: every row must be written. */
  readonly volatile: readonly string[];
  /**
   * Nothing tells what they are. A database has told of all functions but its built-in ones, and
   * of these all that are volatile are known, or called pg_… or lo_….
   */
  readonly unknown: readonly string[];
}

export function defaultFunctions(
  { schema, source }: Known,
  expression: Node | undefined,
): DefaultFunctions {
  const called = calledFunctions(expression);
  const unknown = called.filter((name) => schema.volatility(name) === undefined);
  return {
    volatile: volatileCalls(schema, expression),
    unknown: source === "files" ? unknown : unknown.filter((name) => /^(?:pg|lo)_/.test(name)),
  };
}

/** Functions of which it is known that each call may give another value. */
export function volatileCalls(
  schema: SchemaModel,
  expression: Node | undefined,
): readonly string[] {
  return calledFunctions(expression).filter((name) => schema.volatility(name) === "volatile");
}

function calledFunctions(expression: Node | undefined): readonly string[] {
  const calls = nodesOf("FuncCall", expression);
  return [...new Set(calls.map(({ funcname }) => names(funcname).at(-1) ?? ""))];
}

/** NULL, with or without a type: `null::text` is a default that gives nothing as well. */
export function isNull(expression: Node): boolean {
  if ("TypeCast" in expression) {
    const { arg } = expression.TypeCast;
    return arg !== undefined && isNull(arg);
  }
  return "A_Const" in expression && expression.A_Const.isnull === true;
}
