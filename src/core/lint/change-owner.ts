/** `change-owner`: OWNER TO takes the owner's rights from one role and gives them to another. */

import type { StatementRule } from "../review/rule.ts";

export const changeOwner: StatementRule = {
  id: "change-owner",
  scope: "statement",
  title: "OWNER TO is a word in the catalog; the old owner keeps only what it was granted",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table, view or sequence for a moment, and on the sequences of a " +
      "table's serial and identity columns; not on its partitions. None for functions, types, " +
      "schemas and other objects. Where the owner is that role already, its sequences are left " +
      "alone.",
    why:
      "What the old owner could do as the owner it can do no more: code that connects as that " +
      "role needs a GRANT first. Row level security does not hold for the new owner.",
    instead: 
      "grant select, insert, update, delete on t to old_owner;\n" +
      "in the same transaction, where code connects as the old owner.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    if (action.kind === "statement") {
      if (!("AlterOwnerStmt" in action.tree)) return undefined;
      return {
        classes: ["safe"],
        reason: "locks no table; the old owner keeps only what it was granted",
        subjects: [],
      };
    }
    if (action.command.subtype !== "AT_ChangeOwner" || action.object === "OBJECT_TYPE") {
      return undefined;
    }
    const { name } = schema.relation(action.table);
    const sequences = schema.ownedSequences(name).map((sequence) => sequence.name);
    return {
      classes: ["safe"],
      reason: `the old owner of ${name} keeps only what it was granted`,
      subjects: [name],
      locks: [name, ...sequences].map((relation) => ({ relation, mode: "ACCESS EXCLUSIVE" })),
    };
  },
  cases: [
    { sql: "alter table app.orders owner to pg_monitor", gives: ["safe"] },
    { sql: "alter table app.events owner to pg_monitor", gives: ["safe"] },
    { sql: "alter view app.open_orders owner to pg_monitor", gives: ["safe"] },
    { sql: "alter materialized view app.totals owner to pg_monitor", gives: ["safe"] },
    { sql: "alter sequence app.ticket_numbers owner to pg_monitor", gives: ["safe"] },
    { sql: "alter function app.touch() owner to pg_monitor", gives: ["safe"] },
    { sql: "alter type app.order_status owner to pg_monitor", gives: ["safe"] },
    { sql: "alter table app.orders replica identity full", gives: "silent" },
  ],
};
