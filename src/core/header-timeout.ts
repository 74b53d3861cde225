/** Reads the timeouts on a marker line: `lock_timeout:500ms`, `statement_timeout:0`. */

import { parseDuration } from "./duration.ts";
import type { SectionTimeouts } from "./migration.ts";
import { longestTimeoutMs, timeoutSetting } from "./step-sql.ts";

const optionPattern = /^(lock_timeout|statement_timeout):(.*)$/s;

/** The option that the word is; undefined for another word, and for a value that is none. */
export function readTimeout(word: string): SectionTimeouts | undefined {
  const [, name, value = ""] = optionPattern.exec(word) ?? [];
  if (name === undefined) return undefined;
  const ms = readMilliseconds(value);
  if (ms === undefined) return undefined;
  return name === "lock_timeout" ? { lockMs: ms } : { statementMs: ms };
}

/** Go's durations, and Postgres' `min`. */
function readMilliseconds(text: string): number | undefined {
  const ms = parseDuration(text.replaceAll(/(?<=\d\.?)min(?=[\d.]|$)/g, "m"));
  if (ms === undefined || ms < 0 || ms > longestTimeoutMs) return undefined;
  return timeoutSetting(ms);
}

/** Names that people write for the two: the flags', plurals, other letter case, slips. */
const meantName = /^-{0,2}(?:lock|stmt|state?ments?)[-_]?time?[-_]?(?:out|uot|ou)?s?$/i;
const meantFirst = /^-{0,2}(?:lock|stmt|state?ments?)$/i;
const meantSecond = /^time-?outs?$/i;

const timePattern = /^(?:["']?[-+.]?\d|(?:off|none|false)$)/i;

/**
 * Whether the word is meant for one of the two, as far as a remark is not; `before` and `next`
 * are the words around it.
 */
export function meansTimeout(
  word: string,
  before: string | undefined,
  next: string | undefined,
): boolean {
  const [, name = "", separator = "", value = ""] = /^([^:=]*)([:=]?)(.*)$/s.exec(word) ?? [];
  if (meantSecond.test(name) && meantFirst.test(before ?? "")) return timePattern.test(value);
  if (!meantName.test(name)) return false;
  if (value !== "") return true;
  if (separator !== "" && next === undefined) return true;
  return timePattern.test(next ?? "") || /^[:=]/.test(next ?? "");
}

export const timeoutHint =
  "write it as lock_timeout:2s or statement_timeout:0 (lower case, no blank, nothing after it; " +
  "ms, s, min, h, up to 596h)";
