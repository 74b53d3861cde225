/** `add-primary-key-using-index`: no index is built, but columns that may hold nulls are read. */

import { addedConstraint } from "../review/added-constraint.ts";
import { nullable, unvalidatedNotNull } from "../review/null-proof.ts";
import type { StatementRule } from "../review/rule.ts";
import { usedIndex } from "../review/used-index.ts";

export const addPrimaryKeyUsingIndex: StatementRule = {
  id: "add-primary-key-using-index",
  scope: "statement",
  title: "ADD PRIMARY KEY USING INDEX reads the table where a column may hold nulls",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table. A scan of it while that is held, where a column of the " +
      "key is neither NOT NULL nor proven so by a validated CHECK (column IS NOT NULL).",
    why:
      "A primary key makes its columns NOT NULL. Reads and writes of the table wait for as long " +
      "as the scan for nulls takes, and it fails where it finds one.",
    instead:
      "In files of their own, before the primary key:\n" +
      "alter table t add constraint t_c_not_null check (c is not null) not valid;\n" +
      "alter table t validate constraint t_c_not_null;\n" +
      "alter table t alter column c set not null;\n" +
      "alter table t drop constraint t_c_not_null;\n" +
      "alter table t add constraint t_pkey primary key using index t_c_idx;",
    since:
      "all versions; since 18 a NOT NULL that is NOT VALID must be validated before; not for " +
      "partitioned tables",
  },
  judge: (action, known) => {
    const added = addedConstraint(action, known, "CONSTR_PRIMARY");
    if (added?.node.indexname === undefined) return undefined;
    const { table: { name } } = added;
    const subjects = [name];
    const { index, name: indexName, fault } = usedIndex(known.schema, added);
    if (fault !== undefined) return { classes: ["error"], ...fault, subjects };
    const blocker = unvalidatedNotNull(known, name, index?.columns ?? []);
    if (blocker !== undefined) return { classes: ["error"], ...blocker, subjects };
    const locks = [{ relation: name, mode: "ACCESS EXCLUSIVE" }] as const;
    const unproven = index === undefined ? [] : nullable(known, name, index.columns);
    if (index !== undefined && unproven.length === 0) {
      return {
        classes: ["safe"],
        reason: `${indexName} becomes the primary key of ${name} without a scan`,
        subjects,
        locks,
      };
    }
    const which = unproven.length === 0 ? "" : ` for nulls in ${unproven.join(", ")}`;
    return {
      classes: ["risky"],
      reason: `every row of ${name} is read${which} while nobody can read or write it`,
      instead:
        `make ${unproven.length === 0 ? "its columns" : unproven.join(", ")} not null first, in ` +
        "files of their own: a check (… is not null) not valid, validate constraint, set not null",
      subjects,
      growsWith: [name],
      locks,
      scans: [name],
    };
  },
  cases: [
    {
      sql: "alter table app.archive add constraint p primary key using index archive_id_idx",
      gives: ["risky"],
    },
    {
      sql: "alter table app.archive add constraint p primary key using index archive_number_idx",
      gives: ["safe"],
    },
    {
      before: "alter table app.archive add constraint c check (id is not null)",
      sql: "alter table app.archive add constraint p primary key using index archive_id_idx",
      gives: ["safe"],
    },
    {
      before: "alter table app.archive add constraint c check (id is not null) not valid",
      sql: "alter table app.archive add constraint p primary key using index archive_id_idx",
      gives: ["risky"],
    },
    {
      before: "alter table app.archive add constraint n not null id not valid",
      sql: "alter table app.archive add constraint p primary key using index archive_id_idx",
      gives: ["error"],
      from: 18,
      fails: true,
    },
    {
      before:
        "alter table app.archive add constraint n not null id not valid; " +
        "alter table app.archive validate constraint n",
      sql: "alter table app.archive add constraint p primary key using index archive_id_idx",
      gives: ["safe"],
      from: 18,
    },
    {
      before: "drop index app.archive_number_idx",
      sql: "alter table app.archive add constraint p primary key using index archive_number_idx",
      gives: ["risky"],
      fails: true,
    },
    { sql: "alter table app.archive add primary key (id)", gives: "silent" },
  ],
};
