/** A review as workflow commands, which GitHub shows beside the lines of a pull request. */

import type { Finding, ReviewDocument } from "../core/review/review.ts";
import type { RiskClass } from "../core/review/rule.ts";
import { dataDocument } from "./review-shown.ts";
import {
  classWords, findingClass, headWord, refusals, spokenFindings, verdictMeaning, worstFirst,
} from "./review-words.ts";

type Level = "error" | "warning" | "notice";

const levels: Readonly<Record<RiskClass, Level>> = {
  error: "error", breaking: "error", risky: "warning", advice: "notice", safe: "notice",
};

interface Annotation {
  readonly level: Level;
  readonly path: string | undefined;
  readonly line: number | undefined;
  readonly endLine: number | undefined;
  readonly title: string;
  readonly message: string;
}

/**
 * One line for each finding, the worst first: of each level GitHub shows no more than ten. The
 * last line is for the log, where the whole verdict stands.
 */
export function reviewGithub(document: ReviewDocument): string {
  const shown = dataDocument(document);
  const ends = statementEnds(shown);
  const annotations = [
    ...rehearsalAnnotations(shown),
    ...worstFirst(spokenFindings(shown)).map((finding) => findingAnnotation(finding, ends)),
  ];
  const verdict = headWord(shown);
  const no = refusals(shown);
  const answer = no.length === 0 ? "" : `. The answer is no: ${no.join("; ")}`;
  const last = `${verdict.toUpperCase()}: ${verdictMeaning(shown)}${answer}`;
  return [...annotations.map(commandLine), last, ""].join("\n");
}

/** Of each statement's findings the last line of the statement. */
function statementEnds({ review }: ReviewDocument): ReadonlyMap<Finding, number> {
  const statements = review.files.flatMap((file) => file.statements);
  return new Map(statements.flatMap(({ findings, source }) =>
    findings.map((finding) => [finding, source.endLine] as const),
  ));
}

function findingAnnotation(finding: Finding, ends: ReadonlyMap<Finding, number>): Annotation {
  const { rule, reason, instead, place } = finding;
  return {
    level: levels[findingClass(finding)],
    path: place?.path,
    line: place?.line,
    endLine: ends.get(finding),
    title: `${classWords(finding)}: ${rule}`,
    message: instead === undefined ? reason : `${reason}\ninstead: ${instead}`,
  };
}

function rehearsalAnnotations({ rehearsal }: ReviewDocument): readonly Annotation[] {
  if (rehearsal === undefined) return [];
  const { failure, wayBack } = rehearsal;
  const failures = [
    ...(failure === undefined ? [] : [{ title: "the rehearsal failed", ...failure }]),
    ...(wayBack.kind === "failed" ? [{ title: "the way back failed", ...wayBack.failure }] : []),
  ];
  return failures.map((one) => ({ level: "error", endLine: undefined, ...one }));
}

function commandLine({ level, path, line, endLine, title, message }: Annotation): string {
  const properties = [
    ...(path === undefined ? [] : [`file=${property(path.replace(/^(?:\.\/)+/, ""))}`]),
    ...(line === undefined ? [] : [`line=${line}`]),
    ...(line === undefined || endLine === undefined || endLine <= line ? []
      : [`endLine=${endLine}`]),
    `title=${property(title)}`,
  ];
  return `::${level} ${properties.join(",")}::${data(message)}`;
}

/** What the runner takes back before it reads the message; controls would reach the log. */
function data(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\r\n]|[\u2028-\u202e\u2066-\u2069]/gu, "\u{fffd}")
    .replaceAll("%", "%25")
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
