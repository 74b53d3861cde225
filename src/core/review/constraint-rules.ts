/** The rules about constraints and indexes, in the order in which they speak. */

import { addCheckNotValid } from "../lint/add-check-not-valid.ts";
import { addCheck } from "../lint/add-check.ts";
import { addExclude } from "../lint/add-exclude.ts";
import { addForeignKeyNotValid } from "../lint/add-foreign-key-not-valid.ts";
import { addForeignKey } from "../lint/add-foreign-key.ts";
import { addNotNullConstraint } from "../lint/add-not-null-constraint.ts";
import { addPrimaryKeyUsingIndex } from "../lint/add-primary-key-using-index.ts";
import { addUniqueUsingIndex } from "../lint/add-unique-using-index.ts";
import { addUnique } from "../lint/add-unique.ts";
import { alterConstraint } from "../lint/alter-constraint.ts";
import { attachIndex } from "../lint/attach-index.ts";
import { createIndexConcurrently } from "../lint/create-index-concurrently.ts";
import { createIndex } from "../lint/create-index.ts";
import { dropConstraint } from "../lint/drop-constraint.ts";
import { dropForeignKey } from "../lint/drop-foreign-key.ts";
import { dropIndexConcurrently } from "../lint/drop-index-concurrently.ts";
import { dropIndex } from "../lint/drop-index.ts";
import { foreignKeyWithoutIndex } from "../lint/foreign-key-without-index.ts";
import { indexLeftInvalid } from "../lint/index-left-invalid.ts";
import { moveIndex } from "../lint/move-index.ts";
import { reindexConcurrently } from "../lint/reindex-concurrently.ts";
import { reindex } from "../lint/reindex.ts";
import { renameConstraint } from "../lint/rename-constraint.ts";
import { renameIndex } from "../lint/rename-index.ts";
import { setIndexOptions } from "../lint/set-index-options.ts";
import { validateConstraint } from "../lint/validate-constraint.ts";
import type { StatementRule } from "./rule.ts";

export const constraintRules: readonly StatementRule[] = [
  addCheck,
  addCheckNotValid,
  addNotNullConstraint,
  validateConstraint,
  addForeignKey,
  addForeignKeyNotValid,
  dropForeignKey,
  foreignKeyWithoutIndex,
  addUnique,
  addUniqueUsingIndex,
  addPrimaryKeyUsingIndex,
  addExclude,
  dropConstraint,
  renameConstraint,
  alterConstraint,
  createIndex,
  createIndexConcurrently,
  indexLeftInvalid,
  dropIndex,
  dropIndexConcurrently,
  reindex,
  reindexConcurrently,
  renameIndex,
  setIndexOptions,
  moveIndex,
  attachIndex,
];
