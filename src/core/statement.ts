/** Says what a statement is, from its leading tokens: what a plan must know before it runs. */

import type { Statement } from "./split.ts";

/** Transaction control, as a statement of its own. */
export type Control =
  | "begin"
  | "commit"
  | "rollback"
  | "savepoint"
  | "release"
  | "rollback-to"
  | "prepare-transaction"
  | "commit-prepared"
  | "rollback-prepared";

export interface Traits {
  /** The command as a person names it, upper case: CREATE INDEX CONCURRENTLY, ALTER TABLE. */
  readonly command: string;
  /** Set if the statement is transaction control. */
  readonly control?: Control;
  /** Whether COMMIT or ROLLBACK says AND CHAIN, and so begins the next transaction. */
  readonly chain: boolean;
  /** Whether Postgres refuses it inside a transaction block, as measured on 15 to 18. */
  readonly alone: boolean;
  /** SET LOCAL, SET TRANSACTION, SET CONSTRAINTS: without effect outside a transaction block. */
  readonly setsLocal: boolean;
  /** Whether it sets lock_timeout, for the session or the transaction. */
  readonly setsLockTimeout: boolean;
}

/** What is told from the tokens alone; comments do not count, quoted words are no keywords. */
export function traits(statement: Statement): Traits {
  void statement;
  return { command: "", chain: false, alone: false, setsLocal: false, setsLockTimeout: false };
}
