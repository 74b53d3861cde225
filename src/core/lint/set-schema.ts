/** `set-schema`: code that uses the old schema's name fails at once. */

import type { RelationLock, StatementRule } from "../review/rule.ts";
import { objectName, objectWord } from "../review/object-name.ts";
import { bodyOf } from "../review/statement-node.ts";

export const setSchema: StatementRule = {
  id: "set-schema",
  scope: "statement",
  title: "SET SCHEMA: code that looks for it in the old schema fails at once",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table or view for a moment, and on the sequences of its identity " +
      "and serial columns, which move along as its indexes do. Functions and types are not locked.",
    why:
      "Every statement with the old schema's name fails, and every one without a schema whose " +
      "search_path does not lead to the new one. Rights on the new schema are needed as well.",
    instead:
      "For a table a view under the old name, in the same transaction:\n" +
      "alter table a.t set schema b;\ncreate view a.t as select * from b.t;\n" +
      "For the others let search_path name both schemas before, where code leaves the schema out.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const alter = bodyOf(action, "AlterObjectSchemaStmt");
    if (alter === undefined) return undefined;
    const { relation, object, objectType, newschema = "" } = alter;
    if (relation === undefined) {
      return {
        classes: ["breaking"],
        reason:
          `code that looks for the ${objectWord(objectType)} ${objectName(object)} in its old ` +
          "schema fails at once",
        instead: "let search_path name both schemas before, where code leaves the schema out",
        subjects: [],
      };
    }
    const { name } = schema.relation(relation);
    const moved = [name, ...schema.ownedSequences(name).map((sequence) => sequence.name)];
    return {
      classes: ["breaking"],
      reason: `code that looks for ${name} in its old schema fails at once`,
      instead: objectType === "OBJECT_SEQUENCE"
        ? "let search_path name both schemas before, where code leaves the schema out"
        : `create view ${name} as select * from the one in ${newschema}, in the same file: both ` +
          "names work until the code has changed",
      subjects: [name],
      locks: moved.map((one): RelationLock => ({ relation: one, mode: "ACCESS EXCLUSIVE" })),
    };
  },
  cases: [
    { sql: "alter table app.lines set schema public", gives: ["breaking"] },
    { sql: "alter table app.orders set schema public", gives: ["breaking"] },
    { sql: "alter table app.events set schema public", gives: ["breaking"] },
    { sql: "alter view app.open_orders set schema public", gives: ["breaking"] },
    { sql: "alter materialized view app.totals set schema public", gives: ["breaking"] },
    { sql: "alter sequence app.ticket_numbers set schema public", gives: ["breaking"] },
    { sql: "alter function app.steady_code() set schema public", gives: ["breaking"] },
    { sql: "alter type app.order_status set schema public", gives: ["breaking"] },
    { sql: "alter domain app.positive set schema public", gives: ["breaking"] },
  ],
};
