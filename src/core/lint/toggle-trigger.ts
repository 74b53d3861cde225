/** `toggle-trigger`: ENABLE and DISABLE TRIGGER change what writes do. */

import type { StatementRule } from "../review/rule.ts";
import { sameLocks, touchedTables } from "../review/table-locks.ts";

export const toggleTrigger: StatementRule = {
  id: "toggle-trigger",
  scope: "statement",
  title: "ENABLE and DISABLE TRIGGER stop writes for a moment, and change what they do",
  page: {
    locks:
      "SHARE ROW EXCLUSIVE on the table, and on its partitions for a trigger FOR EACH ROW: reads " +
      "go on.",
    why:
      "It holds for everybody, not for this transaction only. DISABLE TRIGGER ALL turns off the " +
      "checks of foreign keys as well, for running code too: rows that break them come in, and " +
      "nothing finds them when the triggers are on again. It needs a superuser.",
    instead:
      "For one transaction, as a superuser or with the right to set it:\n" +
      "set local session_replication_role = replica;\n" +
      "Else DISABLE TRIGGER USER, which leaves foreign keys alone, in the same transaction as " +
      "the ENABLE.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table") return undefined;
    const { subtype = "", name: trigger = "" } = action.command;
    const match = /^AT_(Enable|Disable)(?:Always|Replica)?Trig(All|User)?$/.exec(subtype);
    if (match === null) return undefined;
    const [, does, which] = match;
    const { name } = schema.relation(action.table);
    const what = which === "All" ? "all triggers" : which === "User" ? "triggers" : trigger;
    const isUnchecked = does === "Disable" && which === "All";
    return {
      classes: [isUnchecked ? "risky" : "safe"],
      reason: isUnchecked
        ? `foreign keys of ${name} are checked for nobody, running code included`
        : `writes of ${name} by all run ${does === "Enable" ? "" : "without "}${what} from then on`,
      ...(isUnchecked
        ? { instead: `alter table ${name} disable trigger user, which leaves foreign keys alone` }
        : {}),
      subjects: [name],
      locks: sameLocks(touchedTables(schema, action), "SHARE ROW EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "alter table app.orders disable trigger orders_touch", gives: ["safe"] },
    { sql: "alter table app.orders enable always trigger orders_touch", gives: ["safe"] },
    { sql: "alter table app.orders enable trigger all", gives: ["safe"] },
    { sql: "alter table app.orders disable trigger user", gives: ["safe"] },
    { sql: "alter table app.orders disable trigger all", gives: ["risky"] },
    { sql: "alter table depot.rooms disable trigger rooms_touch", gives: ["safe"] },
    { sql: "alter table only depot.rooms disable trigger rooms_touch", gives: ["safe"] },
  ],
};
