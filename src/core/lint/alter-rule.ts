/** `alter-rule`: a rule that is dropped, renamed, or turned on or off. */

import { rangeOfNames } from "../review/action.ts";
import type { Action } from "../review/action.ts";
import { objectParts } from "../review/object-name.ts";
import type { StatementRule } from "../review/rule.ts";
import type { SchemaModel } from "../review/schema-model.ts";
import { bodyOf } from "../review/statement-node.ts";

export const alterRule: StatementRule = {
  id: "alter-rule",
  scope: "statement",
  title: "DROP RULE, RENAME, ENABLE and DISABLE RULE change what statements are turned into",
  page: {
    locks: "ACCESS EXCLUSIVE on the table or view for a moment. Nothing is read.",
    why:
      "What the rule did for statements of running code it does no more, or does again. A view " +
      "whose rows code writes by a rule cannot be written to without it.",
    instead: "Deploy code that does without the rule first.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const name = tableOfRule(action, schema);
    if (name === undefined) return undefined;
    const isView = schema.relation(name).kind === "view";
    const isGone = bodyOf(action, "DropStmt") !== undefined;
    return {
      classes: [isView && isGone ? "breaking" : "safe"],
      reason: isView && isGone
        ? `code that writes to ${name} by its rule fails`
        : `what statements on ${name} are turned into changes`,
      subjects: [name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    };
  },
  cases: [
    { sql: "drop rule ruled_also on depot.ruled", gives: ["safe"] },
    { sql: "drop rule ruled_instead on depot.ruled_view", gives: ["breaking"] },
    { sql: "alter rule ruled_also on depot.ruled rename to also", gives: ["safe"] },
    { sql: "alter table depot.ruled disable rule ruled_also", gives: ["safe"] },
    { sql: "drop trigger orders_touch on app.orders", gives: "silent" },
  ],
};

function tableOfRule(action: Action, schema: SchemaModel): string | undefined {
  if (action.kind === "alter-table") {
    const isRule = /^AT_(Enable|Disable)(Always|Replica)?Rule$/.test(action.command.subtype ?? "");
    return isRule ? schema.relation(action.table).name : undefined;
  }
  const rename = bodyOf(action, "RenameStmt");
  if (rename?.renameType === "OBJECT_RULE") return schema.relation(rename.relation ?? {}).name;
  const drop = bodyOf(action, "DropStmt");
  if (drop?.removeType !== "OBJECT_RULE") return undefined;
  const [object] = drop.objects ?? [];
  return schema.relation(rangeOfNames(objectParts(object).slice(0, -1))).name;
}
