/** Cuts SQL text, whole or in chunks, into statements, COPY data and what lies between them. */

import { unreachable } from "../errors.ts";
import {
  backslash, carriageReturn, classOf, closing, newline, opening, semicolon, space,
} from "./byte.ts";
import { copyDataEnd, nextDotLine, notEnd, unknown } from "./copy-data.ts";
import { Grammar } from "./grammar.ts";
import { Intake } from "./intake.ts";
import { Lexer } from "./lex.ts";
import type { OpenName } from "./token.ts";
import { openName, TokenKind } from "./token.ts";

/** What every piece has. The bytes of all pieces in their order are the input. */
interface Span {
  /** Absolute byte offset in the whole input. */
  readonly offset: number;
  /** A view that stays valid: neither the splitter nor a later push writes to it. */
  readonly bytes: Uint8Array;
}

/** A token that the input ended in. */
export interface OpenToken {
  readonly what: OpenName;
  /** Absolute byte offset of the token's first byte. */
  readonly offset: number;
}

/** What a COPY … FROM STDIN statement tells about its data. */
export interface CopyFromStdin {
  /** Where the word STDIN stands, as indexes into the statement's bytes. */
  readonly stdin: { readonly start: number; readonly end: number };
  /** Something but blanks and comments follows the `;` on its line; the absolute offset of it. */
  readonly fault?: { readonly offset: number };
}

/** White space and comments, a statement, and its `;` if there is one. */
export interface Statement extends Span {
  readonly kind: "statement";
  /** Index into bytes of the first token. */
  readonly head: number;
  /** Index into bytes just past the last token; the ending `;` and ended comments are none. */
  readonly tail: number;
  /** Whether it ends with `;` (then the last byte is the `;`). */
  readonly terminated: boolean;
  /** Set if the input ends inside a token of it, which is then the last, even a comment. */
  readonly open?: OpenToken;
  /** Set for COPY … FROM STDIN. If terminated, at least one CopyData follows. */
  readonly copyFromStdin?: CopyFromStdin;
}

/** Lines of COPY data, perhaps only a part of the block. */
export interface CopyData extends Span {
  readonly kind: "copy-data";
  /** How many of the bytes, from the first, are data: the `\.` line is not. */
  readonly payload: number;
  /** Whether the block ends with this piece, which may then be empty. */
  readonly last: boolean;
  /** False until the last piece, and there if the input ended without a `\.` line. */
  readonly terminated: boolean;
}

/** A psql command: from a backslash where a statement could start up to its line end. */
export interface MetaCommand extends Span {
  readonly kind: "meta-command";
  /** Without the backslash. */
  readonly name: string;
}

/** A comment line for which the `boundary` option said yes, without its line end. */
export interface Boundary extends Span {
  readonly kind: "boundary";
}

/** White space, comments and empty statements that belong to no statement; a byte order mark. */
export interface Trivia extends Span {
  readonly kind: "trivia";
  /** Set if it ends with a comment that never ends. */
  readonly open?: OpenToken;
}

export type Piece = Statement | CopyData | MetaCommand | Boundary | Trivia;

export interface SplitOptions {
  /**
   * Asked for each real `--` comment that starts at column 0, without its line end. Where it says
   * yes, what is pending ends there, finished or not, and the comment becomes a Boundary.
   */
  readonly boundary?: (comment: Uint8Array) => boolean;
}

/** What the splitter is in the middle of. */
type Mode = "start" | "sql" | "copy-line" | "copy-data" | "meta-command";

/** An unfinished line of COPY data is held back up to here, so that pieces end with lines. */
const heldLine = 1 << 13;

const byteOrderMark = [0xef, 0xbb, 0xbf];

type Ending = "terminated" | "unterminated";

/**
 * The splitter for input that comes in chunks. The pieces are the same for every chunking, but for
 * COPY data, which may be cut in other places. Chunks must not be written to after they were
 * pushed, since pieces are views of them.
 */
export class Splitter {
  readonly #boundary: ((comment: Uint8Array) => boolean) | undefined;
  readonly #input = new Intake();
  readonly #lexer = new Lexer();
  readonly #grammar = new Grammar();
  #pieces: Piece[] = [];
  #mode: Mode = "start";
  #extent: "more" | "final" = "more";
  /** Index of the first and just past the last token of the statement; -1 if there is none. */
  #head = -1;
  #tail = -1;
  #open: { readonly open?: OpenToken } = {};
  #parentheses = 0;
  /** Index just past the `;` of a COPY, while its line is not known to its end. */
  #copyEnd = 0;
  /** Where looking for a line end goes on. */
  #scan = 0;
  /** Whether the COPY data at #scan begin a line. */
  #scanStartsLine = true;

  constructor(options: SplitOptions = {}) {
    this.#boundary = options.boundary;
  }

  /** What was not handed out yet, as it is so far. */
  get pending(): Span {
    const { from, bytes } = this.#input;
    return { offset: this.#input.offset(from), bytes: bytes.subarray(from) };
  }

  /** The pieces that are complete with this chunk. */
  push(chunk: Uint8Array): Piece[] {
    if (this.#mode !== "copy-data" || this.#input.kept === 0) return this.#push(chunk);
    // The rest of a line that is held back is joined with it alone, not with the whole chunk.
    const rest = chunk.indexOf(newline) + 1;
    return [...this.#push(chunk.subarray(0, rest)), ...this.#push(chunk.subarray(rest))];
  }

  #push(chunk: Uint8Array): Piece[] {
    const dropped = this.#input.append(chunk);
    this.#head = this.#head < 0 ? -1 : this.#head - dropped;
    this.#tail -= dropped;
    this.#copyEnd -= dropped;
    this.#scan -= dropped;
    this.#grammar.drop(dropped);
    this.#lexer.feed(this.#input.bytes, dropped, this.#extent);
    return this.#run();
  }

  /** The rest. The splitter is used up afterwards. */
  end(): Piece[] {
    this.#extent = "final";
    this.#lexer.feed(this.#input.bytes, 0, this.#extent);
    return this.#run();
  }

  #run(): Piece[] {
    while (this.#step());
    if (this.#extent === "final") this.#flush(this.#input.bytes.length, "unterminated");
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** Whether the mode has changed; if not, the bytes are used up. */
  #step(): boolean {
    switch (this.#mode) {
      case "start":
        return this.#byteOrderMark();
      case "sql":
        return this.#sql();
      case "copy-line":
        return this.#copyLine();
      case "copy-data":
        return this.#copyData();
      case "meta-command":
        return this.#metaCommand();
      default:
        return unreachable(this.#mode);
    }
  }

  /** A byte order mark is no part of any statement: the server would take it for a name. */
  #byteOrderMark(): boolean {
    const bytes = this.#input.bytes;
    const known = Math.min(bytes.length, byteOrderMark.length);
    const marked = byteOrderMark.every((byte, i) => i >= known || bytes[i] === byte);
    if (marked && known < byteOrderMark.length && this.#extent === "more") return false;
    this.#mode = "sql";
    if (marked && known === byteOrderMark.length) {
      this.#trivia(known);
      this.#input.beginHere();
      this.#lexer.seek(known);
    }
    return true;
  }

  #sql(): boolean {
    const lexer = this.#lexer;
    const grammar = this.#grammar;
    while (lexer.next()) {
      const kind = lexer.kind;
      if (kind === TokenKind.lineComment) {
        if (this.#boundary !== undefined) this.#lineComment(this.#boundary);
        continue;
      }
      if (kind === TokenKind.blockComment) {
        if (lexer.open) this.#openToken();
        continue;
      }
      if (grammar.watches && this.#parentheses === 0) grammar.follow(lexer);
      if (kind === TokenKind.punctuation) {
        const byte = lexer.bytes[lexer.start];
        if (byte === semicolon && this.#semicolon()) {
          if (this.#mode === "sql") continue;
          return true;
        }
        if (byte === opening) this.#parentheses++;
        else if (byte === closing && this.#parentheses > 0) this.#parentheses--;
        else if (byte === backslash && this.#head < 0) return this.#backslash();
      }
      if (this.#head < 0) this.#head = lexer.start;
      this.#tail = lexer.end;
      if (lexer.open) this.#openToken();
    }
    return false;
  }

  #lineComment(isBoundary: (comment: Uint8Array) => boolean): void {
    const { bytes, start, end } = this.#lexer;
    if (!this.#input.startsLine(start) || !isBoundary(bytes.subarray(start, end))) return;
    this.#flush(start, "unterminated");
    this.#pieces.push({ kind: "boundary", ...this.#input.take(end) });
    this.#lexer.seek(end);
  }

  /** Whether this `;` ended a statement, if only an empty one. */
  #semicolon(): boolean {
    if (this.#parentheses > 0 || this.#grammar.inBody) return false;
    const end = this.#lexer.end;
    if (this.#head >= 0 && this.#grammar.stdinStart >= 0) {
      this.#mode = "copy-line";
      this.#copyEnd = end;
      this.#scan = end;
    } else {
      this.#flush(end, "terminated");
    }
    return true;
  }

  #backslash(): boolean {
    const start = this.#lexer.start;
    this.#flush(start, "unterminated");
    this.#mode = "meta-command";
    this.#scan = start;
    return true;
  }

  #openToken(): void {
    const { kind, start, end } = this.#lexer;
    this.#open = { open: { what: openName(kind), offset: this.#input.offset(start) } };
    if (this.#head >= 0) this.#tail = end;
  }

  /** Hands out what is pending up to this index, as a statement if there is one. */
  #flush(end: number, ending: Ending): void {
    if (this.#head >= 0) this.#statement(end, ending);
    else this.#trivia(end);
    this.#grammar.reset();
    this.#parentheses = 0;
  }

  #trivia(end: number): void {
    if (end <= this.#input.from) return;
    this.#pieces.push({ kind: "trivia", ...this.#input.take(end), ...this.#open });
  }

  #statement(end: number, ending: Ending): void {
    const from = this.#input.from;
    const copyFromStdin = this.#copyFromStdin();
    this.#pieces.push({
      kind: "statement",
      ...this.#input.take(end),
      head: this.#head - from,
      tail: this.#tail - from,
      terminated: ending === "terminated",
      ...this.#open,
      ...(copyFromStdin === undefined ? {} : { copyFromStdin }),
    });
    this.#head = -1;
  }

  #copyFromStdin(): CopyFromStdin | undefined {
    const { stdinStart, stdinEnd } = this.#grammar;
    if (stdinStart < 0) return undefined;
    const from = this.#input.from;
    const stdin = { start: stdinStart - from, end: stdinEnd - from };
    if (this.#mode !== "copy-line") return { stdin };
    const rest = this.#input.bytes.subarray(this.#copyEnd, this.#scan);
    const fault = firstToken(rest);
    if (fault === undefined) return { stdin };
    return { stdin, fault: { offset: this.#input.offset(this.#copyEnd + fault) } };
  }

  /** The COPY is handed out when its line is known; the rest of the line belongs to nothing. */
  #copyLine(): boolean {
    const bytes = this.#input.bytes;
    const found = bytes.indexOf(newline, this.#scan);
    this.#scan = found < 0 ? bytes.length : found + 1;
    if (found < 0 && this.#extent === "more") return false;
    this.#flush(this.#copyEnd, "terminated");
    this.#trivia(this.#scan);
    this.#mode = "copy-data";
    this.#scanStartsLine = true;
    return true;
  }

  #copyData(): boolean {
    const bytes = this.#input.bytes;
    let at = this.#scanStartsLine ? this.#scan : nextDotLine(bytes, this.#scan);
    for (; at >= 0; at = nextDotLine(bytes, at)) {
      const end = copyDataEnd(bytes, at, this.#extent);
      if (end === notEnd) continue;
      if (end === unknown) break;
      this.#copyPiece(end, { payload: at - this.#input.from, last: true, terminated: true });
      return this.#backToSql();
    }
    const length = bytes.length;
    if (this.#extent === "final") {
      const payload = length - this.#input.from;
      this.#copyPiece(length, { payload, last: true, terminated: false });
      return this.#backToSql();
    }
    const lastLine = Math.max(bytes.lastIndexOf(newline) + 1, this.#scan);
    const startsLine = lastLine > this.#scan || this.#scanStartsLine;
    const held = startsLine && length - lastLine <= heldLine;
    const known = held ? lastLine : length;
    const payload = known - this.#input.from;
    if (payload > 0) this.#copyPiece(known, { payload, last: false, terminated: false });
    this.#scan = known;
    this.#scanStartsLine = held;
    return false;
  }

  #copyPiece(end: number, rest: Pick<CopyData, "payload" | "last" | "terminated">): void {
    this.#pieces.push({ kind: "copy-data", ...this.#input.take(end), ...rest });
  }

  #metaCommand(): boolean {
    const bytes = this.#input.bytes;
    let end = this.#scan;
    while (end < bytes.length && bytes[end] !== newline && bytes[end] !== carriageReturn) end++;
    this.#scan = end;
    if (end === bytes.length && this.#extent === "more") return false;
    const start = this.#input.from + 1;
    let nameEnd = start;
    while (nameEnd < end && isNameByte(bytes[nameEnd] as number)) nameEnd++;
    const name = new TextDecoder().decode(bytes.subarray(start, nameEnd));
    this.#pieces.push({ kind: "meta-command", ...this.#input.take(end), name });
    return this.#backToSql();
  }

  #backToSql(): boolean {
    this.#mode = "sql";
    this.#lexer.seek(this.#input.from);
    return true;
  }
}

/** The index of the first token that is no comment. */
function firstToken(bytes: Uint8Array): number | undefined {
  const lexer = new Lexer();
  lexer.feed(bytes, 0, "final");
  while (lexer.next()) {
    const comment = lexer.kind === TokenKind.lineComment || lexer.kind === TokenKind.blockComment;
    if (!comment || lexer.open) return lexer.start;
  }
  return undefined;
}

/** psql ends a command's name at a blank or at the next backslash. */
function isNameByte(byte: number): boolean {
  return classOf[byte] !== space && byte !== backslash;
}

/** All pieces of a text that is in memory. */
export function split(text: Uint8Array | string, options: SplitOptions = {}): Piece[] {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const splitter = new Splitter(options);
  return [...splitter.push(bytes), ...splitter.end()];
}
