/** What the rehearsal found of a plan as a whole, as Markdown. */

import type { BrokenQuery, RehearsedQueries, Rehearsal } from "../core/review/review.ts";
import { codeSpan, details, fenced, inline } from "./review-markdown-text.ts";
import { counted, wayBackText } from "./review-words.ts";

const mostQueries = 30;

export function rehearsalBlocks(rehearsal: Rehearsal): readonly string[] {
  const { schemaDiff, wayBack, failure, queries, notes } = rehearsal;
  const back = wayBack.kind === "same" ? inline(wayBackText(wayBack))
    : `**${inline(wayBackText(wayBack))}**`;
  const blocks = [
    ...(failure === undefined ? [] : [
      `**The rehearsal failed** at ${codeSpan(`${failure.path}:${failure.line}`)}: ${
        inline(failure.message)
      }`,
    ]),
    ...(queries === undefined ? [] : queryBlocks(queries)),
    wayBack.kind === "differs"
      ? `${back}\n\n${details("difference after up and down", fenced(wayBack.diff, "diff"))}`
      : back,
    schemaDiff === "" ? "the schema stays as it is"
      : details("schema: from before to after", fenced(schemaDiff, "diff")),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${inline(note)}`).join("\n")]),
  ];
  const [first = "", ...rest] = blocks;
  return [`### Rehearsal on ${inline(rehearsal.on)}\n\n${first}`, ...rest];
}

function queryBlocks({ checked, broken, brokenBefore }: RehearsedQueries): readonly string[] {
  const count = counted(checked, "query", "queries");
  const title = broken.length === 0 ? `${count} checked, none is broken`
    : `**${count} checked, ${broken.length} broken by this change**`;
  const before = brokenBefore.length === 0 ? [] : [
    details(
      `${counted(brokenBefore.length, "query", "queries")} could not be prepared before either`,
      queryItems(brokenBefore),
    ),
  ];
  return [broken.length === 0 ? title : `${title}\n\n${queryItems(broken)}`, ...before];
}

function queryItems(queries: readonly BrokenQuery[]): string {
  const items = queries.slice(0, mostQueries).map(({ path, line, text, message }) =>
    `- ${codeSpan(`${path}:${line}`)} ${codeSpan(text)}: ${inline(message)}`,
  );
  const left = queries.length - items.length;
  return [...items, ...(left === 0 ? [] : [`- … and ${left} more`])].join("\n");
}
