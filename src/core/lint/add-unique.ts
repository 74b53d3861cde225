/** `add-unique`: ADD UNIQUE and ADD PRIMARY KEY build an index while nobody reads or writes. */

import { names } from "../review/action.ts";
import { addedConstraint } from "../review/added-constraint.ts";
import { adoptedKeys } from "../review/adopted-parts.ts";
import { keyLocks } from "../review/key-locks.ts";
import { unvalidatedNotNull } from "../review/null-proof.ts";
import { shownName } from "../review/relation-name.ts";
import type { StatementRule } from "../review/rule.ts";

export const addUnique: StatementRule = {
  id: "add-unique",
  scope: "statement",
  title: "ADD UNIQUE or PRIMARY KEY builds an index under a lock that stops all others",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table, and a scan of it while its index is built. On a " +
      "partitioned table also its partitions: SHARE before 18, ACCESS EXCLUSIVE since.",
    why:
      "Reads and writes of the table wait for as long as the index takes. It fails where two " +
      "rows are alike, and a primary key where a row holds a null, or where its column has a " +
      "NOT NULL that is NOT VALID.",
    instead:
      "The first statement outside of a transaction, in a file of its own:\n" +
      "create unique index concurrently t_c_key on t (c);\n" +
      "alter table t add constraint t_c_key unique using index t_c_key;\n" +
      "A partitioned table takes no USING INDEX: do this with each partition, then add the " +
      "constraint to the parent, which takes those over without a scan.",
    since: "all versions; the lock on partitions is stronger since 18",
  },
  judge: (action, known) => {
    const added = addedConstraint(action, known, "CONSTR_UNIQUE", "CONSTR_PRIMARY");
    if (added === undefined || added.node.indexname !== undefined) return undefined;
    const { table: { name, kind }, node, stored, addition } = added;
    const columns = names(node.keys);
    const taken = adoptedKeys(known.schema, added, columns);
    const read = stored.filter((one) => !taken.includes(one));
    const subjects = [name];
    const blocker = node.contype === "CONSTR_PRIMARY"
      ? unvalidatedNotNull(known, name, columns) : undefined;
    if (blocker !== undefined) return { classes: ["error"], ...blocker, subjects };
    const base = { subjects, locks: keyLocks(known, added, columns) };
    if (read.length === 0) {
      const reason =
        taken.length > 0 ? `${name} takes over what its partitions have: no row is read`
        : `${name} holds no rows of its own: no row is read`;
      return { ...base, classes: ["safe"], reason };
    }
    const list = columns.map(shownName).join(", ");
    const word = node.contype === "CONSTR_PRIMARY" ? "primary key" : "unique";
    return {
      ...base,
      classes: ["risky"],
      reason: `an index of ${name} is built while nobody can read or write it`,
      instead: kind === "partitioned-table"
        ? "add it to each partition first, using an index that is built concurrently"
        : `create unique index concurrently … on ${name} (${list}) in a file of ` +
          `its own, then alter table ${addition} ${word} using index …`,
      growsWith: read,
      scans: read,
    };
  },
  cases: [
    { sql: "alter table app.archive add constraint u unique (id)", gives: ["risky"] },
    { sql: "alter table app.archive add primary key (number)", gives: ["risky"] },
    { sql: "alter table app.archive add primary key (id)", gives: ["risky"] },
    { sql: "alter table app.events add unique (id, at)", gives: ["risky"] },
    { sql: "alter table app.events add primary key (id, at)", gives: ["risky"] },
    { sql: "alter table app.events add primary key (id, at, body)", gives: ["risky"] },
    { sql: "alter table only app.events add unique (id, at)", gives: ["safe"] },
    {
      before: "alter table app.events_2025 add unique (id, at)",
      sql: "alter table app.events add unique (id, at)",
      gives: ["risky"],
    },
    {
      before:
        "alter table app.events_2025 add unique (id, at); " +
        "alter table app.events_other add primary key (id, at)",
      sql: "alter table app.events add unique (id, at)",
      gives: ["safe"],
    },
    {
      before:
        "create unique index on app.events_2025 (id, at); " +
        "create unique index on app.events_other (id, at)",
      sql: "alter table app.events add unique (id, at)",
      gives: ["risky"],
    },
    {
      before: "alter table app.archive add constraint n not null id not valid",
      sql: "alter table app.archive add primary key (id)",
      gives: ["error"],
      from: 18,
      fails: true,
    },
    { sql: "alter table app.orders add unique (quantity)", gives: ["risky"], fails: true },
    {
      sql: "alter table app.archive add constraint u unique using index archive_id_idx",
      gives: "silent",
    },
  ],
};
