/** Statements that would run, or be printed for psql, and go wrong in silence there. */

import { LeadingWords } from "./leading-words.ts";
import { Lexer } from "./lex.ts";
import type { Fault } from "./migration.ts";
import type { Statement } from "./split.ts";
import { TokenKind } from "./token.ts";

const backslash = 0x5c;

/** Why the statement cannot be taken, with its place; undefined for nearly every one. */
export function unfit(statement: Statement): Omit<Fault, "code"> | undefined {
  return strayBackslash(statement) ?? discardAll(statement) ?? otherEncoding(statement);
}

/** Never SQL; psql, which may be given the dry run, would take it for one of its commands. */
function strayBackslash(statement: Statement): Omit<Fault, "code"> | undefined {
  const { bytes, head, offset } = statement;
  if (!bytes.includes(backslash, head)) return undefined;
  const lexer = new Lexer();
  lexer.feed(bytes.subarray(head), 0, "final");
  while (lexer.next()) {
    if (lexer.kind !== TokenKind.punctuation) continue;
    if (bytes[head + lexer.start] !== backslash) continue;
    return {
      message: "a backslash outside of quotes is no SQL",
      hint: "commands of psql do not work here; write it as SQL",
      offset: offset + head + lexer.start,
    };
  }
  return undefined;
}

/** It would let the run lock go: the file ran, and could not be recorded. */
function discardAll(statement: Statement): Omit<Fault, "code"> | undefined {
  if (!new LeadingWords(statement).are(0, "discard", "all")) return undefined;
  return {
    message: "DISCARD ALL would let the run lock go",
    hint: "leave it out: the session is put back as it was after every file",
    offset: statement.offset + statement.head,
  };
}

/** The file is UTF-8 whatever it says: the server would store other characters. */
function otherEncoding(statement: Statement): Omit<Fault, "code"> | undefined {
  const words = new LeadingWords(statement);
  if (words.at(0) !== "set") return undefined;
  const at = words.skip(words.skip(1, "session"), "local");
  const name = words.at(at);
  if (name !== "client_encoding" && name !== "names") return undefined;
  const value = words.at(words.skip(words.skip(at + 1, "to"), "="));
  if (/^'?(utf-?8|unicode|default)'?$/i.test(value)) return undefined;
  return {
    message: `${name === "names" ? "SET NAMES" : "client_encoding"} ${value}: files are UTF-8`,
    hint: "save the file as UTF-8 and leave this statement out",
    offset: statement.offset + statement.head,
  };
}
