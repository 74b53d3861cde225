/** `change-all-rows`: one transaction over all rows of a table, however many there are. */

import { batchLoop, batchLoopIntroduction } from "../review/batch-loop.ts";
import { dataChanges } from "../review/data-change.ts";
import type { StatementRule } from "../review/rule.ts";

export const changeAllRows: StatementRule = {
  id: "change-all-rows",
  scope: "statement",
  title:
    "UPDATE, DELETE and INSERT … SELECT that nothing holds to few rows are one long transaction",
  page: {
    locks:
      "ROW EXCLUSIVE on the table; every row that is changed is locked until the commit, so that " +
      "writes of running code to it wait. The table is read from end to end where no index " +
      "serves the WHERE.",
    why:
      "It takes as long as the table is large. Meanwhile vacuum can clean up nothing anywhere, " +
      "CREATE INDEX CONCURRENTLY waits, replicas fall behind, and an UPDATE leaves the table up " +
      "to twice as large. If it fails near the end, all was for nothing. A WHERE is taken to " +
      "hold it to few rows if it says column = constant or column in (…), where a database was " +
      "asked only of a column that an index begins with, or in (select … limit n); is null, <> " +
      "and < are not.",
    instead:
      "A migration runs once, so that all batches have to be in it: change the rows " +
      `${batchLoopIntroduction}${batchLoop("c", "1")}\n` +
      "The condition must no longer hold for a row that is done, or the loop does not end. " +
      "If it is cut off, what was done stays done, and `pgmate up --resume repeat` goes on from " +
      "there.",
    since: "all versions; MERGE since 15",
  },
  judge: (action, { schema, source }) => {
    const changes = dataChanges(schema, action, source).filter(({ reach }) => reach !== "few");
    const [first] = changes;
    if (first === undefined) return undefined;
    const tables = [...new Set(changes.map(({ table }) => table))];
    const through = [...new Set(changes.flatMap((change) => change.through))];
    const deletes = changes.filter(({ does }) => does === "delete").map(({ table }) => table);
    const isAll = changes.some(({ reach }) => reach === "all");
    const isSome = deletes.length > 0 && !isAll;
    return {
      classes: ["risky"],
      reason: reasonOf(tables, through, isAll ? "all" : "many"),
      instead:
        "in batches: a do block that loops over some thousand rows and commits each time, in a " +
        "file of its own that says transaction:false",
      subjects: through,
      growsWith: through,
      ...(deletes.length === 0
        ? {}
        : { loses: `the rows of ${deletes.join(", ")}${isSome ? " that it picks" : ""}` }),
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
    { sql: "update app.archive set body = 'x' where body is not null", gives: ["risky"] },
    { sql: "update app.archive set body = 'x' where body <> 'x'", gives: ["risky"] },
    {
      sql: "update app.archive set body = 'x' where body = 'y'",
      gives: ["risky"],
      givesFromFiles: "silent",
    },
    { sql: "update app.events set body = 'x' where body is null", gives: ["risky"] },
    { sql: "delete from app.lines where product < 'b'", gives: ["risky"] },
    {
      sql: "insert into app.archive (number) select -id from app.orders where note = 'note'",
      gives: ["risky"],
      givesFromFiles: "silent",
    },
    {
      sql: "insert into app.archive (number) select -id from app.orders where note like 'n%'",
      gives: ["risky"],
    },
    {
      sql:
        "update app.archive a set body = o.note from app.orders o where o.id = a.number " +
        "and a.body is not null",
      gives: ["risky"],
    },
    { sql: "update app.archive set body = 'x' where id in (1, 2)", gives: "silent" },
    { sql: "update app.archive set body = 'x' where id between 1 and 100", gives: "silent" },
    { sql: "update app.archive set body = 'x' where id = 5", gives: "silent" },
    {
      sql: "insert into app.archive (number) select -id from app.orders where id = 7 limit 5",
      gives: "silent",
    },
  ],
};

function reasonOf(
  tables: readonly string[],
  through: readonly string[],
  reach: "all" | "many",
): string {
  const read = through.join(", ");
  if (!through.some((name) => tables.includes(name))) {
    const rows = reach === "all" ? "all rows" : "what may be many rows";
    const are = tables.length === 1 ? "is" : "are";
    return `${tables.join(", ")} ${are} written from ${rows} of ${read}, in one transaction`;
  }
  const end = "in one transaction, and locks to its end what it changes";
  return reach === "all"
    ? `it goes through all rows of ${read} ${end}`
    : `it may change many rows of ${tables.join(", ")} ${end}`;
}
