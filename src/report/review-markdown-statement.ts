/** What a review says of statements, as Markdown. */

import type { Finding, ReviewedFile, ReviewedStatement } from "../core/review/review.ts";
import { lockModes } from "../core/review/rule.ts";
import { codeSpan, details, fenced, inline } from "./review-markdown-text.ts";
import { isPlain, lockTexts, measuredText } from "./review-statement-text.ts";
import {
  classWords, counted, dismissalText, isOpaque, isShown, linesText, lockMeaning, lossTexts,
  seenEffects, statementWord, undoText,
} from "./review-words.ts";

const mostSafe = 200;
/** More relations than that are counted. */
const mostNames = 20;

export function statementBlock(statement: ReviewedStatement): string {
  const { source, findings, undo, measured } = statement;
  const verdict = statementWord(statement);
  const where = source.endLine > source.line ? "lines" : "line";
  const title = `**${verdict.toUpperCase()}** ${where} ${linesText(statement)}: ` +
    inline(source.command);
  const cut = source.unread?.kind === "long" ? "\n\n… which is too long to be read whole" : "";
  const items = [
    ...findings.filter(isShown).map(findingItem),
    ...effectItems(statement),
    ...(measured === undefined ? [] : [`measured ${inline(measuredText(measured))}`]),
    ...(undo === undefined ? [] : [`undo: ${inline(undoText(undo))}`]),
    ...lossTexts(statement).map((text) => `**loses** ${inline(text)}`),
  ];
  return `${title}\n\n${fenced(source.text, "sql")}${cut}\n\n${
    items.map((item) => `- ${item}`).join("\n")
  }`;
}

function findingItem(finding: Finding): string {
  const { rule, reason, instead, dismissed } = finding;
  const text = `**${classWords(finding)}** ${codeSpan(rule)}: ${inline(reason)}`;
  if (dismissed !== undefined) return `${text} (${inline(dismissalText(dismissed))})`;
  if (instead === undefined) return text;
  if (!instead.includes("\n")) return `${text}\n  - instead: ${inline(instead)}`;
  const block = fenced(instead, "sql").split("\n").map((line) => `    ${line}`.trimEnd());
  return `${text}\n  - instead:\n\n${block.join("\n")}`;
}

function effectItems(statement: ReviewedStatement): readonly string[] {
  const { locks, rewrites, scans } = seenEffects(statement);
  const byMode = lockModes.toReversed().flatMap((mode) => {
    const relations = locks.filter((one) => one.mode === mode).map(({ relation }) => relation);
    return relations.length === 0 ? []
      : [`locks ${namesText(relations)} in ${mode} mode: ${lockMeaning(mode)}`];
  });
  return [
    ...byMode,
    ...(rewrites.length === 0 ? [] : [`rewrites ${namesText(rewrites)}`]),
    ...(scans.length === 0 ? [] : [`scans ${namesText(scans)}`]),
    ...(rewrites.length + scans.length > 0 ? []
      : [isOpaque(statement) ? "locks, rewrites and scans are not known" : "no rewrite, no scan"]),
  ];
}

function namesText(names: readonly string[]): string {
  const left = names.length - mostNames;
  const shown = names.slice(0, mostNames).map(codeSpan).join(", ");
  return left > 0 ? `${shown} and ${left} more` : shown;
}

/** The safe statements of a file, folded; none where there is none. */
export function safeBlock({ file, statements }: ReviewedFile): readonly string[] {
  const safe = statements.filter(isPlain);
  if (safe.length === 0) return [];
  const items = safe.slice(0, mostSafe).map((one) => {
    const locks = lockTexts(seenEffects(one).locks).map(inline).join("; ");
    return `- line ${linesText(one)}: ${inline(one.source.command)}${
      locks === "" ? "" : `, ${locks}`
    }`;
  });
  const left = safe.length - items.length;
  const all = left === 0 ? items : [...items, `- … and ${left} more`];
  const title = `${counted(safe.length, "safe statement")} in ${file.path}`;
  return [details(title, all.join("\n"))];
}
