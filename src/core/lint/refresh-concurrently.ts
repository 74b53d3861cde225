/** `refresh-concurrently`: REFRESH … CONCURRENTLY goes on while the view is read. */

import { storedBehind } from "../review/query-reads.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const refreshConcurrently: StatementRule = {
  id: "refresh-concurrently",
  scope: "statement",
  title: "REFRESH MATERIALIZED VIEW CONCURRENTLY goes on while the view is read",
  page: {
    locks:
      "EXCLUSIVE on the materialized view, which stops other refreshes but no reader. The query " +
      "reads the tables behind it, and the view itself to find what differs.",
    why:
      "It takes longer than a plain refresh, and leaves dead rows behind. Without a unique index " +
      "of plain columns over all rows it is refused, and so it is of a view that was never filled.",
    instead:
      "create unique index concurrently on mv (id); -- before, once",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const refresh = bodyOf(action, "RefreshMatViewStmt");
    if (refresh?.concurrent !== true) return undefined;
    const view = schema.relation(refresh.relation ?? {});
    const { name, isComplete } = view;
    const isServed = schema.indexesOf(name).some(({ unique, valid, partial, columns }) =>
      unique && valid && !partial && columns.every((column) => column !== ""),
    );
    if (isComplete && !isServed) {
      return {
        classes: ["error"],
        reason: `it is refused, since ${name} has no unique index of plain columns over all rows`,
        instead: `create unique index concurrently on ${name} (…), in a file of its own before`,
        subjects: [],
      };
    }
    return {
      classes: ["safe"],
      reason: `${name} goes on being read while its query runs`,
      subjects: [name],
      locks: [{ relation: name, mode: "EXCLUSIVE" }],
      scans: [name, ...storedBehind(schema, name)],
    };
  },
  cases: [
    { sql: "refresh materialized view concurrently app.totals", gives: ["safe"] },
    {
      sql: "refresh materialized view concurrently depot.rated",
      gives: ["error"],
      givesFromFiles: ["safe"],
      fails: true,
    },
    { sql: "refresh materialized view app.totals", gives: "silent" },
  ],
};
