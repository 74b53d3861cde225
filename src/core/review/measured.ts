/** Puts what a rehearsal saw in the place of what the rules claim. */

import { verdictOf, worstVerdict } from "./judge.ts";
import type {
  Dismissal, Finding, Measured, Rehearsal, Review, ReviewedFile, ReviewedStatement,
} from "./review.ts";
import { lockRank, type RelationLock } from "./rule.ts";
import { brokenQueryId, measuredOtherwiseId, opaqueRules } from "./rehearsal-rules.ts";

/** One statement as it was seen, and what its transaction had locked before it. */
export interface MeasuredStatement extends Measured {
  readonly held: readonly RelationLock[];
}

export interface Seen {
  /** Ids of rules whose findings do not count. */
  readonly allowed: readonly string[];
  readonly measured: ReadonlyMap<ReviewedStatement, MeasuredStatement>;
  /** Names of relations that are read in no time that counts. */
  readonly small: ReadonlySet<string>;
  readonly rehearsal: Rehearsal;
}

/** A rewrite or a scan that no rule claimed, and a query that breaks, are findings. */
export function measuredReview(review: Review, seen: Seen): Review {
  const files = review.files.map((file): ReviewedFile => {
    const statements = file.statements.map((one) => withMeasured(file, one, seen));
    return { ...file, statements, verdict: worstVerdict(statements.map(({ verdict }) => verdict)) };
  });
  const broken = (seen.rehearsal.queries?.broken ?? []).map(
    ({ path, line, message }): Finding => ({
      rule: brokenQueryId,
      classes: ["breaking"],
      reason: `this query works before the change and not after it: ${message}`,
      instead: "deploy the code that no longer needs it first",
      place: { path, offset: 0, line },
      dismissed: allowance(seen, brokenQueryId),
    }),
  );
  const verdicts = files.map(({ verdict }) => verdict);
  const counted = broken.filter(({ dismissed }) => dismissed === undefined);
  return {
    files,
    findings: [...review.findings, ...broken],
    verdict: worstVerdict(counted.length === 0 ? verdicts : [...verdicts, "breaking"]),
  };
}

function withMeasured(
  file: ReviewedFile,
  statement: ReviewedStatement,
  seen: Seen,
): ReviewedStatement {
  const { measured, small } = seen;
  const found = measured.get(statement);
  if (found === undefined) return statement;
  const unclaimed = unclaimedWork(statement, found).filter((name) => !small.has(name));
  const finding: Finding = {
    rule: measuredOtherwiseId,
    classes: ["risky"],
    reason: `in the rehearsal it rewrote or scanned ${unclaimed.join(", ")} under a strong lock`,
    instead: "see what the statement does inside: a function, a trigger or a DO block",
    place: {
      path: file.file.path, offset: statement.source.offset, line: statement.source.line,
    },
    dismissed: ignoredBy(statement) ?? allowance(seen, measuredOtherwiseId),
  };
  const told = statement.findings.map(withoutRehearsal);
  const findings = unclaimed.length === 0 ? told : [...told, finding];
  const counted = findings.filter(({ dismissed }) => dismissed === undefined);
  return {
    ...statement,
    measured: withHeld(statement, found),
    findings,
    undo: statement.undo?.undone === "cannot-tell"
      ? { ...statement.undo, why: "see what the rehearsal says of the way back" }
      : statement.undo,
    verdict: verdictOf(counted.flatMap(({ classes }) => classes)),
  };
}

function allowance({ allowed }: Seen, rule: string): Dismissal | undefined {
  return allowed.includes(rule) ? { kind: "allowed" } : undefined;
}

function ignoredBy({ source: { ignores } }: ReviewedStatement): Dismissal | undefined {
  const found = ignores.find(({ rule, reason }) => rule === measuredOtherwiseId && reason !== "");
  return found === undefined ? undefined : { kind: "ignored", reason: found.reason };
}

/** Who reads it has rehearsed already. */
function withoutRehearsal(finding: Finding): Finding {
  return opaqueRules.includes(finding.rule) ? { ...finding, instead: undefined } : finding;
}

/** What is locked already is not seen to be locked again: there the claim is believed. */
function withHeld(
  { locks: claimed }: ReviewedStatement,
  { held, ...measured }: MeasuredStatement,
): Measured {
  const again = claimed.filter(({ relation, mode }) =>
    measured.locks.every((lock) => lock.relation !== relation) &&
    held.some((lock) => lock.relation === relation && lockRank(lock.mode) >= lockRank(mode)),
  );
  return { ...measured, locks: [...measured.locks, ...again] };
}

/** A scan under a lock that lets others write is nobody's concern. */
function unclaimedWork(
  statement: ReviewedStatement,
  found: MeasuredStatement,
): readonly string[] {
  const isBlocked = (name: string): boolean =>
    [...found.locks, ...found.held].some(
      ({ relation, mode }) => relation === name && lockRank(mode) >= lockRank("SHARE"),
    );
  const claimed = new Set([...statement.rewrites, ...statement.scans]);
  const worked = new Set([...found.rewrites, ...found.scans]);
  return [...worked].filter((name) => !claimed.has(name) && isBlocked(name));
}
