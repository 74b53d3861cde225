/** `alter-policy`: a policy that is dropped or changed shows other rows than before. */

import { type Action, rangeOfNames } from "../review/action.ts";
import { objectParts } from "../review/object-name.ts";
import type { StatementRule } from "../review/rule.ts";
import type { SchemaModel } from "../review/schema-model.ts";
import { bodyOf } from "../review/statement-node.ts";

export const alterPolicy: StatementRule = {
  id: "alter-policy",
  scope: "statement",
  title: "DROP POLICY and ALTER POLICY change which rows running code sees",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table for a moment; not on its partitions. Nothing is read. " +
      "Renaming takes the same, and changes nothing.",
    why:
      "Without its last permissive policy a table with row security is empty for all but its " +
      "owner. A changed one hides rows, or shows rows that were hidden for a reason.",
    instead:
      "The new policy first, then drop the old one, both in one file: permissive ones add up, so " +
      "that nobody misses a row in between.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const found = alteredPolicy(action, schema);
    if (found === undefined) return undefined;
    const { table, does } = found;
    const { rowSecurity } = schema.relation(table);
    const isIdle = does === "renames" || (!rowSecurity && schema.isKnown(table));
    const base = {
      subjects: [table],
      locks: [{ relation: table, mode: "ACCESS EXCLUSIVE" }],
    } as const;
    if (isIdle) {
      const why = does === "renames" ? "only its name changes" : `row security of ${table} is off`;
      return { ...base, classes: ["safe"], reason: `which rows are seen stays as it is: ${why}` };
    }
    return does === "drops"
      ? {
          ...base,
          classes: ["breaking"],
          reason: `rows of ${table} that only this policy shows are hidden from running code`,
          instead: "create the policy that takes its place before it, in the same file",
        }
      : {
          ...base,
          classes: ["risky"],
          reason: `running code sees other rows of ${table} than before`,
          instead: "a second policy can be tried beside this one: permissive ones add up",
        };
  },
  cases: [
    { sql: "drop policy guarded_read on app.guarded", gives: ["safe"] },
    { sql: "drop policy secured_read on depot.secured", gives: ["breaking"] },
    { sql: "alter policy secured_read on depot.secured using (false)", gives: ["risky"] },
    { sql: "alter policy secured_read on depot.secured rename to reading", gives: ["safe"] },
    { sql: "drop table app.archive", gives: "silent" },
  ],
};

interface AlteredPolicy {
  readonly table: string;
  readonly does: "drops" | "alters" | "renames";
}

function alteredPolicy(action: Action, schema: SchemaModel): AlteredPolicy | undefined {
  const alter = bodyOf(action, "AlterPolicyStmt");
  if (alter !== undefined) return { table: schema.nameOf(alter.table ?? {}), does: "alters" };
  const rename = bodyOf(action, "RenameStmt");
  if (rename?.renameType === "OBJECT_POLICY") {
    return { table: schema.nameOf(rename.relation ?? {}), does: "renames" };
  }
  const drop = bodyOf(action, "DropStmt");
  if (drop?.removeType !== "OBJECT_POLICY") return undefined;
  const [object] = drop.objects ?? [];
  return { table: schema.nameOf(rangeOfNames(objectParts(object).slice(0, -1))), does: "drops" };
}
