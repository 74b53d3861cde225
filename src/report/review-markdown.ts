/** A review as Markdown that fits the comment of a pull request. */

import type { Finding, ReviewDocument, ReviewedFile } from "../core/review/review.ts";
import { codeSpan, details, fenced, inline } from "./review-markdown-text.ts";
import { rehearsalBlocks } from "./review-markdown-rehearsal.ts";
import { safeBlock, statementBlock } from "./review-markdown-statement.ts";
import { pageDocument } from "./review-shown.ts";
import { isPlain } from "./review-statement-text.ts";
import {
  alarms, classWords, counted, dismissalText, fileWord, folderFindings, headWord, howItRuns,
  isShown, isSpoken, refusals, shortFingerprint, spokenFindings, targetText, verdictMeaning,
} from "./review-words.ts";

/** GitHub takes 65,536 characters; whoever posts the comment may want to add a line. */
const mostCharacters = 64_000;
const mostTableRows = 100;
const widestPath = 150;

const marks = { error: "⛔", safe: "🟢", risky: "🟡", breaking: "🔴" } as const;

/**
 * What must be looked at comes first, so that it is there where a limit cuts the rest. The first
 * line can be looked for, to write over the comment before instead of adding one.
 */
export function reviewMarkdown(document: ReviewDocument): string {
  const shown = pageDocument(document);
  const blocks = [
    ...folderFindings(shown).map((finding) => findingBlock(finding)),
    ...shown.review.files.flatMap((file) => fileBlocks(file)),
    ...(shown.rehearsal === undefined ? [] : rehearsalBlocks(shown.rehearsal)),
    ...shown.review.files.flatMap((file) => safeBlock(file)),
  ];
  return fitted([`<!-- pgmate ${shown.command} -->`, ...headBlocks(shown)], blocks);
}

/** As many of the blocks as there is room for; none is cut in two. */
function fitted(head: readonly string[], blocks: readonly string[]): string {
  const kept = [...head];
  let length = head.join("\n\n").length;
  for (const [index, block] of blocks.entries()) {
    length += block.length + 2;
    if (length > mostCharacters) {
      const left = counted(blocks.length - index, "more paragraph");
      kept.push(`**${left} did not fit into a comment**: \`--format html\` shows all of it.`);
      break;
    }
    kept.push(block);
  }
  return `${kept.join("\n\n")}\n`;
}

function headBlocks(document: ReviewDocument): readonly string[] {
  const { command, review, rehearsal, target, pgmateVersion } = document;
  const { files } = review;
  const verdict = headWord(document);
  const no = refusals(document);
  const alarmed = alarms(document).map((text) => `- **${inline(text)}**`);
  const facts = [
    ...(target === undefined ? [] : [
      `target ${inline(targetText(document) ?? "")}`,
      `history ${codeSpan(shortFingerprint(target.fingerprint))}`,
    ]),
    ...(rehearsal === undefined ? [] : [`rehearsed on ${inline(rehearsal.on)}`]),
    `pgmate ${inline(pgmateVersion)}`,
  ];
  const found = spokenFindings(document).length;
  return [
    `## ${marks[verdict]} ${verdict.toUpperCase()}: ${inline(verdictMeaning(document))}`,
    ...(alarmed.length === 0 ? [] : [alarmed.join("\n")]),
    ...(document.answer === "no" ? [`**The answer is no**: ${inline(no.join("; "))}`] : []),
    ...(files.length === 0 ? [] : [fileTable(document)]),
    ...(command === "lint" && found === 0 ? [`nothing found in ${counted(files.length, "file")}`]
      : []),
    `<sub>${facts.join(" · ")}</sub>`,
  ];
}

function fileTable(document: ReviewDocument): string {
  const { files } = document.review;
  const rows = files.slice(0, mostTableRows).map((reviewed) => {
    const { file, statements, findings } = reviewed;
    const all = [...findings, ...statements.flatMap((one) => one.findings)];
    const found = all.filter((one) => one.dismissed === undefined && isSpoken(one)).length;
    // The end of a path says more than its beginning.
    const short = file.path.length > widestPath ? `…${file.path.slice(-widestPath)}` : file.path;
    const path = codeSpan(short).replaceAll("|", "\\|");
    const verdict = fileWord(reviewed, document);
    const word = `${marks[verdict]} ${verdict}`;
    return `| ${path} | ${word} | ${howItRuns(reviewed)} | ${statements.length} | ${found} |`;
  });
  const left = files.length - rows.length;
  return [
    "| file | verdict | runs | statements | findings |",
    "| --- | --- | --- | ---: | ---: |",
    ...rows,
    ...(left === 0 ? [] : [`| … and ${left} more | | | | |`]),
  ].join("\n");
}

/** Nothing for a file in which everything is safe: its table row says that. */
function fileBlocks({ file, findings, statements }: ReviewedFile): readonly string[] {
  const spoken = findings.filter(isShown);
  const told = statements.filter((one) => !isPlain(one));
  const blocks = [
    ...spoken.map((finding) => findingBlock(finding)),
    ...told.map(statementBlock),
  ];
  const [first, ...rest] = blocks;
  // A title of which nothing is under it would stand alone where the limit cuts.
  return first === undefined ? [] : [`### ${codeSpan(file.path)}\n\n${first}`, ...rest];
}

function findingBlock(finding: Finding): string {
  const { rule, reason, instead, place, dismissed } = finding;
  const at = place === undefined ? "" : `${codeSpan(`${place.path}:${place.line}`)} `;
  const text = `${at}**${classWords(finding)}** ${codeSpan(rule)}: ${inline(reason)}`;
  if (dismissed !== undefined) return `${text} (${inline(dismissalText(dismissed))})`;
  if (instead === undefined) return text;
  const isShort = !instead.includes("\n");
  return isShort ? `${text}\n\n> instead: ${inline(instead)}`
    : `${text}\n\n${details("instead", fenced(instead, "sql"))}`;
}
