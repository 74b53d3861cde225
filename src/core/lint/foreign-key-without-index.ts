/** `foreign-key-without-index`: deleting in the other table reads this one from end to end. */

import { addedForeignKey } from "../review/foreign-key.ts";
import { shownName } from "../review/relation-name.ts";
import type { StatementRule } from "../review/rule.ts";
import { withAncestors } from "../review/table-ancestry.ts";

export const foreignKeyWithoutIndex: StatementRule = {
  id: "foreign-key-without-index",
  scope: "statement",
  title: "a foreign key whose columns no index leads with",
  page: {
    locks: "None by itself.",
    why:
      "Each DELETE in the table that is referred to, and each UPDATE of its key, looks for rows " +
      "that refer to it. Without an index that begins with the foreign key's columns it reads " +
      "the whole table for each of them, and holds its row lock for as long.",
    instead:
      "Before the foreign key, in a file of its own:\n" +
      "create index concurrently t_c_idx on t (c);\n" +
      "Where the rows of the other table are never deleted and its keys never change, none is " +
      "needed.",
    since: "all versions",
  },
  judge: (action, known) => {
    const added = addedForeignKey(action, known);
    if (added === undefined) return undefined;
    const { table: { name }, columns, parent } = added;
    // A partial index counts too: most often it leaves out the nulls, which refer to nothing.
    const above = withAncestors(known.schema, name);
    const isLed = above.flatMap((one) => known.schema.indexesOf(one.name)).some((index) => {
      const leading = index.columns.slice(0, columns.length);
      return index.valid && columns.every((column) => leading.includes(column));
    });
    if (isLed) return undefined;
    const list = columns.map(shownName).join(", ");
    return {
      classes: ["advice"],
      reason:
        `no index of ${name} begins with ${list}: each delete in ${parent} will ` +
        `read all of ${name}`,
      instead: `create index concurrently … on ${name} (${list})`,
      subjects: [name],
    };
  },
  cases: [
    {
      sql: "alter table app.lines add foreign key (customer_id) references app.customers",
      gives: ["advice"],
    },
    {
      sql: "alter table app.lines add foreign key (customer_id) references app.customers not valid",
      gives: ["advice"],
    },
    {
      before: "create index on app.lines (product, customer_id)",
      sql: "alter table app.lines add foreign key (customer_id) references app.customers",
      gives: ["advice"],
    },
    {
      before: "create index on app.lines (customer_id, product) where customer_id is not null",
      sql: "alter table app.lines add foreign key (customer_id) references app.customers",
      gives: "silent",
    },
    {
      sql: "alter table app.orders add foreign key (customer_id) references app.customers",
      gives: "silent",
    },
    {
      before: "create index on app.events (id)",
      sql: "alter table app.events_2025 add foreign key (id) references app.customers",
      gives: "silent",
    },
    {
      sql: "alter table app.lines add foreign key (id) references app.orders",
      gives: "silent",
    },
  ],
};
