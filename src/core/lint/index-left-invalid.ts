/** `index-left-invalid`: IF NOT EXISTS finds what a failed build has left, and calls it done. */

import { createdIndex } from "../review/created-index.ts";
import type { StatementRule } from "../review/rule.ts";

export const indexLeftInvalid: StatementRule = {
  id: "index-left-invalid",
  scope: "statement",
  title: "CREATE INDEX IF NOT EXISTS passes over an index that is invalid",
  page: {
    locks: "As CREATE INDEX, for an instant: nothing is built.",
    why:
      "The server says that the index exists, and the migration counts as done. But no query " +
      "uses an invalid index, a unique one may hold doubles, and every write keeps it up to date.",
    instead:
      "drop index concurrently t_c_idx;\n" +
      "create index concurrently t_c_idx on t (c);\n" +
      "Invalid ones are found by:\n" +
      "select indexrelid::regclass from pg_index where not indisvalid;",
    since: "all versions; only a database can tell, no file",
  },
  judge: (action, known) => {
    const created = createdIndex(action, known);
    if (created?.found === undefined || !created.isLeftover) return undefined;
    const { found: { name }, table, node, concurrently } = created;
    return {
      classes: ["error"],
      reason: `${name} exists but is invalid, and stays so: nothing is built`,
      instead: `drop index concurrently ${name}; ${concurrently}`,
      subjects: [table.name],
      locks: [{
        relation: table.name,
        mode: node.concurrent === true ? "SHARE UPDATE EXCLUSIVE" : "SHARE",
      }],
    };
  },
  cases: [
    {
      sql: "create index if not exists archive_broken_idx on app.archive (body)",
      gives: ["error"],
      givesFromFiles: "silent",
    },
    {
      sql: "create index concurrently if not exists archive_broken_idx on app.archive (body)",
      gives: ["error"],
      givesFromFiles: "silent",
      alone: true,
    },
    {
      sql: "create index if not exists archive_id_idx on app.archive (id)",
      gives: "silent",
    },
  ],
};
