/** `change-all-rows`: one transaction over all rows of a table, however many there are. */

import { dataChanges } from "../review/data-change.ts";
import type { StatementRule } from "../review/rule.ts";

export const changeAllRows: StatementRule = {
  id: "change-all-rows",
  scope: "statement",
  title:
    "UPDATE and DELETE without a WHERE, and INSERT from a whole table, are one long transaction",
  page: {
    locks:
      "ROW EXCLUSIVE on the table; every row that is changed is locked until the commit, so that " +
      "writes of running code to it wait. The table is read from end to end.",
    why:
      "It takes as long as the table is large. Meanwhile vacuum can clean up nothing anywhere, " +
      "CREATE INDEX CONCURRENTLY waits, replicas fall behind, and an UPDATE leaves the table " +
      "twice as large. If it fails near the end, all was for nothing.",
    instead:
      "Batches, each its own transaction, in a file that says transaction:false:\n" +
      "update t set c = 1 where id in (select id from t where c is null order by id limit " +
      "1000);\n" +
      "again and again until it changes no row. To empty a table, TRUNCATE, see there.",
    since: "all versions; MERGE since 15",
  },
  judge: (action, { schema }) => {
    const changes = dataChanges(schema, action).filter(({ through }) => through.length > 0);
    const [first] = changes;
    if (first === undefined) return undefined;
    const tables = [...new Set(changes.map(({ table }) => table))];
    const through = [...new Set(changes.flatMap((change) => change.through))];
    const deletes = changes.filter(({ does }) => does === "delete").map(({ table }) => table);
    const isAll = through.some((name) => tables.includes(name));
    return {
      classes: ["risky"],
      reason: isAll
        ? `it goes through all rows of ${through.join(", ")} in one transaction, and locks to ` +
          "its end what it changes"
        : `${tables.join(", ")} is written from all rows of ${through.join(", ")}, in one ` +
          "transaction",
      instead: "in batches of some thousand rows, each its own transaction, in a file of its own",
      subjects: through,
      growsWith: through,
      ...(deletes.length === 0 ? {} : { loses: `the rows of ${deletes.join(", ")}` }),
      locks: tables.map((relation) => ({ relation, mode: "ROW EXCLUSIVE" })),
      scans: changes.flatMap(({ scans }) => scans),
    };
  },
  cases: [
    { sql: "update app.archive set body = 'x'", gives: ["risky"] },
    { sql: "update app.archive set body = 'x' where true", gives: ["risky"] },
    { sql: "update app.events set body = 'x'", gives: ["risky"] },
    { sql: "delete from app.lines", gives: ["risky"] },
    {
      sql: "update app.archive a set body = o.note from app.orders o where o.id = a.id",
      gives: ["risky"],
    },
    { sql: "delete from app.archive a using app.orders o where o.id = a.id", gives: ["risky"] },
    {
      sql:
        "merge into app.archive a using app.orders o on a.id = o.id " +
        "when matched then update set body = o.note",
      gives: ["risky"],
    },
    { sql: "insert into app.archive (number) select -id from app.orders", gives: ["risky"] },
    {
      sql:
        "with gone as (delete from app.archive where 1 = 1 returning number) " +
        "select count(*) from gone",
      gives: ["risky"],
    },
    { sql: "explain (analyze, costs off) update app.archive set body = 'x'", gives: ["risky"] },
    { sql: "update app.archive set body = 'x' where id = 5", gives: "silent" },
    {
      sql: "insert into app.archive (number) select -id from app.orders where id = 7 limit 5",
      gives: "silent",
    },
  ],
};
