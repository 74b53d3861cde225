/** The words of a review, which every format uses for the same thing. */

import type {
  Dismissal, Finding, ReviewDocument, ReviewedFile, ReviewedStatement, Verdict, WayBack,
} from "../core/review/review.ts";
import { allFindings } from "../core/review/review.ts";
import {
  classRank, type Effects, type LockMode, type RiskClass, worstClass,
} from "../core/review/rule.ts";
import { brokenQueryId, opaqueRules } from "../core/review/rehearsal-rules.ts";
import type { Undo } from "../core/review/undo.ts";
import { roughDuration } from "../core/duration.ts";

/**
 * The verdict, or `error` where something must not be run at all, whatever it blocks: an error
 * that was found, or one that the rehearsal met.
 */
export function headWord(document: ReviewDocument): Verdict | "error" {
  const isWrong = errorCount(document) > 0 || document.rehearsal?.failure !== undefined;
  return isWrong ? "error" : document.review.verdict;
}

/** Of a statement likewise. */
export function statementWord({ verdict, findings }: ReviewedStatement): Verdict | "error" {
  return findings.some(isError) ? "error" : verdict;
}

/** Of a file likewise. */
export function fileWord(
  { file, verdict, findings, statements }: ReviewedFile,
  { rehearsal }: ReviewDocument,
): Verdict | "error" {
  const isWrong = rehearsal?.failure?.path === file.path ||
    findings.some(isError) || statements.some((one) => one.findings.some(isError));
  return isWrong ? "error" : verdict;
}

function isError(finding: Finding): boolean {
  return finding.dismissed === undefined && findingClass(finding) === "error";
}

function errorCount({ review }: ReviewDocument): number {
  return allFindings(review).filter(isError).length;
}

/** What follows the head word and its colon. */
export function verdictMeaning(document: ReviewDocument): string {
  const { direction, review } = document;
  const errors = errorCount(document);
  if (headWord(document) === "error") {
    const why = errors === 0
      ? "the rehearsal failed"
      : counted(errors, "finding is an error", "findings are errors");
    const besides = review.verdict === "safe" ? "" : `; also ${review.verdict}`;
    return `not to be run as it is: ${why}${besides}`;
  }
  if (review.files.length === 0) return "there is nothing to run";
  const goes = direction === "up" ? "may go before the code" : "running code keeps working";
  const meanings: Readonly<Record<Verdict, string>> = {
    safe: goes,
    risky: `${goes}, but choose the time: it can block, or fail`,
    breaking: "must go with the code, since what runs now can fail",
  };
  return meanings[review.verdict];
}

/** The files that hold errors, then those that are as bad as the whole; none where all is safe. */
export function decidingFiles(document: ReviewDocument): readonly ReviewedFile[] {
  const { review } = document;
  const wrong = review.files.filter((file) => fileWord(file, document) === "error");
  if (review.verdict === "safe") return wrong;
  const others = review.files.filter((file) => !wrong.includes(file));
  return [...wrong, ...others.filter(({ verdict }) => verdict === review.verdict)];
}

/** Why the answer is no; empty where it is yes. */
export function refusals(document: ReviewDocument): readonly string[] {
  if (document.answer === "yes") return [];
  const { failOn, review, rehearsal } = document;
  const errors = errorCount(document);
  const isMet = failOn !== undefined && classRank(review.verdict) >= classRank(failOn);
  return [
    ...(errors === 0 ? [] : [`${counted(errors, "finding is an error", "findings are errors")}`]),
    ...(isMet ? [`--fail-on ${failOn} is met`] : []),
    ...(rehearsal?.failure === undefined ? [] : ["the rehearsal failed"]),
  ];
}

/** What the rehearsal saw go wrong, for the top of a page. */
export function alarms({ rehearsal }: ReviewDocument): readonly string[] {
  if (rehearsal === undefined) return [];
  const { failure, wayBack, queries } = rehearsal;
  const broken = queries?.broken.length ?? 0;
  return [
    ...(failure === undefined ? [] : [
      `the rehearsal failed at ${failure.path}:${failure.line}: ${failure.message}`,
    ]),
    ...(broken === 0 ? [] : [`the change breaks ${counted(broken, "query", "queries")}`]),
    ...(wayBack.kind === "differs" ? ["down does not bring the schema back"] : []),
    ...(wayBack.kind === "failed" ? [wayBackText(wayBack)] : []),
  ];
}

/** All that a person should read: what says `safe`, or is dismissed, is none of it. */
export function spokenFindings({ review }: ReviewDocument): readonly Finding[] {
  return allFindings(review).filter((one) => one.dismissed === undefined && isSpoken(one));
}

/** What is about no file; queries that break are told with the rehearsal, where they stand. */
export function folderFindings({ review, rehearsal }: ReviewDocument): readonly Finding[] {
  return review.findings.filter((one) =>
    isSpoken(one) && (rehearsal?.queries === undefined || one.rule !== brokenQueryId),
  );
}

/** Whether it is more than the remark that something is safe. */
export function isSpoken({ classes }: Finding): boolean {
  return findingClass({ classes }) !== "safe";
}

/** Whether a page tells it: also what is safe only because the table is small. */
export function isShown(finding: Finding): boolean {
  if (finding.isSoftened === true) return true;
  return isSpoken(finding) && finding.dismissed?.kind !== "allowed";
}

/** `advice` where it is nothing but that, though the ranks put `safe` above it. */
export function findingClass({ classes }: Pick<Finding, "classes">): RiskClass {
  return classes.length > 0 && classes.every((one) => one === "advice")
    ? "advice"
    : worstClass(classes);
}

/** `RISKY, BREAKING`: all of them, the mildest first. */
export function classWords({ classes }: Pick<Finding, "classes">): string {
  return classes.length === 0 ? "SAFE" : classes.map((one) => one.toUpperCase()).join(", ");
}

/** Worst first, and in their order where they are equally bad. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  const rank = (one: Finding): number => {
    const worst = findingClass(one);
    return worst === "advice" ? -1 : classRank(worst);
  };
  return findings.toSorted((left, right) => rank(right) - rank(left));
}

export function dismissalText(dismissed: Dismissal): string {
  if (dismissed.kind === "allowed") return "allowed by --allow";
  return dismissed.reason === "" ? "ignored, without a reason" : `ignored: ${dismissed.reason}`;
}

/** What a statement does, and how that is known. */
export interface SeenEffects extends Effects {
  readonly locksKnown: "measured" | "by-rule";
  readonly filesKnown: "measured" | "by-rule";
}

/** What was measured stands in the place of what the rules say. */
export function seenEffects(statement: ReviewedStatement): SeenEffects {
  const { measured, locks, rewrites, scans } = statement;
  if (measured === undefined) {
    return { locks, rewrites, scans, locksKnown: "by-rule", filesKnown: "by-rule" };
  }
  const locksKnown = measured.sawLocks ? "measured" : "by-rule";
  const { rewrites: written, scans: read } = measured;
  const seen = measured.sawLocks ? measured.locks : locks;
  return { locks: seen, rewrites: written, scans: read, locksKnown, filesKnown: "measured" };
}

/** Whether nobody has seen what it does: then no lock that is claimed is no lock at all. */
export function isOpaque({ measured, findings }: ReviewedStatement): boolean {
  return measured === undefined && findings.some(({ rule }) => opaqueRules.includes(rule));
}

/** What a lock of this mode keeps others from. */
export function lockMeaning(mode: LockMode): string {
  const meanings: Readonly<Record<LockMode, string>> = {
    "ACCESS SHARE": "stops nobody but what needs it alone",
    "ROW SHARE": "stops no reads or writes",
    "ROW EXCLUSIVE": "stops no reads or writes",
    "SHARE UPDATE EXCLUSIVE": "stops no reads or writes",
    "SHARE": "stops writes",
    "SHARE ROW EXCLUSIVE": "stops writes",
    "EXCLUSIVE": "stops writes",
    "ACCESS EXCLUSIVE": "stops reads and writes",
  };
  return meanings[mode];
}

const undoWords: Readonly<Record<Undo["undone"], string>> = {
  "yes": "yes",
  "no": "no",
  "cannot-tell": "cannot tell",
  "nothing-to-undo": "nothing to undo",
};

/** `no: why`. What is lost is told apart from it. */
export function undoText({ undone, why }: Undo): string {
  return why === "" ? undoWords[undone] : `${undoWords[undone]}: ${why}`;
}

/** Data that go with the statement, and those that its way back loses, each once. */
export function lossTexts({ loses, undo }: ReviewedStatement): readonly string[] {
  const back = (undo?.loses ?? []).filter((one) => !loses.includes(one));
  return [
    ...loses.map((one) => `${one}, for good`),
    ...back.map((one) => `${one}, on the way back`),
  ];
}

export function wayBackText(wayBack: WayBack): string {
  switch (wayBack.kind) {
    case "same":
      return "up, down and up again: the schema after down is the one before";
    case "differs":
      return "down does not bring the schema back: what differs after up and down";
    case "failed":
      return `down failed: ${wayBack.failure.path}:${wayBack.failure.line}: ` +
        wayBack.failure.message;
    case "not-run":
      return `down was not run: ${wayBack.why}`;
  }
}

/** `12`, or `12-14` where it has several lines. */
export function linesText({ source }: ReviewedStatement): string {
  const { line, endLine } = source;
  return endLine > line ? `${line}-${endLine}` : String(line);
}

/** Enough of the hash to tell two apart by eye. */
export function shortFingerprint(fingerprint: string): string {
  const [, hash = fingerprint] = fingerprint.split(":");
  return hash.slice(0, 12);
}

export function durationText(ms: number): string {
  if (ms < 1) return "under 1 ms";
  return ms < 1000 ? `${Math.round(ms)} ms` : roughDuration(ms);
}

/** `1 file`, `2 files`, `1,234 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

export function howItRuns({ direction, transactional }: ReviewedFile): string {
  return `${direction}, ${transactional ? "in one transaction" : "outside of a transaction"}`;
}

export function targetText({ target }: ReviewDocument): string | undefined {
  if (target === undefined) return undefined;
  const { description, serverVersion, applied } = target;
  if (serverVersion === "") return `${description}, which does not exist yet`;
  const server = serverVersion.startsWith("PostgreSQL") ? serverVersion
    : `PostgreSQL ${serverVersion}`;
  return `${description} (${server}), ${counted(applied.length, "migration")} applied`;
}

/** The statement in one line, for lists. */
export function oneLine(text: string): string {
  // What is behind the first few hundred characters is never shown in a line.
  return text.slice(0, 2_000).replace(/\s+/g, " ").trim();
}
