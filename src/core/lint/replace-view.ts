/** `replace-view`: CREATE OR REPLACE VIEW stops readers of the view for a moment. */

import { replacedView } from "../review/replaced-view.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const replaceView: StatementRule = {
  id: "replace-view",
  scope: "statement",
  title: "CREATE OR REPLACE VIEW can only add columns at the end",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the view until the transaction ends; ACCESS SHARE on the tables that " +
      "its query names. Nothing is read.",
    why:
      "Columns that are there keep their name, type and place, or Postgres refuses: code that " +
      "reads them goes on working. What rows and values they give is another matter, which " +
      "pgmate does not see: a changed WHERE or expression changes what code gets.",
    instead:
      "Nothing, as long as columns are only added and rows stay the same. For anything else a " +
      "view under a new name, and the old one dropped when no code reads it any more.",
    since: "all versions",
  },
  judge: (action, known) => {
    const view = bodyOf(action, "ViewStmt");
    const name = view === undefined ? undefined : replacedView(view, known);
    if (name === undefined) return undefined;
    return {
      classes: ["safe"],
      reason:
        `columns of ${name} stay as they are or it is refused; whether its rows do, cannot be seen`,
      subjects: [name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    };
  },
  cases: [
    {
      sql:
        "create or replace view app.open_orders as " +
        "select id, customer_id, note, code from app.orders",
      gives: ["safe"],
    },
    {
      sql: "create or replace view depot.notes as select id, note from depot.stored where id > 1",
      gives: ["safe"],
    },
    {
      sql: "create or replace view app.open_orders as select id, note from app.orders",
      gives: ["safe"],
      fails: true,
    },
    { sql: "create view app.fresh as select 1 as one", gives: "silent" },
  ],
};
