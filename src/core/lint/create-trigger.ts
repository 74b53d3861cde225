/** `create-trigger`: CREATE TRIGGER stops writes for a moment, and changes what they do. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";
import { sameLocks, tableLocks } from "../review/table-locks.ts";

export const createTrigger: StatementRule = {
  id: "create-trigger",
  scope: "statement",
  title: "CREATE TRIGGER stops writes of the table for a moment, and changes what they do",
  page: {
    locks:
      "SHARE ROW EXCLUSIVE on the table: reads go on. FOR EACH ROW on a partitioned table takes " +
      "it on all partitions too.",
    why:
      "From the commit on, every write of running code runs the function as well: an error in it " +
      "is an error of theirs, and what it costs they pay.",
    instead:
      "set lock_timeout = '1s'; and try again when it runs out, which pgmate does by itself. " +
      "Make the function before, in the same file or an earlier one.",
    since: "all versions; OR REPLACE since 14",
  },
  judge: (action, { schema }) => {
    const create = bodyOf(action, "CreateTrigStmt");
    if (create === undefined) return undefined;
    const { name } = schema.relation(create.relation ?? {});
    const mode = "SHARE ROW EXCLUSIVE";
    return {
      classes: ["safe"],
      reason: `writes of ${name} wait for a moment, and run ${create.trigname} from then on`,
      subjects: [name],
      locks: create.row === true ? tableLocks(schema, name, mode) : sameLocks([name], mode),
    };
  },
  cases: [
    {
      sql:
        "create trigger t before insert on app.orders for each row execute function app.touch()",
      gives: ["safe"],
    },
    {
      sql:
        "create or replace trigger orders_touch before update on app.orders for each row " +
        "execute function app.touch()",
      gives: ["safe"],
    },
    {
      sql:
        "create trigger t before insert on app.events for each row execute function app.touch()",
      gives: ["safe"],
    },
    {
      sql:
        "create trigger t after insert on app.events for each statement " +
        "execute function app.touch()",
      gives: ["safe"],
    },
    {
      sql:
        "create constraint trigger t after insert on app.orders from app.customers " +
        "for each row execute function app.touch()",
      gives: ["safe"],
    },
    {
      sql:
        "create trigger t instead of insert on app.open_orders for each row " +
        "execute function app.touch()",
      gives: ["safe"],
    },
  ],
};
