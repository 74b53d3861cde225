/** `declared-type`: the header calls the file milder than it is. */

import { classRank, type FileRule } from "../review/rule.ts";

export const declaredType: FileRule = {
  id: "declared-type",
  scope: "file",
  title: "the header declares a type that is milder than the verdict",
  page: {
    locks: "None.",
    why:
      "Whoever deploys by what the header says sends the file before the code where it must go " +
      "with it, or in the middle of the day where it blocks.",
    instead:
      "Correct the header (`-- Type: BREAKING`, or `-- pgmate:type breaking`), or the " +
      "statements. What was looked at and found harmless can be ignored, with the reason.",
    since: "all versions",
  },
  judge: ({ source: { declared }, verdict, isJudged }) => {
    if (declared === undefined) return [];
    const { text, type, offset, line } = declared;
    const place = { offset, line };
    if (type === undefined) {
      return [{
        classes: ["error"], reason: `${text} is none of safe, risky and breaking`,
        instead: "-- pgmate:type safe", place,
      }];
    }
    if (!isJudged || classRank(type) >= classRank(verdict)) return [];
    return [{
      classes: ["error"],
      reason: `the file says ${type.toUpperCase()} and is ${verdict.toUpperCase()}`,
      instead: `-- Type: ${verdict.toUpperCase()}`,
      place,
    }];
  },
  cases: [
    {
      files: {
        "1_a.sql":
          "-- Type: SAFE\n-- migrate:up\nalter table t drop column c;\n" +
          "-- migrate:down\nselect 1;\n",
      },
      gives: ["error"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up\n-- pgmate:type breaking\nalter table t drop column c;\n" +
          "-- migrate:down\nselect 1;\n",
      },
      gives: [],
    },
    { files: { "1_a.sql": "-- pgmate:type mild\n-- migrate:up\n-- migrate:down\n" },
      gives: ["error"] },
  ],
};
