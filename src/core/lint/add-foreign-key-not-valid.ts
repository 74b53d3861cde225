/** `add-foreign-key-not-valid`: no row is looked up, but two tables are locked at once. */

import { foreignKeyLocks } from "../review/foreign-key-locks.ts";
import { addedForeignKey, bothEnds } from "../review/foreign-key.ts";
import type { StatementRule } from "../review/rule.ts";

export const addForeignKeyNotValid: StatementRule = {
  id: "add-foreign-key-not-valid",
  scope: "statement",
  title: "ADD FOREIGN KEY … NOT VALID looks up no row, and locks both tables for an instant",
  page: {
    locks:
      "SHARE ROW EXCLUSIVE on the table and on the one it refers to, with all their partitions; " +
      "nothing is read. ACCESS EXCLUSIVE on the other one where partitions have the foreign key " +
      "already.",
    why:
      "Writes of both tables wait while it waits for either lock. Two such statements in one " +
      "transaction can deadlock with code that writes the tables in another order.",
    instead:
      "This is the way to go, one foreign key a file. Then, in a file of its own:\n" +
      "alter table t validate constraint t_c_fkey;",
    since: "all versions; on a partitioned table since 18, before that an error",
  },
  judge: (action, known) => {
    const added = addedForeignKey(action, known);
    if (added?.skipsRows !== true) return undefined;
    const { serverMajor } = known;
    const { table: { name, kind }, parent, node } = added;
    const subjects = [name, parent];
    const isLate = kind === "partitioned-table" && serverMajor !== undefined && serverMajor < 18;
    if (isLate) {
      return {
        classes: ["error"],
        reason: `PostgreSQL ${serverMajor} takes no foreign key of ${name} that is not valid`,
        instead: `add it to each partition of ${name}, not valid first, before ${name} itself`,
        subjects,
      };
    }
    const effect = node.is_enforced === true ? "what is written from now on is looked up"
      : "nothing is ever looked up, since it is not enforced";
    return {
      classes: ["safe"],
      reason: `writes of ${bothEnds(name, parent)} wait for an instant; ${effect}`,
      subjects,
      locks: foreignKeyLocks(known, added).locks,
    };
  },
  cases: [
    {
      sql: "alter table app.lines add foreign key (customer_id) references app.customers not valid",
      gives: ["safe"],
    },
    {
      sql: "alter table app.events add foreign key (id) references app.customers not valid",
      gives: ["safe"],
      from: 18,
    },
    {
      before: "alter table app.events add primary key (id, at); alter table app.lines add at date",
      sql: "alter table app.lines add foreign key (id, at) references app.events not valid",
      gives: ["safe"],
    },
    {
      before: "alter table app.events_2025 add foreign key (id) references app.customers",
      sql: "alter table app.events add foreign key (id) references app.customers not valid",
      gives: ["safe"],
      from: 18,
    },
    {
      sql:
        "alter table app.lines add foreign key (customer_id) references app.customers " +
        "not enforced",
      gives: ["safe"],
      from: 18,
    },
    {
      sql: "alter table app.lines add foreign key (customer_id) references app.customers",
      gives: "silent",
    },
  ],
};
