/** The script that completes pgmate's command line in zsh. */

import { shellTables, singleQuoted, withTables } from "./completion-tables.ts";
import type { CompletionWords } from "./completion-words.ts";
import script from "./completions.zsh" with { type: "text" };

export function zshCompletions(words: CompletionWords): string {
  // The first colon divides; a backslash counts in both parts.
  const entry = (word: string, meaning: string): string =>
    singleQuoted(`${word.replace(/[\\:]/g, "\\$&")}:${meaning.replaceAll("\\", "\\\\")}`);
  // Its first line is how zsh finds out what the file is for.
  return `#compdef pgmate\n${withTables(script, shellTables(words, entry))}`;
}
