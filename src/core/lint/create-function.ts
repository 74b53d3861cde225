/** `create-function`: a new function is nobody's concern, unless one of its name is there. */

import { names } from "../review/action.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const createFunction: StatementRule = {
  id: "create-function",
  scope: "statement",
  title: "CREATE FUNCTION beside one of the same name can make calls ambiguous",
  page: {
    locks: "None on tables. Nothing is read.",
    why:
      "Where a function of the name is there with other arguments, calls that fitted that one " +
      "can fit both (function is not unique), or go to the new one, as its arguments fit better: " +
      "defaults and literals of no type are what does it. Everybody may execute a new function.",
    instead:
      "A new name: create function price_v2(…). To take the place of the old one, drop it in the " +
      "same file. And where not everybody shall call it:\n" +
      "revoke execute on function f from public;",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const create = bodyOf(action, "CreateFunctionStmt");
    if (create === undefined || create.replace === true) return undefined;
    const name = names(create.funcname).join(".");
    const isOverload = schema.isOwnFunction(names(create.funcname).at(-1) ?? "");
    return {
      classes: [isOverload ? "risky" : "safe"],
      reason: isOverload
        ? `one named ${name} is there already: calls of it can become ambiguous`
        : `${name} is made`,
      ...(isOverload ? { instead: "give it a name of its own" } : {}),
      subjects: [],
    };
  },
  cases: [
    {
      sql: "create function app.fresh() returns int language sql as 'select 1'",
      gives: ["safe"],
    },
    { sql: "create procedure app.fresh() language sql as 'select 1'", gives: ["safe"] },
    {
      sql: "create function app.steady_code(a int) returns text language sql as $$ select 'x' $$",
      gives: ["risky"],
    },
    {
      sql:
        "create or replace function app.steady_code() returns text language sql immutable " +
        "as $$ select 'y'::text $$",
      gives: "silent",
    },
  ],
};
