/** `drop-owned`: DROP OWNED and REASSIGN OWNED act on all that a role has. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const dropOwned: StatementRule = {
  id: "drop-owned",
  scope: "statement",
  title: "DROP OWNED drops all that a role has in the database, and takes its rights",
  page: {
    locks:
      "ACCESS EXCLUSIVE on every table, view and sequence of the role; REASSIGN OWNED takes the " +
      "same. Which ones those are a reading does not show: plan --rehearse does.",
    why:
      "Tables go with their rows, without being named. Rights that the role was given on what " +
      "others own go as well, so that running code of the role fails.",
    instead:
      "Hand over what it has, after a look at what that is, and drop only the rest:\n" +
      "reassign owned by leaving to app;\ndrop owned by leaving;",
    since: "all versions",
  },
  judge: (action) => {
    if (bodyOf(action, "ReassignOwnedStmt") !== undefined) {
      return {
        classes: ["risky"],
        reason: "all that the role has is locked, and belongs to another from then on",
        instead: "alter table … owner to …, for each one that is meant",
        subjects: [],
      };
    }
    if (bodyOf(action, "DropOwnedStmt") === undefined) return undefined;
    return {
      classes: ["breaking"],
      reason: "all that the role has in this database is dropped, tables with their rows",
      instead: "reassign owned by … to …, and then drop by name what nobody needs",
      subjects: [],
      loses: "the rows of all tables that the role owns",
    };
  },
  cases: [
    { sql: "drop owned by current_user", gives: ["breaking"], fails: true },
    {
      before: "create role measured_reassign_owned",
      sql: "reassign owned by measured_reassign_owned to current_user",
      gives: ["risky"],
    },
    { sql: "drop table app.archive", gives: "silent" },
  ],
};
