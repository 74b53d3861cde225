/** `disable-row-security`: all who may read the table see all of its rows. */

import type { StatementRule } from "../review/rule.ts";

export const disableRowSecurity: StatementRule = {
  id: "disable-row-security",
  scope: "statement",
  title: "DISABLE ROW LEVEL SECURITY shows all rows to all who may read the table",
  page: {
    locks: "ACCESS EXCLUSIVE on the table for a moment; not on its partitions. Nothing is read.",
    why:
      "No code fails, but an application that leaves it to the policies which tenant sees which " +
      "rows shows everybody everything. NO FORCE does the same for the owner.",
    instead:
      "To let one role through, a policy for it:\n" +
      "create policy t_report on t for select to reporting using (true);",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    if (action.kind !== "alter-table") return undefined;
    const { subtype } = action.command;
    const isOwner = subtype === "AT_NoForceRowSecurity";
    if (!isOwner && subtype !== "AT_DisableRowSecurity") return undefined;
    const { name } = schema.relation(action.table);
    return {
      classes: ["risky"],
      reason: `all rows of ${name} are seen by ${isOwner ? "its owner" : "all who may read it"}`,
      instead: `create policy … on ${name} to the role that must see them, using (true)`,
      subjects: [name],
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    };
  },
  cases: [
    { sql: "alter table app.guarded disable row level security", gives: ["risky"] },
    { sql: "alter table app.guarded no force row level security", gives: ["risky"] },
    { sql: "alter table app.guarded force row level security", gives: "silent" },
  ],
};
