/** What a statement leaves in the session, which the statements after it may need. */

import { bare, LeadingWords } from "./leading-words.ts";
import type { Statement } from "./split.ts";

export type SessionTrace =
  | { readonly kind: "none" }
  /**
   * A setting: the same statement makes it again in another session. Undefined for the name of
   * what is more than one, or none.
   */
  | { readonly kind: "setting"; readonly sql: string; readonly name: string | undefined }
  /** Something that cannot be made again without running more than it. */
  | { readonly kind: "state"; readonly what: string };

const none: SessionTrace = { kind: "none" };

const prepared: SessionTrace = { kind: "state", what: "a prepared statement" };

/** As far as a call is looked for in a query. */
const farthestCall = 200;

/** Told from the tokens; what a function or a DO block does is not seen. */
export function sessionTrace(statement: Statement): SessionTrace {
  const words = new LeadingWords(statement);
  switch (words.at(0)) {
    case "set":
      return setsInTransaction(words) ? none : settingOf(statement, nameSet(words));
    case "reset":
      return settingOf(statement, nameAt(words, 1));
    case "load":
      return settingOf(statement, undefined);
    case "prepare":
      if (words.at(1) === "transaction" && words.at(2) !== "as") return none;
      return prepared;
    case "declare":
      return words.at(1) === "" ? none : holds(words);
    case "create":
      return createsTemporary(words) ? { kind: "state", what: "a temporary object" } : none;
    case "select":
    case "with":
    case "values":
    case "insert":
    case "update":
    case "delete":
    case "merge":
    case "explain":
    case "copy":
      return queryTrace(words, statement);
    default:
      return none;
  }
}

/** Whether it is what PREPARE leaves. */
export function isPrepare(trace: SessionTrace): boolean {
  return trace === prepared;
}

function settingOf(
  { bytes, head, tail }: Statement,
  name: string | undefined,
): SessionTrace {
  return { kind: "setting", sql: new TextDecoder().decode(bytes.subarray(head, tail)), name };
}

/** SET [SESSION] name …: SESSION AUTHORIZATION is a name, SESSION CHARACTERISTICS are several. */
function nameSet(words: LeadingWords): string | undefined {
  if (words.are(1, "session", "characteristics")) return undefined;
  const isName = ["authorization", ".", "=", "to"].includes(words.at(2));
  return nameAt(words, isName ? 1 : words.skip(1, "session"));
}

/** By whichever of its names: the words that SQL has for some, else as SHOW takes it. */
function nameAt(words: LeadingWords, at: number): string {
  const [first, second] = [words.at(at), words.at(at + 1)];
  const isPlain = ["=", "to", ".", ""].includes(second);
  if (first === "session" && second === "authorization") return "session_authorization";
  if (first === "time" && second === "zone") return "timezone";
  if (first === "names" && !isPlain) return "client_encoding";
  if (first === "schema" && !isPlain) return "search_path";
  const end = words.skipName(at);
  const parts = Array.from({ length: end - at }, (_, i) => bare(words.at(at + i)));
  return parts.join("").toLowerCase();
}

/** SET LOCAL, SET TRANSACTION, SET CONSTRAINTS; a setting may have such a name's first part. */
function setsInTransaction(words: LeadingWords): boolean {
  if ([".", "=", "to"].includes(words.at(2))) return false;
  return ["local", "transaction", "constraints"].includes(words.at(1));
}

function holds(words: LeadingWords): SessionTrace {
  for (let at = 1; at < 12; at += 1) {
    if (words.are(at, "with", "hold")) return { kind: "state", what: "a cursor with hold" };
  }
  return none;
}

/** CREATE [OR REPLACE] [LOCAL | GLOBAL] TEMP …, or a name in pg_temp, that outlives its unit. */
function createsTemporary(words: LeadingWords): boolean {
  let at = words.skip(1, "or", "replace");
  if (isTemporary(words, at)) return !goesAtCommit(words, at);
  for (at += 1; at < 8; at += 1) {
    if (bare(words.at(at)) === "pg_temp" && words.at(at + 1) === ".") {
      return !goesAtCommit(words, at);
    }
  }
  return false;
}

function isTemporary(words: LeadingWords, at: number): boolean {
  const word = ["local", "global"].includes(words.at(at)) ? words.at(at + 1) : words.at(at);
  return word === "temp" || word === "temporary";
}

function goesAtCommit(words: LeadingWords, start: number): boolean {
  for (let at = start; words.at(at) !== ""; at += 1) {
    if (words.are(at, "on", "commit", "drop")) return true;
  }
  return false;
}

function queryTrace(words: LeadingWords, statement: Statement): SessionTrace {
  const call = words.skip(1, "pg_catalog", ".");
  if (words.at(0) === "select" && setsPlainly(words, call)) {
    return settingOf(statement, bare(words.at(call + 2)).toLowerCase());
  }
  for (let at = 1; at < farthestCall && words.at(at) !== ""; at += 1) {
    const word = words.at(at);
    if (word === "into" && intoTemporary(words, at + 1)) {
      return { kind: "state", what: "a temporary table" };
    }
    if (words.at(at + 1) !== "(") continue;
    if (word === "set_config" && !isLocalCall(words, at)) {
      return { kind: "state", what: "a setting by set_config" };
    }
    if (/^pg_(?:try_)?advisory_lock(?:_shared)?$/.test(word)) {
      return { kind: "state", what: "an advisory lock" };
    }
  }
  return none;
}

/** INTO TEMP name; what INSERT INTO pg_temp.name writes to is there already. */
function intoTemporary(words: LeadingWords, at: number): boolean {
  if (words.at(0) !== "select" && words.at(0) !== "with") return false;
  const named = words.skip(at, "table");
  return isTemporary(words, at) ||
    (bare(words.at(named)) === "pg_temp" && words.at(named + 1) === ".");
}

/** `set_config('a', 'b', false)` and nothing else, as pg_dump writes it: as good as a SET. */
function setsPlainly(words: LeadingWords, at: number): boolean {
  return (
    words.are(at, "set_config", "(") &&
    words.at(at + 2).startsWith("'") && words.at(at + 3) === "," &&
    words.at(at + 4).startsWith("'") && words.are(at + 5, ",", "false", ")") &&
    words.at(at + 8) === ""
  );
}

function isLocalCall(words: LeadingWords, at: number): boolean {
  let depth = 0;
  for (let end = at + 1; end < farthestCall && words.at(end) !== ""; end += 1) {
    if (words.at(end) === "(") depth += 1;
    if (words.at(end) !== ")") continue;
    depth -= 1;
    if (depth === 0) return words.at(end - 1) === "true";
  }
  return false;
}
