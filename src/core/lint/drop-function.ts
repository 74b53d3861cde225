/** `drop-function`: code that calls the function fails at once. */

import { objectName } from "../review/object-name.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

const kinds: readonly string[] = [
  "OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE",
];

export const dropFunction: StatementRule = {
  id: "drop-function",
  scope: "statement",
  title: "DROP FUNCTION: code that calls it fails",
  page: {
    locks:
      "None on tables; with CASCADE ACCESS EXCLUSIVE on those whose triggers, defaults or " +
      "policies call it, see drop-cascade.",
    why:
      "The next call of running code fails. Postgres knows of triggers, defaults, policies and " +
      "indexes that need the function, and of nothing else: bodies of other functions that call " +
      "it fail when they run.",
    instead:
      "Deploy code that does without it, and drop it in a later release. To change its " +
      "arguments, make one of a new name first.",
    since: "all versions",
  },
  judge: (action) => {
    const drop = bodyOf(action, "DropStmt");
    if (drop === undefined || !kinds.includes(drop.removeType ?? "")) return undefined;
    return {
      classes: ["breaking"],
      reason: `code that calls ${(drop.objects ?? []).map(objectName).join(", ")} fails`,
      instead: "drop it in a later release, when no code calls it any more",
      subjects: [],
    };
  },
  cases: [
    { sql: "drop function app.steady_code()", gives: ["breaking"] },
    { sql: "drop procedure app.work", gives: ["breaking"] },
    { sql: "drop routine app.work", gives: ["breaking"] },
    { sql: "drop sequence app.ticket_numbers", gives: "silent" },
  ],
};
