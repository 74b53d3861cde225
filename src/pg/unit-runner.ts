/** Runs a step unit by unit, each with its row in the journal, and goes on where one stopped. */

import { aloneStatement, type AloneStatement } from "../core/alone-statement.ts";
import type { TableName } from "../core/identifier.ts";
import { asOurselvesSql, type JournalRow, journalRowSql } from "../core/journal.ts";
import type { Range, Section } from "../core/migration.ts";
import { redactSecrets } from "../core/redact.ts";
import type { ResumePoint } from "../core/resume.ts";
import { lockCause } from "../core/retry.ts";
import { isPrepare } from "../core/session-trace.ts";
import type { Step } from "../core/step.ts";
import { beginRowSql } from "../core/step-sql.ts";
import {
  afterReset, sectionTimeouts, sessionTimeoutsSql, type Timeouts,
} from "../core/timeouts.ts";
import { type Unit, unitsOf } from "../core/unit.ts";
import { noteText, readNote, type UnitNote } from "../core/unit-note.ts";
import { PgmateError } from "../errors.ts";
import type { ApplyContext } from "./apply.ts";
import { checkJournalSql, checkJournalThereSql } from "./journal.ts";
import { dropLeftover } from "./leftover-index.ts";
import { withoutTimeouts } from "./lifted-timeouts.ts";
import { dropPrepared, preparedStatements } from "./prepared-statements.ts";
import { Sender } from "./sender.ts";
import type { StepFailure } from "./step-failure.ts";
import {
  type PlainIndex, refuseForeignLeftover, refuseInvalidResult, settle, type Settled, takeNote,
} from "./unit-catalog.ts";
import { changed, doubt, serverError } from "./unit-error.ts";

/** What a step that is not transactional needs beside the rest. */
export interface UnitsContext extends ApplyContext {
  readonly journal: TableName;
  readonly from: ResumePoint;
  /** What becomes of a unit of which nobody can tell whether it ran. */
  readonly doubtful: "ask" | "repeat" | "skip";
  readonly onUnit: (unit: Unit) => void;
  /** An invalid index was dropped that a try before had left; its name as SQL writes it. */
  readonly onLeftoverDropped: (index: string) => void;
}

/** Begins in a session that is as it was at the start of the run. */
export class UnitRunner {
  /** How many units are committed and stay, those of runs before included. */
  readonly #progress: { unitsDone: number };
  readonly #context: UnitsContext;
  readonly #step: Step;
  readonly #sender: Sender;
  #timeouts: Timeouts | undefined;
  #section: Section | undefined;

  constructor(
    context: UnitsContext,
    step: Step,
    sender: Sender,
    progress: { unitsDone: number },
  ) {
    this.#context = context;
    this.#step = step;
    this.#sender = sender;
    this.#progress = progress;
  }

  /** Undefined when all of them are done. Throws what `applyUnits` says, and `invalid-index`. */
  async run(): Promise<StepFailure | undefined> {
    const { from, read } = this.#context;
    for (const unit of unitsOf(this.#step.sections, read)) {
      if (unit.number < from.unit) continue;
      this.#context.onUnit(unit);
      const failure = await this.#unit(unit);
      if (failure !== undefined) {
        const { number, command } = unit;
        return { ...failure, unit: { number, command }, unitsDone: this.#progress.unitsDone };
      }
      this.#progress.unitsDone = unit.number;
    }
    return undefined;
  }

  async #unit(unit: Unit): Promise<StepFailure | undefined> {
    const { from, clock, retry } = this.#context;
    await this.#enterSection(unit.section);
    const isFirst = unit.number === from.unit;
    const unready = isFirst ? await this.#replay(unit) : undefined;
    if (unready !== undefined) return unready;
    let begun = isFirst ? from.begun : undefined;
    for (;;) {
      if (begun !== undefined && (await this.#settleBegun(unit, begun)) === "done") {
        return this.#recordDone(unit);
      }
      const began = clock.now();
      const tried = await this.#try(unit);
      if (tried.kind === "recorded") return undefined;
      if (tried.kind === "done") return this.#recordDone(unit);
      const workedMs = clock.now() - began;
      const left = await this.#noteFailure(unit, tried);
      const failure = { ...tried.failure, ...left.told };
      // What it committed by itself must not be done twice unless somebody says so.
      if (tried.note?.alone.kind === "doubtful") return failure;
      if (!(await retry(tried.failure, { workedMs }))) return failure;
      begun = left.row;
    }
  }

  /** What was set before, over what the section begins with. */
  async #replay({ section }: Unit): Promise<StepFailure | undefined> {
    const { from, settingsSql } = this.#context;
    const wanted = sectionTimeouts(section, this.#context.timeouts);
    for (const sql of from.settings) {
      this.#sender.own("resume", sql);
      const bytes = new TextEncoder().encode(sql);
      const statement = { bytes, head: 0, tail: bytes.length };
      for (const kept of afterReset(statement, wanted, settingsSql)) {
        this.#sender.own("resume", kept);
      }
    }
    return this.#sender.flush();
  }

  /** The timeouts of a section hold for its session, where it may set others. */
  async #enterSection(section: Section): Promise<void> {
    if (this.#section === section) return;
    this.#section = section;
    const wanted = sectionTimeouts(section, this.#context.timeouts);
    const statements = sessionTimeoutsSql(wanted, this.#timeouts);
    this.#timeouts = wanted;
    for (const sql of statements) this.#sender.own("begin", sql);
    const failure = await this.#sender.flush();
    if (failure !== undefined) throw serverError(failure);
  }

  async #try(unit: Unit): Promise<Tried> {
    if (unit.alone !== undefined) return this.#alone(unit, unit.alone);
    const { session } = this.#context;
    const prepares = unit.traces.some(isPrepare);
    const prepared = prepares ? await preparedStatements(session) : [];
    const failure = await this.#together(unit);
    if (failure === undefined) return { kind: "recorded" };
    if (prepares) await dropPrepared(session, prepared);
    if (isReadOnlyGroup(unit, failure)) return this.#alone(unit, { kind: "repeatable" });
    // Nothing of it was kept: it can be said again, alone.
    if (needsToBeAlone(unit, failure)) return this.#alone(unit, aloneStatement(unit.first));
    return { kind: "failed", failure, note: undefined };
  }

  /**
   * The unit and its row in one transaction: there is no moment at which only one is kept. The row
   * comes first, when no role is set that ends with the transaction.
   */
  async #together(unit: Unit): Promise<StepFailure | undefined> {
    const sender = this.#sender;
    if (unit.kind === "section") sender.own("begin", "begin");
    if (unit.kind === "statement") sender.own("begin", "begin read write");
    if (unit.lead !== undefined) {
      const failure = await sender.section(passage(unit, unit.lead));
      if (failure !== undefined) return failure;
    }
    sender.own("lock", this.#context.lock.checkSql);
    this.#record({ unit, state: "done" });
    const start = unit.lead?.end ?? unit.range.start;
    const failure = await sender.section(passage(unit, { start, end: unit.range.end }));
    if (failure !== undefined) return failure;
    if (unit.kind === "statement" && mayDrop(unit)) {
      sender.own("journal", checkJournalThereSql(this.#context.journal));
    }
    if (unit.kind !== "group") {
      sender.own("constraints", "set constraints all immediate");
      sender.own("commit", "commit");
    }
    const ended = await sender.flush();
    return ended === undefined ? undefined : blamed(unit, ended);
  }

  /** First it is written down that it runs, then it runs; then it must be written that it did. */
  async #alone(unit: Unit, alone: AloneStatement): Promise<Tried> {
    const { session } = this.#context;
    const note = await takeNote(session, alone);
    await refuseForeignLeftover(session, note);
    const unready = await this.#write({ unit, state: "running", note });
    if (unready !== undefined) return { kind: "failed", failure: unready, note: undefined };
    const send = async (): Promise<StepFailure | undefined> => {
      const failure = await this.#sender.section({
        ...passage(unit, unit.range), wrapper: [], within: "nothing",
      });
      return failure ?? (await this.#sender.flush());
    };
    const failure = await this.#unlessStopped(unit, () =>
      unit.concurrent ? withoutTimeouts(session, send) : send(),
    );
    if (failure !== undefined) return { kind: "failed", failure, note };
    try {
      await refuseInvalidResult(session, note);
    } catch (error) {
      // It passed over what is somebody else's: nothing of its own is to be settled.
      if (error instanceof PgmateError && error.code === "invalid-index") {
        await this.#write({ unit, state: "failed", error: error.message }, "always");
      }
      throw error;
    }
    return { kind: "done" };
  }

  /** A wish to stop that came before it was sent: it has not begun, and nobody need ask. */
  async #unlessStopped<Result>(unit: Unit, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const isUnsent = error instanceof PgmateError && error.code === "interrupted";
      if (isUnsent && !this.#context.session.isLost) {
        await this.#write({ unit, state: "failed", error: "interrupted" }, "always");
      }
      throw error;
    }
  }

  /** What is done is not done again because its row met a lock; without one it is `running`. */
  async #recordDone(unit: Unit): Promise<StepFailure | undefined> {
    for (;;) {
      const failure = await this.#write({ unit, state: "done" });
      if (failure === undefined) return undefined;
      if (await this.#context.retry(failure, { workedMs: 0 })) continue;
      const isAsked = unit.alone?.kind === "doubtful";
      return { ...failure, stays: isAsked ? "unrecorded own commits" : "unrecorded" };
    }
  }

  /** What a try that left more than an error came to. */
  async #settleBegun(unit: Unit, row: JournalRow): Promise<"done" | "again"> {
    const { session, doubtful } = this.#context;
    const note = readNote(row.note);
    for (;;) {
      const settled = note === undefined ? unsettled : await settle(session, note);
      const asks = settled.came === "ask";
      if (asks && doubtful === "ask") throw doubt(unit, row);
      // What came of it says nothing of what stands there now.
      const isTaken = settled.came === "done" || (asks && doubtful === "skip");
      if (isTaken && row.hash !== unit.hash) throw changed(unit);
      // What is not invalid any more, when somebody else has ended their work on it, may be it.
      if (!(await this.#dropAll(unit, settled.leftovers))) continue;
      if (settled.finish !== undefined) await this.#finish(settled.finish);
      return isTaken ? "done" : "again";
    }
  }

  /** Whether they all went. */
  async #dropAll(unit: Unit, leftovers: readonly PlainIndex[]): Promise<boolean> {
    const { session, clock, signal, retries, timeouts, onLeftoverDropped } = this.#context;
    const { lockTimeoutMs } = sectionTimeouts(unit.section, timeouts);
    for (const leftover of leftovers) {
      const options = { session, clock, signal, lockTimeoutMs, retries };
      if ((await dropLeftover(leftover, options)) === "kept") return false;
      onLeftoverDropped(leftover.sqlName);
    }
    return true;
  }

  /** It waits for older transactions while it holds locks of its own, so that it is bounded. */
  async #finish(sql: string): Promise<void> {
    const { clock, retry, signal } = this.#context;
    for (;;) {
      this.#sender.own("resume", sql);
      const began = clock.now();
      const failure = await this.#sender.flush();
      if (failure === undefined) return;
      if (await retry(failure, { workedMs: clock.now() - began })) continue;
      if (signal.aborted) throw new PgmateError("interrupted", "interrupted");
      const { message } = failure;
      const code = lockCause(message, 0) === undefined ? "server" : "lock-timeout";
      throw new PgmateError(code, `what a run before had half done stays so: ${message.message}`, {
        server: message,
        hint: `run again when no older transaction is open, or by hand: \`${sql};\``,
      });
    }
  }

  /** What a failed try left behind is to be settled before the next. */
  async #noteFailure(unit: Unit, { failure, note }: Failed): Promise<Left> {
    if (this.#context.session.isLost) return { row: undefined, told: {} };
    const settled = note === undefined ? undefined : await this.#leftBy(note, failure);
    const error = this.#context.session.withoutPassword(redactSecrets(failure.message.message));
    const written = {
      unit, state: "failed", error, note: settled === undefined ? undefined : note,
    } as const;
    // A journal that cannot be written has been the failure itself, or is told of by the next.
    await this.#write(written, "always");
    if (settled === undefined) return { row: undefined, told: {} };
    const leftovers = settled.leftovers.map(({ sqlName }) => sqlName);
    const row = this.#row(written);
    if (note?.alone.kind === "doubtful") return { row, told: { stays: "own commits" } };
    const half = settled.finish === undefined ? {} : { stays: "half detached" as const };
    return { row, told: { leftovers, ...half } };
  }

  /** Undefined for nothing at all; where the catalog cannot be asked now, it will be later. */
  async #leftBy(note: UnitNote, { message }: StepFailure): Promise<Settled | undefined> {
    // A name that somebody else has already: nothing was begun, and what is there is not ours.
    if (message.code === "42P07") return undefined;
    try {
      const settled = await settle(this.#context.session, note);
      const isNothing = settled.came === "to nothing" && settled.leftovers.length === 0;
      return isNothing ? undefined : settled;
    } catch (error) {
      if (error instanceof PgmateError && !this.#context.session.isLost) return unsettled;
      throw error;
    }
  }

  async #write(
    written: Written,
    when: "unless stopped" | "always" = "unless stopped",
  ): Promise<StepFailure | undefined> {
    this.#sender.own("begin", beginRowSql);
    this.#sender.own("lock", this.#context.lock.checkSql);
    this.#record(written);
    this.#sender.own("commit", "commit");
    return this.#sender.flush(when);
  }

  #record(written: Written): void {
    const { journal } = this.#context;
    for (const sql of asOurselvesSql.begin) this.#sender.own("journal", sql);
    const row = this.#row(written);
    // A trigger or rule of somebody's can undo it without a word; the unit would run twice.
    for (const sql of [...journalRowSql(journal, row), checkJournalSql(journal, row)]) {
      this.#sender.own("journal", sql);
    }
    for (const sql of asOurselvesSql.end) this.#sender.own("journal", sql);
  }

  #row({ unit, state, error, note }: Written): JournalRow {
    const { version, direction } = this.#step.planned;
    return {
      version,
      direction,
      unit: unit.number,
      hash: unit.hash,
      state,
      error,
      note: note === undefined ? undefined : noteText(note),
    };
  }
}

interface Failed {
  readonly kind: "failed";
  readonly failure: StepFailure;
  /** Set if it ran alone, and so may have left something. */
  readonly note: UnitNote | undefined;
}

/** `done` has run alone, and its row is not written yet. */
type Tried = { readonly kind: "recorded" } | { readonly kind: "done" } | Failed;

interface Left {
  /** What is to be settled before another try. */
  readonly row: JournalRow | undefined;
  readonly told: Pick<StepFailure, "leftovers" | "stays">;
}

interface Written {
  readonly unit: Unit;
  readonly state: JournalRow["state"];
  readonly error?: string;
  readonly note?: UnitNote | undefined;
}

/** A note that cannot be read says nothing: only a person can. */
const unsettled: Settled = { came: "ask", leftovers: [], finish: undefined };

/** Without its row the next run would begin at the first statement again. */
function mayDrop({ command }: Unit): boolean {
  return /^(?:DROP|ALTER|DO|CALL)\b/.test(command);
}

function passage(unit: Unit, range: Range) {
  const { wrapper, timeouts } = unit.section;
  return { range, wrapper, timeouts, within: "transaction" } as const;
}

/** What a statement left to be checked at its end is its own fault. */
function blamed({ kind, offset }: Unit, failure: StepFailure): StepFailure {
  const { origin } = failure;
  if (kind !== "statement" || origin.kind !== "ours") return failure;
  if (origin.purpose !== "constraints" && origin.purpose !== "commit") return failure;
  return { ...failure, origin: { kind: "section", offset } };
}

/** One that the session's default makes so cannot take the journal's row in. */
function isReadOnlyGroup({ kind }: Unit, { message, origin }: StepFailure): boolean {
  const isRow = origin.kind === "ours" && origin.purpose === "journal";
  return kind === "group" && isRow && message.code === "25006";
}

/** What the server refuses only because a transaction is around it. */
function needsToBeAlone({ kind }: Unit, { message, origin }: StepFailure): boolean {
  const refusals = ["25001", "2D000"];
  return kind === "statement" && origin.kind !== "ours" && refusals.includes(message.code);
}
