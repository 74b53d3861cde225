/** What authors say to a review in comments: rules to ignore, and what they take a file for. */

import type { Declared, Ignore, TextPlace } from "./source.ts";

const ignorePattern = /^[ \t]*--[ \t]*pgmate:ignore\b[ \t]*(\S*)[ \t]*(.*?)[ \t]*\r?$/gm;

/** In comments and white space between statements, in order; commas divide several rules. */
export function ignoresIn(trivia: string, place: TextPlace): readonly Ignore[] {
  if (!trivia.includes("pgmate:ignore")) return [];
  return [...withoutBlocks(trivia).matchAll(ignorePattern)].flatMap((match): readonly Ignore[] => {
    const [, rules = "", reason = ""] = match;
    const at = placeIn(trivia, match.index, place);
    // A dash or a blank that only looks like one says nothing.
    const said = /[\p{L}\p{N}]/u.test(reason) ? reason : "";
    return rules.split(",").map((rule) => ({ rule, reason: said, ...at }));
  });
}

/** Whatever may stand behind the word, which is most often why. */
const declaredPattern = /^[ \t]*--[ \t]*(Type:|pgmate:type)[ \t]*([^\s;.,()]+)/im;

/**
 * What a header says the file is: `-- Type: SAFE`, `-- pgmate:type safe`. Another word behind
 * `Type:` is some other comment; behind pgmate's own it is a mistake that is worth telling.
 */
export function declaredIn(header: string, place: TextPlace): Declared | undefined {
  const match = declaredPattern.exec(withoutBlocks(header));
  if (match === null) return undefined;
  const [, keyword = "", text = ""] = match;
  const type = (["safe", "risky", "breaking"] as const).find((one) => one === text.toLowerCase());
  if (type === undefined && keyword.toLowerCase() === "type:") return undefined;
  return { text, type, ...placeIn(header, match.index, place) };
}

/** Blanks in the place of block comments, which may hold what is no comment of its own. */
function withoutBlocks(trivia: string): string {
  if (!trivia.includes("/*")) return trivia;
  let depth = 0;
  return trivia.replaceAll(/--[^\n]*|\/\*|\*\/|[^]/g, (part) => {
    if (part === "/*") depth += 1;
    const isOutside = depth === 0;
    if (part === "*/") depth = Math.max(0, depth - 1);
    // A line comment within a block is a part of it, and may end it.
    if (!isOutside && part.startsWith("--") && part.includes("*/")) depth = Math.max(0, depth - 1);
    return isOutside ? part : part.replaceAll(/[^\n]/g, " ");
  });
}

/** The line of the match, whose own blanks in front do not matter. */
function placeIn(text: string, index: number, { offset, line }: TextPlace): TextPlace {
  const before = text.slice(0, index);
  return {
    offset: offset + new TextEncoder().encode(before).length,
    line: line + before.split("\n").length - 1,
  };
}
