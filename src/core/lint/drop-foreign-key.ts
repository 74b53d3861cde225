/** `drop-foreign-key`: dropping a foreign key stops reads and writes of the other table as well. */

import { bothEnds, lockedEnds } from "../review/foreign-key.ts";
import { namedConstraint } from "../review/named-constraint.ts";
import type { StatementRule } from "../review/rule.ts";

export const dropForeignKey: StatementRule = {
  id: "drop-foreign-key",
  scope: "statement",
  title: "DROP of a foreign key locks both tables against reads and writes",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and on the one it refers to, with all their partitions, " +
      "since the triggers of both go; nothing is read.",
    why:
      "It is short once it has its locks. But it waits for all transactions that have touched " +
      "either table, and everybody else waits behind it: the other table may be the busiest of " +
      "all.",
    instead:
      "Nothing shorter exists. Each in a file of its own, at a quiet moment; with a short " +
      "lock_timeout it gives up before others wait long, and pgmate tries again:\n" +
      "alter table t drop constraint t_c_fkey;",
    since: "all versions",
  },
  judge: (action, known) => {
    if (action.kind !== "alter-table" || action.command.subtype !== "AT_DropConstraint") {
      return undefined;
    }
    const { schema } = known;
    const { name } = schema.relation(action.table);
    const wanted = action.command.name ?? "";
    const constraint = namedConstraint(known, name, wanted);
    if (constraint?.kind !== "foreign-key") return undefined;
    const parent = constraint.references ?? name;
    return {
      classes: ["risky"],
      reason: `nobody can read or write ${bothEnds(name, parent)} while ${wanted} goes`,
      instead:
        "nothing shorter exists: alone in a file, at a quiet moment; a short lock_timeout lets " +
        "it give up and try again",
      subjects: [name, parent],
      locks: lockedEnds(schema, { child: name, parent }, "ACCESS EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "alter table app.lines drop constraint lines_order_id_fkey", gives: ["risky"] },
    {
      before: "alter table app.events add constraint f foreign key (id) references app.customers",
      sql: "alter table app.events drop constraint f",
      gives: ["risky"],
    },
    {
      before:
        "alter table app.events add primary key (id, at); alter table app.lines add at date; " +
        "alter table app.lines add constraint f foreign key (id, at) references app.events",
      sql: "alter table app.lines drop constraint f",
      gives: ["risky"],
    },
    {
      before:
        "alter table app.lines add parent_id bigint; alter table app.lines add constraint f " +
        "foreign key (parent_id) references app.lines",
      sql: "alter table app.lines drop constraint if exists f cascade",
      gives: ["risky"],
    },
    { sql: "alter table app.orders drop constraint orders_quantity_check", gives: "silent" },
  ],
};
