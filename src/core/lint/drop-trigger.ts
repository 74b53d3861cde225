/** `drop-trigger`: DROP and RENAME TRIGGER lock more strongly than CREATE TRIGGER. */

import { rangeOfNames } from "../review/action.ts";
import { objectParts } from "../review/object-name.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";
import { tableLocks } from "../review/table-locks.ts";

export const dropTrigger: StatementRule = {
  id: "drop-trigger",
  scope: "statement",
  title:
    "DROP TRIGGER stops reads and writes of the table for a moment, and changes what writes do",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table, and on its partitions for a trigger FOR EACH ROW; RENAME " +
      "takes the same. Stronger than CREATE TRIGGER, which lets reads go on. Nothing is read.",
    why:
      "From the commit on, writes of running code do without the function: what it kept up to " +
      "date no longer is. Renaming changes in which order triggers run, which is by name.",
    instead:
      "set lock_timeout = '1s'; and try again when it runs out, which pgmate does by itself. To " +
      "change a trigger, create or replace trigger needs the milder lock and leaves no gap.",
    since: "all versions; RENAME goes down to partitions since 15",
  },
  judge: (action, { schema }) => {
    const drop = bodyOf(action, "DropStmt");
    const rename = bodyOf(action, "RenameStmt");
    const found =
      drop?.removeType === "OBJECT_TRIGGER"
        ? (drop.objects ?? []).map((node) => {
            const parts = objectParts(node);
            const table = schema.relation(rangeOfNames(parts.slice(0, -1))).name;
            return { table, does: `do without ${parts.at(-1)}` };
          })
        : rename?.renameType === "OBJECT_TRIGGER"
          ? [{
              table: schema.relation(rename.relation ?? {}).name,
              does: `run ${rename.newname} in its place among the names`,
            }]
          : [];
    const [first] = found;
    if (first === undefined) return undefined;
    return {
      classes: ["safe"],
      reason: `reads and writes of ${first.table} wait for a moment, and writes ${first.does}`,
      subjects: [first.table],
      locks: tableLocks(schema, first.table, "ACCESS EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "drop trigger orders_touch on app.orders", gives: ["safe"] },
    { sql: "alter trigger orders_touch on app.orders rename to touch", gives: ["safe"] },
    { sql: "drop trigger rooms_touch on depot.rooms", gives: ["safe"] },
    { sql: "alter trigger rooms_touch on depot.rooms rename to touch", gives: ["safe"] },
    { sql: "drop table app.archive", gives: "silent" },
  ],
};
