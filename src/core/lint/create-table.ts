/** `create-table`: a new table is nobody's concern, whatever is made with it. */

import { bodyOf, rangeVars } from "../review/statement-node.ts";
import type { StatementRule } from "../review/rule.ts";
import { nameOfNew } from "../review/schema-fold.ts";

export const createTable: StatementRule = {
  id: "create-table",
  scope: "statement",
  title: "CREATE TABLE: nobody uses what is not there yet",
  page: {
    locks:
      "Nothing that others use, but for INHERITS, which takes SHARE UPDATE EXCLUSIVE on the " +
      "parent, and LIKE, which reads the other table's definition. Foreign keys and partitions " +
      "have rules of their own: create-table-references, create-partition.",
    why:
      "It may run before the code that needs it. IF NOT EXISTS on a table that is there does " +
      "nothing at all: columns that only the statement has do not come to be.",
    instead: "Nothing: this is the way. Indexes of a new table need no CONCURRENTLY.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const create = bodyOf(action, "CreateStmt");
    if (create === undefined || create.partbound !== undefined) return undefined;
    const name = nameOfNew(schema, create.relation ?? {});
    if (create.if_not_exists === true && schema.isKnown(name)) {
      return {
        classes: ["safe"],
        reason: `${name} is there already: nothing happens, even where its columns differ`,
        subjects: [],
      };
    }
    return {
      classes: ["safe"],
      reason: `${name} is made`,
      subjects: [],
      locks: rangeVars(create.inhRelations).map((range) => ({
        relation: schema.nameOf(range), mode: "SHARE UPDATE EXCLUSIVE",
      })),
    };
  },
  cases: [
    { sql: "create table app.fresh (id bigint primary key, note text unique)", gives: ["safe"] },
    { sql: "create table app.fresh (like app.orders including all)", gives: ["safe"] },
    { sql: "create table app.fresh (more int) inherits (app.archive)", gives: ["safe"] },
    {
      sql: "create table if not exists app.archive (other int references app.customers)",
      gives: ["safe"],
    },
    { sql: "create temporary table fresh (id bigint)", gives: ["safe"] },
    { sql: "create table app.fresh (at date) partition by range (at)", gives: ["safe"] },
    { sql: "create table app.fresh partition of app.visits default", gives: "silent" },
  ],
};
