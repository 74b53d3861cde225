/** The parts of a review, made from the little that a test wants to say of them. */

import type { Finding, Measured, ReviewedStatement } from "../core/review/review.ts";
import type { LockMode, RelationLock } from "../core/review/rule.ts";

/** It stands in every text of the sample that SQL or a server has a part in. */
export const sampleSecret = "hunter2-correct-horse";
/** An escape sequence, and a mark that turns what follows it around. */
export const sampleControls = "\u001b[2J\u202e";
export const sampleMarkup = "</script><script>alert('x')</script>";

export function lock(relation: string, mode: LockMode = "ACCESS EXCLUSIVE"): RelationLock {
  return { relation, mode };
}

export function finding(rule: string, given: Partial<Finding>): Finding {
  return {
    rule,
    classes: ["risky"],
    reason: `what ${rule} says`,
    instead: undefined,
    place: undefined,
    dismissed: undefined,
    ...given,
  };
}

/** A statement of so many lines as its SQL has; nothing else is known of it. */
export function statement(
  line: number,
  sql: string,
  given: Partial<Omit<ReviewedStatement, "source">> & { readonly command?: string } = {},
): ReviewedStatement {
  const { command = sql.split(" ").slice(0, 2).join(" ").toUpperCase(), ...rest } = given;
  const isLong = sql.length > 100_000;
  return {
    source: {
      text: sql,
      offset: line * 10,
      line,
      endLine: line + sql.split("\n").length - 1,
      command,
      tree: undefined,
      unread: isLong ? { kind: "long" } : undefined,
      ignores: [],
      alone: command.endsWith("CONCURRENTLY"),
      isControl: false,
    },
    verdict: "safe",
    findings: [],
    locks: [],
    rewrites: [],
    scans: [],
    loses: [],
    undo: undefined,
    measured: undefined,
    ...rest,
  };
}

export function measured(ms: number, given: Partial<Measured> = {}): Measured {
  return { ms, sawLocks: true, locks: [], rewrites: [], scans: [], ...given };
}
