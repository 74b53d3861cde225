/** Names a statement's command as the reference manual does: CREATE INDEX, ALTER TABLE, SELECT. */

import type { LeadingWords } from "./leading-words.ts";

/** Words between the verb and the object that say how, not what. */
const modifiers = new Set([
  "or", "replace", "temp", "temporary", "global", "local", "unlogged", "unique", "recursive",
  "trusted", "procedural", "constraint",
]);

/** Objects of more than one word; all others are named by one. */
const longObjects: readonly (readonly string[])[] = [
  ["access", "method"], ["default", "privileges"], ["event", "trigger"],
  ["foreign", "data", "wrapper"], ["foreign", "table"], ["large", "object"],
  ["materialized", "view"], ["operator", "class"], ["operator", "family"],
  ["text", "search", "configuration"], ["text", "search", "dictionary"],
  ["text", "search", "parser"], ["text", "search", "template"], ["user", "mapping"],
  ["index", "concurrently"],
];

/** Commands of other verbs that are more than one word. */
const longCommands: readonly (readonly string[])[] = [
  ["start", "transaction"], ["prepare", "transaction"], ["commit", "prepared"],
  ["rollback", "prepared"], ["refresh", "materialized", "view"], ["security", "label"],
  ["import", "foreign", "schema"], ["reassign", "owned"], ["comment", "on"], ["set", "local"],
  ["set", "transaction"], ["set", "constraints"], ["set", "role"],
];

export function commandName(words: LeadingWords): string {
  const verb = words.at(0);
  if (verb === "(") return "SELECT";
  if (!/^[a-z]/.test(verb)) return "";
  if (verb === "create" || verb === "alter" || verb === "drop") {
    let object = 1;
    while (modifiers.has(words.at(object))) object++;
    return upper([verb, ...longest(words, object, longObjects)]);
  }
  if (verb === "reindex") return upper([verb, words.at(words.options(1).end)]);
  return upper(longest(words, 0, longCommands));
}

function longest(
  words: LeadingWords,
  index: number,
  table: readonly (readonly string[])[],
): readonly string[] {
  const first = words.at(index);
  const found = table.find((entry) => entry[0] === first && words.are(index, ...entry));
  return found ?? [first];
}

/** What is no keyword is left out: the text may hold anything there. */
function upper(words: readonly string[]): string {
  return words.filter((word) => /^[a-z]+$/.test(word)).join(" ").toUpperCase();
}
