/** `set-not-null`: SET NOT NULL reads the whole table, unless a check has proven it already. */

import { columnCommand } from "../review/column-command.ts";
import { shownName } from "../review/relation-name.ts";
import type { StatementRule } from "../review/rule.ts";
import type { SchemaModel } from "../review/schema-model.ts";
import { constraintsOn, withAncestors } from "../review/table-ancestry.ts";
import { sameLocks, storedTables } from "../review/table-locks.ts";

export const setNotNull: StatementRule = {
  id: "set-not-null",
  scope: "statement",
  title: "SET NOT NULL reads every row under a lock that stops all others",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, and a scan of them while that is held. " +
      "No scan where a validated CHECK (column IS NOT NULL) is there, nor of a partition that " +
      "has its own NOT NULL.",
    why:
      "Reads and writes of the table wait for as long as the scan takes. It fails where a row " +
      "holds a null. Code that writes nulls fails from then on.",
    instead:
      "In steps, each a file of its own:\n" +
      "alter table t add constraint t_c_not_null check (c is not null) not valid;\n" +
      "alter table t validate constraint t_c_not_null;\n" +
      "alter table t alter column c set not null;\n" +
      "alter table t drop constraint t_c_not_null;\n" +
      "From 18 on, add constraint … not null c not valid does the first step, and validate " +
      "constraint all of the rest.",
    since: "all versions; the shortcut by a validated CHECK since 12",
  },
  judge: (action, known) => {
    const found = columnCommand(action, known, "AT_SetNotNull");
    if (found === undefined) return undefined;
    const { schema } = known;
    const { table: { name }, name: column, tables, shown } = found;
    const isForeign = found.action.object === "OBJECT_FOREIGN_TABLE";
    const stored = isForeign ? [] : storedTables(schema, tables);
    const read = stored.filter((one) => whyProven(schema, one, column) === undefined);
    const locks = sameLocks(tables, "ACCESS EXCLUSIVE");
    if (read.length === 0) {
      const why = whyProven(schema, stored[0] ?? name, column) ?? "no rows lie here";
      return {
        classes: ["safe"],
        reason: `${shown} becomes not null without a scan, since ${why}`,
        subjects: [name],
        locks,
      };
    }
    const [unvalidated] = proofs(schema, name, column);
    return {
      classes: ["risky"],
      reason: `every row of ${name} is read while nobody can read or write it`,
      instead:
        unvalidated === undefined
          ? `add constraint … check (${shownName(column)} is not null) not valid, then validate ` +
            "constraint, then set not null: three files"
          : `the check ${unvalidated.name} is not valid yet: validate it first, in a file of its ` +
            "own",
      subjects: [name],
      growsWith: read,
      locks,
      scans: read,
    };
  },
  cases: [
    { sql: "alter table app.orders alter column note set not null", gives: ["risky"] },
    {
      before:
        "alter table app.orders add constraint n check (note is not null) not valid; " +
        "alter table app.orders validate constraint n",
      sql: "alter table app.orders alter column note set not null",
      gives: ["safe"],
    },
    {
      before: "alter table app.orders add constraint n check (note is not null) not valid",
      sql: "alter table app.orders alter column note set not null",
      gives: ["risky"],
    },
    { sql: "alter table app.orders alter column secret set not null", gives: ["safe"] },
    { sql: "alter table app.events alter column body set not null", gives: ["risky"] },
    {
      before: "alter table app.events add constraint n check (body is not null)",
      sql: "alter table app.events alter column body set not null",
      gives: ["safe"],
    },
    {
      before: "alter table app.events_2025 alter column body set not null",
      sql: "alter table app.events alter column body set not null",
      gives: ["risky"],
    },
    { sql: "alter table app.orders alter column secret drop not null", gives: "silent" },
  ],
};

function whyProven(schema: SchemaModel, table: string, column: string): string | undefined {
  if (proofs(schema, table, column).some(({ validated }) => validated)) {
    return "a validated check proves it";
  }
  const isNotNull = withAncestors(schema, table).some(({ columns }) =>
    columns.get(column)?.notNull === true,
  );
  return isNotNull ? "it is not null already" : undefined;
}

function proofs(schema: SchemaModel, table: string, column: string) {
  return constraintsOn(schema, table).filter(({ provesNotNull }) => provesNotNull.includes(column));
}
