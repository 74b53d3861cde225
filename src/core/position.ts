/** Turns byte offsets and the server's character positions into places a person can find. */

import type { Place } from "../errors.ts";

const lineFeed = 10;
const carriageReturn = 13;
const widestExcerpt = 100;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The place of the byte at `offset`; lines end at `\n`, so CRLF counts as in an editor. */
export function placeAt(file: string, bytes: Uint8Array, offset: number): Place {
  const at = Math.min(offset, bytes.length);
  let line = 1;
  let lineStart = 0;
  for (;;) {
    const end = bytes.indexOf(lineFeed, lineStart);
    if (end === -1 || end >= at) break;
    line += 1;
    lineStart = end + 1;
  }
  let lineEnd = bytes.indexOf(lineFeed, lineStart);
  if (lineEnd === -1) lineEnd = bytes.length;
  if (lineEnd > lineStart && bytes[lineEnd - 1] === carriageReturn) lineEnd -= 1;
  // A byte-order mark is no character of the first line.
  if (lineStart === 0 && hasByteOrderMark(bytes)) lineStart = 3;
  const text = decoder.decode(bytes.subarray(lineStart, lineEnd));
  const column = countCharacters(bytes, lineStart, Math.min(at, lineEnd)) + 1;
  return { file, line, column, text };
}

/** Whether the bytes begin with UTF-8's byte-order mark. */
export function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Characters (code points) in valid UTF-8 from `start` to `end`; 0 where end lies before start. */
export function countCharacters(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let index = start; index < end; index += 1) {
    if (((bytes[index] ?? 0) & 0xc0) !== 0x80) count += 1;
  }
  return count;
}

/** The index of the `characters`-th character (from 0) of valid UTF-8, at most its length. */
export function byteOfCharacter(bytes: Uint8Array, characters: number): number {
  let left = characters;
  for (let index = 0; index < bytes.length; index += 1) {
    if (((bytes[index] ?? 0) & 0xc0) === 0x80) continue;
    if (left === 0) return index;
    left -= 1;
  }
  return bytes.length;
}

/** A line cut to a readable width around a column, and the blanks that put `^` under it. */
export interface Excerpt {
  readonly line: string;
  readonly caret: string;
}

/**
 * Tabs stay tabs in the caret's blanks, and what is wide takes two, so that it points right.
 * Widths are those of whole characters as they are seen: an emoji may be made of several.
 */
export function excerpt(place: Place): Excerpt {
  const characters = [...place.text];
  const column = Math.min(place.column - 1, characters.length);
  const from = characters.length <= widestExcerpt ? 0 : Math.max(0, column - widestExcerpt / 2);
  const to = Math.min(characters.length, from + widestExcerpt);
  const shown = characters.slice(from, to);
  const blanks = blanksLike(characters.slice(from, column));
  const before = from > 0 ? "…" : "";
  const after = to < characters.length ? "…" : "";
  const caret = `${before === "" ? "" : " "}${blanks}^`;
  return { line: `${before}${shown.map(visible).join("")}${after}`, caret };
}

function blanksLike(characters: readonly string[]): string {
  const parts = characters.map(visible).join("").split("\t");
  return parts.map((part) => " ".repeat(Bun.stringWidth(part))).join("\t");
}

const plain = /^[\t\n\x20-\x7e]*$/;

/** The text as it may go to a terminal: names and messages can hold what moves its cursor. */
export function printable(text: string): string {
  if (plain.test(text)) return text;
  return text.split("\n").map((line) => [...line].map(visible).join("")).join("\n");
}

/** Controls would move the cursor, or turn the line's direction; only the tab is harmless. */
function visible(character: string): string {
  const moves = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(character);
  return character !== "\t" && moves ? "\u{fffd}" : character;
}
