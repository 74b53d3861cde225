/** Which statements Postgres refuses inside a transaction block, by form; measured on 15 to 18. */

import type { LeadingWords } from "./leading-words.ts";
import { isOff, isOn } from "./leading-words.ts";

/**
 * Whether no transaction block can hold the statement, whatever the database holds. Where that
 * depends on the catalog (DROP SUBSCRIPTION with a slot, REINDEX or CLUSTER of a partitioned
 * table), the answer is no, and the server's word counts.
 */
export function mustRunAlone(words: LeadingWords): boolean {
  switch (words.at(0)) {
    case "create":
      return createsAlone(words);
    case "drop":
      return words.are(1, "database") || words.are(1, "tablespace") ||
        words.are(1, "index", "concurrently");
    case "alter":
      return altersAlone(words);
    case "vacuum":
      return true;
    case "cluster":
      return words.at(words.skip(words.options(1).end, "verbose")) === "";
    case "reindex":
      return reindexesAlone(words);
    case "discard":
      return words.are(1, "all");
    case "commit":
    case "rollback":
      return words.are(1, "prepared");
    default:
      return false;
  }
}

function createsAlone(words: LeadingWords): boolean {
  if (words.are(1, "database") || words.are(1, "tablespace")) return true;
  if (words.are(words.skip(1, "unique"), "index", "concurrently")) return true;
  return words.are(1, "subscription") && createsSlot(words);
}

/** CREATE SUBSCRIPTION makes a replication slot unless told not to, or not to connect at all. */
function createsSlot(words: LeadingWords): boolean {
  let at = 2;
  while (words.at(at) !== "" && !words.are(at, "with", "(")) at++;
  const { values } = words.options(at + 1);
  const connects = !isOff(values.get("connect"));
  return isOn(values.get("create_slot")) || (connects && !isOff(values.get("create_slot")));
}

function altersAlone(words: LeadingWords): boolean {
  switch (words.at(1)) {
    case "system":
      return true;
    case "database":
      return words.are(words.skipName(2), "set", "tablespace");
    case "subscription":
      return refreshesOrAltersSlot(words);
    case "table":
      return detachesConcurrently(words);
    default:
      return false;
  }
}

function refreshesOrAltersSlot(words: LeadingWords): boolean {
  const action = words.skipName(2);
  if (words.are(action, "refresh", "publication")) return true;
  const verb = words.at(action);
  if (words.at(action + 1) === "publication" && ["set", "add", "drop"].includes(verb)) {
    let at = action + 2;
    while (words.at(at) !== "" && !words.are(at, "with", "(")) at++;
    return !isOff(words.options(at + 1).values.get("refresh"));
  }
  if (verb !== "set") return false;
  const { values } = words.options(action + 1);
  return values.has("failover") || isOff(values.get("two_phase"));
}

function detachesConcurrently(words: LeadingWords): boolean {
  const table = words.skip(words.skip(2, "if", "exists"), "only");
  const action = words.skip(words.skipName(table), "*");
  if (!words.are(action, "detach", "partition")) return false;
  return words.at(words.skipName(action + 2)) === "concurrently";
}

function reindexesAlone(words: LeadingWords): boolean {
  const { values, end } = words.options(1);
  const target = words.at(end);
  if (target === "schema" || target === "database" || target === "system") return true;
  return words.at(end + 1) === "concurrently" || isOn(values.get("concurrently"));
}
