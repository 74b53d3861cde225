/** `ignore-without-reason`: an ignore comment that does not say why. */

import { ignoresOf } from "../review/file-ignores.ts";
import type { FileRule } from "../review/rule.ts";

export const ignoreWithoutReason: FileRule = {
  id: "ignore-without-reason",
  scope: "file",
  title: "`-- pgmate:ignore RULE` has no reason, or names no rule",
  page: {
    locks: "None.",
    why: "Whoever reads it later cannot tell whether it still holds; so it dismisses nothing.",
    instead: "-- pgmate:ignore drop-column nothing has read it since release 2.4",
    since: "all versions",
  },
  judge: ({ source, ruleIds }) =>
    ignoresOf(source).flatMap(({ rule, reason, offset, line }) => {
      const place = { offset, line };
      if (!ruleIds.has(rule)) {
        return [{
          classes: ["error"] as const,
          reason: rule === "" ? "the ignore names no rule" : `there is no rule ${rule}`,
          instead: "pgmate lint --rules lists them",
          place,
        }];
      }
      if (reason !== "") return [];
      return [{
        classes: ["error"] as const,
        reason: `the ignore of ${rule} says no reason, and dismisses nothing`,
        instead: `-- pgmate:ignore ${rule} why it does no harm here`,
        place,
      }];
    }),
  cases: [
    {
      files: {
        "1_a.sql":
          "-- migrate:up\n-- pgmate:ignore empty-down\nselect 1;\n-- migrate:down\nselect 1;\n",
      },
      gives: ["error"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up\n-- pgmate:ignore drop-colum it is gone\nselect 1;\n" +
          "-- migrate:down\nselect 1;\n",
      },
      gives: ["error"],
    },
  ],
};
