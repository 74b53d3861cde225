/** What a statement that must run alone is about: how its outcome is told after a crash. */

import { searchPathItems } from "./identifier.ts";
import { LeadingWords } from "./leading-words.ts";
import type { Statement } from "./split.ts";

/** Names of relations are as the statement writes them, to be looked up on its search path. */
export type AloneStatement =
  | {
      readonly kind: "create-index";
      readonly table: string;
      /** Undefined where the server chooses it. */
      readonly index: string | undefined;
    }
  | { readonly kind: "drop-index"; readonly index: string }
  | { readonly kind: "reindex"; readonly relation: string | undefined }
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
      return created(words);
    case "drop":
      return dropped(words);
    case "alter":
      return altered(words);
    case "reindex":
      return reindexed(words);
    case "vacuum":
    case "cluster":
    case "begin":
    case "start":
      return { kind: "repeatable" };
    default:
      return { kind: "doubtful" };
  }
}

/** Whether a DO block says COMMIT or ROLLBACK, which it may only where no transaction is around. */
export function commitsItself(statement: Statement): boolean {
  if (new LeadingWords(statement).at(0) !== "do") return false;
  return /\b(?:commit|rollback)\b/i.test(new TextDecoder().decode(statement.bytes));
}

function created(words: LeadingWords): AloneStatement {
  const object = objectOf(words.at(1));
  if (object !== undefined) return { kind: "exists", object, name: nameAt(words, 2) };
  const index = words.skip(words.skip(1, "unique"), "index", "concurrently");
  const named = words.skip(index, "if", "not", "exists");
  const on = words.at(named) === "on" ? named : words.skipName(named);
  const table = words.skip(on + 1, "only");
  return {
    kind: "create-index",
    table: textAt(words, table),
    index: on === named ? undefined : textAt(words, named),
  };
}

function dropped(words: LeadingWords): AloneStatement {
  const object = objectOf(words.at(1));
  if (object !== undefined) {
    return { kind: "gone", object, name: nameAt(words, words.skip(2, "if", "exists")) };
  }
  const at = words.skip(words.skip(1, "index", "concurrently"), "if", "exists");
  return { kind: "drop-index", index: textAt(words, at) };
}

function altered(words: LeadingWords): AloneStatement {
  if (words.at(1) !== "table") return { kind: "repeatable" };
  const table = words.skip(words.skip(2, "if", "exists"), "only");
  const action = words.skip(words.skipName(table), "*");
  if (!words.are(action, "detach", "partition")) return { kind: "doubtful" };
  return { kind: "detach", table: textAt(words, table), partition: textAt(words, action + 2) };
}

function reindexed(words: LeadingWords): AloneStatement {
  const target = words.options(1).end;
  const name = words.skip(target + 1, "concurrently");
  const whole = !["index", "table"].includes(words.at(target));
  return { kind: "reindex", relation: whole ? undefined : textAt(words, name) };
}

function objectOf(word: string): "database" | "tablespace" | "subscription" | undefined {
  return word === "database" || word === "tablespace" || word === "subscription"
    ? word
    : undefined;
}

/** A name as it is written, with its schema. */
function textAt(words: LeadingWords, start: number): string {
  const end = words.skipName(start);
  return Array.from({ length: end - start }, (_, at) => words.at(start + at)).join("");
}

/** A name as the catalog has it. */
function nameAt(words: LeadingWords, start: number): string {
  return searchPathItems(words.at(start))[0] ?? "";
}
