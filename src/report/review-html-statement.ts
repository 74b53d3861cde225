/** What a review says of statements and findings, as HTML. */

import type { Finding, ReviewedStatement } from "../core/review/review.ts";
import { lockModes, type RelationLock, type RiskClass } from "../core/review/rule.ts";
import type { Undo } from "../core/review/undo.ts";
import { mostLines, nameList, sqlListing, sqlSnippet } from "./review-html-sql.ts";
import { html, type Markup } from "./review-html-text.ts";
import { isPlain, plainNotes } from "./review-statement-text.ts";
import {
  counted, dismissalText, durationText, findingClass, isOpaque, isShown, linesText, lockMeaning,
  lossTexts, oneLine, seenEffects, statementWord, undoText,
} from "./review-words.ts";

export function badge(one: RiskClass): Markup {
  return html`<span class="badge ${one}">${one}</span>`;
}

/** Safe statements that stand together are folded into one list. */
export function statementSections(
  statements: readonly ReviewedStatement[],
  path: string,
): readonly Markup[] {
  const sections: Markup[] = [];
  let row: ReviewedStatement[] = [];
  const endRow = (): void => {
    if (row.length > 0) sections.push(safeRow(row, path));
    row = [];
  };
  for (const one of statements) {
    if (isPlain(one)) {
      row.push(one);
      continue;
    }
    endRow();
    sections.push(statementArticle(one, path));
  }
  endRow();
  return sections;
}

function statementArticle(statement: ReviewedStatement, path: string): Markup {
  const { source, findings, measured } = statement;
  const verdict = statementWord(statement);
  const lines = placeWords(statement);
  const isLong = source.unread?.kind === "long";
  return html`
<article class="statement ${verdict}">
<header>
${badge(verdict)}
<h3>${source.command}</h3>
<p class="place">${lines}${measured === undefined ? undefined
    : html` · <span class="ms">measured ${durationText(measured.ms)}</span>`}</p>
</header>
${sqlListing(source, `SQL of ${lines}, ${path}`)}
${isLong ? html`<p class="cut">… too long to be read as a whole: this is its beginning</p>`
    : undefined}
${findings.filter(isShown).map((one) => findingBlock(one, `${path}, ${lines}`))}
${effectBlock(statement)}
</article>
`;
}

function placeWords(statement: ReviewedStatement): string {
  const lines = linesText(statement).replace("-", "–");
  return `${lines.includes("–") ? "lines" : "line"} ${lines}`;
}

/** `at` says where, for who does not see what is around it. */
export function findingBlock(finding: Finding, at: string): Markup {
  const { rule, classes, reason, instead, dismissed } = finding;
  const state = dismissed === undefined ? findingClass(finding) : "dismissed";
  return html`
<div class="finding ${state}">
<p class="rule">${classes.map(badge)} <code>${rule}</code></p>
<p class="reason">${reason}</p>
${dismissed !== undefined ? html`<p class="dismissal">${dismissalText(dismissed)}</p>`
    : instead === undefined ? undefined : insteadBlock(instead, `${rule}, ${at}`)}
</div>
`;
}

/** Several lines, or a whole statement, are SQL; what is one line is mostly words. */
function insteadBlock(instead: string, label: string): Markup {
  const isSql = instead.includes("\n") || instead.trimEnd().endsWith(";");
  return html`<div class="instead"><p class="label">Instead</p>
${isSql ? sqlSnippet(instead, `instead of ${label}`) : html`<p>${instead}</p>`}</div>`;
}

function effectBlock(statement: ReviewedStatement): Markup {
  const seen = seenEffects(statement);
  const { locks, rewrites, scans, locksKnown, filesKnown } = seen;
  const { undo } = statement;
  const losses = lossTexts(statement);
  const unseen = isOpaque(statement) ? html`not known` : undefined;
  return html`
<dl class="effects">
<div><dt>Locks${source(locksKnown, statement)}</dt>
<dd>${locks.length === 0 ? unseen ?? html`nothing that is there already`
    : lockTable(locks)}</dd></div>
<div><dt>On disk${source(filesKnown, statement)}</dt>
<dd>${rewrites.length + scans.length === 0 ? unseen ?? html`no rewrite, no scan` : undefined}
${rewrites.length === 0 ? undefined : html`<p>rewrites ${nameList(rewrites)}</p>`}
${scans.length === 0 ? undefined : html`<p>scans ${nameList(scans)}</p>`}</dd></div>
${undo === undefined ? undefined : html`<div><dt>Undo</dt><dd>${undoWords(undo)}</dd></div>`}
${losses.length === 0 ? undefined : html`<div class="loses"><dt>Data lost</dt>
<dd>${losses.map((text) => html`<p>${text}</p>`)}</dd></div>`}
</dl>
`;
}

function undoWords(undo: Undo): Markup {
  const [answer = "", ...why] = undoText(undo).split(": ");
  return html`<b>${answer}</b>${why.length === 0 ? "" : `: ${why.join(": ")}`}`;
}

/** Said only where there was a rehearsal, which could have shown it. */
function source(
  known: "measured" | "by-rule",
  { measured }: ReviewedStatement,
): Markup | undefined {
  if (measured === undefined) return undefined;
  return html` <small>${known === "measured" ? "measured" : "by rule, not seen"}</small>`;
}

function lockTable(locks: readonly RelationLock[]): Markup {
  const rows = lockModes.toReversed().flatMap((mode) =>
    locks.filter((one) => one.mode === mode).map(({ relation }) => html`<tr>
<th scope="row"><code>${relation}</code></th><td>${mode}</td><td>${lockMeaning(mode)}</td></tr>`),
  );
  return html`<table class="locks"><thead><tr><th scope="col">Relation</th>
<th scope="col">Lock</th><th scope="col">Meanwhile</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

/** Of a long row only the first are shown in full, so that a page of thousands can be opened. */
const mostInFull = 50;
/** So little is read faster than it is unfolded. */
const mostLinesUnfolded = 12;

function safeRow(statements: readonly ReviewedStatement[], path: string): Markup {
  const items = statements.map((one, index) => {
    const { source } = one;
    const lines = placeWords(one);
    const notes = plainNotes(one);
    const sql = oneLine(source.text);
    const short = sql.length > 160 ? `${sql.slice(0, 160)}…` : sql;
    return html`<li><p><b>${source.command}</b> <span class="place">${lines}</span></p>
${notes.length === 0 ? undefined : html`<p class="notes">${notes.join("; ")}</p>`}
${index < mostInFull ? sqlListing(source, `SQL of ${lines}, ${path}`, mostLines.folded)
    : html`<p><code>${short}</code></p>`}</li>`;
  });
  const lines = statements.map(({ source }) => source.text.split("\n").length);
  const isShort = lines.reduce((sum, count) => sum + count, 0) <= mostLinesUnfolded;
  return html`
<details class="folded"${isShort ? html` open` : undefined}><summary>${badge("safe")} ${
    counted(statements.length, "statement")
  }, ${rowPlace(statements)}</summary>
<ul>${items}</ul></details>
`;
}

function rowPlace(statements: readonly ReviewedStatement[]): string {
  const first = statements[0]?.source.line ?? 0;
  const last = statements.at(-1)?.source.endLine ?? first;
  return last > first ? `lines ${first}–${last}` : `line ${first}`;
}
