/** `rename-object`: code that uses the old name of a schema, function, type or the like fails. */

import { objectName, objectWord } from "../review/object-name.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

/** What has rules of its own, or nobody names: an index, a constraint, a trigger. */
const others: readonly string[] = [
  "OBJECT_TABLE", "OBJECT_FOREIGN_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_INDEX",
  "OBJECT_COLUMN", "OBJECT_ATTRIBUTE", "OBJECT_TABCONSTRAINT", "OBJECT_DOMCONSTRAINT",
  "OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY", "OBJECT_EVENT_TRIGGER",
];

export const renameObject: StatementRule = {
  id: "rename-object",
  scope: "statement",
  title: "RENAME of a schema, function, type, sequence or the like: the old name fails at once",
  page: {
    locks: "Of a sequence ACCESS EXCLUSIVE on it; else none on tables.",
    why:
      "Between the commit and the last deployed process every statement with the old name fails. " +
      "Tables, views and defaults follow by themselves; bodies of functions do not.",
    instead:
      "A second one under the new name, and the old one dropped later: a function that calls the " +
      "other, a domain over the type, a schema that search_path names beside the old one.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const rename = bodyOf(action, "RenameStmt");
    const { renameType } = rename ?? {};
    if (rename === undefined || renameType === undefined || others.includes(renameType)) {
      return undefined;
    }
    const word = objectWord(renameType);
    if (renameType === "OBJECT_STATISTIC_EXT") {
      return { classes: ["safe"], reason: "no code uses the name of statistics", subjects: [] };
    }
    const isSequence = renameType === "OBJECT_SEQUENCE";
    const name = rename.relation === undefined
      ? (rename.object === undefined ? (rename.subname ?? "") : objectName(rename.object))
      : schema.nameOf(rename.relation);
    return {
      classes: ["breaking"],
      reason: `code that uses the ${word} ${name} fails at once`,
      instead: "make a second one under the new name, and drop this one in a later release",
      subjects: isSequence ? [name] : [],
      locks: isSequence ? [{ relation: name, mode: "ACCESS EXCLUSIVE" }] : [],
    };
  },
  cases: [
    { sql: "alter schema app rename to shop", gives: ["breaking"] },
    { sql: "alter function app.steady_code() rename to other", gives: ["breaking"] },
    { sql: "alter type app.order_status rename to status", gives: ["breaking"] },
    { sql: "alter domain app.positive rename to natural_number", gives: ["breaking"] },
    { sql: "alter sequence app.ticket_numbers rename to numbers", gives: ["breaking"] },
    { sql: "alter statistics depot.untyped_stats rename to seen", gives: ["safe"] },
    { sql: "alter table app.orders rename to purchases", gives: "silent" },
  ],
};
