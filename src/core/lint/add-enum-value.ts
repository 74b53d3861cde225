/** `add-enum-value`: a value that an enum gets cannot be taken back. */

import { names } from "../review/action.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const addEnumValue: StatementRule = {
  id: "add-enum-value",
  scope: "statement",
  title: "ALTER TYPE … ADD VALUE cannot be undone",
  page: {
    locks: "None on tables. Nothing is read or written.",
    why:
      "There is no DROP VALUE, so that no down section can take it back. Until the commit the " +
      "new value cannot be used (unsafe use of new value): not in a default, an UPDATE or a " +
      "partial index of the same file. Without BEFORE or AFTER it sorts behind all others, which " +
      "cannot be changed later. Code that knows all values meets one that it does not know.",
    instead:
      "In a file of its own, with its place where the order counts:\n" +
      "alter type mood add value 'fine' before 'great';\n" +
      "Deploy code that can read the value before code that writes it. Where values come and go, " +
      "a table of them with a foreign key is easier to change.",
    since: "in a transaction since 12",
  },
  judge: (action) => {
    const alter = bodyOf(action, "AlterEnumStmt");
    if (alter === undefined || alter.oldVal !== undefined) return undefined;
    const type = names(alter.typeName).join(".");
    const { newVal, newValNeighbor, newValIsAfter } = alter;
    const place = newValNeighbor === undefined
      ? "behind all others"
      : `${newValIsAfter === true ? "after" : "before"} ${newValNeighbor}`;
    return {
      classes: ["safe"],
      reason:
        `${type} gets ${newVal}, ${place}, for good: it cannot be dropped, nor be used before ` +
        "the commit",
      ...(newValNeighbor === undefined
        ? { instead: "say before or after which value, where the order of values counts" }
        : {}),
      subjects: [],
    };
  },
  cases: [
    { sql: "alter type app.order_status add value 'lost'", gives: ["safe"] },
    { sql: "alter type app.order_status add value 'lost' before 'sent'", gives: ["safe"] },
    { sql: "alter type app.order_status add value if not exists 'open'", gives: ["safe"] },
    { sql: "alter type app.order_status rename value 'open' to 'fresh'", gives: "silent" },
  ],
};
