/** Runs steps in a scratch database, statement by statement, and notes what each of them did. */

import type { Range, Section } from "../core/migration.ts";
import type { MeasuredStatement } from "../core/review/measured.ts";
import type { RehearsalFailure, ReviewedStatement } from "../core/review/review.ts";
import type { RelationLock } from "../core/review/rule.ts";
import type { SourceStatement } from "../core/review/source.ts";
import { closeSectionSql } from "../core/step-sql.ts";
import { makeStep, type Step } from "../core/step.ts";
import { resetStatements } from "../pg/apply.ts";
import { effectsBetween, type Snapshot, takeSnapshot } from "../pg/measure.ts";
import { Sender } from "../pg/sender.ts";
import type { Session } from "../pg/session.ts";
import type { StepFailure } from "../pg/step-failure.ts";
import type { Context } from "./context.ts";
import { type LoadedStep, placeIn } from "./migrations.ts";

/** A step with the statements that were read of it, in the order in which they run. */
export interface RehearsedStep {
  readonly loaded: LoadedStep;
  readonly statements: readonly SourceStatement[];
}

export interface RehearsalRun {
  /** By statement; those not reached are not there. */
  readonly measured: ReadonlyMap<SourceStatement, MeasuredStatement>;
  readonly failure: RehearsalFailure | undefined;
  /** How many steps ran to their end. */
  readonly stepsDone: number;
}

export interface RehearsalPlace {
  readonly session: Session;
  /** To be sent again after each reset. */
  readonly settingsSql: readonly string[];
}

/** Stops at the first failure; what was done before it stays. Throws as sessions do. */
export async function runRehearsal(
  context: Context,
  place: RehearsalPlace,
  steps: readonly RehearsedStep[],
): Promise<RehearsalRun> {
  const run = new Run(context, place, await takeSnapshot(place.session));
  for (const [index, step] of steps.entries()) {
    const failure = await run.step(step);
    if (failure === undefined) continue;
    return { measured: run.measured, failure, stepsDone: index };
  }
  return { measured: run.measured, failure: undefined, stepsDone: steps.length };
}

/** The same files the other way round, as a rollback or a new up would run them. */
export function wayBack({ loaded, statements }: RehearsedStep): RehearsedStep {
  const { planned, migration } = loaded.step;
  const direction = planned.direction === "up" ? "down" : "up";
  const step = makeStep({ ...planned, direction, begun: [] }, migration);
  return { loaded: { ...loaded, step }, statements };
}

interface SentStatement {
  readonly statement: SourceStatement;
  /** To where the next one begins, so that the data of a COPY are in it. */
  readonly range: Range;
}

class Run {
  readonly measured = new Map<SourceStatement, MeasuredStatement>();
  readonly #context: Context;
  readonly #place: RehearsalPlace;
  /** What was there before the first step: what the steps make is nobody's yet. */
  readonly #base: Snapshot;

  constructor(context: Context, place: RehearsalPlace, base: Snapshot) {
    this.#context = context;
    this.#place = place;
    this.#base = base;
  }

  async step({ loaded, statements }: RehearsedStep): Promise<RehearsalFailure | undefined> {
    const { session, settingsSql } = this.#place;
    const { step } = loaded;
    try {
      if (step.transactional) await session.send("begin");
      for (const section of step.sections) {
        const failure = await this.#section(loaded, section, sentIn(section, statements));
        if (failure !== undefined) return failure;
      }
      return await this.#finish(loaded);
    } finally {
      if (!session.isLost) {
        if (session.transactionState !== "I") await session.send("rollback");
        await session.send(resetStatements(settingsSql).join(";\n"));
      }
    }
  }

  /** What was deferred fails here, as it would in the run. */
  async #finish(loaded: LoadedStep): Promise<RehearsalFailure | undefined> {
    const { session } = this.#place;
    if (session.transactionState === "I") return undefined;
    const sent = await session.send([...closeSectionSql, "commit"].join(";\n"));
    if (sent.kind === "done") return undefined;
    const { path } = loaded.step.planned.file;
    return { path, line: 1, message: sent.message.message };
  }

  async #section(
    loaded: LoadedStep,
    section: Section,
    sent: readonly SentStatement[],
  ): Promise<RehearsalFailure | undefined> {
    for (const one of sent) {
      const { offset } = one.statement;
      if (section.wrapper.some(({ start }) => start === offset)) continue;
      const failure = await this.#statement(loaded, one);
      if (failure !== undefined) return this.#failed(loaded, one, failure);
    }
    return undefined;
  }

  /** In a transaction of ours where it can run in one: only there its locks are seen. */
  async #statement(
    loaded: LoadedStep,
    one: SentStatement,
  ): Promise<StepFailure | undefined> {
    const { session } = this.#place;
    const { isControl, alone } = one.statement;
    if (isControl) return this.#send(loaded, one);
    const isOurs = session.transactionState === "I" && !alone;
    if (isOurs) await session.send("begin");
    const before = await takeSnapshot(session);
    const began = this.#context.clock.now();
    const failure = await this.#send(loaded, one);
    if (failure !== undefined) return failure;
    const ms = this.#context.clock.now() - began;
    const old = this.#old(before);
    const { locks, rewrites, scans } = effectsBetween(old, await takeSnapshot(session));
    const sawLocks = session.transactionState !== "I";
    const held = heldLocks(old);
    this.measured.set(one.statement, { locks, rewrites, scans, ms, sawLocks, held });
    if (!isOurs) return undefined;
    // What was deferred is checked here, as it is when the statement runs by itself.
    const sent = await session.send("commit");
    if (sent.kind === "done") return undefined;
    const origin = { kind: "section", offset: one.statement.offset } as const;
    return { kind: "failed", message: sent.message, origin, unitsDone: 0 };
  }

  #old(before: Snapshot): Snapshot {
    const relations = [...before.relations].filter(([oid]) => this.#base.relations.has(oid));
    return { ...before, relations: new Map(relations) };
  }

  async #send(
    { snapshot, step }: LoadedStep,
    { range }: SentStatement,
  ): Promise<StepFailure | undefined> {
    const sender = new Sender({
      session: this.#place.session,
      signal: this.#context.signal,
      timeouts: { lockTimeoutMs: 0, statementTimeoutMs: undefined },
      settingsSql: [],
      read: (part) => snapshot.read(part),
    }, title(step));
    const within = this.#place.session.transactionState === "I" ? "nothing" : "transaction";
    const failure = await sender.section({ range, wrapper: [], timeouts: {}, within });
    return failure ?? sender.flush();
  }

  #failed(
    loaded: LoadedStep,
    { statement }: SentStatement,
    { message, origin }: StepFailure,
  ): RehearsalFailure {
    const offset = origin.kind === "section" ? origin.offset : statement.offset;
    const { file, line } = placeIn(loaded, offset);
    return { path: file, line, message: message.message };
  }
}

function heldLocks({ relations, locks }: Snapshot): readonly RelationLock[] {
  return [...locks].flatMap(([oid, mode]) => {
    const relation = relations.get(oid)?.name;
    return relation === undefined ? [] : { relation, mode };
  });
}

function title({ planned }: Step): string {
  return `pgmate: rehearsal of ${planned.file.name} (${planned.direction})`;
}

function sentIn(
  { range }: Section,
  statements: readonly SourceStatement[],
): readonly SentStatement[] {
  const own = statements.filter(({ offset }) => offset >= range.start && offset < range.end);
  return own.map((statement, index) => ({
    statement,
    range: { start: statement.offset, end: own[index + 1]?.offset ?? range.end },
  }));
}

/** The reviewed statement of each that was measured. */
export function measuredByReview(
  statements: readonly ReviewedStatement[],
  measured: RehearsalRun["measured"],
): ReadonlyMap<ReviewedStatement, MeasuredStatement> {
  return new Map(statements.flatMap((one) => {
    const found = measured.get(one.source);
    return found === undefined ? [] : [[one, found] as const];
  }));
}
