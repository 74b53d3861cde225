/** Reads `-- migrate:up` and `-- migrate:down` lines and what stands behind them. */

import type { Direction } from "./migration.ts";

/** A marker line. `problem` says why it cannot be taken as it stands. */
export interface Marker {
  readonly direction: Direction;
  readonly transactional: boolean;
  /** Words that mean nothing here, as written. */
  readonly strayWords: readonly string[];
  readonly problem: { readonly message: string; readonly hint: string } | undefined;
}

// The white space of Go's regular expressions: no vertical tab, no Unicode blanks.
const markerPattern =
  /^--[\t\n\f\r ]*migrate:(up|down)(?:[\t\n\f\r ]*$|[\t\n\f\r ]+(?=[^\t\n\f\r ]))/;

const statementStarts = new Set(
  (
    "alter analyze begin call cluster comment commit copy create delete do drop grant insert " +
    "lock merge refresh reindex reset revoke select set truncate update vacuum with"
  ).split(" "),
);
const statementObjects = new Set(
  (
    "table index unique view materialized function procedure type schema sequence extension " +
    "trigger role user policy or temp temporary unlogged domain aggregate database if into from " +
    "on column constraint all concurrently"
  ).split(" "),
);

/** Whether a comment that starts at column 0 is a marker. */
export function isMarker(comment: Uint8Array): boolean {
  return markerPattern.test(decode(comment));
}

/** The marker on this line; undefined if it is none. */
export function readMarker(comment: Uint8Array): Marker | undefined {
  const text = decode(comment);
  const match = markerPattern.exec(text);
  if (match === null) return undefined;
  const direction = match[1] === "down" ? "down" : "up";
  const rest = text.slice(match[0].length).trim();
  const strayWords: string[] = [];
  let transactional = true;
  let problem = looksLikeSql(rest) ? sqlProblem(direction) : undefined;
  for (const word of rest.split(/[\t\n\f\r ]+/).filter((item) => item !== "")) {
    if (word === "transaction:false") transactional = false;
    else if (word === "transaction:true") transactional = true;
    else if (/^transactions?\b/i.test(word)) problem ??= optionProblem(word);
    else strayWords.push(word);
  }
  return { direction, transactional, strayWords, problem };
}

function decode(comment: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(comment);
}

/** dbmate takes the whole line for its marker, so that such a statement never ran. */
function looksLikeSql(rest: string): boolean {
  const [first = "", second = ""] = rest.toLowerCase().split(/[^a-z_]+/);
  if (!statementStarts.has(first)) return false;
  return /[;(]/.test(rest) || statementObjects.has(second);
}

function sqlProblem(direction: Direction): Marker["problem"] {
  return {
    message: `SQL on the marker's own line would never run`,
    hint: `put it on the line after \`-- migrate:${direction}\``,
  };
}

function optionProblem(word: string): Marker["problem"] {
  return {
    message: `${JSON.stringify(word)} is no option that can be read`,
    hint: "write it as transaction:false (lower case, no blank, nothing after it)",
  };
}
