/** `change-data`: rows that are inserted, or that a WHERE picks. */

import { dataChanges } from "../review/data-change.ts";
import type { StatementRule } from "../review/rule.ts";

export const changeData: StatementRule = {
  id: "change-data",
  scope: "statement",
  title: "INSERT, and UPDATE and DELETE of few rows, lock the rows that they change",
  page: {
    locks:
      "ROW EXCLUSIVE on the table, which stops neither reads nor writes of other rows; each row " +
      "that is changed is locked until the commit. Whether the WHERE is served by an index or by " +
      "a scan, it does not say: pgmate claims no scan, plan --rehearse measures it.",
    why:
      "How many rows column = constant picks a reading does not show, only that it leaves out " +
      "the others. Where they are many, it is as if there were no WHERE, see change-all-rows.",
    instead:
      "For more than some thousand rows a loop that commits, in a file that says " +
      "transaction:false:\n" +
      "do $$ begin loop\n" +
      "  update t set c = 1 where id in (select id from t where c is null limit 5000);\n" +
      "  exit when not found;\n" +
      "  commit;\n" +
      "end loop; end $$;",
    since: "all versions; MERGE since 15",
  },
  judge: (action, { schema, source }) => {
    const changes = dataChanges(schema, action, source).filter(({ reach }) => reach === "few");
    const [first] = changes;
    if (first === undefined) return undefined;
    const tables = [...new Set(changes.map(({ table }) => table))];
    const deletes = changes.filter(({ does }) => does === "delete").map(({ table }) => table);
    const isInsert = changes.every(({ does }) => does === "insert");
    return {
      classes: ["safe"],
      reason: isInsert
        ? `rows are added to ${tables.join(", ")}`
        : `rows of ${tables.join(", ")} that it picks are locked until the commit; how many, ` +
          "cannot be seen",
      subjects: tables,
      ...(deletes.length === 0 ? {} : { loses: `the rows of ${deletes.join(", ")} that it picks` }),
      locks: tables.map((relation) => ({ relation, mode: "ROW EXCLUSIVE" })),
      scans: changes.flatMap(({ scans }) => scans),
    };
  },
  cases: [
    { sql: "insert into app.archive (id, number) values (-1, -1)", gives: ["safe"] },
    {
      sql: "insert into app.archive (number) select -n from generate_series(1, 10) n",
      gives: ["safe"],
    },
    {
      sql: "insert into app.archive (number) select -id from app.orders where id = 7",
      gives: ["safe"],
    },
    { sql: "insert into app.lines (id, order_id) values (-1, 1)", gives: ["safe"] },
    { sql: "update app.archive set body = 'x' where id = 5", gives: ["safe"] },
    { sql: "delete from app.archive where id = 5", gives: ["safe"] },
    {
      sql:
        "update app.archive a set body = v.body from (values (1, 'x')) v (id, body) where a.id = " +
        "v.id",
      gives: ["safe"],
    },
    { sql: "update app.open_orders set note = 'x' where id = 5", gives: ["safe"] },
    {
      sql:
        "with gone as (delete from app.archive where id = 1 returning number) " +
        "insert into app.lines (id) select -number from gone",
      gives: ["safe"],
    },
    {
      sql:
        "merge into app.archive a using (values (1)) v (id) on a.id = v.id " +
        "when matched then delete",
      gives: ["safe"],
    },
    { sql: "explain analyze delete from app.archive where id = 5", gives: ["safe"] },
    {
      sql:
        "update app.archive set body = 'x' where id in (select id from app.archive order by id " +
        "limit 5)",
      gives: ["safe"],
    },
    {
      sql:
        "with batch as (select id from app.archive order by id limit 5) " +
        "update app.archive a set body = 'x' from batch where batch.id = a.id",
      gives: ["safe"],
    },
    { sql: "delete from app.archive", gives: "silent" },
    { sql: "update app.archive set body = 'x' where body is null", gives: "silent" },
    { sql: "explain delete from app.archive", gives: "silent" },
  ],
};
