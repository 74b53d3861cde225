/** `lock-timeout-off`: without a lock_timeout a statement waits, and all others behind it. */

import { isTimeoutOff } from "../review/session-settings.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const lockTimeoutOff: StatementRule = {
  id: "lock-timeout-off",
  scope: "statement",
  title: "lock_timeout = 0 lets a statement wait without an end, and all others behind it",
  page: {
    locks: "None by itself. It is what bounds the wait for each lock that comes after it.",
    why:
      "While an ALTER TABLE waits for one long query, everybody who wants the table waits behind " +
      "it, plain reads too: an outage that nothing ends. pgmate sets a lock_timeout of two " +
      "seconds and tries again; a file that turns it off has neither. RESET and DEFAULT go back " +
      "to the server's, which is mostly 0.",
    instead: "set local lock_timeout = '5s'; or leave it to pgmate: --lock-timeout 5s",
    since: "all versions",
  },
  judge: (action) => {
    const set = bodyOf(action, "VariableSetStmt");
    if (set === undefined || !isTimeoutOff(set)) return undefined;
    const isOff = set.kind === "VAR_SET_VALUE";
    return {
      classes: ["risky"],
      reason: isOff
        ? "statements after it wait for locks without an end, and everybody else behind them"
        : "lock_timeout goes back to what the server has, mostly no bound at all",
      instead: "set local lock_timeout = '5s', or leave it to pgmate",
      subjects: [],
    };
  },
  cases: [
    { sql: "set lock_timeout = 0", gives: ["risky"] },
    { sql: "set local lock_timeout to '0s'", gives: ["risky"] },
    { sql: "reset lock_timeout", gives: ["risky"] },
    { sql: "set lock_timeout to default", gives: ["risky"] },
    { sql: "reset all", gives: ["risky"] },
    { sql: "set lock_timeout = '500ms'", gives: "silent" },
    { sql: "set statement_timeout = 0", gives: "silent" },
  ],
};
