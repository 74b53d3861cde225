/** Finds nodes of the parse tree by their kind. */

import type { Node, RangeVar } from "libpg-query";
import type { Action } from "./action.ts";

type KeyOf<T> = T extends unknown ? keyof T : never;

export type NodeKind = KeyOf<Node>;

export type NodeBody<K extends NodeKind> = Extract<Node, Readonly<Record<K, unknown>>>[K];

/** The statement's own node, where the statement is of that kind. */
export function bodyOf<K extends NodeKind>(action: Action, kind: K): NodeBody<K> | undefined {
  return action.kind === "statement" ? nodeBody(action.tree, kind) : undefined;
}

export function nodeBody<K extends NodeKind>(
  node: Node | undefined,
  kind: K,
): NodeBody<K> | undefined {
  return (node as Partial<Record<K, NodeBody<K>>> | undefined)?.[kind];
}

/** What the statement is, such as `DropStmt`. */
export function statementKind(action: Action): NodeKind | undefined {
  if (action.kind !== "statement") return undefined;
  const [kind] = Object.keys(action.tree) as readonly NodeKind[];
  return kind;
}

/** The relations of a list that holds nothing else. */
export function rangeVars(nodes: readonly Node[] | undefined): readonly RangeVar[] {
  return (nodes ?? []).flatMap((node) => nodeBody(node, "RangeVar") ?? []);
}
