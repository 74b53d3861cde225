/** `validate-constraint`: VALIDATE reads the rows under a lock that stops nobody. */

import { bothEnds } from "../review/foreign-key.ts";
import { namedConstraint, shownKind } from "../review/named-constraint.ts";
import type { StatementRule } from "../review/rule.ts";
import { sameLocks, storedTables, tableFamily } from "../review/table-locks.ts";

export const validateConstraint: StatementRule = {
  id: "validate-constraint",
  scope: "statement",
  title: "VALIDATE CONSTRAINT reads every row, and reads and writes go on",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the table and its partitions, and for a foreign key ROW SHARE " +
      "on the table that it refers to; a scan of all of them while that is held.",
    why:
      "It takes as long as the scan, but stops neither reads nor writes, only other DDL and " +
      "VACUUM. It fails where a row does not satisfy the constraint.",
    instead:
      "This is the way to go, in a file of its own: in the transaction of the ADD CONSTRAINT the " +
      "stronger lock of that one is still held. A statement_timeout should not end it.",
    since: "all versions; foreign keys of partitioned tables and NOT NULL since 18",
  },
  judge: (action, known) => {
    if (action.kind !== "alter-table" || action.command.subtype !== "AT_ValidateConstraint") {
      return undefined;
    }
    const { schema } = known;
    const { name } = schema.relation(action.table);
    const wanted = action.command.name ?? "";
    const constraint = namedConstraint(known, name, wanted);
    const mode = "SHARE UPDATE EXCLUSIVE";
    if (constraint?.validated === true) {
      return {
        classes: ["safe"],
        reason: `the ${shownKind(constraint)} ${wanted} of ${name} is valid already`,
        subjects: [name],
        locks: [{ relation: name, mode }],
      };
    }
    const children = tableFamily(schema, name);
    const parent = constraint?.references;
    const others = parent === undefined ? [] : tableFamily(schema, parent);
    return {
      classes: ["safe"],
      reason:
        `every row of ${bothEnds(name, parent ?? name)} is read, and reads and writes go on; it ` +
        `fails where a row does not satisfy ${wanted}`,
      subjects: [name],
      locks: [
        ...sameLocks(children, mode),
        ...(parent === undefined ? [] : [{ relation: parent, mode: "ROW SHARE" } as const]),
      ],
      scans: storedTables(schema, [...children, ...others]),
    };
  },
  cases: [
    {
      before: "alter table app.orders add constraint c check (quantity > 0) not valid",
      sql: "alter table app.orders validate constraint c",
      gives: ["safe"],
    },
    {
      before: "alter table app.events add constraint c check (id > 0) not valid",
      sql: "alter table app.events validate constraint c",
      gives: ["safe"],
    },
    {
      before:
        "alter table app.lines add constraint c foreign key (customer_id) " +
        "references app.customers not valid",
      sql: "alter table app.lines validate constraint c",
      gives: ["safe"],
    },
    {
      before:
        "alter table app.events add constraint c foreign key (id) " +
        "references app.customers not valid",
      sql: "alter table app.events validate constraint c",
      gives: ["safe"],
      from: 18,
    },
    {
      before:
        "alter table app.events add primary key (id, at); alter table app.lines add at date; " +
        "update app.lines set at = '2025-06-01'; alter table app.lines add constraint c " +
        "foreign key (id, at) references app.events not valid",
      sql: "alter table app.lines validate constraint c",
      gives: ["safe"],
    },
    {
      before:
        "alter table app.lines add parent_id bigint; alter table app.lines add constraint c " +
        "foreign key (parent_id) references app.lines not valid",
      sql: "alter table app.lines validate constraint c",
      gives: ["safe"],
    },
    {
      before: "alter table app.orders add constraint n not null note not valid",
      sql: "alter table app.orders validate constraint n",
      gives: ["safe"],
      from: 18,
    },
    { sql: "alter table app.orders validate constraint orders_quantity_check", gives: ["safe"] },
    { sql: "alter table app.orders validate constraint orders_id_not_null", gives: ["safe"],
      from: 18 },
    { sql: "alter table app.orders drop constraint orders_quantity_check", gives: "silent" },
  ],
};
