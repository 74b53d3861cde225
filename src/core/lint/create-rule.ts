/** `create-rule`: a rule changes what statements on the table are turned into. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const createRule: StatementRule = {
  id: "create-rule",
  scope: "statement",
  title: "CREATE RULE changes what statements of running code are turned into",
  page: {
    locks: "ACCESS EXCLUSIVE on the table or view until the transaction ends. Nothing is read.",
    why:
      "DO INSTEAD puts something else in the place of what code asks for: its rows are not " +
      "written, the number of rows that it is told changes, and with RETURNING it fails unless " +
      "the rule returns as much. Expressions such as nextval() are run as often as they are " +
      "copied.",
    instead:
      "A trigger, which sees each row once and can be read: create trigger … execute function …; " +
      "a view takes INSERT, UPDATE and DELETE by itself where it is of one table, and else by an " +
      "INSTEAD OF trigger.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const rule = bodyOf(action, "RuleStmt");
    if (rule === undefined) return undefined;
    const { name } = schema.relation(rule.relation ?? {});
    const isInstead = rule.instead === true;
    return {
      classes: [isInstead ? "breaking" : "safe"],
      reason: isInstead
        ? `statements of running code on ${name} are turned into something else`
        : `statements on ${name} do something besides from then on`,
      ...(isInstead ? { instead: "a trigger does what it is told for each row" } : {}),
      subjects: [name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    };
  },
  cases: [
    { sql: "create rule r as on insert to app.orders do instead nothing", gives: ["breaking"] },
    {
      sql:
        "create rule r as on delete to app.orders do also " +
        "insert into app.archive (number) values (old.id)",
      gives: ["safe"],
    },
    {
      sql: "create rule r as on insert to app.open_orders do instead nothing",
      gives: ["breaking"],
    },
  ],
};
