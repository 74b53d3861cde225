/** A review as SARIF 2.1.0, which code scanning services read. */

import type {
  Dismissal, Finding, RehearsalFailure, ReviewDocument,
} from "../core/review/review.ts";
import { allFindings } from "../core/review/review.ts";
import type { RiskClass, RulePage } from "../core/review/rule.ts";
import { jsonText } from "./json-text.ts";
import { dataDocument } from "./review-shown.ts";
import { findingClass, isSpoken, oneLine } from "./review-words.ts";

/** A rule as the list of them describes it. */
export interface DescribedRule {
  readonly id: string;
  readonly title: string;
  readonly page: RulePage;
}

type Level = "error" | "warning" | "note";

const levels: Readonly<Record<RiskClass, Level>> = {
  error: "error", breaking: "error", risky: "warning", advice: "note", safe: "note",
};

interface SarifResult {
  readonly rule: string;
  readonly level: Level;
  readonly message: string;
  readonly path: string | undefined;
  readonly line: number | undefined;
  readonly endLine: number | undefined;
  /** What stays the same when lines are put above it. */
  readonly same: string;
  readonly dismissed: Dismissal | undefined;
}

/** What stops a rehearsal is the answer to no rule, but has an id of its own. */
const rehearsed: readonly { readonly id: string; readonly title: string }[] = [
  { id: "rehearsal-failed", title: "a statement failed in the rehearsal" },
  { id: "way-back-failed", title: "a statement of the down section failed in the rehearsal" },
];

export function reviewSarif(document: ReviewDocument, rules: readonly DescribedRule[]): string {
  const shown = dataDocument(document);
  const results = resultsOf(shown);
  const descriptors = descriptorsOf(results, rules);
  const indexes = new Map(descriptors.map(({ id }, index) => [id, index]));
  const seen = new Map<string, number>();
  return jsonText({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "pgmate",
            semanticVersion: shown.pgmateVersion,
            rules: descriptors,
          },
        },
        invocations: [{ executionSuccessful: true, endTimeUtc: shown.madeAt }],
        automationDetails: { id: `pgmate/${shown.command}/` },
        columnKind: "unicodeCodePoints",
        results: results.map((one) => sarifResult(one, indexes, seen)),
      },
    ],
  });
}

function resultsOf(document: ReviewDocument): readonly SarifResult[] {
  const { review, rehearsal } = document;
  const statements = review.files.flatMap((file) => file.statements);
  const sources = new Map(statements.flatMap(({ findings, source }) =>
    findings.map((finding) => [finding, source] as const),
  ));
  const results = allFindings(review).filter(isSpoken).map((finding): SarifResult => {
    const { rule, place, dismissed, reason } = finding;
    const source = sources.get(finding);
    return {
      rule,
      level: levels[findingClass(finding)],
      message: messageOf(finding),
      path: place?.path ?? folderOf(document),
      line: place?.line,
      endLine: source?.endLine,
      same: source === undefined ? reason : oneLine(source.text),
      dismissed,
    };
  });
  if (rehearsal === undefined) return results;
  const { failure, wayBack } = rehearsal;
  return [
    ...(failure === undefined ? [] : [failed("rehearsal-failed", failure)]),
    ...(wayBack.kind === "failed" ? [failed("way-back-failed", wayBack.failure)] : []),
    ...results,
  ];
}

function messageOf({ reason, instead }: Finding): string {
  return instead === undefined ? reason : `${reason}\ninstead: ${instead}`;
}

/** Services want a place for each result; that of a folder's finding is the folder. */
function folderOf({ review }: ReviewDocument): string | undefined {
  const path = review.files[0]?.file.path;
  const end = path?.search(/[^/\\]*$/) ?? 0;
  return end === 0 ? undefined : path?.slice(0, end);
}

function failed(rule: string, { path, line, message }: RehearsalFailure): SarifResult {
  return {
    rule, level: "error", message, path, line, endLine: undefined, same: message,
    dismissed: undefined,
  };
}

/** All rules that there are, and after them those that only the results know. */
function descriptorsOf(
  results: readonly SarifResult[],
  rules: readonly DescribedRule[],
): readonly { readonly id: string }[] {
  const known = new Set(rules.map(({ id }) => id));
  const others = [...new Set(results.map(({ rule }) => rule))].filter((id) => !known.has(id));
  return [
    ...rules.map(({ id, title, page }) => ({
      id,
      shortDescription: { text: title },
      fullDescription: { text: `${page.locks} ${page.why}` },
      help: { text: helpText(page), markdown: helpMarkdown(page) },
      properties: { tags: ["postgres", "migration"] },
    })),
    ...others.map((id) => ({
      id,
      shortDescription: { text: rehearsed.find((one) => one.id === id)?.title ?? id },
    })),
  ];
}

function helpText({ locks, why, instead, since }: RulePage): string {
  return `Locks: ${locks}\n\nWhy: ${why}\n\nInstead: ${instead}\n\nSince: ${since}`;
}

function helpMarkdown({ locks, why, instead, since }: RulePage): string {
  const hard = (text: string): string => text.replace(/[\\`*_{}[\]<>#|~]/g, "\\$&");
  return [
    `**Locks.** ${hard(locks)}`,
    `**Why.** ${hard(why)}`,
    `**Instead.**\n\n${instead.split("\n").map((line) => `    ${line}`).join("\n")}`,
    `**Since.** ${hard(since)}`,
  ].join("\n\n");
}

function sarifResult(
  one: SarifResult,
  indexes: ReadonlyMap<string, number>,
  seen: Map<string, number>,
): object {
  const { rule, level, message, path, line, endLine, same, dismissed } = one;
  const place = [rule, path ?? "", same].join("\0");
  const hash = new Bun.CryptoHasher("sha256").update(place).digest("hex");
  // The same statement may stand in a file twice.
  const times = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, times);
  const region = line === undefined ? {} : {
    region: { startLine: line, endLine: Math.max(line, endLine ?? line) },
  };
  return {
    ruleId: rule,
    ruleIndex: indexes.get(rule) ?? -1,
    level,
    message: { text: message },
    locations: path === undefined ? [] : [
      { physicalLocation: { artifactLocation: artifact(path), ...region } },
    ],
    partialFingerprints: { primaryLocationLineHash: `${hash.slice(0, 16)}:${times}` },
    ...(dismissed === undefined ? {} : { suppressions: [suppression(dismissed)] }),
  };
}

function suppression(dismissed: Dismissal): object {
  switch (dismissed.kind) {
    case "ignored":
      return { kind: "inSource", status: "accepted", justification: dismissed.reason };
    case "allowed":
      return { kind: "external", status: "accepted", justification: "allowed by --allow" };
  }
}

/** Relative to the root of the repository, unless the path is absolute. */
function artifact(path: string): object {
  // Half a character, which no URI can hold, is possible in a name.
  const parts = path.toWellFormed().replaceAll("\\", "/")
    .replace(/^(?:\.\/)+/, "").split("/");
  const uri = parts.map(encodeURIComponent).join("/");
  if (path.startsWith("/")) return { uri: `file://${uri}` };
  return { uri, uriBaseId: "%SRCROOT%" };
}
