/** `add-foreign-key`: ADD FOREIGN KEY stops the writes of two tables while it looks up each row. */

import { notValidFirst } from "../review/added-constraint.ts";
import { foreignKeyLocks } from "../review/foreign-key-locks.ts";
import { addedForeignKey, bothEnds, shownReference } from "../review/foreign-key.ts";
import type { StatementRule } from "../review/rule.ts";
import { storedTables, tableFamily } from "../review/table-locks.ts";

export const addForeignKey: StatementRule = {
  id: "add-foreign-key",
  scope: "statement",
  title: "ADD FOREIGN KEY stops writes of both tables while every row is looked up",
  page: {
    locks:
      "SHARE ROW EXCLUSIVE on the table and on the one it refers to, with all their partitions, " +
      "and a scan of both while that is held.",
    why:
      "Writes of both tables wait for as long as the rows are looked up, and the other table may " +
      "be the busier one. It fails where a row refers to nothing.",
    instead:
      "Two files:\n" +
      "alter table t add constraint t_c_fkey foreign key (c) references p not valid;\n" +
      "alter table t validate constraint t_c_fkey;\n" +
      "A partitioned table takes NOT VALID since 18. Before, add it to each partition in these " +
      "two steps; the parent then takes them over without a scan, under an ACCESS EXCLUSIVE " +
      "lock on the table that is referred to.",
    since: "all versions",
  },
  judge: (action, known) => {
    const added = addedForeignKey(action, known);
    if (added === undefined || added.skipsRows) return undefined;
    const { schema, serverMajor } = known;
    const { table: { name, isNew, kind }, parent, stored } = added;
    const { taken, locks } = foreignKeyLocks(known, added);
    const read = stored.filter((one) => !taken.includes(one));
    const subjects = [name, parent];
    if (read.length === 0 && taken.length > 0) {
      return {
        classes: ["risky"],
        reason:
          `nobody can read or write ${parent} while the foreign keys of partitions are taken over`,
        instead: "keep it alone in its file, so that the locks are held for an instant only",
        subjects,
        locks,
      };
    }
    const isLate = kind === "partitioned-table" && serverMajor !== undefined && serverMajor < 18;
    // Where the table is empty, nothing is looked up in the other one.
    const others = isNew ? [] : storedTables(schema, tableFamily(schema, parent));
    return {
      classes: ["risky"],
      reason:
        `nobody can write ${bothEnds(name, parent)} while every row of ${name} is looked up`,
      instead: isLate
        ? `add it to each partition of ${name}, not valid first, before ${name} itself`
        : notValidFirst(added, shownReference(added)),
      subjects,
      growsWith: read.length > 0 ? read : [name],
      locks,
      scans: [...read, ...others],
    };
  },
  cases: [
    {
      sql:
        "alter table app.lines add constraint f foreign key (customer_id) references app.customers",
      gives: ["risky"],
    },
    {
      sql: "alter table app.events add constraint f foreign key (id) references app.customers",
      gives: ["risky"],
    },
    {
      before:
        "alter table app.events add primary key (id, at); alter table app.lines add at date; " +
        "update app.lines set at = '2025-06-01'",
      sql: "alter table app.lines add foreign key (id, at) references app.events",
      gives: ["risky"],
    },
    {
      before: "alter table app.lines add parent_id bigint",
      sql: "alter table app.lines add foreign key (parent_id) references app.lines",
      gives: ["risky"],
    },
    {
      before:
        "alter table app.events_2025 add foreign key (id) references app.customers; " +
        "alter table app.events_other add foreign key (id) references app.customers",
      sql: "alter table app.events add foreign key (id) references app.customers",
      gives: ["risky"],
    },
    {
      before: "alter table app.events_2025 add foreign key (id) references app.customers",
      sql: "alter table app.events add foreign key (id) references app.customers",
      gives: ["risky"],
    },
    {
      before:
        "alter table app.events_2025 add foreign key (id) references app.customers not valid",
      sql: "alter table app.events add foreign key (id) references app.customers",
      gives: ["risky"],
    },
    {
      before:
        "alter table app.events add primary key (id, at); " +
        "alter table app.visits_2025 add foreign key (id, at) references app.events",
      sql: "alter table app.visits add foreign key (id, at) references app.events",
      gives: ["risky"],
    },
    {
      sql: "alter table app.lines add foreign key (customer_id) references app.customers not valid",
      gives: "silent",
    },
  ],
};
