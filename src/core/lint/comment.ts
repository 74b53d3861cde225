/** `comment`: COMMENT ON stops nobody. */

import { names, rangeOfNames } from "../review/action.ts";
import type { RelationLock, StatementRule } from "../review/rule.ts";
import type { SchemaModel } from "../review/schema-model.ts";
import type { CommentStmt } from "libpg-query";

const relations: readonly string[] = [
  "OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_INDEX", "OBJECT_SEQUENCE",
  "OBJECT_FOREIGN_TABLE",
];

/** They belong to a table, whose name stands before theirs. */
const parts: readonly string[] = [
  "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE",
];

export const comment: StatementRule = {
  id: "comment",
  scope: "statement",
  title: "COMMENT ON stops nobody",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the relation that the comment is on, or whose column it is on: " +
      "reads and writes go on. ACCESS SHARE on the table of a constraint, a trigger, a policy or " +
      "a rule. None for anything else.",
    why: "VACUUM, ANALYZE, CREATE INDEX and other changes of the table wait, and nothing else.",
    instead: "Nothing: it is fine as it is.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "statement" || !("CommentStmt" in action.tree)) return undefined;
    const locks = lockOf(schema, action.tree.CommentStmt);
    const on = locks[0]?.relation;
    return {
      classes: ["safe"],
      reason:
        on === undefined
          ? "a comment locks no table"
          : `a comment, which no reader or writer of ${on} waits for`,
      subjects: locks.map(({ relation }) => relation),
      locks,
    };
  },
  cases: [
    { sql: "comment on table app.orders is 'what was bought'", gives: ["safe"] },
    { sql: "comment on column app.orders.note is 'by hand'", gives: ["safe"] },
    { sql: "comment on table app.events is 'what happened'", gives: ["safe"] },
    { sql: "comment on index app.orders_code_idx is 'for the shop'", gives: ["safe"] },
    { sql: "comment on view app.open_orders is null", gives: ["safe"] },
    { sql: "comment on column app.open_orders.note is 'by hand'", gives: ["safe"] },
    { sql: "comment on materialized view app.totals is 'by night'", gives: ["safe"] },
    { sql: "comment on sequence app.ticket_numbers is 'for tickets'", gives: ["safe"] },
    {
      sql: "comment on constraint orders_quantity_check on app.orders is 'more than none'",
      gives: ["safe"],
    },
    { sql: "comment on trigger orders_touch on app.orders is 'for updates'", gives: ["safe"] },
    { sql: "comment on policy guarded_read on app.guarded is 'all'", gives: ["safe"] },
    { sql: "comment on type app.order_status is 'its states'", gives: ["safe"] },
    { sql: "comment on function app.touch() is 'does nothing'", gives: ["safe"] },
    { sql: "alter table app.orders set (fillfactor = 80)", gives: "silent" },
  ],
};

function lockOf(
  schema: SchemaModel,
  { objtype = "OBJECT_TYPE", object }: CommentStmt,
): readonly RelationLock[] {
  const path = object !== undefined && "List" in object ? names(object.List.items) : [];
  if (relations.includes(objtype)) {
    const relation = schema.nameOf(rangeOfNames(path));
    return [{ relation, mode: "SHARE UPDATE EXCLUSIVE" }];
  }
  const relation = schema.nameOf(rangeOfNames(path.slice(0, -1)));
  if (objtype === "OBJECT_COLUMN") return [{ relation, mode: "SHARE UPDATE EXCLUSIVE" }];
  return parts.includes(objtype) ? [{ relation, mode: "ACCESS SHARE" }] : [];
}
