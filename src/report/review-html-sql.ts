/** SQL and differences as HTML: coloured, numbered, and cut where they are long. */

import { Lexer } from "../core/lex.ts";
import { TokenKind } from "../core/token.ts";
import { html, joined, type Markup } from "./review-html-text.ts";
import { counted } from "./review-words.ts";

/** How many lines are shown of what must be looked at, and of what is folded away. */
export const mostLines = { open: 200, folded: 40 } as const;
const mostCharacters = 20_000;

/** The words that are shown as keywords; a column of such a name is shown so too. */
const keywords = new Set(`
  access add after all alter always analyze and any array as asc atomic attach authorization
  before begin between both by call cascade case cast check cluster collate column comment commit
  concurrently conflict constraint copy create cross current_date current_timestamp
  current_user cycle database deallocate declare default deferrable deferred delete desc detach
  disable distinct do domain drop each else enable end enum exception exclude execute exists
  extension extract false fetch first following for force foreign freeze from full function
  generated grant group having identity if ilike immutable in include increment index inherit
  initially inner inout insert instead intersect interval into invoker is isolation join key
  language last lateral leading left level like limit local lock logged match materialized maxvalue
  merge minvalue move natural no not nothing notify null nulls of offset on only option or order
  out outer over overriding owned owner parallel partition policy preceding primary privileges
  procedure publication range read recursive references refresh reindex release rename replace
  replica reset restrict returning returns revoke right role rollback row rows rule savepoint
  schema security select sequence serializable session set setof share show some stable
  statement statistics storage stored subscription system table tablespace temp temporary then
  to trailing transaction trigger true truncate type union unique unlogged until update user using
  vacuum valid validate value values view virtual volatile when where window with without work
`.trim().split(/\s+/));

/** As a line of a listing. */
interface Piece {
  readonly className: string | undefined;
  readonly text: string;
}

/** A listing that scrolls by itself. `label` says to a screen reader what is in it. */
export function sqlListing(
  { text: sql, line: firstLine }: { readonly text: string; readonly line: number },
  label: string,
  most: number = mostLines.open,
): Markup {
  const { text, remark } = cut(sql, most);
  const lines = piecesByLine(text).map((pieces, index) =>
    html`<span class="l" data-n="${firstLine + index}">${pieces.map(pieceMarkup)}\n</span>`,
  );
  return listing(html`<pre class="sql numbered"><code>${lines}</code></pre>`, label, remark);
}

/** SQL that stands in no file, such as what to write instead. */
export function sqlSnippet(sql: string, label: string): Markup {
  const { text, remark } = cut(sql, mostLines.open);
  const pieces = piecesOf(text).map(pieceMarkup);
  return listing(html`<pre class="sql"><code>${pieces}</code></pre>`, label, remark);
}

/** A unified diff; what it says by colour its first characters say too. */
export function diffListing(diff: string, label: string): Markup {
  const { text, remark } = cut(diff.replace(/\n$/, ""), mostLines.open);
  const lines = text.split("\n").map((line) => {
    if (/^(?:---|\+\+\+) /.test(line)) return html`<span class="l file">${line}\n</span>`;
    if (line.startsWith("@")) return html`<span class="l at">${line}\n</span>`;
    if (line.startsWith("+")) return html`<ins class="l">${line}\n</ins>`;
    if (line.startsWith("-")) return html`<del class="l">${line}\n</del>`;
    return html`<span class="l">${line}\n</span>`;
  });
  return listing(html`<pre class="diff"><code>${lines}</code></pre>`, label, remark);
}

function listing(content: Markup, label: string, remark: string | undefined): Markup {
  const more = remark === undefined ? undefined : html`<p class="cut">${remark}</p>`;
  return html`<div class="listing" tabindex="0" role="region" aria-label="${label}">${content}</div>
${more}`;
}

function cut(text: string, most: number): { readonly text: string; readonly remark?: string } {
  const lines = text.split("\n");
  const head = lines.slice(0, most).join("\n");
  const left = lines.length - most;
  if (head.length > mostCharacters) {
    return { text: head.slice(0, mostCharacters), remark: "… the rest is left out" };
  }
  if (left <= 0) return { text };
  return { text: head, remark: `… ${counted(left, "more line is", "more lines are")} left out` };
}

function pieceMarkup({ className, text }: Piece): Markup {
  return className === undefined ? html`${text}` : html`<span class="${className}">${text}</span>`;
}

/** A token that goes over several lines is a piece in each of them. */
function piecesByLine(sql: string): readonly (readonly Piece[])[] {
  const lines: Piece[][] = [[]];
  for (const { className, text } of piecesOf(sql)) {
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) lines.push([]);
      if (part !== "") lines.at(-1)?.push({ className, text: part });
    }
  }
  return lines;
}

function piecesOf(sql: string): readonly Piece[] {
  const bytes = new TextEncoder().encode(sql);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const lexer = new Lexer();
  lexer.feed(bytes, 0, "final");
  const pieces: Piece[] = [];
  let at = 0;
  const add = (end: number, className: string | undefined): void => {
    if (end > at) pieces.push({ className, text: decoder.decode(bytes.subarray(at, end)) });
    at = end;
  };
  while (lexer.next()) {
    const text = lexer.kind === TokenKind.word
      ? decoder.decode(bytes.subarray(lexer.start, lexer.end)) : "";
    const className = classOf(lexer.kind, text);
    if (className === undefined) continue;
    add(lexer.start, undefined);
    add(lexer.end, className);
  }
  add(bytes.length, undefined);
  return pieces;
}

function classOf(kind: TokenKind, word: string): string | undefined {
  switch (kind) {
    case TokenKind.word:
      return keywords.has(word.toLowerCase()) ? "k" : undefined;
    case TokenKind.string:
    case TokenKind.dollarString:
      return "s";
    case TokenKind.number:
    case TokenKind.parameter:
      return "n";
    case TokenKind.lineComment:
    case TokenKind.blockComment:
      return "c";
    case TokenKind.quotedIdentifier:
    case TokenKind.operator:
    case TokenKind.punctuation:
      return undefined;
  }
}

/** Names as code, with commas between them. */
export function nameList(names: readonly string[]): Markup {
  return joined(names.map((name) => html`<code>${name}</code>`), ", ");
}
