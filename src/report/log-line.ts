/** One line of a log: JSON that every reader of logs can take. */

import { jsonLine } from "./json-text.ts";

/** Docker and containerd divide longer lines, and not every collector joins the pieces again. */
export const longestLineBytes = 16 * 1024;

const longestText = 4_000;
const shortestText = 16;

/**
 * With its line end. Texts are changed as `shown` says; those that are too long for a line are cut
 * and end with `…`. What other programs' JSON cannot hold, as half a character or a NUL, is
 * replaced. Lists must be bounded by whoever makes them.
 */
export function logLine(record: object, shown: (text: string) => string): string {
  const whole = mapped(record, (text) => sound(shown(text)));
  for (let most = longestText; ; most = Math.floor(most / 2)) {
    const line = jsonLine(mapped(whole, (text) => cut(text, most)));
    if (Buffer.byteLength(line) <= longestLineBytes || most <= shortestText) return line;
  }
}

function mapped(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, mapped(item, change)]),
  );
}

/** Half a character is legal in JSON's escapes, but the parsers of other languages refuse it. */
function sound(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, most - 1);
  const isHalf = /[\ud800-\udbff]$/.test(kept);
  return `${isHalf ? kept.slice(0, -1) : kept}…`;
}
