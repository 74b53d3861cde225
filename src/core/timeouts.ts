/** How long a section may wait for each lock, and how long each statement of it may run. */

import type { Section } from "./migration.ts";
import { lockTimeoutSql, statementTimeoutSql } from "./step-sql.ts";

export interface Timeouts {
  readonly lockTimeoutMs: number;
  /** Undefined where nobody asks for one: the server's, the role's or the URL's holds. */
  readonly statementTimeoutMs: number | undefined;
}

/** What the section's marker says, else what the run was told; 0 is no bound. */
export function sectionTimeouts(
  { timeouts }: Pick<Section, "timeouts">,
  defaults: Timeouts,
): Timeouts {
  return {
    lockTimeoutMs: timeouts.lockMs ?? defaults.lockTimeoutMs,
    statementTimeoutMs: timeouts.statementMs ?? defaults.statementTimeoutMs,
  };
}

/**
 * What makes them hold for the transaction. With what holds already (`before`, of the section
 * before it in one step) only what differs is set: else a SET of that section's would be undone.
 */
export function timeoutsSql(wanted: Timeouts, before: Timeouts | undefined): readonly string[] {
  const statements: string[] = [];
  if (wanted.lockTimeoutMs !== before?.lockTimeoutMs) {
    statements.push(lockTimeoutSql(wanted.lockTimeoutMs));
  }
  const { statementTimeoutMs } = wanted;
  if (statementTimeoutMs === before?.statementTimeoutMs) return statements;
  statements.push(
    statementTimeoutMs === undefined
      ? "set local statement_timeout = default"
      : statementTimeoutSql(statementTimeoutMs),
  );
  return statements;
}

/** The same for the session, for units that run one by one. */
export function sessionTimeoutsSql(
  wanted: Timeouts,
  before: Timeouts | undefined,
): readonly string[] {
  return timeoutsSql(wanted, before).map((sql) => sql.replace(/^set local/, "set"));
}
