/** `add-exclude`: an exclusion constraint can only be built while nobody reads or writes. */

import { addedConstraint } from "../review/added-constraint.ts";
import { keyLocks } from "../review/key-locks.ts";
import type { StatementRule } from "../review/rule.ts";

export const addExclude: StatementRule = {
  id: "add-exclude",
  scope: "statement",
  title: "ADD EXCLUDE builds an index under a lock that stops all others, and has no online way",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table, and a scan of it while the index is built. On a " +
      "partitioned table also its partitions: SHARE in 17, ACCESS EXCLUSIVE since 18.",
    why:
      "Reads and writes of the table wait for as long as the index takes. It fails where two " +
      "rows exclude each other. There is neither NOT VALID nor USING INDEX for it.",
    instead:
      "A time when nobody needs the table. Or a new table that has the constraint from the " +
      "start, is filled in batches while a trigger keeps it up to date, and takes the old name " +
      "in one short transaction:\n" +
      "create table t_new (like t including all, exclude using gist (c with &&));",
    since: "all versions; on partitioned tables since 17, before that an error",
  },
  judge: (action, known) => {
    const added = addedConstraint(action, known, "CONSTR_EXCLUSION");
    if (added === undefined) return undefined;
    const { table: { name, kind }, stored } = added;
    const { serverMajor } = known;
    if (kind === "partitioned-table" && serverMajor !== undefined && serverMajor < 17) {
      return {
        classes: ["error"],
        reason: `PostgreSQL ${serverMajor} takes no exclusion constraint of ${name}, since it is ` +
          "partitioned",
        instead: "add it to each partition",
        subjects: [name],
      };
    }
    const base = { subjects: [name], locks: keyLocks(known, added, []) };
    if (stored.length === 0) {
      const reason = `${name} holds no rows of its own: no row is read`;
      return { ...base, classes: ["safe"], reason };
    }
    return {
      ...base,
      classes: ["risky"],
      reason: `an index of ${name} is built while nobody can read or write it`,
      instead: "there is no online way: a new table with the constraint, filled in batches, or a " +
        "time when nobody needs the table",
      growsWith: stored,
      scans: stored,
    };
  },
  cases: [
    {
      sql: "alter table app.archive add constraint x exclude using gist (kept with &&)",
      gives: ["risky"],
    },
    {
      sql: "alter table app.events add constraint x exclude using btree (id with =, at with =)",
      gives: ["risky"],
      from: 17,
    },
    {
      sql: "alter table only app.events add exclude using btree (id with =, at with =)",
      gives: ["safe"],
      from: 17,
    },
    { sql: "alter table app.archive add unique (number)", gives: "silent" },
  ],
};
