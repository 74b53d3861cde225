/** Runs one step on the server: its sections and its row in the ledger, and says how it ended. */

import { Checksum } from "../core/checksum.ts";
import type { Clock } from "../core/clock.ts";
import type { TableName } from "../core/identifier.ts";
import { clearJournalSql } from "../core/journal.ts";
import type { Range, Section } from "../core/migration.ts";
import { ledgerSql, type Step } from "../core/step.ts";
import {
  checkStepSql,
  closeSectionSql,
  type LedgerColumn,
  resetSessionSql,
} from "../core/step-sql.ts";
import { sectionTimeouts, type Timeouts, timeoutsSql } from "../core/timeouts.ts";
import type { RunLock } from "./lock.ts";
import { Sender } from "./sender.ts";
import type { Session } from "./session.ts";
import type { StepFailure } from "./step-failure.ts";

export interface ApplyContext {
  readonly session: Session;
  readonly lock: RunLock;
  readonly clock: Clock;
  readonly table: TableName;
  readonly columns: ReadonlySet<LedgerColumn>;
  /** Where a section says nothing else. */
  readonly timeouts: Timeouts;
  /** What puts the session back as it was at the start, when something has run in it. */
  readonly resetSql: readonly string[];
  readonly sessionIs: "fresh" | "used";
  readonly signal: AbortSignal;
  readonly settingsSql: readonly string[];
  /** The bytes of the step's file, in chunks; throws `file-changed`. */
  readonly read: (range: Range) => Iterable<Uint8Array>;
  /** What the journal knows of the step's version, which is to go with the step. */
  readonly forget: { readonly journal: TableName; readonly versions: readonly string[] };
  /** Asked after a failure that left nothing behind: pauses, and says whether to try again. */
  readonly retry: (failure: StepFailure, tried: { readonly workedMs: number }) => Promise<boolean>;
  /** How often something of pgmate's own is tried again that met a lock. */
  readonly retries: number;
}

export type Applied =
  | {
      readonly kind: "done";
      /** Rows that the last statement touched; undefined where the section holds none. */
      readonly lastRowCount: number | undefined;
      /** How long it took, where that is known better than by the time of its call. */
      readonly ms?: number;
    }
  | StepFailure;

/**
 * Throws `connect-lost` when the connection goes, which leaves open what was committed. With
 * `lock-lost` (the run's lock is no longer this session's), `file-changed`, `file-unreadable` and
 * `interrupted` nothing of the step was kept.
 */
export async function applyTransaction(
  context: ApplyContext,
  step: Step,
  sentAhead?: SentAhead,
): Promise<Applied> {
  return cleanly(context, async () => {
    const began = context.clock.now();
    const first = await sentAhead?.outcome();
    if (first?.kind === "done") return first;
    if (first?.kind === "failed") {
      const workedMs = context.clock.now() - began;
      if (!(await context.retry(first, { workedMs }))) return first;
    }
    const sessionIs = first === undefined ? context.sessionIs : "used";
    return applyAgainAndAgain({ ...context, sessionIs }, step);
  });
}

async function applyAgainAndAgain(context: ApplyContext, step: Step): Promise<Applied> {
  for (let { sessionIs } = context; ; sessionIs = "used") {
    const began = context.clock.now();
    const { sender, transaction } = stepTry({ ...context, sessionIs }, step);
    const failure = await sendTransaction(context, sender, transaction);
    if (failure === undefined) return { kind: "done", lastRowCount: sender.lastRowCount };
    const workedMs = context.clock.now() - began;
    if (!(await context.retry(failure, { workedMs }))) return failure;
  }
}

/**
 * In the step's own message, which saves a round trip, but in a transaction before it, the session
 * is put back: what PREPARE and some others make in a try outlives its rollback. Nothing of it runs
 * unless the step `behind` which it was sent, by its number in the run, has committed.
 */
export function stepTry(
  context: ApplyContext,
  step: Step,
  behind?: number,
): { readonly sender: Sender; readonly transaction: Transaction } {
  const checksum = lateChecksum(step);
  const sender = new Sender(context, titleOf(step), checksum);
  if (behind !== undefined) {
    // Before the reset, which takes what it asks for away.
    for (const sql of ["begin", checkStepSql(behind), "commit"]) sender.own("lock", sql);
  }
  if (context.sessionIs === "used") for (const sql of context.resetSql) sender.own("reset", sql);
  const transaction: Transaction = {
    begin: "begin",
    sections: step.sections,
    ledger: () => rowSql(context, withChecksum(step, checksum), undefined),
    before: undefined,
  };
  return { sender, transaction };
}

/** A step that was sent before those in front of it were answered. */
export interface SentAhead {
  /**
   * What came of it, when all that was sent is answered or it went well. `not-run`: one in front
   * of it did not go through, so that the server refused it. Throws as `applyTransaction` does.
   */
  outcome(): Promise<Applied | { readonly kind: "not-run" }>;
}

/** Whatever is thrown, no transaction is left open by what was sent of the step. */
export async function cleanly(
  { session }: ApplyContext,
  work: () => Promise<Applied>,
): Promise<Applied> {
  try {
    return await work();
  } catch (error) {
    // A large section is sent in pieces: what was sent of it must not meet a later commit.
    if (!session.isLost && session.transactionState !== "I") await session.send("rollback");
    throw error;
  }
}

/** Of a large file it is made while the server works, so that nobody waits for it. */
function lateChecksum({ planned, migration }: Step): Checksum | undefined {
  const isLate = planned.direction === "up" && migration.checksum === undefined;
  return isLate ? new Checksum() : undefined;
}

function withChecksum(step: Step, checksum: Checksum | undefined): Step {
  if (checksum === undefined) return step;
  return { ...step, migration: { ...step.migration, checksum: checksum.digest() } };
}

/** The row, and with it the end of what the journal knows of the step. */
export function rowSql(
  context: ApplyContext,
  step: Step,
  executionMs: number | undefined,
): readonly string[] {
  const { table, columns, forget } = context;
  const rows = ledgerSql(step, table, columns, executionMs);
  if (forget.versions.length === 0) return rows;
  return [...rows, clearJournalSql(forget.journal, forget.versions)];
}

/** The statements that make the session what it was when it began, settings of ours included. */
export function resetStatements(settings: readonly string[]): readonly string[] {
  const end = resetSessionSql.length - 1;
  return [...resetSessionSql.slice(0, end), ...settings, ...resetSessionSql.slice(end)];
}

/** What the server's lists and logs show of the step's messages. */
export function titleOf({ planned }: Step): string {
  return `pgmate: ${planned.file.name} (${planned.direction})`;
}

export interface Transaction {
  readonly begin: string;
  readonly sections: readonly Section[];
  /** Asked for when all sections have been sent. */
  readonly ledger: () => readonly string[];
  /** What the session's timeouts are, where something has set them. */
  readonly before: Partial<Timeouts> | undefined;
  /** What tells the next message that this one has committed. */
  readonly mark?: string;
}

/** Sections and the row that goes with them, in one transaction of ours. */
export async function sendTransaction(
  context: ApplyContext,
  sender: Sender,
  transaction: Transaction,
): Promise<StepFailure | undefined> {
  return (await addTransaction(context, sender, transaction)) ?? sender.flush();
}

/** The same, but what fits into one message is only made ready. */
export async function addTransaction(
  context: ApplyContext,
  sender: Sender,
  { begin, sections, ledger, mark, ...transaction }: Transaction,
): Promise<StepFailure | undefined> {
  // In one message with the step, so that no pooler can put another backend in between, but in a
  // transaction of its own: a query would keep the section from setting its isolation level.
  for (const sql of ["begin", context.lock.checkSql, "commit"]) sender.own("lock", sql);
  sender.own("begin", begin);
  let { before } = transaction;
  for (const section of sections) {
    const wanted = sectionTimeouts(section, context.timeouts);
    for (const sql of timeoutsSql(wanted, before)) sender.own("begin", sql);
    before = wanted;
    const failure = await sender.section({ ...section, within: "transaction" });
    if (failure !== undefined) return failure;
  }
  if (sections.length === 0) {
    for (const sql of timeoutsSql(context.timeouts, before)) sender.own("begin", sql);
  }
  for (const sql of closeSectionSql) sender.own("constraints", sql);
  for (const sql of ledger()) sender.own("ledger", sql);
  if (mark !== undefined) sender.own("commit", mark);
  sender.own("commit", "commit");
  return undefined;
}
