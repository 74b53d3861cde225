/** `drop-not-null`: code that reads the column may meet its first null. */

import { columnCommand } from "../review/column-command.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks, tableFamily } from "../review/table-locks.ts";

export const dropNotNull: StatementRule = {
  id: "drop-not-null",
  scope: "statement",
  title: "DROP NOT NULL lets in nulls that running code may not expect",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions for a moment; nothing is read or written.",
    why:
      "Inserts without a value succeed from then on, and readers that count on a value fail on " +
      "the first row without one. Whatever was joined or compared by the column gives fewer rows.",
    instead:
      "Release code that can read a null, then drop NOT NULL, then release code that writes one. " +
      "Where it only makes way for DROP COLUMN, nobody reads the column any more.",
    since: "all versions; before 18 ONLY is refused where a partitioned table has partitions",
  },
  judge: (action, known) => {
    const found = columnCommand(action, known, "AT_DropNotNull");
    if (found === undefined) return undefined;
    const { table, shown, column } = found;
    // From 18 on the constraint is one that partitions inherit, whatever ONLY says.
    const locks = sameLocks(tableFamily(known.schema, table.name), "ACCESS EXCLUSIVE");
    if (column?.notNull === false) {
      return {
        classes: ["safe"], reason: `${shown} takes nulls already`, subjects: [table.name], locks,
      };
    }
    return {
      classes: ["breaking"],
      reason: `code that reads ${shown} may not expect a null`,
      instead: "release code that can read a null there first",
      subjects: [table.name],
      locks,
    };
  },
  cases: [
    { sql: "alter table app.orders alter column secret drop not null", gives: ["breaking"] },
    { sql: "alter table app.events alter column id drop not null", gives: ["breaking"] },
    {
      sql: "alter table only app.events alter column id drop not null",
      gives: ["breaking"],
      from: 18,
    },
    { sql: "alter table app.orders alter column note drop not null", gives: ["safe"] },
    { sql: "alter table app.orders alter column note set not null", gives: "silent" },
  ],
};
