/** `replace-function`: CREATE OR REPLACE FUNCTION, whose body pgmate does not understand. */

import { names } from "../review/action.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const replaceFunction: StatementRule = {
  id: "replace-function",
  scope: "statement",
  title: "CREATE OR REPLACE FUNCTION keeps name, arguments and type, and changes what is done",
  page: {
    locks: "None on tables. Nothing is read.",
    why:
      "Postgres refuses another type of result and other names of arguments, so that calls go on " +
      "being understood; with another list of arguments it makes a second function beside the " +
      "first. Whether the new body gives running code what it expects, a reading does not show. " +
      "Indexes, generated columns and partitions that were made with the old body of an " +
      "IMMUTABLE function are not made again, and can then be wrong.",
    instead:
      "When the result changes, a new name: create function price_v2(…), and drop the old one " +
      "when no code calls it. After a change of a function that an index uses:\n" +
      "reindex index concurrently …;",
    since: "all versions",
  },
  judge: (action) => {
    const create = bodyOf(action, "CreateFunctionStmt");
    if (create?.replace !== true) return undefined;
    return {
      classes: ["safe"],
      reason:
        `calls of ${names(create.funcname).join(".")} go on being understood; whether they give ` +
        "the same, cannot be seen",
      subjects: [],
    };
  },
  cases: [
    {
      sql:
        "create or replace function app.steady_code() returns text language sql immutable " +
        "as $$ select 'y'::text $$",
      gives: ["safe"],
    },
    {
      sql: "create or replace procedure app.work() language plpgsql as $$ begin perform 2; end $$",
      gives: ["safe"],
    },
    { sql: "create function app.fresh() returns int language sql as 'select 1'", gives: "silent" },
  ],
};
