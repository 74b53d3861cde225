/** All rules, in the order in which they speak and are listed. */

import { notJudged } from "../lint/not-judged.ts";
import { columnRules } from "./column-rules.ts";
import { constraintRules } from "./constraint-rules.ts";
import { fileRules, folderRules } from "./file-rules.ts";
import { objectRules } from "./object-rules.ts";
import type { RuleSet } from "./judge.ts";
import { rehearsalRules } from "./rehearsal-rules.ts";
import type { Rule, StatementRule } from "./rule.ts";
import { sectionRules } from "./section-rules.ts";

export const statementRules: readonly StatementRule[] = [
  ...columnRules,
  ...constraintRules,
  ...objectRules,
  notJudged,
];

export const allRules: readonly Rule[] = [
  ...statementRules,
  ...sectionRules,
  ...fileRules,
  ...folderRules,
  ...rehearsalRules,
];

export const ruleSet: RuleSet = {
  statement: statementRules, section: sectionRules, file: fileRules, folder: folderRules,
};
