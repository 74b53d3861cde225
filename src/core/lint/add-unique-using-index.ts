/** `add-unique-using-index`: a unique constraint out of an index that is there already. */

import { addedConstraint } from "../review/added-constraint.ts";
import { partsOfName } from "../review/relation-name.ts";
import type { StatementRule } from "../review/rule.ts";
import { usedIndex } from "../review/used-index.ts";

export const addUniqueUsingIndex: StatementRule = {
  id: "add-unique-using-index",
  scope: "statement",
  title: "ADD UNIQUE USING INDEX changes the catalog only, if the index is valid",
  page: {
    locks: "ACCESS EXCLUSIVE on the table, for an instant; nothing is read.",
    why:
      "Nothing but the wait for the lock hurts. The index takes the constraint's name. An index " +
      "that a failed CREATE INDEX CONCURRENTLY has left invalid is refused, as is one that is " +
      "partial, not unique, or on expressions.",
    instead:
      "This is the way to go. Whether the index is valid is told by:\n" +
      "select indisvalid from pg_index where indexrelid = 't_c_key'::regclass;",
    since: "all versions; not for partitioned tables",
  },
  judge: (action, known) => {
    const added = addedConstraint(action, known, "CONSTR_UNIQUE");
    if (added?.node.indexname === undefined) return undefined;
    const { table: { name }, node } = added;
    const used = usedIndex(known.schema, added);
    if (used.fault !== undefined) {
      return { classes: ["error"], ...used.fault, subjects: [name] };
    }
    const wanted = node.conname ?? node.indexname;
    const renamed = wanted === partsOfName(used.name).name ? "" : `, and is called ${wanted} then`;
    return {
      classes: ["safe"],
      reason: `${used.name} becomes a constraint of ${name} without a scan${renamed}`,
      subjects: [name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    };
  },
  cases: [
    {
      sql: "alter table app.archive add constraint u unique using index archive_id_idx",
      gives: ["safe"],
    },
    { sql: "alter table app.archive add unique using index archive_number_idx", gives: ["safe"] },
    {
      before:
        "create unique index half_idx on app.archive (number); " +
        "update pg_catalog.pg_index set indisvalid = false " +
        "where indexrelid = 'app.half_idx'::regclass",
      sql: "alter table app.archive add constraint u unique using index half_idx",
      gives: ["error"],
      givesFromFiles: ["safe"],
      fails: true,
    },
    {
      sql: "alter table app.orders add constraint u unique using index orders_code_idx",
      gives: ["error"],
      fails: true,
    },
    {
      before: "create unique index part_idx on app.archive (number) where number > 0",
      sql: "alter table app.archive add constraint u unique using index part_idx",
      gives: ["error"],
      fails: true,
    },
    {
      before: "create unique index expr_idx on app.archive ((number + 1))",
      sql: "alter table app.archive add constraint u unique using index expr_idx",
      gives: ["error"],
      fails: true,
    },
    {
      before: "create unique index events_idx on app.events (id, at)",
      sql: "alter table app.events add constraint u unique using index events_idx",
      gives: ["error"],
      fails: true,
    },
    {
      sql: "alter table app.archive add constraint p primary key using index archive_id_idx",
      gives: "silent",
    },
  ],
};
