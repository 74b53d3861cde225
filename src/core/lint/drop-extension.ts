/** `drop-extension`: all that the extension made goes with it. */

import { objectName } from "../review/object-name.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const dropExtension: StatementRule = {
  id: "drop-extension",
  scope: "statement",
  title: "DROP EXTENSION takes its functions, types and operators along",
  page: {
    locks:
      "With CASCADE ACCESS EXCLUSIVE on every table that has a column, an index, a default or a " +
      "trigger of it. Which ones, plan --rehearse shows.",
    why:
      "Code that calls its functions or operators fails at once. With CASCADE columns of its " +
      "types go too, with all their values.",
    instead:
      "See what needs it: drop extension without CASCADE is refused, and lists that in its " +
      "DETAIL. Drop those by name first, and deploy code that does without it.",
    since: "all versions",
  },
  judge: (action) => {
    const drop = bodyOf(action, "DropStmt");
    if (drop?.removeType !== "OBJECT_EXTENSION") return undefined;
    return {
      classes: ["breaking"],
      reason: `code that uses ${(drop.objects ?? []).map(objectName).join(", ")} fails`,
      instead: "drop it in a later release, when neither tables nor code need it",
      subjects: [],
    };
  },
  cases: [
    { sql: "drop extension plpgsql", gives: ["breaking"], fails: true },
    { sql: "create extension pg_trgm", gives: "silent" },
  ],
};
