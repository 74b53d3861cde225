/** How long a section may wait for each lock, and how long each statement of it may run. */

import { bare, LeadingWords } from "./leading-words.ts";
import type { Section, SectionTimeouts } from "./migration.ts";
import type { Statement } from "./split.ts";
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

/**
 * What must hold again behind a statement that puts settings back to what they were: the bounds,
 * which are not what the session began with, and `kept` where all of it is put back.
 */
export function afterReset(
  statement: Pick<Statement, "bytes" | "head" | "tail">,
  wanted: Timeouts,
  kept: readonly string[],
): readonly string[] {
  const name = nameReset(new LeadingWords(statement));
  if (name === undefined) return [];
  const bounds = sessionTimeoutsSql(wanted, undefined);
  if (name === "all") return [...bounds, ...kept];
  return bounds.filter((sql) => sql.startsWith(`set ${name} `));
}

/** RESET name, RESET ALL, SET name TO DEFAULT. */
function nameReset(words: LeadingWords): string | undefined {
  if (words.at(0) === "reset") return words.at(2) === "" ? plain(words.at(1)) : undefined;
  if (words.at(0) !== "set") return undefined;
  const at = words.skip(words.skip(1, "local"), "session");
  const isAssigned = words.at(at + 1) === "=" || words.at(at + 1) === "to";
  return isAssigned && words.are(at + 2, "default") ? plain(words.at(at)) : undefined;
}

/** Settings are known in any case, and in quotes too. */
function plain(token: string): string {
  return bare(token).toLowerCase();
}
