/** A review in the format that was asked for. */

import type { ReviewDocument } from "../core/review/review.ts";
import { allRules } from "../core/review/rules.ts";
import type { ReviewOutcome } from "../engine/events.ts";
import { reviewText, verdictLines } from "./review-text.ts";
import { headWord } from "./review-words.ts";
import { ruleListText, rulePageText } from "./rule-text.ts";

export interface ReviewStyle {
  readonly format: "text" | "sql" | "json" | "markdown" | "html" | "github" | "sarif";
  readonly colour: "colour" | "plain";
}

/** In order; a script is read as it is written, since its files may be large. */
export async function reviewParts(
  outcome: ReviewOutcome,
  { format, colour }: ReviewStyle,
): Promise<Iterable<string | Uint8Array>> {
  if (outcome.kind === "rules") return [ruleListText(outcome.rules, colour)];
  if (outcome.kind === "rule") return [rulePageText(outcome.rule, colour)];
  const { document, script } = outcome;
  switch (format) {
    case "text":
      return [reviewText(document, colour)];
    case "sql":
      return sqlParts(document, script ?? []);
    case "json":
      return [(await import("./review-json.ts")).reviewJson(document)];
    case "markdown":
      return [(await import("./review-markdown.ts")).reviewMarkdown(document)];
    case "html":
      return [(await import("./review-html.ts")).reviewHtml(document)];
    case "github":
      return [(await import("./review-github.ts")).reviewGithub(document)];
    case "sarif":
      return [(await import("./review-sarif.ts")).reviewSarif(document, allRules)];
  }
}

/** The verdict for whoever finds the review in a file; empty for what has none. */
export function verdictText(outcome: ReviewOutcome): string {
  if (outcome.kind !== "review") return "";
  return verdictLines(outcome.document, "plain").map((line) => `${line}\n`).join("");
}

/** The verdict in a word; undefined for what has none. */
export function verdictWord(outcome: ReviewOutcome): string | undefined {
  return outcome.kind === "review" ? headWord(outcome.document) : undefined;
}

/** What psql runs, below the review as comments. */
function* sqlParts(
  document: ReviewDocument,
  script: Iterable<Uint8Array>,
): Generator<string | Uint8Array> {
  const lines = reviewText(document, "plain").trimEnd().split("\n");
  yield lines.map((line) => `-- ${line}`.trimEnd()).join("\n");
  yield "\n\n";
  yield* script;
}
