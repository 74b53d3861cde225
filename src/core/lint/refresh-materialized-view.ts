/** `refresh-materialized-view`: REFRESH without CONCURRENTLY stops readers while the query runs. */

import { storedBehind } from "../review/query-reads.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const refreshMaterializedView: StatementRule = {
  id: "refresh-materialized-view",
  scope: "statement",
  title: "REFRESH MATERIALIZED VIEW stops all readers for as long as its query runs",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the materialized view, which is written anew with its indexes, while " +
      "the query reads the tables behind it. WITH NO DATA reads nothing, and leaves a view that " +
      "cannot be read.",
    why:
      "Nobody can read the view meanwhile, and whoever tries holds up more behind them. After " +
      "WITH NO DATA every query of it fails until it is filled.",
    instead:
      "create unique index concurrently on mv (id); -- once, of plain columns, without WHERE\n" +
      "refresh materialized view concurrently mv;",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const refresh = bodyOf(action, "RefreshMatViewStmt");
    if (refresh === undefined || refresh.concurrent === true) return undefined;
    const { name } = schema.relation(refresh.relation ?? {});
    const isEmptied = refresh.skipData === true;
    const tables = isEmptied ? [] : storedBehind(schema, name);
    return {
      classes: isEmptied ? ["breaking"] : ["risky"],
      reason: isEmptied
        ? `every query of ${name} fails until it is filled again`
        : `nobody can read ${name} while its query runs`,
      instead: `refresh materialized view concurrently ${name}, which needs a unique index`,
      subjects: [name],
      ...(isEmptied ? {} : { growsWith: [name, ...tables] }),
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
      rewrites: [name],
      scans: tables,
    };
  },
  cases: [
    { sql: "refresh materialized view app.totals", gives: ["risky"] },
    { sql: "refresh materialized view depot.note_copies", gives: ["risky"] },
    { sql: "refresh materialized view app.totals with no data", gives: ["breaking"] },
    { sql: "refresh materialized view concurrently app.totals", gives: "silent" },
  ],
};
