/** `not-judged`: a statement that no other rule knows. */

import { statementKind } from "../review/statement-node.ts";
import type { StatementRule } from "../review/rule.ts";

export const notJudged: StatementRule = {
  id: "not-judged",
  scope: "statement",
  asked: "last",
  title: "no rule knows the statement",
  page: {
    locks: "pgmate does not know, and claims none.",
    why: "What it locks or breaks nobody has looked at.",
    instead: "Run it on a copy, and see:\npgmate plan --rehearse",
    since: "all versions",
  },
  judge: (action) => {
    const what = action.kind === "statement" ? statementKind(action) : action.command.subtype;
    return {
      classes: ["risky"],
      reason: `no rule knows this statement (${what ?? "unknown"})`,
      instead: "pgmate plan --rehearse runs it on a copy, and shows what it locks",
      subjects: [],
    };
  },
  cases: [
    {
      sql: "alter operator family depot.numbers using btree add operator 1 <(int, int)",
      gives: ["risky"],
    },
    { sql: "select 1", gives: "silent" },
    { sql: "alter table app.orders set (fillfactor = 90)", gives: "silent" },
  ],
};
