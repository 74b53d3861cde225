/** What authors say to a review in comments: rules to ignore, and what they take a file for. */

import type { Declared, Ignore, TextPlace } from "./source.ts";

const ignorePattern = /^[ \t]*--[ \t]*pgmate:ignore\b[ \t]*(\S*)[ \t]*(.*?)[ \t]*\r?$/gm;

/** The ignores in comments and white space between statements, in their order. */
export function ignoresIn(trivia: string, place: TextPlace): readonly Ignore[] {
  if (!trivia.includes("pgmate:ignore")) return [];
  return [...trivia.matchAll(ignorePattern)].map((match): Ignore => {
    const [, rule = "", reason = ""] = match;
    return { rule, reason, ...placeIn(trivia, match.index, place) };
  });
}

const declaredPattern = /^[ \t]*--[ \t]*(Type:|pgmate:type)[ \t]+([^\s;]+)[ \t]*\r?$/im;

/**
 * What a header says the file is: `-- Type: SAFE`, `-- pgmate:type safe`. Another word behind
 * `Type:` is some other comment; behind pgmate's own it is a mistake that is worth telling.
 */
export function declaredIn(header: string, place: TextPlace): Declared | undefined {
  const match = declaredPattern.exec(header);
  if (match === null) return undefined;
  const [, keyword = "", text = ""] = match;
  const type = (["safe", "risky", "breaking"] as const).find((one) => one === text.toLowerCase());
  if (type === undefined && keyword.toLowerCase() === "type:") return undefined;
  return { text, type, ...placeIn(header, match.index, place) };
}

/** The line of the match, whose own blanks in front do not matter. */
function placeIn(text: string, index: number, { offset, line }: TextPlace): TextPlace {
  const before = text.slice(0, index);
  return {
    offset: offset + new TextEncoder().encode(before).length,
    line: line + before.split("\n").length - 1,
  };
}
