/** Somebody's query as it may be shown: one line, short, without its literals and comments. */

import { Lexer } from "./lex.ts";
import { TokenKind } from "./token.ts";

const longestShown = 100;
const blank = "?";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Undefined where nothing is left of it. A query that the server cut short in the middle of a
 * literal shows nothing of that literal either.
 */
export function shownQuery(query: string): string | undefined {
  const lexer = new Lexer();
  lexer.feed(encoder.encode(query), 0, "final");
  let shown = "";
  let end = 0;
  while (shown.length <= longestShown && lexer.next()) {
    const { kind } = lexer;
    if (kind === TokenKind.lineComment || kind === TokenKind.blockComment) continue;
    // The parts of a string that goes on in the next line are one literal.
    if (lexer.continues) {
      end = lexer.end;
      continue;
    }
    const isApart = lexer.start > end && shown !== "";
    shown += `${isApart ? " " : ""}${shownToken(lexer)}`;
    end = lexer.end;
    if (mayEndElsewhere(lexer)) return shorten(`${shown} …`);
  }
  return shown === "" ? undefined : shorten(shown);
}

function shownToken(lexer: Lexer): string {
  switch (lexer.kind) {
    case TokenKind.string:
    case TokenKind.dollarString:
    case TokenKind.number:
      return blank;
    default:
      return decoder.decode(lexer.bytes.subarray(lexer.start, lexer.end)).replace(/\s+/g, " ");
  }
}

/**
 * With standard_conforming_strings off, which that session may have, `'it\'s secret'` is one
 * literal and not two words and the begin of another.
 */
function mayEndElsewhere(lexer: Lexer): boolean {
  if (lexer.kind !== TokenKind.string) return false;
  const text = decoder.decode(lexer.bytes.subarray(lexer.start, lexer.end));
  return !/^e/i.test(text) && text.includes("\\'");
}

function shorten(text: string): string {
  const characters = [...text];
  if (characters.length <= longestShown) return text;
  return `${characters.slice(0, longestShown - 1).join("").trimEnd()}…`;
}
