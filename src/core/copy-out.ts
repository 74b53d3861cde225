/** Which COPYs are spoken alone: data follow them, or the server answers with a stream. */

import { LeadingWords } from "./leading-words.ts";
import type { Statement } from "./split.ts";

/** Postgres takes TO STDIN for TO STDOUT; a query in parentheses may stand in between. */
export function copiesToStdout(statement: Statement): boolean {
  const words = new LeadingWords(statement);
  if (words.at(0) !== "copy") return false;
  let depth = 0;
  for (let at = 1; words.at(at) !== ""; at += 1) {
    if (words.at(at) === "(") depth += 1;
    if (words.at(at) === ")") depth -= 1;
    if (depth === 0 && words.at(at) === "to") return /^std(in|out)$/.test(words.at(at + 1));
  }
  return false;
}

/** What goes over the wire alone, past the driver: data follow it, or come back for it. */
export function isSpokenAlone(statement: Statement): boolean {
  if (statement.copyFromStdin !== undefined) return true;
  const first = statement.bytes[statement.head];
  return (first === 0x43 || first === 0x63) && copiesToStdout(statement);
}
