/** `set-index-options`: storage parameters and statistics of an index. */

import type { StatementRule } from "../review/rule.ts";

/** Options that concern only what is written from now on; all others take the strongest lock. */
const mild: readonly string[] = ["fillfactor", "deduplicate_items"];

export const setIndexOptions: StatementRule = {
  id: "set-index-options",
  scope: "statement",
  title: "ALTER INDEX … SET changes the catalog only",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the index for fillfactor, deduplicate_items and SET STATISTICS; " +
      "ACCESS EXCLUSIVE for the options of GIN, GiST and BRIN. The table is not locked.",
    why:
      "Queries of the table wait for an ACCESS EXCLUSIVE lock of any of its indexes. What is " +
      "stored already stays as it is until a REINDEX.",
    instead:
      "This is the way to go. To have it for what is stored already:\n" +
      "reindex index concurrently t_c_idx;",
    since: "all versions; deduplicate_items since 13",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table") return undefined;
    const { command, object, table } = action;
    const name = schema.nameOf(table);
    const index = schema.index(name);
    if (object !== "OBJECT_INDEX" && index === undefined) return undefined;
    const { subtype, def } = command;
    const isStatistics = subtype === "AT_SetStatistics";
    if (!isStatistics && subtype !== "AT_SetRelOptions" && subtype !== "AT_ResetRelOptions") {
      return undefined;
    }
    const options = def === undefined || !("List" in def) ? []
      : (def.List.items ?? []).flatMap((one) =>
          "DefElem" in one ? (one.DefElem.defname ?? "") : [],
        );
    const isMild = isStatistics || options.every((option) => mild.includes(option));
    const what = isStatistics ? "statistics" : options.join(", ");
    return {
      classes: ["safe"],
      reason: isMild
        ? `${what} of ${name} is changed, and nobody waits for it`
        : `queries of ${index?.table ?? "its table"} wait for an instant while ${what} of ` +
          `${name} is changed`,
      subjects: [index?.table ?? name],
      locks: [{
        relation: name,
        mode: isMild ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE",
      }],
    };
  },
  cases: [
    { sql: "alter index app.orders_code_idx set (fillfactor = 80)", gives: ["safe"] },
    { sql: "alter table app.orders_code_idx reset (fillfactor)", gives: ["safe"] },
    { sql: "alter index app.orders_code_idx set (deduplicate_items = off)", gives: ["safe"] },
    {
      before: "create index archive_kept_idx on app.archive using gist (kept)",
      sql: "alter index app.archive_kept_idx set (buffering = on)",
      gives: ["safe"],
    },
    {
      before: "create index orders_lower_idx on app.orders (lower(note))",
      sql: "alter index app.orders_lower_idx alter column 1 set statistics 500",
      gives: ["safe"],
    },
    { sql: "alter table app.orders set (fillfactor = 80)", gives: "silent" },
  ],
};
