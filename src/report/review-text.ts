/** A review as people read it in a terminal. */

import type { Finding, ReviewDocument, ReviewedFile } from "../core/review/review.ts";
import { lintLines } from "./review-lint-text.ts";
import { bold, inColour, labelled, type TextStyle, textWidth, wrapped } from "./review-lines.ts";
import { rehearsalLines } from "./review-rehearsal-text.ts";
import { pageDocument } from "./review-shown.ts";
import { findingLines, statementLines } from "./review-statement-text.ts";
import {
  alarms, decidingFiles, fileWord, folderFindings, headWord, howItRuns, isShown, refusals,
  shortFingerprint, targetText, verdictMeaning,
} from "./review-words.ts";

/** What stands in the first lines of a plan; more of them are counted. */
const mostFilesNamed = 3;

export function reviewText(document: ReviewDocument, style: TextStyle): string {
  const shown = pageDocument(document);
  const lines = shown.command === "lint" ? lintLines(shown, style) : planLines(shown, style);
  return `${lines.join("\n")}\n`;
}

function planLines(document: ReviewDocument, style: TextStyle): readonly string[] {
  const { review, rehearsal } = document;
  const folder = folderFindings(document);
  return [
    ...shownVerdict(document, style),
    "",
    ...factLines(document, style),
    ...review.files.flatMap((file) => ["", ...fileLines(file, document, style)]),
    ...(folder.length === 0 ? [] : ["", bold("The folder as a whole", style), ""]),
    ...folder.flatMap((finding) => findingLines(finding, folderPlace(finding), style)),
    ...(rehearsal === undefined ? [] : ["", ...rehearsalLines(rehearsal, style)]),
  ];
}

/** The verdict alone, for whoever finds the rest of it in a file. */
export function verdictLines(document: ReviewDocument, style: TextStyle): readonly string[] {
  return shownVerdict(pageDocument(document), style);
}

function shownVerdict(document: ReviewDocument, style: TextStyle): readonly string[] {
  const verdict = headWord(document);
  const [first = "", ...rest] = wrapped(
    `${verdict.toUpperCase()}: ${verdictMeaning(document)}`, textWidth,
  );
  const word = verdict.toUpperCase();
  const coloured = inColour(word, verdict, style) + bold(first.slice(word.length), style);
  const deciding = decidingFiles(document).map(({ file }) => file.path);
  const named = deciding.slice(0, mostFilesNamed);
  const more = deciding.length - named.length;
  const no = refusals(document);
  return [
    coloured,
    ...rest,
    ...named.map((path) => `  because of ${path}`),
    ...(more > 0 ? [`  and of ${more} more`] : []),
    ...alarms(document).flatMap((text) =>
      wrapped(text, textWidth - 4).map((line, at) => `  ${at === 0 ? "" : "  "}${line}`),
    ),
    ...(document.answer === "no" ? [`The answer is no: ${no.join("; ")}`] : []),
  ];
}

function factLines(document: ReviewDocument, style: TextStyle): readonly string[] {
  const { target, rehearsal, pgmateVersion, madeAt } = document;
  const facts: readonly (readonly [string, string])[] = [
    ["Target", targetText(document) ?? "none was asked: sizes and what is there are not known"],
    ...(target === undefined ? [] : [
      ["History", shortFingerprint(target.fingerprint)] as const,
    ]),
    ...(rehearsal === undefined ? [] : [
      ["Rehearsed", `on ${rehearsal.on}; what is called measured was seen there`] as const,
    ]),
    ["Made", `${madeAt}, by pgmate ${pgmateVersion}`],
  ];
  return facts.flatMap(([label, text]) =>
    labelled(label, wrapped(text, textWidth - 11), { indent: 0, column: 11, style }),
  );
}

function fileLines(
  reviewed: ReviewedFile,
  document: ReviewDocument,
  style: TextStyle,
): readonly string[] {
  const { file, statements, findings } = reviewed;
  const shown = findings.filter(isShown);
  const verdict = fileWord(reviewed, document);
  const word = inColour(verdict.toUpperCase(), verdict, style);
  return [
    `${bold(file.path, style)}: ${word}`,
    `${howItRuns(reviewed)}${statements.length === 0 ? ", no statement" : ""}`,
    "",
    ...shown.flatMap((finding) => findingLines(finding, linePlace(finding), style)),
    ...(shown.length > 0 && statements.length > 0 ? [""] : []),
    ...statementLines(statements, style),
  ];
}

function linePlace({ place }: Finding): string {
  return place === undefined ? "" : `line ${place.line}`;
}

function folderPlace({ place }: Finding): string {
  return place === undefined ? "" : `${place.path}:${place.line}`;
}
