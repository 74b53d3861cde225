/** `create-view`: a new view is nobody's concern. */

import type { StatementRule } from "../review/rule.ts";
import { nameOfNew } from "../review/schema-fold.ts";
import { bodyOf } from "../review/statement-node.ts";
import { replacedView } from "../review/replaced-view.ts";

export const createView: StatementRule = {
  id: "create-view",
  scope: "statement",
  title: "CREATE VIEW: nobody uses what is not there yet",
  page: {
    locks: "ACCESS SHARE on the tables that its query names, as any query takes. Nothing is read.",
    why:
      "It may run before the code that needs it. From now on it holds on to the columns that it " +
      "uses: they can be neither dropped nor change their type while it is there.",
    instead:
      "Nothing: this is the way. Name the columns: with select * the view keeps those of today.",
    since: "all versions",
  },
  judge: (action, known) => {
    const view = bodyOf(action, "ViewStmt");
    if (view === undefined || replacedView(view, known) !== undefined) return undefined;
    return {
      classes: ["safe"],
      reason: `${nameOfNew(known.schema, view.view ?? {})} is made`,
      subjects: [],
    };
  },
  cases: [
    { sql: "create view app.fresh as select id from app.orders", gives: ["safe"] },
    { sql: "create temporary view fresh as select 1 as one", gives: ["safe"] },
    {
      sql: "create or replace view app.fresh as select 1 as one",
      gives: ["safe"],
      givesFromFiles: "silent",
    },
    {
      sql: "create or replace view app.open_orders as select id, customer_id, note from app.orders",
      gives: "silent",
    },
  ],
};
