/** `unused-ignore`: an ignore comment for what is not found there. */

import { sectionsInOrder } from "../review/file-sections.ts";
import { rehearsalRules } from "../review/rehearsal-rules.ts";
import type { FileRule } from "../review/rule.ts";

export const unusedIgnore: FileRule = {
  id: "unused-ignore",
  scope: "file",
  title: "`-- pgmate:ignore` stands where its rule finds nothing",
  page: {
    locks: "None.",
    why:
      "It was left behind by a change, or stands in the wrong place: what it was for may be " +
      "unseen, and what comes into its place tomorrow would be.",
    instead: "Take it out, or put it right above the statement that it is about.",
    since: "all versions",
  },
  judge: ({ source, direction, isJudged, usedIgnores, ruleIds }) => {
    if (!isJudged || source.fault !== undefined) return [];
    const sections = sectionsInOrder(source, direction);
    const ignores = sections.flatMap(({ statements, strayIgnores }) => [
      ...statements.flatMap((one) => one.ignores),
      ...strayIgnores,
    ]);
    // Only a rehearsal can tell whether one for what it measures is of use.
    const idle = ignores.filter(({ rule }) => !rehearsalRules.some(({ id }) => id === rule));
    return idle.filter((one) => ruleIds.has(one.rule) && !usedIgnores.has(one)).map(
      ({ rule, offset, line }) => ({
        classes: ["error"] as const,
        reason: `${rule} finds nothing right below this comment`,
        instead: "take the comment out, or put it right above the statement that it is about",
        place: { offset, line },
      }),
    );
  },
  cases: [
    {
      files: {
        "1_a.sql":
          "-- migrate:up\n-- pgmate:ignore set-not-null it is small\nselect 1;\n" +
          "-- migrate:down\nselect 1;\n",
      },
      gives: ["error"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up\n-- pgmate:ignore set-not-null it is small\n" +
          "alter table t alter column a set not null;\n-- migrate:down\nselect 1;\n",
      },
      gives: [],
    },
  ],
};
