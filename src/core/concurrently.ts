/** Which statements work CONCURRENTLY: what no timeout may end, since it would leave half of it. */

import { LeadingWords } from "./leading-words.ts";
import type { Statement } from "./split.ts";
import { traits } from "./statement.ts";

/**
 * CREATE, DROP and REINDEX … CONCURRENTLY and DETACH PARTITION … CONCURRENTLY in all their forms.
 * REFRESH MATERIALIZED VIEW CONCURRENTLY is none of them: it runs in a transaction and leaves
 * nothing. The word is reserved, so that unquoted it is never a name.
 */
export function runsConcurrently(statement: Statement): boolean {
  if (!traits(statement).alone) return false;
  const words = new LeadingWords(statement);
  for (let at = 1; words.at(at) !== ""; at += 1) {
    if (words.at(at) === "concurrently") return true;
  }
  return false;
}
