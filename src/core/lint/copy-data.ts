/** `copy-data`: COPY from the migration's own text, or from what lies on the server. */

import { wholeTable } from "../review/query-reads.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";
import { storedTables, tableFamily } from "../review/table-locks.ts";

export const copyData: StatementRule = {
  id: "copy-data",
  scope: "statement",
  title: "COPY with a file or program of the server's needs rights that few roles have",
  page: {
    locks: "ROW EXCLUSIVE on the table that is filled; ACCESS SHARE on what is read.",
    why:
      "A file or a program is one of the server's machine, not of yours: it must be there, on " +
      "every server that the migration is for, and only superusers and members of " +
      "pg_read_server_files and the like may use it. Managed services have no such files.",
    instead: "The rows in the migration itself:\ncopy t (id, name) from stdin;\n1\tfirst\n\\.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const copy = bodyOf(action, "CopyStmt");
    if (copy === undefined) return undefined;
    const { relation, query, filename } = copy;
    const table = relation === undefined ? undefined : schema.nameOf(relation);
    const isFrom = copy.is_from === true;
    const onServer = filename !== undefined || copy.is_program === true;
    const what = copy.is_program === true ? "a program" : `the file ${filename}`;
    const scans = isFrom || table === undefined
      ? wholeTable(schema, query)
      : storedTables(schema, tableFamily(schema, table));
    return {
      classes: [onServer ? "risky" : "safe"],
      reason: onServer
        ? `${what} must be on the server, and the role must have the right to use it`
        : isFrom ? `rows are added to ${table}` : "rows are read",
      ...(onServer ? { instead: "copy … from stdin, with the rows in the migration itself" } : {}),
      subjects: isFrom && !onServer && table !== undefined ? [table] : [],
      locks: isFrom && table !== undefined ? [{ relation: table, mode: "ROW EXCLUSIVE" }] : [],
      scans,
    };
  },
  cases: [
    { sql: "copy app.archive from '/dev/null'", gives: ["risky"] },
    { sql: "copy app.archive to '/dev/null'", gives: ["risky"] },
    { sql: "copy (select 1) to program 'cat >/dev/null'", gives: ["risky"] },
    { sql: "copy (select id from app.orders) to '/dev/null'", gives: ["risky"] },
    { sql: "insert into app.archive (number) values (-1)", gives: "silent" },
  ],
};
