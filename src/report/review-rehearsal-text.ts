/** What the rehearsal found of a plan as a whole, as lines for a terminal. */

import type { BrokenQuery, RehearsedQueries, Rehearsal } from "../core/review/review.ts";
import {
  bold, diffLines, inColour, type TextStyle, textWidth, wrapped,
} from "./review-lines.ts";
import { counted, oneLine, wayBackText } from "./review-words.ts";
import { cutToWidth } from "./live-line.ts";

const mostDiffLines = 200;
const mostQueries = 20;

export function rehearsalLines(rehearsal: Rehearsal, style: TextStyle): readonly string[] {
  const { on, schemaDiff, wayBack, failure, queries, notes } = rehearsal;
  const failed = failure === undefined ? [] : [
    "",
    `  ${inColour("FAILED", "error", style)}  ${failure.path}:${failure.line}`,
    ...wrapped(failure.message, textWidth - 4).map((line) => `    ${line}`),
  ];
  return [
    bold(`Rehearsal on ${on}`, style),
    ...failed,
    "",
    ...(schemaDiff === "" ? ["  Schema: no difference"] : [
      "  Schema: the difference from before to after",
      ...indented(diffLines(schemaDiff, mostDiffLines, style)),
    ]),
    "",
    ...wrapped(`Way back: ${wayBackText(wayBack)}`, textWidth - 2).map((line) => `  ${line}`),
    ...(wayBack.kind === "differs" ? indented(diffLines(wayBack.diff, mostDiffLines, style)) : []),
    ...(queries === undefined ? [] : ["", ...queryLines(queries, style)]),
    ...(notes.length === 0 ? [] : [""]),
    ...notes.flatMap((note) =>
      wrapped(`Note: ${note}`, textWidth - 4).map((line, at) => `  ${at === 0 ? "" : "  "}${line}`),
    ),
  ];
}

function queryLines(queries: RehearsedQueries, style: TextStyle): readonly string[] {
  const { checked, broken, brokenBefore } = queries;
  const count = broken.length === 0 ? "none is broken"
    : inColour(`${broken.length} broken by this change`, "breaking", style);
  const before = brokenBefore.length === 0 ? [] : [
    `  ${counted(brokenBefore.length, "query", "queries")} could not be prepared before either`,
    ...brokenLines(brokenBefore),
  ];
  return [
    `  Queries: ${counted(checked, "query", "queries")} checked, ${count}`,
    ...brokenLines(broken),
    ...before,
  ];
}

function brokenLines(queries: readonly BrokenQuery[]): readonly string[] {
  const lines = queries.slice(0, mostQueries).flatMap(({ path, line, text, message }) => [
    `    ${path}:${line}`,
    `      ${cutToWidth(oneLine(text), textWidth - 6)}`,
    ...wrapped(message, textWidth - 6).map((one) => `      ${one}`),
  ]);
  const left = queries.length - mostQueries;
  return left > 0 ? [...lines, `    … and ${left} more`] : lines;
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `    ${line}`.trimEnd());
}
