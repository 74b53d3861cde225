/** `event-trigger`: it runs in every schema change of everybody, and needs a superuser. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const eventTrigger: StatementRule = {
  id: "event-trigger",
  scope: "statement",
  title: "event triggers run in every schema change of the database, and need a superuser",
  page: {
    locks: "None on tables.",
    why:
      "An error in its function stops every later migration, the one that would mend it too. " +
      "Managed services give the right to their own role only, or to none.",
    instead:
      "Let whoever may do it make the trigger outside of migrations. A way out of a broken one: " +
      "set event_triggers = off (17 and later, superuser), or start in single-user mode.",
    since: "all versions; the login event since 17",
  },
  judge: (action) => {
    const drop = bodyOf(action, "DropStmt");
    const rename = bodyOf(action, "RenameStmt");
    const owner = bodyOf(action, "AlterOwnerStmt");
    const create = bodyOf(action, "CreateEventTrigStmt");
    const isMeant = create !== undefined || bodyOf(action, "AlterEventTrigStmt") !== undefined ||
      drop?.removeType === "OBJECT_EVENT_TRIGGER" ||
      rename?.renameType === "OBJECT_EVENT_TRIGGER" || owner?.objectType === "OBJECT_EVENT_TRIGGER";
    if (!isMeant) return undefined;
    return {
      classes: ["risky"],
      reason: create === undefined
        ? "what runs in every schema change is another from then on, and it needs a superuser"
        : `${create.trigname} runs in every schema change from then on, and it needs a superuser`,
      instead: "let whoever has the right do it outside of migrations",
      subjects: [],
    };
  },
  cases: [
    {
      sql: "create event trigger noting on ddl_command_end execute function depot.noted()",
      gives: ["risky"],
    },
    { sql: "alter event trigger missing disable", gives: ["risky"], fails: true },
    {
      before: "create event trigger noting on ddl_command_end execute function depot.noted()",
      sql: "drop event trigger noting",
      gives: ["risky"],
    },
    { sql: "drop trigger orders_touch on app.orders", gives: "silent" },
  ],
};
