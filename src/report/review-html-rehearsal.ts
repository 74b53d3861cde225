/** What the rehearsal found of a plan as a whole, as HTML. */

import type {
  BrokenQuery, RehearsalFailure, RehearsedQueries, Rehearsal, WayBack,
} from "../core/review/review.ts";
import { diffListing } from "./review-html-sql.ts";
import { html, type Markup } from "./review-html-text.ts";
import { counted, wayBackText } from "./review-words.ts";

export function rehearsalSection(rehearsal: Rehearsal): Markup {
  const { on, schemaDiff, wayBack, failure, queries, notes } = rehearsal;
  return html`
<section class="rehearsal" id="rehearsal" aria-labelledby="rehearsal-title">
<h2 id="rehearsal-title">Rehearsal</h2>
<p class="lead">Ran on ${on}.</p>
${failure === undefined ? undefined : failureBlock("It failed", failure)}
${queries === undefined ? undefined : queryBlock(queries)}
${wayBackBlock(wayBack)}
<h3>Schema, from before to after</h3>
${schemaDiff === "" ? html`<p>No difference.</p>`
    : diffListing(schemaDiff, "difference of the schema from before to after")}
${notes.length === 0 ? undefined : html`<h3>To know</h3>
<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
</section>
`;
}

function failureBlock(title: string, { path, line, message }: RehearsalFailure): Markup {
  return html`<div class="finding error"><p class="rule"><span class="badge error">failed</span>
<code>${path}:${line}</code></p><p class="reason">${title}: ${message}</p></div>`;
}

function wayBackBlock(wayBack: WayBack): Markup {
  const state = wayBack.kind === "same" ? "good" : wayBack.kind === "not-run" ? "open" : "bad";
  return html`<h3>Way back</h3>
<p class="outcome ${state}">${wayBackText(wayBack)}</p>
${wayBack.kind === "differs"
    ? diffListing(wayBack.diff, "difference of the schema after up and down") : undefined}`;
}

function queryBlock({ checked, broken, brokenBefore }: RehearsedQueries): Markup {
  const count = counted(checked, "query", "queries");
  const before = counted(brokenBefore.length, "query", "queries");
  return html`<h3>Queries</h3>
<p class="outcome ${broken.length === 0 ? "good" : "bad"}">${count} checked, ${
    broken.length === 0 ? "none is broken" : `${broken.length} broken by this change`
  }</p>
${broken.length === 0 ? undefined : queryList(broken)}
${brokenBefore.length === 0 ? undefined : html`<details><summary>${
    before
  } could not be prepared before either</summary>${queryList(brokenBefore)}</details>`}`;
}

function queryList(queries: readonly BrokenQuery[]): Markup {
  return html`<ul class="queries">${queries.map(({ path, line, text, message }) =>
    html`<li><p class="place"><code>${path}:${line}</code></p>
<p><code class="query">${text}</code></p><p class="reason">${message}</p></li>`)}</ul>`;
}
