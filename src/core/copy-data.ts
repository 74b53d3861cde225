/** Tells the line that ends COPY data from the data. */

import { backslash, carriageReturn, dot, newline } from "./byte.ts";

/** Answers beside an index. */
export const notEnd = -1;
export const unknown = -2;

/** Where the next line behind this index begins that may be the `\.` line; -1 if none does. */
export function nextDotLine(bytes: Uint8Array, from: number): number {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = view.indexOf("\n\\.", from, "latin1");
  return found < 0 ? -1 : found + 1;
}

/**
 * Just past the `\.` line that begins at this index, which is the start of a line; or `notEnd`, or
 * `unknown` if bytes to come decide. At the end of the input the line needs no line end.
 */
export function copyDataEnd(bytes: Uint8Array, at: number, extent: "more" | "final"): number {
  const length = bytes.length;
  if (bytes[at] !== backslash) return notEnd;
  if (at + 1 === length) return extent === "final" ? notEnd : unknown;
  if (bytes[at + 1] !== dot) return notEnd;
  const atEnd = extent === "final" ? length : unknown;
  if (at + 2 === length) return atEnd;
  if (bytes[at + 2] === newline) return at + 3;
  if (bytes[at + 2] !== carriageReturn) return notEnd;
  if (at + 3 === length) return atEnd;
  return bytes[at + 3] === newline ? at + 4 : notEnd;
}
