/** The rules that look at a file as a whole, and those that look at the folder. */

import { aloneInTransaction } from "../lint/alone-in-transaction.ts";
import { controlInTransaction } from "../lint/control-in-transaction.ts";
import { declaredType } from "../lint/declared-type.ts";
import { duplicateVersion } from "../lint/duplicate-version.ts";
import { emptyDown } from "../lint/empty-down.ts";
import { ignoreWithoutReason } from "../lint/ignore-without-reason.ts";
import { likelySecret } from "../lint/likely-secret.ts";
import { longName } from "../lint/long-name.ts";
import { missingDown } from "../lint/missing-down.ts";
import { mixedWidths } from "../lint/mixed-widths.ts";
import { refusedFile } from "../lint/refused-file.ts";
import { syntaxError } from "../lint/syntax-error.ts";
import { unqualifiedName } from "../lint/unqualified-name.ts";
import { unusedIgnore } from "../lint/unused-ignore.ts";
import type { FileRule, FolderRule } from "./rule.ts";

export const fileRules: readonly FileRule[] = [
  refusedFile,
  missingDown,
  controlInTransaction,
  aloneInTransaction,
  syntaxError,
  emptyDown,
  declaredType,
  ignoreWithoutReason,
  unusedIgnore,
  likelySecret,
  longName,
  unqualifiedName,
];

export const folderRules: readonly FolderRule[] = [duplicateVersion, mixedWidths];
