/** What lint found, as lines for a terminal: one block for each finding. */

import type { ReviewDocument } from "../core/review/review.ts";
import { allFindings } from "../core/review/review.ts";
import { inColour, type TextStyle, textWidth, wrappedLines } from "./review-lines.ts";
import {
  classWords, counted, findingClass, refusals, spokenFindings,
} from "./review-words.ts";

export function lintLines(document: ReviewDocument, style: TextStyle): readonly string[] {
  const findings = spokenFindings(document);
  const blocks = findings.flatMap((finding) => {
    const { rule, reason, instead, place } = finding;
    const at = place === undefined ? "" : `${place.path}:${place.line}: `;
    const word = inColour(classWords(finding), findingClass(finding), style);
    // One line, however wide: editors and scripts read these.
    return [
      `${at}${word} ${rule}: ${reason.replace(/\s+/g, " ")}`,
      ...(instead === undefined ? [] : insteadLines(instead)),
      "",
    ];
  });
  return [...blocks, ...summary(document)];
}

function insteadLines(instead: string): readonly string[] {
  const label = "  instead: ";
  return wrappedLines(instead, textWidth - label.length).map((line, index) =>
    (index === 0 ? label : " ".repeat(label.length)) + line,
  );
}

/** `2 breaking, 1 risky`, and how many files were looked at. */
function summary(document: ReviewDocument): readonly string[] {
  const findings = spokenFindings(document);
  const { files } = document.review;
  const looked = counted(files.length, "file");
  const dismissed = allFindings(document.review).filter((one) => one.dismissed !== undefined);
  const ignored = dismissed.length === 0 ? "" : `, ${dismissed.length} ignored`;
  if (findings.length === 0) return [`nothing found in ${looked}${ignored}`];
  const counts = (["error", "breaking", "risky", "advice"] as const).flatMap((one) => {
    const count = findings.filter((finding) => findingClass(finding) === one).length;
    return count === 0 ? [] : [`${count} ${one}`];
  });
  const no = refusals(document);
  const answer = no.length === 0 ? [] : [`The answer is no: ${no.join("; ")}`];
  const found = counted(findings.length, "finding");
  return [`${found} in ${looked}: ${counts.join(", ")}${ignored}`, ...answer];
}
