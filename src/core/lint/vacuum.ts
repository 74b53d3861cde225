/** `vacuum`: plain VACUUM and ANALYZE stop neither reads nor writes. */

import type { StatementRule } from "../review/rule.ts";
import { shownList } from "../review/shown-list.ts";
import { bodyOf } from "../review/statement-node.ts";
import { sameLocks } from "../review/table-locks.ts";
import { hasOption, vacuumedTables } from "../review/vacuumed-tables.ts";

export const vacuum: StatementRule = {
  id: "vacuum",
  scope: "statement",
  title: "VACUUM and ANALYZE go on while the table is used",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the table and its partitions. In a transaction ANALYZE holds it " +
      "until the commit; at its end VACUUM may take ACCESS EXCLUSIVE for a moment, to cut off " +
      "empty pages, but gives way to whoever waits.",
    why:
      "Reads and writes go on. Other schema changes of the table, another VACUUM and CREATE " +
      "INDEX wait. VACUUM cannot run in a transaction.",
    instead:
      "Autovacuum does both by itself. After a large load or a new expression index an ANALYZE " +
      "of that table helps: name it, since without a table every table of the database is gone " +
      "through.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const statement = bodyOf(action, "VacuumStmt");
    if (statement === undefined || hasOption(statement.options, "full")) return undefined;
    const tables = vacuumedTables(schema, statement);
    return {
      classes: ["safe"],
      reason: `reads and writes of ${shownList(tables)} go on`,
      subjects: tables,
      locks: sameLocks(tables, "SHARE UPDATE EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "analyze app.orders", gives: ["safe"] },
    { sql: "analyze app.orders (note)", gives: ["safe"] },
    { sql: "analyze app.events", gives: ["safe"] },
    { sql: "analyze", gives: ["safe"] },
    { sql: "vacuum (full off) app.unguarded", gives: ["safe"], alone: true },
    { sql: "cluster app.orders using orders_code_idx", gives: "silent" },
  ],
};
