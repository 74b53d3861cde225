/** How long a section may wait for each lock, and how long each statement of it may run. */

import type { Section } from "./migration.ts";

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
