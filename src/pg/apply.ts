/** Runs one step on the server: its sections and its row in the ledger, and says how it ended. */

import type { Clock } from "../core/clock.ts";
import type { TableName } from "../core/identifier.ts";
import type { Range, Section } from "../core/migration.ts";
import { ledgerSql, type Step } from "../core/step.ts";
import {
  beginRowSql,
  closeSectionSql,
  type LedgerColumn,
  lockTimeoutSql,
  resetSessionSql,
} from "../core/step-sql.ts";
import type { RunLock } from "./lock.ts";
import { Sender, type UnitKind } from "./sender.ts";
import type { Session } from "./session.ts";
import type { StepFailure } from "./step-failure.ts";

export interface ApplyContext {
  readonly session: Session;
  readonly lock: RunLock;
  readonly clock: Clock;
  readonly table: TableName;
  readonly columns: ReadonlySet<LedgerColumn>;
  readonly lockTimeoutMs: number;
  /** What puts the session back as it was, after a step before; empty for the first. */
  readonly resetSql: readonly string[];
  readonly signal: AbortSignal;
  /** The bytes of the step's file, in chunks; throws `file-changed`. */
  readonly read: (range: Range) => Iterable<Uint8Array>;
}

export type Applied =
  | {
      readonly kind: "done";
      /** Rows that the last statement touched; undefined where the section holds none. */
      readonly lastRowCount: number | undefined;
    }
  | StepFailure;

/**
 * Throws `connect-lost` when the connection goes, which leaves open what was committed. With
 * `lock-lost` (the run's lock is no longer this session's), `file-changed`, `file-unreadable` and
 * `interrupted` nothing of the step was kept, but for units that had been committed before.
 */
export async function applyStep(context: ApplyContext, step: Step): Promise<Applied> {
  try {
    return await (step.transactional ? applyTransaction(context, step) : applyUnits(context, step));
  } catch (error) {
    // A large section is sent in pieces: what was sent of it must not meet a later commit.
    const { session } = context;
    if (!session.isLost && session.transactionState !== "I") await session.send("rollback");
    throw error;
  }
}

/** The statements that make the session what it was when it began, settings of ours included. */
export function resetStatements(settings: readonly string[]): readonly string[] {
  const end = resetSessionSql.length - 1;
  return [...resetSessionSql.slice(0, end), ...settings, ...resetSessionSql.slice(end)];
}

async function applyTransaction(context: ApplyContext, step: Step): Promise<Applied> {
  const sender = new Sender(context, titleOf(step));
  // In the step's own message, which saves a round trip, but in a transaction before the step's.
  for (const sql of context.resetSql) sender.own("reset", sql);
  const failure = await sendTransaction(context, sender, {
    begin: "begin",
    sections: step.sections,
    ledger: ledgerSql(step, context.table, context.columns),
  });
  return failure ?? { kind: "done", lastRowCount: sender.lastRowCount };
}

function titleOf({ planned }: Step): string {
  return `pgmate: ${planned.file.name} (${planned.direction})`;
}

interface Transaction {
  readonly begin: string;
  readonly sections: readonly Section[];
  readonly ledger: readonly string[];
}

async function sendTransaction(
  context: ApplyContext,
  sender: Sender,
  { begin, sections, ledger }: Transaction,
): Promise<StepFailure | undefined> {
  // In one message with the step, so that no pooler can put another backend in between, but in a
  // transaction of its own: a query would keep the section from setting its isolation level.
  for (const sql of ["begin", context.lock.checkSql, "commit"]) sender.own("lock", sql);
  sender.own("begin", begin);
  sender.own("begin", lockTimeoutSql(context.lockTimeoutMs));
  for (const section of sections) {
    const failure = await sender.section(section);
    if (failure !== undefined) return failure;
  }
  for (const sql of closeSectionSql) sender.own("constraints", sql);
  for (const sql of ledger) sender.own("ledger", sql);
  sender.own("commit", "commit");
  return sender.flush();
}

/** Units one by one, each committed by itself; the row comes when all are done. */
async function applyUnits(context: ApplyContext, step: Step): Promise<Applied> {
  const began = context.clock.now();
  const sender = new Sender(context, titleOf(step));
  let unitsDone = 0;
  for (const sql of context.resetSql) sender.own("reset", sql);
  const unready = await sender.flush();
  if (unready !== undefined) return unready;
  for (const section of step.sections) {
    if (section.transactional) {
      const alone = { begin: "begin", sections: [section], ledger: [] };
      const failure = await sendTransaction(context, sender, alone);
      if (failure !== undefined) return { ...failure, unitsDone };
      unitsDone += section.unitCount;
      continue;
    }
    await sender.prepareUnits();
    for (const unit of sender.units(section)) {
      const failure = await sendUnit(context, sender, unit);
      if (failure !== undefined) return { ...failure, unitsDone, command: unit.command };
      if (unit.commits) unitsDone += 1;
    }
  }
  const executionMs = context.clock.now() - began;
  const failure = await sendTransaction(context, sender, {
    begin: beginRowSql,
    sections: [],
    ledger: ledgerSql(step, context.table, context.columns, executionMs),
  });
  if (failure !== undefined) return { ...failure, unitsDone };
  return { kind: "done", lastRowCount: sender.lastRowCount };
}

/** One unit; no timeout ends a CONCURRENTLY statement. */
export async function sendUnit(
  context: Pick<ApplyContext, "session">,
  sender: Sender,
  unit: UnitKind,
): Promise<StepFailure | undefined> {
  if (!unit.concurrent) return sender.unit(unit);
  // A lock_timeout would end a CONCURRENTLY statement's wait and leave an INVALID index behind.
  const before = await context.session.rows(
    "select pg_catalog.current_setting('lock_timeout') as lock_timeout, " +
      "pg_catalog.current_setting('statement_timeout') as statement_timeout",
  );
  await context.session.send("set lock_timeout = 0; set statement_timeout = 0");
  const failure = await sender.unit(unit);
  for (const [name, value] of Object.entries(before[0] ?? {})) {
    await context.session.send(`set ${name} = '${String(value)}'`);
  }
  return failure;
}
