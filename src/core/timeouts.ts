/** How long a section may wait for each lock, and how long each statement of it may run. */

import type { Section, SectionTimeouts } from "./migration.ts";
import { lockTimeoutSql, statementTimeoutSql } from "./step-sql.ts";

export interface Timeouts {
  readonly lockTimeoutMs: number;
  /** Undefined where nobody asks for one: the server's, the role's or the URL's holds. */
  readonly statementTimeoutMs: number | undefined;
  /** Which of them are the section's own, by its marker. */
  readonly said?: SectionTimeouts;
}

/** What the section's marker says, else what the run was told; 0 is no bound. */
export function sectionTimeouts(
  { timeouts }: Pick<Section, "timeouts">,
  defaults: Timeouts,
): Timeouts {
  return {
    lockTimeoutMs: timeouts.lockMs ?? defaults.lockTimeoutMs,
    statementTimeoutMs: timeouts.statementMs ?? defaults.statementTimeoutMs,
    said: timeouts,
  };
}

/**
 * What makes them hold for the transaction. With what holds already (`before`, of the section
 * before it in one step) only what differs is set: else a SET of that section's would be undone.
 * What the section's own marker says is set whatever the one before did.
 */
export function timeoutsSql(
  wanted: Timeouts,
  before: Partial<Timeouts> | undefined,
): readonly string[] {
  const { lockTimeoutMs, statementTimeoutMs, said } = wanted;
  const statements: string[] = [];
  if (said?.lockMs !== undefined || lockTimeoutMs !== before?.lockTimeoutMs) {
    statements.push(lockTimeoutSql(lockTimeoutMs));
  }
  const isSame = statementTimeoutMs === before?.statementTimeoutMs;
  if (said?.statementMs === undefined && isSame) return statements;
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
