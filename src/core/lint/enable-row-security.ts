/** `enable-row-security`: without a policy it hides every row from all but the owner. */

import type { StatementRule } from "../review/rule.ts";

export const enableRowSecurity: StatementRule = {
  id: "enable-row-security",
  scope: "statement",
  title: "ENABLE ROW LEVEL SECURITY hides every row that no policy shows",
  page: {
    locks: "ACCESS EXCLUSIVE on the table for a moment; not on its partitions. Nothing is read.",
    why:
      "With no policy, roles other than the owner and superusers find an empty table, without an " +
      "error, and cannot write to it. With policies they see what those show. FORCE does the " +
      "same to the owner, which is often the role of the application and of the migrations.",
    instead:
      "Policies first, in the same transaction, so that nobody sees the table without them:\n" +
      "create policy t_own on t using (owner = current_user);\n" +
      "alter table t enable row level security;",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table") return undefined;
    const { subtype } = action.command;
    const isForce = subtype === "AT_ForceRowSecurity";
    if (!isForce && subtype !== "AT_EnableRowSecurity") return undefined;
    const { name, policies, rowSecurity } = schema.relation(action.table);
    const base = {
      subjects: [name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    } as const;
    if (rowSecurity && !isForce) {
      return { ...base, classes: ["safe"], reason: `row security of ${name} is on already` };
    }
    const who = isForce ? "the owner too" : "roles other than the owner";
    if (policies.length === 0) {
      return {
        ...base,
        classes: ["breaking"],
        reason: `every row of ${name} is hidden from ${who}: no policy is known`,
        instead: `create policy … on ${name} using (…), before it in the same file`,
      };
    }
    return {
      ...base,
      classes: ["risky"],
      reason: `of ${name} only what ${policies.join(", ")} shows is seen by ${who}`,
      instead: "try what the application's role sees before: set local role app; select count(*) …",
    };
  },
  cases: [
    { sql: "alter table app.unguarded enable row level security", gives: ["breaking"] },
    { sql: "alter table app.guarded enable row level security", gives: ["risky"] },
    { sql: "alter table app.unguarded force row level security", gives: ["breaking"] },
    { sql: "alter table app.events enable row level security", gives: ["breaking"] },
    { sql: "alter table depot.secured enable row level security", gives: ["safe"] },
    { sql: "alter table app.guarded disable row level security", gives: "silent" },
  ],
};
