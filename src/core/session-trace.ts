/** What a statement leaves in the session, which the statements after it may need. */

import { LeadingWords } from "./leading-words.ts";
import type { Statement } from "./split.ts";

export type SessionTrace =
  | { readonly kind: "none" }
  /** A setting: the same statement makes it again in another session. */
  | { readonly kind: "setting"; readonly sql: string }
  /** Something that cannot be made again without running more than it. */
  | { readonly kind: "state"; readonly what: string };

const none: SessionTrace = { kind: "none" };

/** As far as a call is looked for in a query. */
const farthestCall = 200;

/** Told from the tokens; what a function or a DO block does is not seen. */
export function sessionTrace(statement: Statement): SessionTrace {
  const words = new LeadingWords(statement);
  switch (words.at(0)) {
    case "set":
      return setsInTransaction(words) ? none : settingOf(statement);
    case "reset":
    case "load":
      return settingOf(statement);
    case "prepare":
      if (words.at(1) === "transaction" && words.at(2) !== "as") return none;
      return { kind: "state", what: "a prepared statement" };
    case "declare":
      return words.at(1) === "" ? none : holds(words);
    case "create":
      return createsTemporary(words) ? { kind: "state", what: "a temporary object" } : none;
    case "select":
    case "with":
    case "values":
      return queryTrace(words, statement);
    default:
      return none;
  }
}

function settingOf({ bytes, head, tail }: Statement): SessionTrace {
  return { kind: "setting", sql: new TextDecoder().decode(bytes.subarray(head, tail)) };
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

/** CREATE [OR REPLACE] [LOCAL | GLOBAL] TEMP …, or a name in pg_temp. */
function createsTemporary(words: LeadingWords): boolean {
  let at = words.skip(1, "or", "replace");
  if (words.at(at) === "local" || words.at(at) === "global") at += 1;
  if (words.at(at) === "temp" || words.at(at) === "temporary") return true;
  for (at += 1; at < 8; at += 1) {
    if (words.are(at, "pg_temp", ".")) return true;
  }
  return false;
}

function queryTrace(words: LeadingWords, statement: Statement): SessionTrace {
  const call = words.skip(1, "pg_catalog", ".");
  if (words.at(0) === "select" && setsPlainly(words, call)) return settingOf(statement);
  for (let at = 1; at < farthestCall && words.at(at) !== ""; at += 1) {
    const word = words.at(at);
    if (word === "into" && ["temp", "temporary"].includes(words.at(at + 1))) {
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
