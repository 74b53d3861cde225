/** Rules for what keeps a file from running: pgmate refuses it, and says so before that. */

import type { FileRule, RuleInfo, TextCase } from "./rule.ts";
import type { SourceFault } from "./source.ts";

/** A rule that tells of the file's fault where it is of that kind. */
export function faultRule(
  info: RuleInfo,
  about: SourceFault["about"],
  cases: readonly TextCase[],
): FileRule {
  return {
    ...info,
    scope: "file",
    cases,
    judge: ({ source: { fault } }) => {
      if (fault === undefined || fault.about !== about) return [];
      return [{
        classes: ["error"], reason: fault.message, instead: fault.hint,
        place: { offset: fault.offset, line: fault.line },
      }];
    },
  };
}
