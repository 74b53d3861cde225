/** The script that completes pgmate's command line in bash. */

import { shellTables, singleQuoted, withTables } from "./completion-tables.ts";
import type { CompletionWords } from "./completion-words.ts";
import script from "./completions.bash" with { type: "text" };

export function bashCompletions(words: CompletionWords): string {
  const entry = (word: string, meaning: string): string =>
    `${singleQuoted(word)} ${singleQuoted(meaning)}`;
  return withTables(script, shellTables(words, entry));
}
