/** Follows the few words by which a `;` does not end a statement, or data come after it. */

import { dot, isWord, semicolon } from "./byte.ts";
import type { Lexer } from "./lex.ts";
import { TokenKind } from "./token.ts";

/** What the tokens so far lead to. */
type State =
  | "start"
  | "create"
  | "create or"
  | "create or replace"
  | "routine"
  | "begin"
  | "copy"
  | "copy dot"
  | "copy from"
  | "other";

/**
 * The state of one statement. It is shown the tokens outside of parentheses only; what it looks
 * for stands there. CREATE [OR REPLACE] FUNCTION or PROCEDURE may have a BEGIN ATOMIC body. Inside
 * one, END ends the body only where a statement could start: after ATOMIC or a `;`. Any other END
 * is that of a CASE or a name, so neither needs counting.
 */
export class Grammar {
  #state: State = "start";
  /** How many BEGIN ATOMIC are open. */
  #bodies = 0;
  /** Indexes of the word STDIN of a COPY … FROM STDIN; start is -1 if there is none. */
  stdinStart = -1;
  stdinEnd = -1;

  /** Whether it needs to see the next token. */
  watches = true;

  /** Whether a `;` outside of parentheses belongs to a function body. */
  get inBody(): boolean {
    return this.#bodies > 0;
  }

  /** A new statement begins. */
  reset(): void {
    this.#state = "start";
    this.#bodies = 0;
    this.stdinStart = -1;
    this.watches = true;
  }

  /** The lexer's bytes have lost so many at the front. */
  drop(count: number): void {
    if (this.stdinStart < 0) return;
    this.stdinStart -= count;
    this.stdinEnd -= count;
  }

  /** Takes notice of the lexer's token. */
  follow(lexer: Lexer): void {
    const { bytes, start, end, kind } = lexer;
    if (kind === TokenKind.word) {
      this.#state = this.#afterWord(bytes, start, end);
    } else if (kind === TokenKind.punctuation && bytes[start] === semicolon) {
      this.#state = "start";
    } else if (this.#state === "copy" && kind === TokenKind.punctuation && bytes[start] === dot) {
      this.#state = "copy dot";
    } else {
      this.#state = this.#afterOther();
    }
    this.watches = this.#state !== "other" || this.#bodies > 0;
  }

  #afterWord(bytes: Uint8Array, start: number, end: number): State {
    const is = (word: string): boolean => isWord(bytes, start, end, word);
    switch (this.#state) {
      case "start":
        return this.#afterFirstWord(is);
      case "create":
        return is("or") ? "create or" : isRoutine(is);
      case "create or":
        return is("replace") ? "create or replace" : "other";
      case "create or replace":
        return isRoutine(is);
      case "routine":
        return is("begin") ? "begin" : "routine";
      case "begin":
        if (is("begin")) return "begin";
        if (!is("atomic")) return "routine";
        this.#bodies++;
        return "start";
      case "copy":
        return is("from") ? "copy from" : "copy";
      case "copy dot":
        return "copy";
      case "copy from":
        // Postgres takes FROM STDOUT for FROM STDIN.
        if (is("stdin") || is("stdout")) {
          this.stdinStart = start;
          this.stdinEnd = end;
        }
        return "other";
      case "other":
        return "other";
    }
  }

  #afterFirstWord(is: (word: string) => boolean): State {
    if (is("create")) return "create";
    if (this.#bodies === 0) return is("copy") ? "copy" : "other";
    if (is("end")) this.#bodies--;
    return "other";
  }

  #afterOther(): State {
    switch (this.#state) {
      case "routine":
      case "begin":
        return "routine";
      case "copy":
      case "copy dot":
        return "copy";
      default:
        return "other";
    }
  }
}

function isRoutine(is: (word: string) => boolean): State {
  return is("function") || is("procedure") ? "routine" : "other";
}
