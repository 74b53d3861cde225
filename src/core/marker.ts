/** Reads `-- migrate:up` and `-- migrate:down` lines and what stands behind them. */

import { meansTimeout, readTimeout, timeoutHint } from "./header-timeout.ts";
import type { Direction, SectionTimeouts } from "./migration.ts";

/** A marker line. `problem` says why it cannot be taken as it stands. */
export interface Marker {
  readonly direction: Direction;
  readonly transactional: boolean;
  readonly timeouts: SectionTimeouts;
  /** Words that mean nothing here, as written. */
  readonly strayWords: readonly string[];
  readonly problem: MarkerProblem | undefined;
}

export interface MarkerProblem {
  readonly message: string;
  readonly hint: string;
  /** In bytes from the marker's first dash. */
  readonly offset: number;
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
    "on column constraint all concurrently select insert update delete usage execute"
  ).split(" "),
);

/** A call, a value, the end of a statement: what a remark that begins with a verb lacks. */
const statementParts = /;\s*(?:--.*)?$|\w\(|\bas\s*\(|=|\$\$|^select\s+['"\d*]/;

/** Whether a comment that starts at column 0 is a marker. */
export function isMarker(comment: Uint8Array): boolean {
  return markerPattern.test(decode(comment));
}

/** Whether some line in the bytes is a marker, or would be one where comments may stand. */
export function holdsMarker(bytes: Uint8Array): boolean {
  // Asked of all data of a COPY, which hardly ever hold the word: no text is made of those.
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!view.includes("migrate:", 0, "latin1")) return false;
  const text = new TextDecoder("latin1").decode(bytes);
  return /^--[\t\f ]*migrate:(?:up|down)(?:[\t\n\f\r ]|$)/m.test(text);
}

/** The marker on this line; undefined if it is none. */
export function readMarker(comment: Uint8Array): Marker | undefined {
  const text = decode(comment);
  const match = markerPattern.exec(text);
  if (match === null) return undefined;
  const direction = match[1] === "down" ? "down" : "up";
  const behind = match[0].length;
  const problemAt = (index: number, problem: Omit<MarkerProblem, "offset">): MarkerProblem => {
    return { ...problem, offset: Buffer.byteLength(text.slice(0, behind + index)) };
  };
  const rest = text.slice(behind);
  const words = [...rest.matchAll(/[^\t\n\f\r ]+/g)];
  const strayWords: string[] = [];
  let transactional = true;
  let timeouts: SectionTimeouts = {};
  let problem = looksLikeSql(rest) ? problemAt(0, sqlProblem(direction)) : undefined;
  for (const [index, { 0: word, index: at }] of words.entries()) {
    const [before, next] = [words[index - 1]?.[0], words[index + 1]?.[0]];
    const timeout = readTimeout(word);
    if (word === "transaction:false") transactional = false;
    else if (word === "transaction:true") transactional = true;
    else if (timeout !== undefined) timeouts = { ...timeouts, ...timeout };
    else if (meansTransaction(word, next)) {
      problem ??= problemAt(at, optionProblem(word, transactionHint));
    } else if (meansTimeout(word, before, next)) {
      problem ??= problemAt(at, optionProblem(word, timeoutHint));
    } else strayWords.push(word);
  }
  return { direction, transactional, timeouts, strayWords, problem };
}

/** The option, however its value is written; its name may also be a remark's word. */
function meansTransaction(word: string, next: string | undefined): boolean {
  const [, equals, value] = /^trans?act[a-z]*([:=])(.*)$/is.exec(word) ?? [];
  if (equals !== undefined) {
    return value !== "" || next === undefined || /^(?:false|true|off|on|no|yes)\b/i.test(next);
  }
  return /^transactions?$/i.test(word) && /^(?:[:=]|(?:false|true|off)\b)/i.test(next ?? "");
}

function decode(comment: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(comment);
}

/** dbmate takes the whole line for its marker, so that such a statement never ran. */
function looksLikeSql(rest: string): boolean {
  const text = rest.toLowerCase();
  // A LOCK statement holds no equals sign: this is the option.
  if (/^lock[- ]time-?outs?=/.test(text)) return false;
  const [first = "", second = ""] = text.split(/[^a-z_]+/);
  return statementStarts.has(first) && (statementObjects.has(second) || statementParts.test(text));
}

function sqlProblem(direction: Direction): Omit<MarkerProblem, "offset"> {
  return {
    message: "SQL on the marker's own line would never run",
    hint: `put it on the line after \`-- migrate:${direction}\``,
  };
}

const transactionHint = "write it as transaction:false (lower case, no blank, nothing after it)";

function optionProblem(word: string, hint: string): Omit<MarkerProblem, "offset"> {
  return { message: `${JSON.stringify(word)} is no option that can be read`, hint };
}
