/** What a statement that must run alone is about: how its outcome is told after a crash. */

import { searchPathItems } from "./identifier.ts";
import { isOn, LeadingWords } from "./leading-words.ts";
import type { Statement } from "./split.ts";

/** Names of relations are as the statement writes them, to be looked up on its search path. */
export type AloneStatement =
  | {
      readonly kind: "create-index";
      readonly table: string;
      /** Undefined where the server chooses it. */
      readonly index: string | undefined;
      /** What is built: all that stands behind the table. */
      readonly body: string;
      readonly rows: "unique" | "any";
    }
  | { readonly kind: "drop-index"; readonly index: string }
  /** CONCURRENTLY, of one relation or of a schema; of neither where it is of the database. */
  | {
      readonly kind: "reindex";
      readonly relation: string | undefined;
      readonly schema: string | undefined;
    }
  | { readonly kind: "detach"; readonly table: string; readonly partition: string }
  /** Done if something of that kind and name is there, or is not: the name is without quotes. */
  | {
      readonly kind: "exists" | "gone";
      readonly object: "database" | "tablespace" | "subscription";
      readonly name: string;
    }
  /** To run it twice does no harm: VACUUM, CLUSTER, ALTER SYSTEM, REINDEX. */
  | { readonly kind: "repeatable" }
  /** It may commit by itself, DO and CALL, or is not known: only a person can tell. */
  | { readonly kind: "doubtful" };

/** For a statement of which Postgres, or the table of such statements, says that it runs alone. */
export function aloneStatement(statement: Statement): AloneStatement {
  const words = new LeadingWords(statement);
  switch (words.at(0)) {
    case "create":
      return created(words, statement);
    case "drop":
      return dropped(words);
    case "alter":
      return altered(words);
    case "reindex":
      return reindexed(words);
    case "vacuum":
    case "cluster":
      return { kind: "repeatable" };
    default:
      return { kind: "doubtful" };
  }
}

/**
 * Whether a DO block says COMMIT or ROLLBACK, which it may only where no transaction is around. In
 * a comment or a literal of it they are none. What is missed here the server tells.
 */
export function commitsItself(statement: Statement): boolean {
  if (new LeadingWords(statement).at(0) !== "do") return false;
  const { bytes, head, tail } = statement;
  const text = new TextDecoder().decode(bytes.subarray(head, tail));
  // The block itself may be a literal.
  const noise = text.includes("$") ? /--.*|\/\*[^]*?\*\/|'(?:[^']|'')*'/g : /--.*|\/\*[^]*?\*\//g;
  const code = text.replace(noise, " ");
  return /\b(?:commit|rollback)\s*(?:;|and\b)/i.test(code);
}

function created(words: LeadingWords, statement: Statement): AloneStatement {
  const object = objectOf(words.at(1));
  if (object !== undefined) return { kind: "exists", object, name: nameAt(words, 2) };
  const index = words.skip(1, "unique");
  if (words.at(index) !== "index") return { kind: "doubtful" };
  const named = words.skip(words.skip(index + 1, "concurrently"), "if", "not", "exists");
  const on = words.at(named) === "on" ? named : named + 1;
  const table = afterOnly(words, on + 1);
  return {
    kind: "create-index",
    table: textAt(words, table),
    index: on === named ? undefined : partAt(words, named),
    body: textBehind(words, words.skip(words.skipName(table), ")") - 1, statement),
    rows: index > 1 ? "unique" : "any",
  };
}

function textBehind(words: LeadingWords, at: number, statement: Statement): string {
  const { bytes, head, tail } = statement;
  return new TextDecoder().decode(bytes.subarray(head + words.endOf(at), tail));
}

function dropped(words: LeadingWords): AloneStatement {
  const object = objectOf(words.at(1));
  if (object !== undefined) {
    return { kind: "gone", object, name: nameAt(words, words.skip(2, "if", "exists")) };
  }
  if (!words.are(1, "index", "concurrently")) return { kind: "doubtful" };
  return { kind: "drop-index", index: textAt(words, words.skip(3, "if", "exists")) };
}

function altered(words: LeadingWords): AloneStatement {
  if (words.at(1) !== "table") return { kind: "repeatable" };
  const table = afterOnly(words, words.skip(2, "if", "exists"));
  const action = words.skip(words.skip(words.skipName(table), ")"), "*");
  if (!words.are(action, "detach", "partition")) return { kind: "doubtful" };
  return { kind: "detach", table: textAt(words, table), partition: textAt(words, action + 2) };
}

/** What is not CONCURRENTLY leaves nothing, however it ends. */
function reindexed(words: LeadingWords): AloneStatement {
  const { values, end } = words.options(1);
  const name = words.skip(end + 1, "concurrently");
  if (name === end + 1 && !isOn(values.get("concurrently"))) return { kind: "repeatable" };
  const [relation, schema] = [undefined, undefined];
  switch (words.at(end)) {
    case "index":
    case "table":
      return { kind: "reindex", relation: textAt(words, name), schema };
    case "schema":
      return { kind: "reindex", relation, schema: nameAt(words, name) };
    default:
      return { kind: "reindex", relation, schema };
  }
}

/** Behind ONLY and what it may enclose the name with. */
function afterOnly(words: LeadingWords, start: number): number {
  const only = words.skip(start, "only");
  return only === start ? start : words.skip(only, "(");
}

function objectOf(word: string): "database" | "tablespace" | "subscription" | undefined {
  return word === "database" || word === "tablespace" || word === "subscription"
    ? word
    : undefined;
}

/** A name as it is written, with its schema. */
function textAt(words: LeadingWords, start: number): string {
  const end = words.skipName(start);
  return Array.from({ length: end - start }, (_, at) => partAt(words, start + at)).join("");
}

/** What the server's own functions that read names do not know is written as they do. */
function partAt(words: LeadingWords, at: number): string {
  const [, escaped] = /^u&(".*")$/is.exec(words.at(at)) ?? [];
  if (escaped === undefined) return words.at(at);
  return escaped.replace(/\\(?:\\|\+([0-9a-f]{6})|([0-9a-f]{4}))/gi, (whole, ...groups) => {
    const digits = groups.slice(0, 2).find((group) => typeof group === "string");
    if (digits === undefined) return "\\";
    const code = Number.parseInt(digits, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}

/** A name as the catalog has it. */
function nameAt(words: LeadingWords, start: number): string {
  return searchPathItems(partAt(words, start))[0] ?? "";
}
