/** Finds the tokens of SQL text by PostgreSQL's own lexical rules, byte by byte, never failing. */

import {
  alone, backslash, carriageReturn, classOf, colon, dash, digit, digitsEnd, dollar, dot,
  doubleQuote, equals, keepsSign, newline, ofNumber, ofOperator, ofTag, ofWord, operatorStart,
  partOf, quote, slash, space, star, wordStart,
} from "./byte.ts";
import { TokenKind } from "./token.ts";

/** How quotes and backslashes count inside a string. */
const noString = 0;
const plainString = 1;
const escapeString = 2;
/** B'…' and X'…', where a doubled quote ends one string and begins another. */
const bitString = 3;

/**
 * Tokens one after the other, out of bytes that may come in parts. A token is read from `kind`,
 * `start`, `end` and the flags after `next` said true: nothing is allocated for it.
 */
export class Lexer {
  bytes: Uint8Array = new Uint8Array(0);
  kind: TokenKind = TokenKind.word;
  /** Index into bytes of the token's first byte, its prefix (E, U&, …) counted. */
  start = 0;
  end = 0;
  /** Whether the input ended inside the token. */
  open = false;
  /** Whether the token is a string that continues the string before it over a line break. */
  continues = false;

  #final = false;
  #at = 0;
  /** The kind of a token that began in earlier bytes, or 0. */
  #within: TokenKind | 0 = 0;
  #string = noString;
  #depth = 0;
  #tagLength = 0;
  /** How the string before was read, while nothing but blanks and -- comments came since. */
  #lastString = noString;
  #lineBroken = false;

  /**
   * Gives the lexer its bytes: those it has, without the first `dropped`, and more. With `final`
   * set to "final" a token that is open at the end is a token.
   */
  feed(bytes: Uint8Array, dropped: number, more: "more" | "final"): void {
    this.bytes = bytes;
    this.start -= dropped;
    this.end -= dropped;
    this.#at -= dropped;
    this.#final = more === "final";
  }

  /** Goes on at this index as at the beginning of a text. */
  seek(index: number): void {
    this.#at = index;
    this.#within = 0;
    this.#lastString = noString;
  }

  /** Whether there is a token. If not, the bytes are used up, or more of them are needed. */
  next(): boolean {
    if (this.#within !== 0) return this.#resume();
    const at = this.#skipSpace();
    const bytes = this.bytes;
    if (at >= bytes.length) return false;
    this.start = at;
    this.open = false;
    this.continues = false;
    const byte = bytes[at] as number;
    const kind = classOf[byte] as number;
    if (kind === wordStart) {
      this.#within = TokenKind.word;
      this.#at = at + 1;
      return this.#word();
    }
    if (kind === alone) return this.#token(TokenKind.punctuation, at + 1);
    if (kind === digit) return this.#number(at);
    if (kind === operatorStart) return this.#operator(at);
    if (byte === quote) {
      const continues = this.#lastString !== noString && this.#lineBroken;
      this.continues = continues;
      return this.#openString(continues ? this.#lastString : plainString, at + 1);
    }
    return this.#special(byte, at);
  }

  #skipSpace(): number {
    const bytes = this.bytes;
    const length = bytes.length;
    let at = this.#at;
    while (at < length) {
      const byte = bytes[at] as number;
      if (classOf[byte] !== space) break;
      if (byte === newline || byte === carriageReturn) this.#lineBroken = true;
      at++;
    }
    this.#at = at;
    return at;
  }

  /** Tokens whose first byte does not say what they are. */
  #special(byte: number, at: number): boolean {
    const second = this.bytes[at + 1];
    if (byte === doubleQuote) return this.#openIdentifier(at + 1);
    if (byte === dollar) return this.#dollar(at);
    if (byte !== dash && byte !== slash && byte !== dot && byte !== colon) {
      return this.#token(TokenKind.punctuation, at + 1);
    }
    if (second === undefined && !this.#final) return false;
    if (byte === dash && second === dash) {
      this.#within = TokenKind.lineComment;
      this.#at = at + 2;
      return this.#lineComment();
    }
    if (byte === slash && second === star) {
      this.#within = TokenKind.blockComment;
      this.#depth = 1;
      this.#at = at + 2;
      return this.#blockComment();
    }
    if (byte === dot && second !== undefined && classOf[second] === digit) return this.#number(at);
    if (byte === dot) return this.#token(TokenKind.punctuation, second === dot ? at + 2 : at + 1);
    if (byte === colon) {
      const pair = second === colon || second === equals;
      return this.#token(TokenKind.punctuation, pair ? at + 2 : at + 1);
    }
    return this.#operator(at);
  }

  /** Every token but strings and -- comments ends here; strings cannot be continued past it. */
  #token(kind: TokenKind, end: number): boolean {
    this.kind = kind;
    this.end = end;
    this.#at = end;
    this.#within = 0;
    this.#lastString = noString;
    return true;
  }

  /** The input ended inside the token: it is one if no more is to come. */
  #unended(kind: TokenKind, at: number): boolean {
    this.#at = at;
    if (!this.#final) return false;
    this.open = true;
    return this.#token(kind, this.bytes.length);
  }

  #resume(): boolean {
    switch (this.#within) {
      case TokenKind.word:
        return this.#word();
      case TokenKind.string:
        return this.#restOfString();
      case TokenKind.quotedIdentifier:
        return this.#quotedIdentifier();
      case TokenKind.dollarString:
        return this.#dollarString();
      case TokenKind.lineComment:
        return this.#lineComment();
      default:
        return this.#blockComment();
    }
  }

  #word(): boolean {
    const bytes = this.bytes;
    const length = bytes.length;
    let at = this.#at;
    while (at < length && ((partOf[bytes[at] as number] as number) & ofWord) !== 0) at++;
    this.#at = at;
    if (at >= length && !this.#final) return false;
    return at - this.start === 1 ? this.#shortWord(at) : this.#token(TokenKind.word, at);
  }

  /** One letter, which may be the prefix of a string or of a quoted identifier. */
  #shortWord(at: number): boolean {
    const bytes = this.bytes;
    const letter = (bytes[this.start] as number) | 0x20;
    if (bytes[at] === quote) {
      if (letter === 0x65) return this.#openString(escapeString, at + 1);
      if (letter === 0x62 || letter === 0x78) return this.#openString(bitString, at + 1);
      if (letter === 0x6e) return this.#openString(plainString, at + 1);
    }
    if (letter === 0x75 && bytes[at] === 0x26) {
      const mark = bytes[at + 1];
      if (mark === undefined && !this.#final) return false;
      if (mark === quote) return this.#openString(plainString, at + 2);
      if (mark === doubleQuote) return this.#openIdentifier(at + 2);
    }
    return this.#token(TokenKind.word, at);
  }

  #openString(string: number, at: number): boolean {
    this.#within = TokenKind.string;
    this.#string = string;
    this.#at = at;
    return this.#restOfString();
  }

  #restOfString(): boolean {
    const end = this.#string === escapeString ? this.#escapedEnd() : this.#quotedEnd(quote);
    if (end < 0) return this.#unended(TokenKind.string, this.#at);
    this.#token(TokenKind.string, end);
    this.#lastString = this.#string;
    this.#lineBroken = false;
    return true;
  }

  #openIdentifier(at: number): boolean {
    this.#within = TokenKind.quotedIdentifier;
    this.#string = plainString;
    this.#at = at;
    return this.#quotedIdentifier();
  }

  #quotedIdentifier(): boolean {
    const end = this.#quotedEnd(doubleQuote);
    if (end < 0) return this.#unended(TokenKind.quotedIdentifier, this.#at);
    return this.#token(TokenKind.quotedIdentifier, end);
  }

  /** Just past the mark that is not doubled, or -1 with #at where to go on looking. */
  #quotedEnd(mark: number): number {
    const bytes = this.bytes;
    const length = bytes.length;
    let at = this.#at;
    for (;;) {
      at = bytes.indexOf(mark, at);
      if (at < 0) {
        this.#at = length;
        return -1;
      }
      if (this.#string === bitString) return at + 1;
      if (at + 1 >= length && !this.#final) {
        this.#at = at;
        return -1;
      }
      if (bytes[at + 1] !== mark) return at + 1;
      at += 2;
    }
  }

  /** As #quotedEnd, for E'…'. */
  #escapedEnd(): number {
    const bytes = this.bytes;
    const length = bytes.length;
    let at = this.#at;
    while (at < length) {
      const byte = bytes[at];
      if (byte === quote || byte === backslash) {
        // Both say something of the next byte, which is needed to go on.
        if (at + 1 >= length && !this.#final) break;
        if (byte === quote && bytes[at + 1] !== quote) return at + 1;
        at += 2;
      } else {
        at++;
      }
    }
    this.#at = at;
    return -1;
  }

  /** A $: of a parameter, of a dollar quote, or for itself. */
  #dollar(at: number): boolean {
    const bytes = this.bytes;
    let end = at + 1;
    const second = bytes[end];
    if (second !== undefined && classOf[second] === digit) {
      while (((partOf[bytes[end] as number] as number) & ofNumber) !== 0) end++;
      // What is glued to the number is refused by Postgres; $1$$ is a parameter and a quote.
      return this.#glued(TokenKind.parameter, end);
    }
    while (((partOf[bytes[end] as number] as number) & ofTag) !== 0) end++;
    if (end >= bytes.length && !this.#final) return false;
    if (bytes[end] !== dollar) return this.#token(TokenKind.punctuation, at + 1);
    this.#within = TokenKind.dollarString;
    this.#tagLength = end + 1 - at;
    this.#at = end + 1;
    return this.#dollarString();
  }

  #dollarString(): boolean {
    const bytes = this.bytes;
    const tagLength = this.#tagLength;
    let at = this.#at;
    for (;;) {
      at = bytes.indexOf(dollar, at);
      if (at < 0) return this.#unended(TokenKind.dollarString, bytes.length);
      let same = 1;
      while (same < tagLength && bytes[at + same] === bytes[this.start + same]) same++;
      if (same === tagLength) return this.#token(TokenKind.dollarString, at + tagLength);
      if (at + same >= bytes.length) return this.#unended(TokenKind.dollarString, at);
      at++;
    }
  }

  #lineComment(): boolean {
    const bytes = this.bytes;
    const length = bytes.length;
    let at = this.#at;
    while (at < length && bytes[at] !== newline && bytes[at] !== carriageReturn) at++;
    this.#at = at;
    if (at >= length && !this.#final) return false;
    const lastString = this.#lastString;
    this.#token(TokenKind.lineComment, at);
    this.#lastString = lastString;
    return true;
  }

  #blockComment(): boolean {
    const bytes = this.bytes;
    const length = bytes.length;
    let at = this.#at;
    while (at < length) {
      const byte = bytes[at];
      if (byte !== star && byte !== slash) {
        at++;
        continue;
      }
      if (at + 1 >= length) break;
      const pair = byte === star ? bytes[at + 1] === slash : bytes[at + 1] === star;
      if (!pair) {
        at++;
        continue;
      }
      at += 2;
      this.#depth += byte === star ? -1 : 1;
      if (this.#depth === 0) return this.#token(TokenKind.blockComment, at);
    }
    return this.#unended(TokenKind.blockComment, at);
  }

  /** 1, 1.5, .5, 1e-5, 1_000, 0x1F; the first of the two dots of 1..2 is none of its own. */
  #number(start: number): boolean {
    const bytes = this.bytes;
    let at = digitsEnd(bytes, start);
    if (bytes[at] === dot && bytes[at + 1] !== dot) at = digitsEnd(bytes, at + 1);
    if (((bytes[at] ?? 0) | 0x20) === 0x65) {
      const sign = bytes[at + 1] === 0x2b || bytes[at + 1] === dash;
      const exponent = sign ? at + 2 : at + 1;
      const end = digitsEnd(bytes, exponent);
      if (end > exponent) at = end;
    }
    // Two bytes ahead decide in 1..2 and 1e+5.
    if (at + 2 >= bytes.length && !this.#final) return false;
    return this.#glued(TokenKind.number, at);
  }

  /** Ends a number or parameter after the word that is glued to it, if one is. */
  #glued(kind: TokenKind, at: number): boolean {
    const bytes = this.bytes;
    let end = at;
    if (classOf[bytes[end] as number] === wordStart) {
      while (((partOf[bytes[end] as number] as number) & ofWord) !== 0) end++;
    }
    if (end >= bytes.length && !this.#final) return false;
    return this.#token(kind, end);
  }

  #operator(start: number): boolean {
    const bytes = this.bytes;
    let end = start;
    let bits = 0;
    for (;;) {
      const byte = bytes[end] as number;
      const part = partOf[byte] as number;
      if ((part & ofOperator) === 0) break;
      if (byte === dash && bytes[end + 1] === dash) break;
      if (byte === slash && bytes[end + 1] === star) break;
      bits |= part;
      end++;
    }
    if (end >= bytes.length && !this.#final) return false;
    // SQL wants =-1 to be = and -1, which Postgres grants to operators of these characters only.
    if ((bits & keepsSign) === 0) {
      while (end - start > 1 && (bytes[end - 1] === dash || bytes[end - 1] === 0x2b)) end--;
    }
    return this.#token(TokenKind.operator, end);
  }
}
