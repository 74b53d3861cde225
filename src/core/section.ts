/** Reads one section's pieces: what it holds, and what keeps it from running. */

import { isSpokenAlone } from "./copy-out.ts";
import { holdsMarker, type Marker } from "./marker.ts";
import type { Range, Section, SectionNotice } from "./migration.ts";
import type { Piece, Statement } from "./split.ts";
import { headOffset, SqlFaults } from "./sql-faults.ts";
import { type Traits, traits } from "./statement.ts";
import { isPlainBegin, stopUnclosed, UnitGroups } from "./unit-groups.ts";

/** Made for one section; feed it the section's pieces in order, then end it. */
export class SectionReader {
  readonly marker: Marker;
  readonly #start: number;
  readonly #notices: SectionNotice[] = [];
  readonly #faults = new SqlFaults(holdsMarker);
  readonly #groups = new UnitGroups(this.#faults);
  #statements = 0;
  #copies = false;
  /** Of the wrapper. */
  #begin: Statement | undefined;
  /** In a transactional section the commit after which nothing may come. */
  #commit: Statement | undefined;

  /** The marker stands at `markerOffset`, what it begins at `start`. */
  constructor(marker: Marker, markerOffset: number, start: number) {
    this.marker = marker;
    this.#start = start;
    if (marker.problem === undefined) return;
    const { message, hint, offset } = marker.problem;
    this.#faults.first = {
      code: "migration-format", message, hint, offset: markerOffset + offset,
    };
  }

  /** What never ends in it, and whether that takes a marker line for its own text. */
  get unfinished(): SqlFaults["unfinished"] {
    return this.#faults.unfinished;
  }

  piece(piece: Piece): void {
    this.#faults.piece(piece);
    if (piece.kind === "statement") this.#statement(piece);
  }

  end(end: number): Section {
    const { transactional } = this.marker;
    if (!transactional) this.#groups.end();
    else if (this.#begin !== undefined && this.#commit === undefined) {
      stopUnclosed(this.#faults, this.#begin);
    }
    const wrapped = this.#begin !== undefined && this.#commit !== undefined;
    const wrapper = wrapped ? [this.#begin, this.#commit] : [];
    if (wrapped && this.#begin !== undefined) {
      this.#notices.push({
        message: "begin and commit around the section are left out: the step is a transaction",
        offset: headOffset(this.#begin),
      });
    }
    return {
      direction: this.marker.direction,
      range: { start: this.#start, end },
      transactional,
      timeouts: this.marker.timeouts,
      wrapper: wrapper.flatMap(rangeOf),
      unitCount: transactional ? Math.min(1, this.#statements) : this.#groups.count,
      copies: this.#copies,
      notices: this.#notices,
      fault: this.#faults.first,
    };
  }

  #statement(statement: Statement): void {
    this.#statements += 1;
    this.#copies ||= isSpokenAlone(statement);
    const found = traits(statement);
    if (this.marker.transactional) this.#inTransaction(statement, found);
    else this.#groups.statement(statement, found);
    if (found.setsLockTimeout) this.#setsItself("lock_timeout", statement);
    if (found.setsStatementTimeout) this.#setsItself("statement_timeout", statement);
  }

  #setsItself(setting: string, statement: Statement): void {
    this.#notices.push({
      message: `the section sets ${setting} itself; that value holds from here on`,
      offset: headOffset(statement),
    });
  }

  #inTransaction(statement: Statement, found: Traits): void {
    if (this.#commit !== undefined) this.#innerControl(this.#commit, "commit");
    if (found.control === "begin" && this.#statements === 1 && isPlainBegin(statement)) {
      this.#begin = statement;
    } else if (found.control === "commit" && !found.chain && this.#begin !== undefined) {
      this.#commit ??= statement;
    } else if (found.control !== undefined) {
      this.#innerControl(statement, found.command.toLowerCase());
    } else if (found.alone) {
      this.#faults.stop(
        `${found.command} cannot run inside a transaction`,
        `put it into a section of its own: \`-- migrate:${this.marker.direction} ` +
          "transaction:false`",
        headOffset(statement),
      );
    }
  }

  #innerControl(statement: Statement, command: string): void {
    this.#faults.stop(
      `${command} inside a section that already runs in one transaction`,
      "leave transaction control out, or say transaction:false on the marker line and put " +
        "begin; … commit; around what belongs together",
      headOffset(statement),
    );
  }
}

/** The statement from its first token to the end of its `;`. */
export function rangeOf(statement: Statement | undefined): readonly Range[] {
  if (statement === undefined) return [];
  return [{ start: headOffset(statement), end: statement.offset + statement.bytes.length }];
}
