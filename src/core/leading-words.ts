/** Reads the tokens at the front of a statement, no further than somebody asks. */

import { Lexer } from "./lex.ts";
import type { Statement } from "./split.ts";
import { TokenKind } from "./token.ts";

/** Longer tokens are never looked for, and need not be made into text. */
const longestText = 256;

export class LeadingWords {
  readonly #lexer = new Lexer();
  readonly #tokens: string[] = [];
  /** Behind each token, from the head of the statement. */
  readonly #ends: number[] = [];

  constructor(statement: Pick<Statement, "bytes" | "head" | "tail">) {
    this.#lexer.feed(statement.bytes.subarray(statement.head, statement.tail), 0, "final");
  }

  /**
   * The token at this place, comments not counted: words in lower case, all else as it is written,
   * so that "begin" in quotes is no `begin`. Empty behind the last token.
   */
  at(index: number): string {
    while (this.#tokens.length <= index) {
      const token = this.#next();
      if (token === undefined) return "";
      this.#tokens.push(token);
      this.#ends.push(this.#lexer.end);
    }
    return this.#tokens[index] ?? "";
  }

  /** How many bytes the statement has up to behind this token; 0 behind the last one. */
  endOf(index: number): number {
    return this.at(index) === "" ? 0 : (this.#ends[index] ?? 0);
  }

  /** Whether these words stand there, one after the other. */
  are(index: number, ...words: readonly string[]): boolean {
    return words.every((word, i) => this.at(index + i) === word);
  }

  /** The place behind these words if they stand there, else the same place. */
  skip(index: number, ...words: readonly string[]): number {
    return this.are(index, ...words) ? index + words.length : index;
  }

  /** The place behind a name such as a."b".c. */
  skipName(index: number): number {
    let at = index + 1;
    while (this.at(at) === ".") at += 2;
    return at;
  }

  /**
   * The options of a list such as (verbose, concurrently off) or (create_slot = false) and the
   * place behind it; none if no list stands there. An option without a value is "true".
   */
  options(index: number): { readonly values: ReadonlyMap<string, string>; readonly end: number } {
    const values = new Map<string, string>();
    if (this.at(index) !== "(") return { values, end: index };
    let at = index + 1;
    while (this.at(at) !== ")" && this.at(at) !== "") {
      const name = bare(this.at(at++));
      at = this.skip(at, "=");
      const given = this.at(at) !== "," && this.at(at) !== ")";
      values.set(name, given ? bare(this.at(at++)).toLowerCase() : "true");
      at = this.skip(at, ",");
    }
    return { values, end: at + 1 };
  }

  #next(): string | undefined {
    const lexer = this.#lexer;
    while (lexer.next()) {
      const { kind, bytes, start, end } = lexer;
      if (kind === TokenKind.lineComment || kind === TokenKind.blockComment) continue;
      if (end - start > longestText) return "…";
      const text = new TextDecoder().decode(bytes.subarray(start, end));
      // Not toLowerCase: only ASCII letters are folded in a keyword.
      return kind === TokenKind.word ? text.replace(/[A-Z]/g, (c) => c.toLowerCase()) : text;
    }
    return undefined;
  }
}

/** A name or value without its quotes. */
export function bare(token: string): string {
  return /^(["']).*\1$/s.test(token) ? token.slice(1, -1) : token;
}

/** Whether an option's value means yes, by the rules for all Boolean options of commands. */
export function isOn(value: string | undefined): boolean {
  return value === "true" || value === "on" || value === "1";
}

export function isOff(value: string | undefined): boolean {
  return value === "false" || value === "off" || value === "0";
}
