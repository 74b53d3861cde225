/** `replace-index`: an index that is dropped before its successor is built leaves a gap. */

import type { JudgedStatement, SectionJudgement, SectionRule } from "../review/rule.ts";

export const replaceIndex: SectionRule = {
  id: "replace-index",
  scope: "section",
  title: "an index is dropped before the one that replaces it is built",
  page: {
    locks:
      "In one transaction the ACCESS EXCLUSIVE lock of DROP INDEX is held while the new index is " +
      "built. Outside of one, queries run without either index meanwhile.",
    why: "Queries that need the index read the whole table, or wait, until the new one is ready.",
    instead:
      "create index concurrently t_new_idx on t (…);\n" +
      "drop index concurrently t_old_idx;\n" +
      "alter index t_new_idx rename to t_old_idx;",
    since: "all versions",
  },
  judge: ({ statements }) => {
    const dropped = new Set<string>();
    return statements.flatMap((one): readonly SectionJudgement[] => {
      const { tree } = one.source;
      if (tree === undefined) return [];
      if ("DropStmt" in tree && tree.DropStmt.removeType === "OBJECT_INDEX") {
        for (const name of lockedTables(one)) dropped.add(name);
        return [];
      }
      const again = "IndexStmt" in tree ? lockedTables(one).find((name) => dropped.has(name))
        : undefined;
      if (again === undefined) return [];
      return [{
        statement: one,
        classes: ["risky"],
        reason: `an index of ${again} was dropped before this one is built`,
        instead: "build the new one concurrently, drop the old one concurrently, then rename",
      }];
    });
  },
  cases: [
    {
      files: {
        "1_a.sql":
          "-- migrate:up\ncreate table t (a int);\ncreate index i on t (a);\n-- migrate:down\n",
        "2_b.sql":
          "-- migrate:up transaction:false\ndrop index concurrently i;\n" +
          "create index concurrently i on t (a);\n-- migrate:down\n",
      },
      gives: ["risky"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up\ncreate table t (a int);\ncreate index i on t (a);\n-- migrate:down\n",
        "2_b.sql":
          "-- migrate:up transaction:false\ncreate index concurrently j on t (a);\n" +
          "drop index concurrently i;\n-- migrate:down\n",
      },
      gives: [],
    },
  ],
};

function lockedTables({ locks }: JudgedStatement): readonly string[] {
  return locks.map(({ relation }) => relation);
}
