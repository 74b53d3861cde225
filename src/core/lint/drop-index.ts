/** `drop-index`: DROP INDEX stops reads and writes of its table, if only for an instant. */

import { droppedIndexes, ownedByConstraint } from "../review/dropped-index.ts";
import type { StatementRule } from "../review/rule.ts";
import { shownAs } from "../review/shown-list.ts";
import { sameLocks, tableFamily } from "../review/table-locks.ts";

export const dropIndex: StatementRule = {
  id: "drop-index",
  scope: "statement",
  title: "DROP INDEX locks its table against reads and writes",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the index and on its table, and on the partitions of a partitioned " +
      "one; nothing is read.",
    why:
      "It is short once it has its locks, but it waits for all transactions that have touched " +
      "the table, and everybody else waits behind it. Without a unique index, upserts by its " +
      "columns fail (no unique or exclusion constraint matching the ON CONFLICT specification).",
    instead:
      "Outside of a transaction, in a file of its own:\n" +
      "drop index concurrently t_c_idx;\n" +
      "An index of a partitioned table does not take that.",
    since: "all versions",
  },
  judge: (action, known) => {
    const dropped = droppedIndexes(action, known);
    if (dropped === undefined || dropped.node.concurrent === true) return undefined;
    const owned = ownedByConstraint(known, dropped);
    if (owned !== undefined) return owned;
    const { names, tables, subjects, loss, known: found } = dropped;
    if (found.length === 0 && dropped.node.missing_ok === true && known.source === "database") {
      const reason = `${shownAs(names)} not there: nothing is dropped`;
      return { classes: ["safe"], reason, subjects };
    }
    const whose = tables.length === 0 ? `the table of ${names.join(", ")}` : tables.join(", ");
    const isPartitioned = tables.some((table) =>
      known.schema.relation(table).kind === "partitioned-table",
    );
    return {
      classes: loss === undefined ? ["risky"] : ["risky", "breaking"],
      reason: `nobody can read or write ${whose} for an instant${loss ?? ""}`,
      instead: isPartitioned
        ? "an index of a partitioned table goes in no other way: keep it alone in its file"
        : `${names.map((name) => `drop index concurrently ${name}`).join("; ")}, in a file with ` +
          "transaction:false",
      subjects,
      locks: sameLocks(
        [...names, ...tables.flatMap((table) => tableFamily(known.schema, table))],
        "ACCESS EXCLUSIVE",
      ),
    };
  },
  cases: [
    { sql: "drop index app.orders_code_idx", gives: ["risky"] },
    { sql: "drop index app.orders_code_idx, app.archive_broken_idx", gives: ["risky"] },
    { sql: "drop index app.archive_number_idx", gives: ["risky", "breaking"] },
    { sql: "drop index app.totals_customer_id_idx", gives: ["risky", "breaking"] },
    {
      before: "create unique index archive_number_2_idx on app.archive (number)",
      sql: "drop index app.archive_number_idx",
      gives: ["risky"],
    },
    {
      before: "create index events_id_idx on app.events (id)",
      sql: "drop index app.events_id_idx",
      gives: ["risky"],
    },
    {
      sql: "drop index if exists app.nothing_idx",
      gives: ["safe"],
      givesFromFiles: ["risky"],
    },
    { sql: "drop index app.orders_pkey", gives: ["error"], fails: true },
    { sql: "drop index app.orders_pkey cascade", gives: ["error"], fails: true },
    { sql: "drop index concurrently app.orders_code_idx", gives: "silent", alone: true },
  ],
};
