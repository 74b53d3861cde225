/** `drop-table`: DROP TABLE loses the rows, and locks the tables that it refers to. */

import { dropReach } from "../review/drop-reach.ts";
import { namedDrop } from "../review/dropped-relations.ts";
import type { StatementRule } from "../review/rule.ts";
import type { SchemaModel } from "../review/schema-model.ts";
import { shownAs, shownList } from "../review/shown-list.ts";
import { bodyOf } from "../review/statement-node.ts";

export const dropTable: StatementRule = {
  id: "drop-table",
  scope: "statement",
  title: "DROP TABLE loses the rows, and code that still uses the table fails",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table, its partitions and its sequences, and **on every table " +
      "that it refers to by a foreign key**. Of a partition also on the partitioned table and " +
      "its default partition.",
    why:
      "Running code that reads or writes the table fails at once; the rows cannot be had back. " +
      "A busy table at the other end of a foreign key stands still while the statement waits for " +
      "all its locks, and two of those are easily a deadlock.",
    instead:
      "First deploy code that does without it. Then, each in a file of its own:\n" +
      "alter table t drop constraint t_parent_id_fkey; -- one file for each foreign key\n" +
      "alter table t rename to t_unused; -- whoever still needs it fails, and it can go back\n" +
      "drop table t_unused; -- in a later release\n" +
      "rename-table calls that breaking, and so it is for code that still uses the table, but " +
      "unlike a drop it can be undone: ignore it with the release that does without as reason.\n" +
      "A partition is detached first, see detach-partition-concurrently.",
    since: "all versions",
  },
  judge: (action, known) => {
    const drop = bodyOf(action, "DropStmt");
    const named = namedDrop(drop, known, "OBJECT_TABLE", "OBJECT_FOREIGN_TABLE");
    if (named === undefined) return undefined;
    const { names } = named;
    if (names.length === 0) {
      return { classes: ["safe"], reason: "no such table is there", subjects: [] };
    }
    const { schema } = known;
    const reach = dropReach(schema, names, "restrict");
    const list = shownList(names);
    const locked = reach.others.length === 0 ? "" : `; ${shownAs(reach.others)} locked as well`;
    const isForeign = drop?.removeType === "OBJECT_FOREIGN_TABLE";
    return {
      classes: ["breaking"],
      reason: isForeign
        ? `code that uses ${list} fails; the rows stay where they are`
        : `code that uses ${list} fails, and the rows are gone${locked}`,
      instead: gentler(schema, names, reach.others.length),
      subjects: names,
      ...(isForeign ? {} : { loses: `the rows of ${list}` }),
      locks: reach.locks,
    };
  },
  cases: [
    { sql: "drop table app.archive", gives: ["breaking"] },
    { sql: "drop table app.lines", gives: ["breaking"] },
    { sql: "drop table app.lines, app.unguarded", gives: ["breaking"] },
    { sql: "drop table app.orders cascade", gives: ["breaking"] },
    { sql: "drop table app.events", gives: ["breaking"] },
    { sql: "drop table app.events_2025", gives: ["breaking"] },
    { sql: "drop table depot.floors", gives: ["breaking"] },
    { sql: "drop table depot.floors_2025", gives: ["breaking"] },
    { sql: "drop table depot.numbered", gives: ["breaking"] },
    { sql: "drop foreign table depot.remote", gives: ["breaking"] },
    { sql: "drop table if exists app.nothing", gives: ["safe"], givesFromFiles: ["breaking"] },
    { sql: "drop view app.open_orders", gives: "silent" },
  ],
};

function gentler(schema: SchemaModel, [name = ""]: readonly string[], others: number): string {
  const { partitionOf } = schema.relation(name);
  if (partitionOf !== undefined) {
    return `alter table ${partitionOf} detach partition ${name} concurrently, and drop it then`;
  }
  return others === 0
    ? "release code that does without it first; renamed out of the way it breaks what still uses " +
      "it, but can go back; drop it in a later release"
    : "drop its foreign keys first, each in a file of its own; the table in a later release";
}
