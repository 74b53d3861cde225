/** What a SET or RESET changes, where that is more than a parameter of the file's own. */

import type { Node, VariableSetStmt } from "libpg-query";
import { nodeBody } from "./statement-node.ts";

/** Whether waits for locks are without an end afterwards, or as the server has them. */
export function isTimeoutOff(set: VariableSetStmt): boolean {
  if (set.kind === "VAR_RESET_ALL") return true;
  if (set.name?.toLowerCase() !== "lock_timeout") return false;
  if (set.kind === "VAR_RESET" || set.kind === "VAR_SET_DEFAULT") return true;
  return (set.args ?? []).some(isZero);
}

/** A number that is 0 is left out of the tree. */
function isZero(node: Node): boolean {
  const value = nodeBody(node, "A_Const");
  if (value?.ival !== undefined) return (value.ival.ival ?? 0) === 0;
  return /^\s*[-+]?0+(\.0+)?\s*(us|ms|s|min|h|d)?\s*$/.test(value?.sval?.sval ?? "x");
}

export function isRoleChange({ name }: VariableSetStmt): boolean {
  return name === "role" || name === "session_authorization";
}
