/** Says what a statement is, from its leading tokens: what a plan must know before it runs. */

import { mustRunAlone } from "./alone.ts";
import { commandName } from "./command-name.ts";
import { bare, LeadingWords } from "./leading-words.ts";
import type { Statement } from "./split.ts";

/** Transaction control, as a statement of its own. */
export type Control =
  | "begin"
  | "commit"
  | "rollback"
  | "savepoint"
  | "release"
  | "rollback-to"
  | "prepare-transaction"
  | "commit-prepared"
  | "rollback-prepared";

export interface Traits {
  /** The command as a person names it, upper case: CREATE INDEX CONCURRENTLY, ALTER TABLE. */
  readonly command: string;
  /** Set if the statement is transaction control. */
  readonly control?: Control;
  /** Whether COMMIT or ROLLBACK says AND CHAIN, and so begins the next transaction. */
  readonly chain: boolean;
  /** Whether Postgres refuses it inside a transaction block, as measured on 15 to 18. */
  readonly alone: boolean;
  /** SET LOCAL, SET TRANSACTION, SET CONSTRAINTS: without effect outside a transaction block. */
  readonly setsLocal: boolean;
  /** Whether it sets lock_timeout, for the session or the transaction. */
  readonly setsLockTimeout: boolean;
  /** Whether it sets statement_timeout, likewise. */
  readonly setsStatementTimeout: boolean;
  /** ALTER TABLE or DOMAIN … VALIDATE CONSTRAINT, which reads all rows under a weak lock. */
  readonly validates: boolean;
}

/** What is told from the tokens alone; comments do not count, quoted words are no keywords. */
export function traits(statement: Statement): Traits {
  const words = new LeadingWords(statement);
  const control = controlOf(words);
  const settings = settingsSet(words);
  return {
    command: commandName(words),
    ...(control === undefined ? {} : { control }),
    chain: control !== undefined && chains(words),
    alone: mustRunAlone(words),
    setsLocal: setsLocal(words),
    setsLockTimeout: holds(settings, "lock_timeout"),
    setsStatementTimeout: holds(settings, "statement_timeout"),
    validates: validates(words),
  };
}

function controlOf(words: LeadingWords): Control | undefined {
  switch (words.at(0)) {
    case "begin":
      return "begin";
    case "start":
      return words.at(1) === "transaction" ? "begin" : undefined;
    case "commit":
      return words.at(1) === "prepared" ? "commit-prepared" : "commit";
    case "end":
      return "commit";
    case "abort":
      return "rollback";
    case "rollback":
      if (words.at(1) === "prepared") return "rollback-prepared";
      return words.at(afterNoise(words)) === "to" ? "rollback-to" : "rollback";
    case "savepoint":
      return "savepoint";
    case "release":
      return "release";
    case "prepare":
      return preparesTransaction(words) ? "prepare-transaction" : undefined;
    default:
      return undefined;
  }
}

/** Behind the verb and the word that adds nothing to it. */
function afterNoise(words: LeadingWords): number {
  return words.skip(words.skip(1, "work"), "transaction");
}

/** PREPARE transaction AS … makes a statement of that name. */
function preparesTransaction(words: LeadingWords): boolean {
  return words.at(1) === "transaction" && !["as", "(", ""].includes(words.at(2));
}

function chains(words: LeadingWords): boolean {
  return words.are(afterNoise(words), "and", "chain");
}

function setsLocal(words: LeadingWords): boolean {
  if (words.at(0) !== "set") return false;
  // A setting may have one of these names as its first part: set local.x = 1.
  if ([".", "=", "to"].includes(words.at(2))) return false;
  return ["local", "transaction", "constraints"].includes(words.at(1));
}

/** As far as a call of set_config is looked for in a SELECT. */
const farthestCall = 200;

/** The settings that the statement sets, as tokens: one of ours may be in any case, and quoted. */
function settingsSet(words: LeadingWords): readonly string[] {
  if (words.at(0) === "set") {
    const name = words.skip(words.skip(1, "local"), "session");
    return words.at(name + 1) === "." ? [] : [words.at(name)];
  }
  if (words.at(0) !== "select") return [];
  const found: string[] = [];
  for (let at = 1; at < farthestCall && words.at(at) !== ""; at++) {
    if (words.are(at, "set_config", "(")) found.push(words.at(at + 2));
  }
  return found;
}

function holds(settings: readonly string[], name: string): boolean {
  return settings.some((token) => bare(token).toLowerCase() === name);
}

/**
 * The two words together begin a subcommand wherever a comma stands before them: the second is
 * reserved, so that no list of another kind can hold it.
 */
function validates(words: LeadingWords): boolean {
  if (words.at(0) !== "alter") return false;
  if (words.at(1) === "domain") return words.are(words.skipName(2), "validate", "constraint");
  if (words.at(1) !== "table") return false;
  const action = afterRelation(words, words.skip(2, "if", "exists"));
  if (words.are(action, "validate", "constraint")) return true;
  for (let at = action; words.at(at) !== ""; at++) {
    if (words.at(at) === "," && words.are(at + 1, "validate", "constraint")) return true;
  }
  return false;
}

/** Behind a.b, only a.b, only (a.b), a.b *. */
function afterRelation(words: LeadingWords, index: number): number {
  const only = words.skip(index, "only");
  const isEnclosed = only > index && words.at(only) === "(";
  return words.skip(words.skipName(only + Number(isEnclosed)), isEnclosed ? ")" : "*");
}
