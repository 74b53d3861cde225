/** A planned step with its parsed sections: what apply runs and the dry run prints. */

import type { TableName } from "./identifier.ts";
import type { Migration, Section } from "./migration.ts";
import type { PlannedStep } from "./plan.ts";
import { checkRowSql, deleteRowSql, insertRowSql, type LedgerColumn } from "./step-sql.ts";

export interface Step {
  readonly planned: PlannedStep;
  readonly migration: Migration;
  /** In the order in which they run: ups as they stand, downs from the last to the first. */
  readonly sections: readonly Section[];
  /** One transaction for all sections and the row; false if any says transaction:false. */
  readonly transactional: boolean;
}

export function makeStep(planned: PlannedStep, migration: Migration): Step {
  const sections = planned.direction === "up" ? migration.ups : [...migration.downs].reverse();
  return {
    planned,
    migration,
    sections,
    transactional: sections.every((section) => section.transactional),
  };
}

/** Of the file, in one message; small enough to be sent before the steps in front are answered. */
const smallBytes = 32 * 1024;

/** Whether the step is one message of ours, which is not much to send for nothing. */
export function isSmall({ sections, transactional, planned }: Step): boolean {
  const bytes = sections.reduce((sum, { range }) => sum + range.end - range.start, 0);
  const isPlain = transactional && planned.begun.length === 0;
  return isPlain && bytes <= smallBytes && !sections.some(({ copies }) => copies);
}

/** What makes the ledger say what the step did, and fails where it does not say so then. */
export function ledgerSql(
  step: Step,
  table: TableName,
  columns: ReadonlySet<LedgerColumn>,
  executionMs?: number,
): readonly string[] {
  const { planned, migration } = step;
  const { version } = planned;
  if (planned.direction === "down") {
    return [deleteRowSql(table, version), checkRowSql(table, version, "absent")];
  }
  const { description } = planned.file;
  const row = insertRowSql(
    table,
    {
      version,
      description,
      ...(migration.checksum === undefined ? {} : { checksum: migration.checksum }),
      ...(executionMs === undefined ? {} : { executionMs: Math.round(executionMs) }),
    },
    columns,
  );
  return [row, checkRowSql(table, version, "present")];
}
