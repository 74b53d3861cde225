/** A planned step with its parsed sections: what apply runs and the dry run prints. */

import type { TableName } from "./identifier.ts";
import type { Migration, Section } from "./migration.ts";
import type { PlannedStep } from "./plan.ts";
import { deleteRowSql, insertRowSql, type LedgerColumn } from "./step-sql.ts";

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

/** The statement that makes the ledger say what the step did. */
export function ledgerSql(
  step: Step,
  table: TableName,
  columns: ReadonlySet<LedgerColumn>,
  executionMs?: number,
): string {
  const { planned, migration } = step;
  if (planned.direction === "down") return deleteRowSql(table, planned.version);
  const { description } = planned.file;
  return insertRowSql(
    table,
    {
      version: planned.version,
      description,
      checksum: migration.checksum,
      ...(executionMs === undefined ? {} : { executionMs: Math.round(executionMs) }),
    },
    columns,
  );
}
