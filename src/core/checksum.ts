/** The checksum of a migration: what its up sections say to Postgres, not how they look. */

import { Lexer } from "./lex.ts";
import type { Section } from "./migration.ts";
import type { CopyData, Piece, Statement, Trivia } from "./split.ts";
import { TokenKind } from "./token.ts";

const bufferSize = 1 << 16;
/** No header is longer: a letter and a length in groups of seven bits. */
const longestHeader = 10;

/**
 * Version 1, which never changes: ledgers hold it. `v1:` is followed by the SHA-256, in lower-case
 * hex, of these records in the order of the text. A record is one letter, the length of its bytes
 * as an unsigned LEB128 number, and the bytes.
 *
 * - `S` a section begins: the number of its options in decimal digits.
 * - `o` an option of it: UTF-8.
 * - `t` a token of a statement, by Postgres' lexical rules, as it is written; a comment that never
 *   ends is one, other comments are none. A string literal is a token with its prefix and quotes.
 * - `c` a string literal that continues the one before it over a line break, in place of a `t`.
 * - `t` with `;` ends each statement, also one that the text ends without.
 * - `d` the data of a COPY: the SHA-256, 32 bytes, of all its lines without the `\.` line.
 * - `m` a psql meta-command, from its backslash up to its line end.
 *
 * White space, comments, empty statements and a byte order mark leave no record. So texts with the
 * same records have the same tokens in the same order, and mean the same to Postgres.
 */
export class Checksum {
  #hash = new Bun.CryptoHasher("sha256");
  readonly #buffer = new Uint8Array(bufferSize);
  #used = 0;
  #data: Bun.CryptoHasher | undefined;

  /** Begins a section, with its options as `name:value`, in the order that is to count. */
  section(options: readonly string[]): void {
    this.#text("S", String(options.length));
    for (const option of options) this.#text("o", option);
  }

  /** The pieces of the section, in their order. */
  piece(piece: Piece): void {
    switch (piece.kind) {
      case "statement":
        this.#statement(piece);
        return;
      case "copy-data":
        this.#copyData(piece);
        return;
      case "meta-command":
        this.#record("m", piece.bytes, 0, piece.bytes.length);
        return;
      case "trivia":
        this.#trivia(piece);
        return;
      case "boundary":
        return;
    }
  }

  /** `v1:` and 64 hex digits. To be called once, at the end. */
  digest(): string {
    this.#empty();
    return `v1:${this.#hash.digest("hex")}`;
  }

  /** The digest of what came since the last call; what comes next is a text of its own. */
  next(): string {
    const digest = this.digest();
    this.#hash = new Bun.CryptoHasher("sha256");
    return digest;
  }

  #statement(statement: Statement): void {
    const lexer = new Lexer();
    const bytes = statement.bytes.subarray(statement.head, statement.tail);
    lexer.feed(bytes, 0, "final");
    while (lexer.next()) {
      const { kind, start, end } = lexer;
      const comment = kind === TokenKind.lineComment || kind === TokenKind.blockComment;
      if (comment && !lexer.open) continue;
      this.#record(lexer.continues ? "c" : "t", bytes, start, end);
    }
    this.#text("t", ";");
  }

  /** A comment that never ends makes the text wrong, so it must not pass for one without it. */
  #trivia({ open, offset, bytes }: Trivia): void {
    if (open !== undefined) this.#record("t", bytes, open.offset - offset, bytes.length);
  }

  /** Hashed by itself, so that it does not matter in how many pieces it came. */
  #copyData(data: CopyData): void {
    this.#data ??= new Bun.CryptoHasher("sha256");
    this.#data.update(data.bytes.subarray(0, data.payload));
    if (!data.last) return;
    const digest = new Uint8Array(this.#data.digest());
    this.#record("d", digest, 0, digest.length);
    this.#data = undefined;
  }

  #text(letter: string, text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#record(letter, bytes, 0, bytes.length);
  }

  #record(letter: string, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.#used + longestHeader + length > bufferSize) this.#empty();
    const buffer = this.#buffer;
    buffer[this.#used++] = letter.charCodeAt(0);
    let rest = length;
    while (rest > 0x7f) {
      buffer[this.#used++] = 0x80 | (rest & 0x7f);
      // Not a shift, which would cut a length to 32 bits.
      rest = Math.floor(rest / 0x80);
    }
    buffer[this.#used++] = rest;
    if (longestHeader + length > bufferSize) {
      this.#empty();
      this.#hash.update(bytes.subarray(start, end));
      return;
    }
    for (let at = start; at < end; at++) buffer[this.#used++] = bytes[at] as number;
  }

  #empty(): void {
    this.#hash.update(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}

/** For `section`: in one order and one spelling, so that how they are written does not count. */
export function checksumOptions(
  { transactional, timeouts }: Pick<Section, "transactional" | "timeouts">,
): readonly string[] {
  const { lockMs, statementMs } = timeouts;
  return [
    ...(transactional ? [] : ["transaction:false"]),
    ...(lockMs === undefined ? [] : [`lock_timeout:${lockMs}ms`]),
    ...(statementMs === undefined ? [] : [`statement_timeout:${statementMs}ms`]),
  ];
}
