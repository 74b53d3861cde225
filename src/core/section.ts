/** Reads one section's pieces: what it holds, and what keeps it from running. */

import { holdsMarker, type Marker } from "./marker.ts";
import type { Fault, Range, Section, SectionNotice } from "./migration.ts";
import type { CopyData, MetaCommand, OpenToken, Piece, Statement, Trivia } from "./split.ts";
import { type Traits, traits } from "./statement.ts";
import { unfit } from "./unfit.ts";

/** psql commands that pg_dump writes and that mean nothing to a run. */
export function isIgnoredMetaCommand(name: string): boolean {
  return name === "restrict" || name === "unrestrict";
}

/** Whether the statement is a BEGIN without a mode, which a step's own transaction replaces. */
function isPlainBegin(statement: Statement): boolean {
  const text = new TextDecoder().decode(statement.bytes.subarray(statement.head, statement.tail));
  return /^(?:begin(?:\s+(?:work|transaction))?|start\s+transaction)$/i.test(text);
}

/** Made for one section; feed it the section's pieces in order, then end it. */
export class SectionReader {
  readonly marker: Marker;
  /** What never ends in it, and whether that takes a marker line for its own text. */
  unfinished: { readonly fault: Fault; readonly holdsMarker: boolean } | undefined;
  readonly #start: number;
  readonly #notices: SectionNotice[] = [];
  #fault: Fault | undefined;
  #statements = 0;
  #units = 0;
  /** Under transaction:false the begin of an open group, else that of the wrapper. */
  #begin: Statement | undefined;
  /** In a transactional section the commit after which nothing may come. */
  #commit: Statement | undefined;
  #copy: Statement | undefined;
  /** Whether the data of the COPY have a line like a marker. */
  #copyHoldsMarker = false;

  /** The marker stands at `markerOffset`, what it begins at `start`. */
  constructor(marker: Marker, markerOffset: number, start: number) {
    this.marker = marker;
    this.#start = start;
    if (marker.problem === undefined) return;
    const { message, hint, offset } = marker.problem;
    this.#fault = { code: "migration-format", message, hint, offset: markerOffset + offset };
  }

  piece(piece: Piece): void {
    switch (piece.kind) {
      case "statement":
        this.#statement(piece);
        return;
      case "copy-data":
        this.#copyData(piece);
        return;
      case "meta-command":
        this.#metaCommand(piece);
        return;
      case "trivia":
        this.#openToken(piece);
        return;
      case "boundary":
        return;
    }
  }

  end(end: number): Section {
    if (this.marker.transactional) this.#endTransactional();
    else if (this.#begin !== undefined) this.#unclosedBegin(this.#begin);
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
      transactional: this.marker.transactional,
      wrapper: this.marker.transactional ? wrapper.flatMap(rangeOf) : [],
      unitCount: this.#units,
      notices: this.#notices,
      fault: this.#fault,
    };
  }

  #statement(statement: Statement): void {
    this.#statements += 1;
    this.#openToken(statement);
    this.#copyStatement(statement);
    const reason = unfit(statement);
    if (reason !== undefined) this.#stop(reason.message, reason.hint, reason.offset);
    const found = traits(statement);
    if (this.marker.transactional) this.#inTransaction(statement, found);
    else this.#outsideTransaction(statement, found);
    if (found.setsLockTimeout) {
      this.#notices.push({
        message: "the section sets lock_timeout itself; that value holds from here on",
        offset: headOffset(statement),
      });
    }
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
      this.#stop(
        `${found.command} cannot run inside a transaction`,
        `put it into a section of its own: \`-- migrate:${this.marker.direction} ` +
          "transaction:false`",
        headOffset(statement),
      );
    }
    this.#units = 1;
  }

  #endTransactional(): void {
    if (this.#begin !== undefined && this.#commit === undefined) this.#unclosedBegin(this.#begin);
  }

  #innerControl(statement: Statement, command: string): void {
    this.#stop(
      `${command} inside a section that already runs in one transaction`,
      "leave transaction control out, or say transaction:false on the marker line and put " +
        "begin; … commit; around what belongs together",
      headOffset(statement),
    );
  }

  #outsideTransaction(statement: Statement, found: Traits): void {
    if (this.#begin === undefined) this.#units += 1;
    switch (found.control) {
      case undefined:
        this.#unitStatement(statement, found);
        return;
      case "begin":
        if (this.#begin !== undefined) this.#notInGroup(statement, found.command);
        this.#begin = statement;
        return;
      case "commit":
        if (this.#begin === undefined || found.chain) this.#notInGroup(statement, found.command);
        this.#begin = undefined;
        return;
      default:
        this.#notInGroup(statement, found.command);
    }
  }

  #unitStatement(statement: Statement, found: Traits): void {
    if (this.#begin === undefined && found.setsLocal) {
      this.#stop(
        `${found.command} has no effect outside a transaction`,
        "put begin; … commit; around it and what it is for, or use SET",
        headOffset(statement),
      );
    }
    if (this.#begin !== undefined && found.alone) {
      this.#stop(
        `${found.command} cannot run between begin and commit`,
        "move it before the begin or after the commit",
        headOffset(statement),
      );
    }
  }

  #notInGroup(statement: Statement, command: string): void {
    this.#stop(
      `${command.toLowerCase()} cannot stand here: a group is begin; … commit;`,
      "a section with transaction:false may hold plain begin; … commit; groups and nothing else " +
        "of transaction control",
      headOffset(statement),
    );
  }

  #unclosedBegin(begin: Statement): void {
    this.#stop(
      "this begin has no commit: what follows would be lost",
      "add the commit; or leave the begin out",
      headOffset(begin),
    );
  }

  #copyStatement(statement: Statement): void {
    const copy = statement.copyFromStdin;
    if (copy === undefined) return;
    this.#copy = statement;
    if (!statement.terminated) {
      this.#stop(
        "COPY … FROM STDIN needs its `;` and then, from the next line on, its data",
        "end the data with a line that holds only \\.",
        headOffset(statement),
      );
    } else if (copy.fault !== undefined) {
      this.#stop(
        "nothing may follow COPY … FROM STDIN; on its line",
        "the data begins on the next line; put the other statement after the \\. line",
        copy.fault.offset,
      );
    }
  }

  #copyData(data: CopyData): void {
    this.#copyHoldsMarker ||= holdsMarker(data.bytes);
    if (!data.last) return;
    const held = this.#copyHoldsMarker;
    this.#copyHoldsMarker = false;
    if (data.terminated || this.#copy?.copyFromStdin?.fault !== undefined) return;
    const fault: Fault = {
      code: "migration-statement",
      message: "the data of this COPY never ends",
      hint: "end it with a line that holds only \\.",
      offset: this.#copy === undefined ? data.offset : headOffset(this.#copy),
    };
    this.unfinished = { fault, holdsMarker: held };
    this.#fault ??= fault;
  }

  #metaCommand(command: MetaCommand): void {
    if (isIgnoredMetaCommand(command.name)) return;
    this.#stop(
      `\\${command.name} is a command of psql, not SQL`,
      "write it as SQL, or run the file with psql",
      command.offset + command.bytes.indexOf(0x5c),
    );
  }

  #openToken({ open, bytes, offset }: Statement | Trivia): void {
    if (open === undefined) return;
    const swallowed = bytes.subarray(open.offset - offset);
    this.unfinished = { fault: openTokenFault(open), holdsMarker: holdsMarker(swallowed) };
    this.#fault ??= this.unfinished.fault;
  }

  #stop(message: string, hint: string, offset: number): void {
    this.#fault ??= { code: "migration-statement", message, hint, offset };
  }
}

/** The text ends inside a quote or a comment. */
export function openTokenFault(open: OpenToken): Fault {
  const hint =
    open.what === "comment" ? "close it with */" : "close it with the same quote that opened it";
  const message = `this ${open.what} never ends`;
  return { code: "migration-statement", message, hint, offset: open.offset };
}

function headOffset(statement: Statement): number {
  return statement.offset + statement.head;
}

/** The statement from its first token to the end of its `;`. */
function rangeOf(statement: Statement | undefined): readonly Range[] {
  if (statement === undefined) return [];
  return [{ start: headOffset(statement), end: statement.offset + statement.bytes.length }];
}
