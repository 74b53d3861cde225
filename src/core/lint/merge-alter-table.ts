/** `merge-alter-table`: two ALTER TABLE that both read the whole table could do with one scan. */

import type { JudgedStatement, SectionJudgement, SectionRule } from "../review/rule.ts";

export const mergeAlterTable: SectionRule = {
  id: "merge-alter-table",
  scope: "section",
  title: "one table is scanned or rewritten more than once",
  page: {
    locks: "Each statement scans or rewrites the table for itself, under the same lock.",
    why: "The time for which all others wait is twice what it needs to be.",
    instead: "alter table t\n  alter column a set not null,\n  alter column b set not null;",
    since: "all versions",
  },
  judge: ({ statements }) => {
    const seen = new Map<string, JudgedStatement>();
    return statements.flatMap((one): readonly SectionJudgement[] => {
      const { tree } = one.source;
      if (tree === undefined || !("AlterTableStmt" in tree)) return [];
      const worked = [...one.rewrites, ...one.scans];
      const again = worked.find((name) => seen.has(name));
      const before = again === undefined ? undefined : seen.get(again);
      for (const name of worked) if (!seen.has(name)) seen.set(name, one);
      // VALIDATE of one constraint after the other lets writers in between.
      if (again === undefined || before === undefined || isMild(one)) return [];
      return [{
        statement: one,
        classes: ["advice"],
        reason: `${again} is read from end to end for line ${before.source.line} as well`,
        instead: "one alter table with both clauses reads it once",
      }];
    });
  },
  cases: [
    {
      files: {
        "1_a.sql":
          "-- migrate:up\nalter table t alter column a set not null;\n" +
          "alter table t alter column b set not null;\n-- migrate:down\n",
      },
      gives: ["advice"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up\nalter table t alter column a set not null,\n" +
          "  alter column b set not null;\n-- migrate:down\n",
      },
      gives: [],
    },
  ],
};

function isMild({ locks }: JudgedStatement): boolean {
  return locks.every(({ mode }) => mode !== "ACCESS EXCLUSIVE");
}
