/** Runs a step unit by unit, each with its row in the journal, and goes on where one stopped. */

import { aloneStatement, type AloneStatement } from "../core/alone-statement.ts";
import type { TableName } from "../core/identifier.ts";
import { asOurselvesSql, type JournalRow, journalRowSql } from "../core/journal.ts";
import type { Range, Section } from "../core/migration.ts";
import { redactSecrets } from "../core/redact.ts";
import type { ResumePoint } from "../core/resume.ts";
import type { Step } from "../core/step.ts";
import { beginRowSql, closeSectionSql } from "../core/step-sql.ts";
import { sectionTimeouts, sessionTimeoutsSql, type Timeouts } from "../core/timeouts.ts";
import { type Unit, unitsOf } from "../core/unit.ts";
import { noteText, readNote, type UnitNote } from "../core/unit-note.ts";
import { PgmateError } from "../errors.ts";
import type { ApplyContext } from "./apply.ts";
import { dropLeftover } from "./leftover-index.ts";
import { withoutTimeouts } from "./lifted-timeouts.ts";
import { Sender } from "./sender.ts";
import type { StepFailure } from "./step-failure.ts";
import {
  refuseForeignLeftover, refuseInvalidResult, settle, type Settled, takeNote,
} from "./unit-catalog.ts";

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
    progress.unitsDone = context.from.unit - 1;
  }

  /** Undefined when all of them are done. Throws what `applyUnits` says, and `invalid-index`. */
  async run(): Promise<StepFailure | undefined> {
    const { from, read } = this.#context;
    for (const unit of unitsOf(this.#step.sections, read)) {
      if (unit.number < from.unit) continue;
      this.#context.onUnit(unit);
      if (unit.number === from.unit) await this.#replay(unit.section);
      const failure = await this.#unit(unit);
      if (failure !== undefined) {
        const { number, command } = unit;
        return { ...failure, unit: { number, command }, unitsDone: this.#progress.unitsDone };
      }
      this.#progress.unitsDone = unit.number;
    }
    return undefined;
  }

  /** What was set before, over what the section begins with. */
  async #replay(section: Section): Promise<void> {
    await this.#enterSection(section);
    for (const sql of this.#context.from.settings) this.#sender.own("resume", sql);
    const failure = await this.#sender.flush();
    if (failure !== undefined) throw serverError(failure);
  }

  async #unit(unit: Unit): Promise<StepFailure | undefined> {
    await this.#enterSection(unit.section);
    const { from } = this.#context;
    let begun = unit.number === from.unit ? from.begun : undefined;
    for (;;) {
      if (begun !== undefined && (await this.#settleBegun(unit, begun)) === "done") {
        return undefined;
      }
      begun = undefined;
      const began = this.#context.clock.now();
      const tried = await this.#try(unit);
      if (tried.failure === undefined) return undefined;
      const workedMs = this.#context.clock.now() - began;
      begun = await this.#noteFailure(unit, tried.failure, tried.note);
      if (!(await this.#context.retry(tried.failure, { workedMs }))) {
        return { ...tried.failure, leftovers: await this.#leftovers(begun) };
      }
    }
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
    const failure = await this.#together(unit);
    if (failure === undefined || !needsToBeAlone(unit, failure)) {
      return { failure, note: undefined };
    }
    // Nothing of it was kept: it can be said again, alone.
    return this.#alone(unit, aloneStatement(unit.first));
  }

  /** The unit and its row in one transaction: there is no moment at which only one is kept. */
  async #together(unit: Unit): Promise<StepFailure | undefined> {
    const sender = this.#sender;
    this.#checkLock();
    if (unit.kind === "section") {
      // Its own first words may set the isolation level, which no query may come before.
      sender.own("begin", "begin");
    } else if (unit.lead === undefined) {
      sender.own("begin", "begin read write");
      this.#record({ unit, state: "done" });
    } else {
      const failure = await sender.section(passage(unit, unit.lead));
      if (failure !== undefined) return failure;
      this.#record({ unit, state: "done" });
    }
    const start = unit.lead?.end ?? unit.range.start;
    const failure = await sender.section(passage(unit, { start, end: unit.range.end }));
    if (failure !== undefined) return failure;
    if (unit.kind === "section") {
      for (const sql of closeSectionSql) sender.own("constraints", sql);
      this.#record({ unit, state: "done" });
    }
    if (unit.lead === undefined) sender.own("commit", "commit");
    return sender.flush();
  }

  /** First it is written down that it runs, then it runs, then what came of it. */
  async #alone(unit: Unit, alone: AloneStatement): Promise<Tried> {
    const { session } = this.#context;
    const note = await takeNote(session, alone);
    await refuseForeignLeftover(session, note);
    const unready = await this.#write({ unit, state: "running", note });
    if (unready !== undefined) return { failure: unready, note: undefined };
    const send = async (): Promise<StepFailure | undefined> => {
      const failure = await this.#sender.section({
        range: unit.range, wrapper: [], within: "nothing",
      });
      return failure ?? (await this.#sender.flush());
    };
    const failure = unit.concurrent ? await withoutTimeouts(session, send) : await send();
    if (failure !== undefined) return { failure, note };
    await refuseInvalidResult(session, note);
    const unwritten = await this.#write({ unit, state: "done" });
    return { failure: unwritten, note };
  }

  /** What a try that left more than an error came to. */
  async #settleBegun(unit: Unit, row: JournalRow): Promise<"done" | "again"> {
    const { session, doubtful } = this.#context;
    const note = readNote(row.note);
    const settled = note === undefined ? unsettled : await settle(session, note);
    const asks = settled.came === "ask" && row.state === "running";
    if (asks && doubtful === "ask") throw doubt(unit);
    for (const leftover of settled.leftovers) {
      const { clock, signal, retries } = this.#context;
      const { lockTimeoutMs } = sectionTimeouts(unit.section, this.#context.timeouts);
      const options = { session, clock, signal, lockTimeoutMs, retries };
      const came = await dropLeftover(leftover, options);
      if (came === "dropped") this.#context.onLeftoverDropped(leftover.sqlName);
    }
    if (settled.finish !== undefined) {
      this.#sender.own("resume", settled.finish);
      const failure = await this.#sender.flush();
      if (failure !== undefined) throw serverError(failure);
    }
    if (settled.came !== "done" && !(asks && doubtful === "skip")) return "again";
    const failure = await this.#write({ unit, state: "done" });
    if (failure !== undefined) throw serverError(failure);
    return "done";
  }

  /** What a failed try left behind is to be settled before the next. */
  async #noteFailure(
    unit: Unit,
    failure: StepFailure,
    note: UnitNote | undefined,
  ): Promise<JournalRow | undefined> {
    if (this.#context.session.isLost) return undefined;
    // A name that somebody else has already: nothing was begun, and what is there is not ours.
    const left = failure.message.code === "42P07" ? undefined : note;
    const error = redactSecrets(failure.message.message);
    const written = { unit, state: "failed", note: left, error } as const;
    // A journal that cannot be written has been the failure itself, or is told of by the next.
    await this.#write(written, "always");
    return left === undefined ? undefined : this.#row(written);
  }

  /** To tell what stays; a wish to stop, or a loss, leaves it untold. */
  async #leftovers(row: JournalRow | undefined): Promise<readonly string[]> {
    const note = readNote(row?.note);
    if (note === undefined) return [];
    try {
      const { leftovers } = await settle(this.#context.session, note);
      return leftovers.map(({ sqlName }) => sqlName);
    } catch (error) {
      if (error instanceof PgmateError) return [];
      throw error;
    }
  }

  #checkLock(): void {
    for (const sql of ["begin", this.#context.lock.checkSql, "commit"]) {
      this.#sender.own("lock", sql);
    }
  }

  async #write(
    written: Written,
    when: "unless stopped" | "always" = "unless stopped",
  ): Promise<StepFailure | undefined> {
    this.#checkLock();
    this.#sender.own("begin", beginRowSql);
    this.#record(written);
    this.#sender.own("commit", "commit");
    return this.#sender.flush(when);
  }

  #record(written: Written): void {
    const { journal } = this.#context;
    for (const sql of asOurselvesSql.begin) this.#sender.own("journal", sql);
    for (const sql of journalRowSql(journal, this.#row(written))) {
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

interface Tried {
  readonly failure: StepFailure | undefined;
  /** Set if it ran alone, and so may have left something. */
  readonly note: UnitNote | undefined;
}

interface Written {
  readonly unit: Unit;
  readonly state: JournalRow["state"];
  readonly error?: string;
  readonly note?: UnitNote | undefined;
}

/** A note that cannot be read says nothing: only a person can. */
const unsettled: Settled = { came: "ask", leftovers: [], finish: undefined };

function passage(unit: Unit, range: Range) {
  return { range, wrapper: unit.section.wrapper, within: "transaction" } as const;
}

/** What the server refuses only because a transaction is around it. */
function needsToBeAlone({ kind }: Unit, { message, origin }: StepFailure): boolean {
  const refusals = ["25001", "2D000"];
  return kind === "statement" && origin.kind !== "ours" && refusals.includes(message.code);
}

function serverError({ message }: StepFailure): PgmateError {
  return new PgmateError("server", message.message, { server: message });
}

function doubt({ number, command }: Unit): PgmateError {
  return new PgmateError(
    "unknown-outcome",
    `whether statement ${number} (${command}) ran to its end before its run was cut off is not ` +
      "known: it may have committed by itself",
    {
      hint:
        "look at what it was to change; then `pgmate up --resume skip` if it is done, or " +
        "`pgmate up --resume repeat` to run it again",
    },
  );
}
