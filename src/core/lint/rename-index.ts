/** `rename-index`: ALTER INDEX … RENAME stops nobody. */

import { backedConstraint } from "../review/index-users.ts";
import { shownKind } from "../review/named-constraint.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const renameIndex: StatementRule = {
  id: "rename-index",
  scope: "statement",
  title: "ALTER INDEX … RENAME stops nobody, but a constraint's name changes with it",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on the index alone; its table is not locked. Said as ALTER TABLE, " +
      "it is ACCESS EXCLUSIVE on the index, for which the queries of its table wait.",
    why:
      "Queries do not name indexes. But the index of a constraint gives its name to the " +
      "constraint: ON CONFLICT ON CONSTRAINT with the old name fails, and code that looks for " +
      "the name in an error does not find it.",
    instead: "alter index t_c_idx rename to t_d_idx;",
    since: "SHARE UPDATE EXCLUSIVE since 12, ACCESS EXCLUSIVE before",
  },
  judge: (action, { schema }) => {
    const rename = bodyOf(action, "RenameStmt");
    if (rename === undefined) return undefined;
    const { renameType, relation, newname = "" } = rename;
    if (renameType !== "OBJECT_INDEX" && renameType !== "OBJECT_TABLE") return undefined;
    const name = schema.nameOf(relation ?? {});
    const index = schema.index(name);
    if (index === undefined && renameType === "OBJECT_TABLE") return undefined;
    if (index === undefined && schema.isKnown(name)) {
      return {
        classes: ["breaking"],
        reason: `${name} is no index, and is renamed all the same: code that uses it fails at once`,
        subjects: [name],
        locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
      };
    }
    const constraint = index === undefined ? undefined : backedConstraint(schema, index);
    const isPlain = renameType === "OBJECT_INDEX";
    const base = {
      subjects: [index?.table ?? name],
      locks: [{
        relation: name,
        mode: isPlain ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE",
      }],
      ...(isPlain ? {} : { instead: `alter index ${name} rename to ${newname}` }),
    } as const;
    if (constraint !== undefined) {
      const what = `the ${shownKind(constraint)} of ${index?.table ?? name}`;
      const reason = `on conflict on constraint fails with the old name of ${what}`;
      return { ...base, classes: ["breaking"], reason };
    }
    const reason = isPlain ? `the name of ${name} changes, and nobody waits for it`
      : `queries of ${index?.table ?? name} wait for an instant: alter index would not stop them`;
    return { ...base, classes: ["safe"], reason };
  },
  cases: [
    { sql: "alter index app.orders_code_idx rename to orders_by_code_idx", gives: ["safe"] },
    { sql: "alter table app.orders_code_idx rename to orders_by_code_idx", gives: ["safe"] },
    { sql: "alter index app.orders_pkey rename to orders_key", gives: ["breaking"] },
    { sql: "alter index app.orders rename to purchases", gives: ["breaking"] },
    {
      before: "create index events_id_idx on app.events (id)",
      sql: "alter index app.events_id_idx rename to events_by_id_idx",
      gives: ["safe"],
    },
    { sql: "alter table app.orders rename to purchases", gives: "silent" },
  ],
};
