/** Which statements are COPY … TO STDOUT: the server answers them with a stream, not with rows. */

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
