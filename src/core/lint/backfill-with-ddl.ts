/** `backfill-with-ddl`: data that are changed behind a DDL statement keep its lock for as long. */

import { batchLoop, batchLoopIntroduction } from "../review/batch-loop.ts";
import {
  type JudgedStatement, lockRank, type SectionJudgement, type SectionRule,
} from "../review/rule.ts";

export const backfillWithDdl: SectionRule = {
  id: "backfill-with-ddl",
  scope: "section",
  title: "rows are changed in the transaction that holds a DDL statement's lock",
  page: {
    locks: "The lock of the DDL statement is held until the rows are changed and it commits.",
    why:
      "An ALTER TABLE that would have been over in a moment stops everybody for as long as the " +
      "UPDATE takes, which grows with the table.",
    instead:
      "Two files: the first changes the schema; the second changes the rows, " +
      `${batchLoopIntroduction}${batchLoop("c", "1")}`,
    since: "all versions",
  },
  judge: ({ section, statements }) => {
    if (!section.transactional) return [];
    const told: SectionJudgement[] = [];
    let locked: { readonly relation: string; readonly line: number } | undefined;
    for (const one of statements) {
      const { source, locks } = one;
      const changes = changedTable(one);
      if (locked !== undefined && changes !== undefined) {
        told.push({
          statement: one,
          classes: ["risky"],
          reason:
            `rows of ${changes} are changed while ${locked.relation} is locked, since line ` +
            `${locked.line}`,
          instead:
            "change rows in a file of their own, transaction:false, by a do block that loops " +
            "over batches and commits each",
        });
      }
      const strong = locks.find(({ mode }) => lockRank(mode) >= lockRank("SHARE ROW EXCLUSIVE"));
      locked ??= strong === undefined
        ? undefined
        : { relation: strong.relation, line: source.line };
    }
    return told;
  },
  cases: [
    {
      files: {
        "1_a.sql":
          "-- migrate:up\nalter table t add column c int;\nupdate t set c = 1 where c is null;\n" +
          "-- migrate:down\n",
      },
      gives: ["risky"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up\ncreate table t (a int);\ninsert into t values (1);\n-- migrate:down\n",
      },
      gives: [],
    },
  ],
};

/** Undefined where it changes no rows of a table that is there already. */
function changedTable({ source: { tree }, locks }: JudgedStatement): string | undefined {
  // An INSERT of literals is over at once, and one of a query is seen by its own rule.
  const changes =
    tree !== undefined && ("UpdateStmt" in tree || "DeleteStmt" in tree || "MergeStmt" in tree);
  return changes ? locks[0]?.relation : undefined;
}
