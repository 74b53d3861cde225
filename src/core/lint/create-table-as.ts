/** `create-table-as`: a table or materialized view that is made from a query. */

import { wholeTable } from "../review/query-reads.ts";
import type { StatementRule } from "../review/rule.ts";
import { nameOfNew } from "../review/schema-fold.ts";
import { bodyOf, nodeBody } from "../review/statement-node.ts";

export const createTableAs: StatementRule = {
  id: "create-table-as",
  scope: "statement",
  title: "CREATE TABLE AS, SELECT INTO and CREATE MATERIALIZED VIEW run a query",
  page: {
    locks:
      "ACCESS SHARE on what the query reads, as any query takes: nobody waits for it but those " +
      "who change the schema.",
    why:
      "It takes as long as its query, and holds locks that earlier statements of its transaction " +
      "took for as long. The new table has neither keys, defaults nor indexes, and is unknown to " +
      "the planner until it is analyzed.",
    instead:
      "A file of its own for a query that takes long. For a table create it with its columns and " +
      "keys, and fill it in batches; for a materialized view WITH NO DATA, and refresh it in a " +
      "later file.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const create = bodyOf(action, "CreateTableAsStmt");
    const select = bodyOf(action, "SelectStmt");
    const into = create?.into ?? select?.intoClause;
    if (into === undefined) return undefined;
    const query = create?.query ?? (action.kind === "statement" ? action.tree : undefined);
    const name = nameOfNew(schema, into.rel ?? {});
    if (create?.if_not_exists === true && schema.isKnown(name)) {
      const reason = `${name} is there already: nothing happens`;
      return { classes: ["safe"], reason, subjects: [] };
    }
    const isFilled = into.skipData !== true && nodeBody(query, "ExecuteStmt") === undefined;
    return {
      classes: ["safe"],
      reason: isFilled ? `${name} is made and filled, nobody waits for it` : `${name} is made`,
      subjects: [],
      scans: isFilled ? wholeTable(schema, query) : [],
    };
  },
  cases: [
    { sql: "create table app.fresh as select id from app.orders", gives: ["safe"] },
    { sql: "create table app.fresh as select * from app.events with no data", gives: ["safe"] },
    { sql: "create table app.fresh as select * from app.events", gives: ["safe"] },
    { sql: "create table app.fresh as select * from app.orders where id = 1", gives: ["safe"] },
    { sql: "select * into app.fresh from app.orders", gives: ["safe"] },
    { sql: "create materialized view app.fresh as select id from app.orders", gives: ["safe"] },
    { sql: "create table if not exists app.archive as select 1 as one", gives: ["safe"] },
    { sql: "select 1", gives: "silent" },
  ],
};
