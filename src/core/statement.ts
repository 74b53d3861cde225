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
}

/** What is told from the tokens alone; comments do not count, quoted words are no keywords. */
export function traits(statement: Statement): Traits {
  const words = new LeadingWords(statement);
  const control = controlOf(words);
  return {
    command: commandName(words),
    ...(control === undefined ? {} : { control }),
    chain: control !== undefined && chains(words),
    alone: mustRunAlone(words),
    setsLocal: setsLocal(words),
    setsLockTimeout: setsLockTimeout(words),
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

function setsLockTimeout(words: LeadingWords): boolean {
  if (words.at(0) === "set") {
    const name = words.skip(words.skip(1, "local"), "session");
    return isLockTimeout(words.at(name)) && words.at(name + 1) !== ".";
  }
  if (words.at(0) !== "select") return false;
  for (let at = 1; at < farthestCall && words.at(at) !== ""; at++) {
    if (words.are(at, "set_config", "(") && isLockTimeout(words.at(at + 2))) return true;
  }
  return false;
}

/** Names of settings are the same in any case, quoted or not. */
function isLockTimeout(token: string): boolean {
  return bare(token).toLowerCase() === "lock_timeout";
}
