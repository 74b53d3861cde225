/** What a review says of statements, as lines for a terminal. */

import type { Finding, ReviewedStatement } from "../core/review/review.ts";
import { lockModes, type RelationLock } from "../core/review/rule.ts";
import {
  dim, inColour, labelled, type TextStyle, textWidth, wrapped, wrappedLines,
} from "./review-lines.ts";
import {
  classWords, counted, dismissalText, durationText, findingClass, isOpaque, isShown, linesText,
  lockMeaning, lossTexts, oneLine, seenEffects, statementWord, undoText,
} from "./review-words.ts";
import { cutToWidth } from "./live-line.ts";

const indent = 4;
const column = 10;
const room = textWidth - indent - column;
/** Of safe statements that stand one after the other; more of them are counted. */
const mostSafeInARow = 10;
/** Half a lock's name would say too little: these lines may be as wide as a wide terminal. */
const plainWidth = 100;

/** One line for each that is safe, a paragraph for each other. */
export function statementLines(
  statements: readonly ReviewedStatement[],
  style: TextStyle,
): readonly string[] {
  const lines: string[] = [];
  let row: ReviewedStatement[] = [];
  const endRow = (): void => {
    lines.push(...rowLines(row, style));
    row = [];
  };
  for (const one of statements) {
    if (isPlain(one)) {
      row.push(one);
      continue;
    }
    endRow();
    if (lines.length > 0 && lines.at(-1) !== "") lines.push("");
    lines.push(...paragraph(one, style), "");
  }
  endRow();
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** Safe, and nothing about it that a line could not hold. */
export function isPlain(statement: ReviewedStatement): boolean {
  const { verdict, findings, undo, loses } = statement;
  return verdict === "safe" && loses.length === 0 && undo?.undone !== "no"
    && !findings.some((one) => isShown(one));
}

function rowLines(row: readonly ReviewedStatement[], style: TextStyle): readonly string[] {
  const most = row.length === mostSafeInARow + 1 ? row.length : mostSafeInARow;
  const left = row.slice(most);
  const [first] = left;
  const lines = row.slice(0, most).map((one) => plainLine(one, style));
  if (first === undefined) return lines;
  const last = left.at(-1)?.source.endLine ?? first.source.line;
  const what = counted(left.length, "more safe statement");
  return [...lines, `  … and ${what}, lines ${first.source.line}-${last}`];
}

/** All that there is to say of it, in a few words each. */
export function plainNotes(statement: ReviewedStatement): readonly string[] {
  const { measured } = statement;
  const { locks, rewrites, scans } = seenEffects(statement);
  return [
    ...lockTexts(locks),
    ...(rewrites.length === 0 ? [] : [`rewrites ${rewrites.join(", ")}`]),
    ...(scans.length === 0 ? [] : [`scans ${scans.join(", ")}`]),
    ...(measured === undefined ? [] : [`measured ${durationText(measured.ms)}`]),
  ];
}

function plainLine(statement: ReviewedStatement, style: TextStyle): string {
  const parts = plainNotes(statement);
  const head = `${linesText(statement).padStart(7)}  ${statement.source.command}`;
  const text = parts.length === 0 ? head : `${head}: ${parts.join("; ")}`;
  return `  ${inColour("SAFE", "safe", style)} ${cutToWidth(text, plainWidth - 7)}`;
}

/** One text for each mode, the strongest first. */
export function lockTexts(locks: readonly RelationLock[]): readonly string[] {
  return lockModes.toReversed().flatMap((mode) => {
    const relations = locks.filter((one) => one.mode === mode).map(({ relation }) => relation);
    return relations.length === 0 ? [] : [`${mode} on ${relations.join(", ")}`];
  });
}

function paragraph(statement: ReviewedStatement, style: TextStyle): readonly string[] {
  const { source, findings, undo } = statement;
  const verdict = statementWord(statement);
  const word = inColour(verdict.toUpperCase(), verdict, style);
  const cut = source.unread?.kind === "long" ? " (too long to be read as a whole)" : "";
  const at = source.endLine > source.line ? "lines" : "line";
  return [
    `  ${word}  ${at} ${linesText(statement)}  ${source.command}${cut}`,
    " ".repeat(indent) + dim(cutToWidth(oneLine(source.text), textWidth - indent), style),
    ...effectLines(statement, style),
    ...findings.filter(isShown).flatMap((one) => whyLines(one, style)),
    ...(undo === undefined ? [] : prose("undo", undoText(undo), style)),
    ...lossTexts(statement).flatMap((text) => prose("loses", text, style)),
  ];
}

function effectLines(statement: ReviewedStatement, style: TextStyle): readonly string[] {
  const { measured } = statement;
  const seen = seenEffects(statement);
  const locks = lockModes.toReversed().flatMap((mode) => {
    const own = seen.locks.filter((one) => one.mode === mode);
    return lockTexts(own).map((text) => `${text} (${lockMeaning(mode)})`);
  });
  const isIdle = seen.rewrites.length === 0 && seen.scans.length === 0;
  if (isOpaque(statement)) return prose("locks", "not known, nor rewrites and scans", style);
  return [
    ...(measured === undefined ? [] : prose("measured", measuredText(measured), style)),
    ...(locks.length === 0 ? prose("locks", "nothing that is there already", style) : []),
    ...locks.flatMap((text, index) => prose(index === 0 ? "locks" : "", text, style)),
    ...(isIdle ? prose("on disk", "no rewrite, no scan", style) : []),
    ...(seen.rewrites.length === 0 ? [] : prose("rewrites", seen.rewrites.join(", "), style)),
    ...(seen.scans.length === 0 ? [] : prose("scans", seen.scans.join(", "), style)),
  ];
}

/** What of it was seen. */
export function measuredText({ ms, sawLocks }: { ms: number; sawLocks: boolean }): string {
  return sawLocks
    ? `in ${durationText(ms)}: locks, rewrites and scans are those that were seen`
    : `in ${durationText(ms)}: rewrites and scans are those that were seen, locks are what ` +
      "the rules say";
}

function whyLines(finding: Finding, style: TextStyle): readonly string[] {
  const { rule, reason, instead, dismissed } = finding;
  // Where a statement has several, each says its own class.
  const why = prose("why", `${reason} [${classWords(finding)}: ${rule}]`, style);
  if (dismissed !== undefined) return [...why, ...prose("", dismissalText(dismissed), style)];
  return instead === undefined ? why : [...why, ...code("instead", instead, style)];
}

/** A finding that is about no single statement, and the words that say about what it is. */
export function findingLines(
  finding: Finding,
  at: string,
  style: TextStyle,
): readonly string[] {
  const { rule, reason, instead, dismissed } = finding;
  const one = findingClass(finding);
  const word = inColour(classWords(finding), one, style);
  const rest = dismissed !== undefined ? prose("", dismissalText(dismissed), style)
    : instead === undefined ? [] : code("instead", instead, style);
  return [
    `  ${word}  ${at === "" ? "" : `${at}  `}${rule}`,
    ...prose("why", reason, style),
    ...rest,
  ];
}

function prose(label: string, text: string, style: TextStyle): readonly string[] {
  return labelled(label, wrapped(text, room), { indent, column, style });
}

function code(label: string, text: string, style: TextStyle): readonly string[] {
  return labelled(label, wrappedLines(text, room), { indent, column, style });
}
