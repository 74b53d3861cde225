/** `column-used-by-view`: a column that a view or a rule uses is neither dropped nor changed. */

import type { Action } from "../review/action.ts";
import { columnCommand, type ColumnCommand } from "../review/column-command.ts";
import { columnUsers, isView } from "../review/column-users.ts";
import type { Known, StatementRule } from "../review/rule.ts";
import type { Relation } from "../review/schema-facts.ts";
import { shownList } from "../review/shown-list.ts";

export const columnUsedByView: StatementRule = {
  id: "column-used-by-view",
  scope: "statement",
  title: "DROP COLUMN and ALTER COLUMN … TYPE fail where a view or a rule uses the column",
  page: {
    locks: "None that lasts: the statement fails.",
    why:
      "A view, a materialized view or a rule keeps the columns that it uses as they are: DROP " +
      "COLUMN without CASCADE and every ALTER COLUMN … TYPE fail, even where the type stays the " +
      "same. The database knows which columns a view uses; of a view that was only read in a " +
      "file, pgmate knows no more than the table. RENAME COLUMN works: the view follows it.",
    instead:
      "In one file, so that nobody finds the view gone:\n" +
      "drop view v;\n" +
      "alter table t drop column c;\n" +
      "create view v as select …;\n" +
      "grant select on v to …;\n" +
      "Rights and comments go with a view, a materialized view is filled again. Where code still " +
      "reads the column from the view, that breaks with it.",
    since: "all versions",
  },
  judge: (action, known) => {
    const found = changed(action, known);
    if (found === undefined) return undefined;
    const { table, tables, name, shown } = found;
    const { certain, possible } = columnUsers(known.schema, tables, name);
    const subjects = [table.name];
    if (certain.length > 0) {
      return {
        classes: ["error"],
        reason: `the statement fails: ${usersOf(certain, "use", "uses")} ${shown}`,
        instead: dropped(certain),
        subjects,
      };
    }
    if (possible.length === 0) return undefined;
    return {
      classes: ["advice"],
      reason:
        `${usersOf(possible, "read", "reads")} ${table.name}: the statement fails where a view ` +
        `uses ${shown}`,
      instead: `if it is used there: ${dropped(possible)}`,
      subjects,
    };
  },
  cases: [
    {
      sql: "alter table app.orders drop column note",
      gives: ["error"],
      givesFromFiles: ["advice"],
      fails: true,
    },
    {
      sql: "alter table app.orders alter column amount type numeric(12, 2)",
      gives: ["error"],
      givesFromFiles: ["advice"],
      fails: true,
    },
    {
      sql: "alter table app.orders alter column note type text",
      gives: ["error"],
      givesFromFiles: ["advice"],
      fails: true,
    },
    {
      before:
        "create rule kept as on delete to app.archive do also " +
        "insert into app.unguarded values (old.number)",
      sql: "alter table app.archive drop column number",
      gives: ["error"],
      givesFromFiles: "silent",
      fails: true,
    },
    {
      before: "create view app.old_bodies as select body from app.events_2025",
      sql: "alter table app.events drop column body",
      gives: ["error"],
      givesFromFiles: ["advice"],
      fails: true,
    },
    {
      before: "alter table app.orders rename note to remark",
      sql: "alter table app.orders drop column remark",
      gives: ["error"],
      givesFromFiles: ["advice"],
      fails: true,
    },
    {
      sql: "alter table app.orders drop column code",
      gives: "silent",
      givesFromFiles: ["advice"],
    },
    { sql: "alter table app.orders drop column note cascade", gives: "silent" },
    { sql: "alter table app.customers drop column email", gives: "silent" },
    {
      before: "drop view app.open_orders; drop materialized view app.totals",
      sql: "alter table app.orders drop column note",
      gives: "silent",
    },
  ],
};

/** With CASCADE the views go, and nothing fails. */
function changed(action: Action, known: Known): ColumnCommand | undefined {
  const found = columnCommand(action, known, "AT_DropColumn", "AT_AlterColumnType");
  return found?.command.behavior === "DROP_CASCADE" ? undefined : found;
}

function usersOf(users: readonly Relation[], many: string, one: string): string {
  const names = users.map((user) => (isView(user) ? user.name : `a rule of ${user.name}`));
  return `${shownList(names)} ${names.length === 1 ? one : many}`;
}

function dropped(users: readonly Relation[]): string {
  const [it, noun] = users.length === 1 ? ["it", "view"] : ["them", "views"];
  const names = shownList(users.map(({ name }) => name));
  const what = users.every(isView) ? `the ${noun} ${names}` : it;
  return `drop ${what} first, and make ${it} again in the same file`;
}
