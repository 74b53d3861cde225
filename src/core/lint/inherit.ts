/** `inherit`: INHERIT and OF tie a table to another one, NO INHERIT and NOT OF let go of it. */

import type { StatementRule } from "../review/rule.ts";

export const inherit: StatementRule = {
  id: "inherit",
  scope: "statement",
  title: "INHERIT and NO INHERIT change which rows a query of the parent finds",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table for a moment; INHERIT takes SHARE UPDATE EXCLUSIVE on the " +
      "parent as well. Nothing is read. OF and NOT OF take the lock on the table alone.",
    why:
      "After INHERIT queries of the parent find the rows of the table too, after NO INHERIT they " +
      "do not: code gets more or less than before, without an error.",
    instead:
      "Let code that must not see the difference read `only parent` first. Partitions do what " +
      "inheritance was used for, see attach-partition.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table") return undefined;
    const { def, subtype } = action.command;
    const { name } = schema.relation(action.table);
    const lock = { relation: name, mode: "ACCESS EXCLUSIVE" } as const;
    if (subtype === "AT_AddOf" || subtype === "AT_DropOf") {
      const does = subtype === "AT_AddOf" ? "is tied to its type" : "is let go of by its type";
      return { classes: ["safe"], reason: `${name} ${does}`, subjects: [name], locks: [lock] };
    }
    if (subtype !== "AT_AddInherit" && subtype !== "AT_DropInherit") return undefined;
    const parent = schema.nameOf(def !== undefined && "RangeVar" in def ? def.RangeVar : {});
    if (subtype === "AT_DropInherit") {
      return {
        classes: ["risky"],
        reason: `queries of ${parent} do not find the rows of ${name} any more`,
        subjects: [name],
        locks: [lock],
      };
    }
    return {
      classes: ["safe"],
      reason: `queries of ${parent} find the rows of ${name} as well`,
      subjects: [name, parent],
      locks: [lock, { relation: parent, mode: "SHARE UPDATE EXCLUSIVE" }],
    };
  },
  cases: [
    { sql: "alter table depot.cool inherit depot.warm", gives: ["safe"] },
    { sql: "alter table depot.cold no inherit depot.warm", gives: ["risky"] },
    { sql: "alter table depot.typed not of", gives: ["safe"] },
    { sql: "alter table depot.untyped of depot.pair", gives: ["safe"] },
    { sql: "create table app.fresh (more int) inherits (app.archive)", gives: "silent" },
  ],
};
