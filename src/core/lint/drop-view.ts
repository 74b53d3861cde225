/** `drop-view`: code that reads the view fails at once. */

import { dropReach } from "../review/drop-reach.ts";
import { namedDrop } from "../review/dropped-relations.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const dropView: StatementRule = {
  id: "drop-view",
  scope: "statement",
  title: "DROP VIEW: code that reads the view fails",
  page: {
    locks: "ACCESS EXCLUSIVE on the view. The tables behind it are not locked.",
    why:
      "Code that reads it fails at once. A materialized view takes the time of its query to be " +
      "made again.",
    instead:
      "Deploy code that does without it, and drop it in a later release. To change a view, " +
      "create or replace view keeps it there all the time; where that is refused, drop and " +
      "create in one file, so that nobody sees it gone.",
    since: "all versions",
  },
  judge: (action, known) => {
    const named = namedDrop(
      bodyOf(action, "DropStmt"), known, "OBJECT_VIEW", "OBJECT_MATVIEW",
    );
    if (named === undefined) return undefined;
    const { names } = named;
    if (names.length === 0) {
      return { classes: ["safe"], reason: "no such view is there", subjects: [] };
    }
    return {
      classes: ["breaking"],
      reason: `code that reads ${names.join(", ")} fails`,
      instead: "drop it in a later release, when no code reads it any more",
      subjects: names,
      locks: dropReach(known.schema, names, "restrict").locks,
    };
  },
  cases: [
    { sql: "drop view app.open_orders", gives: ["breaking"] },
    { sql: "drop materialized view app.totals", gives: ["breaking"] },
    { sql: "drop view if exists app.nothing", gives: ["safe"], givesFromFiles: ["breaking"] },
    { sql: "drop table app.archive", gives: "silent" },
  ],
};
