/** The rules that look at the statements of a section together. */

import { backfillWithDdl } from "../lint/backfill-with-ddl.ts";
import { locksHeldTogether } from "../lint/locks-held-together.ts";
import { mergeAlterTable } from "../lint/merge-alter-table.ts";
import { replaceIndex } from "../lint/replace-index.ts";
import { validateInSameTransaction } from "../lint/validate-in-same-transaction.ts";
import type { SectionRule } from "./rule.ts";

export const sectionRules: readonly SectionRule[] = [
  validateInSameTransaction,
  locksHeldTogether,
  backfillWithDdl,
  replaceIndex,
  mergeAlterTable,
];
