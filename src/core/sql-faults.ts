/** What keeps SQL from running whatever it is for: what never ends, COPY, commands of psql. */

import type { Fault } from "./migration.ts";
import type { CopyData, MetaCommand, OpenToken, Piece, Statement, Trivia } from "./split.ts";
import { unfit } from "./unfit.ts";

/** psql commands that pg_dump writes and that mean nothing to a run. */
export function isIgnoredMetaCommand(name: string): boolean {
  return name === "restrict" || name === "unrestrict";
}

/** Feed it pieces in their order; the first fault is the one that counts. */
export class SqlFaults {
  first: Fault | undefined;
  /** What never ends in it, and whether it swallows what is `marked`. */
  unfinished: { readonly fault: Fault; readonly holdsMarker: boolean } | undefined;
  readonly #marked: (bytes: Uint8Array) => boolean;
  #copy: Statement | undefined;
  /** Whether the data of the COPY hold what is marked. */
  #copyHoldsMarker = false;

  constructor(marked: (bytes: Uint8Array) => boolean = () => false) {
    this.#marked = marked;
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

  /** Notes a fault of a rule beside these. */
  stop(message: string, hint: string, offset: number): void {
    this.first ??= { code: "migration-statement", message, hint, offset };
  }

  #statement(statement: Statement): void {
    this.#openToken(statement);
    this.#copyStatement(statement);
    const reason = unfit(statement);
    if (reason !== undefined) this.stop(reason.message, reason.hint, reason.offset);
  }

  #copyStatement(statement: Statement): void {
    const copy = statement.copyFromStdin;
    if (copy === undefined) return;
    this.#copy = statement;
    if (!statement.terminated) {
      this.stop(
        "COPY … FROM STDIN needs its `;` and then, from the next line on, its data",
        "end the data with a line that holds only \\.",
        headOffset(statement),
      );
    } else if (copy.fault !== undefined) {
      this.stop(
        "nothing may follow COPY … FROM STDIN; on its line",
        "the data begins on the next line; put the other statement after the \\. line",
        copy.fault.offset,
      );
    }
  }

  #copyData(data: CopyData): void {
    this.#copyHoldsMarker ||= this.#marked(data.bytes);
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
    this.first ??= fault;
  }

  #metaCommand(command: MetaCommand): void {
    if (isIgnoredMetaCommand(command.name)) return;
    this.stop(
      `\\${command.name} is a command of psql, not SQL`,
      "write it as SQL, or run the file with psql",
      command.offset + command.bytes.indexOf(0x5c),
    );
  }

  #openToken({ open, bytes, offset }: Statement | Trivia): void {
    if (open === undefined) return;
    const swallowed = bytes.subarray(open.offset - offset);
    this.unfinished = { fault: openTokenFault(open), holdsMarker: this.#marked(swallowed) };
    this.first ??= this.unfinished.fault;
  }
}

/** The text ends inside a quote or a comment. */
export function openTokenFault(open: OpenToken): Fault {
  const hint =
    open.what === "comment" ? "close it with */" : "close it with the same quote that opened it";
  const message = `this ${open.what} never ends`;
  return { code: "migration-statement", message, hint, offset: open.offset };
}

/** Where the statement's first token stands in the file. */
export function headOffset(statement: Statement): number {
  return statement.offset + statement.head;
}
