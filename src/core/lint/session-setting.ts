/** `session-setting`: SET and RESET hold for this file only, since pgmate resets the session. */

import type { StatementRule } from "../review/rule.ts";
import { isRoleChange, isTimeoutOff } from "../review/session-settings.ts";
import { bodyOf } from "../review/statement-node.ts";

export const sessionSetting: StatementRule = {
  id: "session-setting",
  scope: "statement",
  title: "SET and RESET hold until the end of the file",
  page: {
    locks: "None.",
    why:
      "pgmate puts the session back as it was after each file, so that a SET does not leak into " +
      "the next one. Other migrators do not: there it does. A search_path decides where names " +
      "without a schema lead, here as well.",
    instead: "SET LOCAL says so itself: it holds until the end of the transaction everywhere.",
    since: "all versions",
  },
  judge: (action) => {
    const set = bodyOf(action, "VariableSetStmt");
    const constraints = bodyOf(action, "ConstraintsSetStmt");
    if (constraints !== undefined) {
      return { classes: ["safe"], reason: "when constraints are checked changes", subjects: [] };
    }
    if (set === undefined || isTimeoutOff(set) || isRoleChange(set)) return undefined;
    return {
      classes: ["safe"],
      reason: `${set.name ?? "what is set"} holds until the end of the ` +
        `${set.is_local === true ? "transaction" : "file"}`,
      subjects: [],
    };
  },
  cases: [
    { sql: "set statement_timeout = '5min'", gives: ["safe"] },
    { sql: "set local search_path = app, public", gives: ["safe"] },
    { sql: "set lock_timeout = '1s'", gives: ["safe"] },
    { sql: "set time zone 'Europe/Berlin'", gives: ["safe"] },
    { sql: "reset work_mem", gives: ["safe"] },
    { sql: "set constraints all deferred", gives: ["safe"] },
    {
      sql: "set session characteristics as transaction isolation level serializable",
      gives: ["safe"],
    },
    { sql: "set lock_timeout = 0", gives: "silent" },
    { sql: "set role pg_monitor", gives: "silent" },
  ],
};
