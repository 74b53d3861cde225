/** A review as one HTML file, which needs nothing beside itself and runs no script. */

import type { Finding, ReviewDocument, ReviewedFile, Verdict } from "../core/review/review.ts";
import { rehearsalSection } from "./review-html-rehearsal.ts";
import { badge, findingBlock, statementSections } from "./review-html-statement.ts";
import { styleSheet } from "./review-html-style.ts";
import { html, joined, Markup } from "./review-html-text.ts";
import { pageDocument } from "./review-shown.ts";
import {
  alarms, counted, decidingFiles, fileWord, folderFindings, headWord, howItRuns, isShown, isSpoken,
  refusals, shortFingerprint, spokenFindings, statementWord, targetText, verdictMeaning,
} from "./review-words.ts";

/** No script, no font, no image, no form: what a text of the page says cannot do anything. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const mostFilesNamed = 5;

export function reviewHtml(document: ReviewDocument): string {
  const shown = pageDocument(document);
  const { review, rehearsal, command, pgmateVersion, madeAt } = shown;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${titleText(shown)}</title>
<style>${new Markup(styleSheet)}</style>
</head>
<body>
<a class="skip" href="#review">Skip to the review</a>
<header class="top"><p><b>pgmate</b> ${command}</p><p>${madeAtText(madeAt)}</p></header>
<main id="review">
${verdictSection(shown)}
${review.files.length === 0 ? undefined : fileTable(shown)}
${folderSection(shown)}
${review.files.map((file, index) => fileSection(file, index, shown))}
${rehearsal === undefined ? undefined : rehearsalSection(rehearsal)}
</main>
<footer><p>Made by pgmate ${pgmateVersion}, ${madeAtText(madeAt)}.</p></footer>
</body>
</html>
`;
  return page.text;
}

function titleText(document: ReviewDocument): string {
  const { command, target } = document;
  const word = capital(headWord(document));
  const of = target === undefined ? "" : ` for ${target.description}`;
  return `${word}: pgmate ${command}${of}`;
}

function madeAtText(madeAt: string): string {
  return `${madeAt.slice(0, 16).replace("T", " ")} UTC`;
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** A shape for each verdict, since not everybody tells red from green. */
const icons: Readonly<Record<Verdict | "error", string>> = {
  error: '<circle cx="24" cy="24" r="21"/><path d="M16 16l16 16M32 16L16 32"/>',
  safe: '<circle cx="24" cy="24" r="21"/><path d="M14.5 25l6.5 6.5L34 18"/>',
  risky: '<path d="M24 4.5L45 42H3z"/><path d="M24 18.5v11M24 35v.5"/>',
  breaking: '<path d="M15.5 3.5h17l12 12v17l-12 12h-17l-12-12v-17z"/>' +
    '<path d="M24 13v14M24 33.5v.5"/>',
};

function verdictSection(document: ReviewDocument): Markup {
  const verdict = headWord(document);
  const no = refusals(document);
  const alarmed = alarms(document);
  return html`
<section class="verdict ${verdict}" aria-labelledby="verdict">
<svg class="icon" viewBox="0 0 48 48" aria-hidden="true" focusable="false">${
    new Markup(icons[verdict])
  }</svg>
<div>
<h1 id="verdict"><span class="word">${capital(verdict)}</span><span class="sr">: </span>
<span class="meaning">${verdictMeaning(document)}</span></h1>
${becauseOf(document)}
${alarmed.length === 0 ? undefined : html`<ul class="alarms">${
    alarmed.map((text) => html`<li>${text}</li>`)
  }</ul>`}
${document.answer === "yes" ? undefined
    : html`<p class="no"><b>The answer is no:</b> ${no.join("; ")}</p>`}
${countList(document)}
</div>
</section>
${factList(document)}
`;
}

function becauseOf(document: ReviewDocument): Markup | undefined {
  const deciding = decidingFiles(document);
  if (deciding.length === 0) return undefined;
  const links = deciding.slice(0, mostFilesNamed).map(({ file }) => {
    const index = document.review.files.findIndex((one) => one.file === file);
    return html`<a href="#file-${index + 1}">${file.name}</a>`;
  });
  const more = deciding.length - links.length;
  return html`<p class="because">because of ${joined(links, ", ")}${
    more > 0 ? ` and ${more} more` : ""
  }</p>`;
}

function countList(document: ReviewDocument): Markup {
  const { files } = document.review;
  const statements = files.flatMap((file) => file.statements);
  const findings = spokenFindings(document).length;
  const counts = [
    counted(files.length, "file"),
    counted(statements.length, "statement"),
    counted(findings, "finding"),
    ...(["error", "breaking", "risky", "safe"] as const).flatMap((verdict) => {
      const count = statements.filter((one) => statementWord(one) === verdict).length;
      return count === 0 ? [] : [`${count} ${verdict}`];
    }),
  ];
  return html`<ul class="counts">${counts.map((text) => html`<li>${text}</li>`)}</ul>`;
}

function factList(document: ReviewDocument): Markup | undefined {
  const { target, rehearsal } = document;
  if (target === undefined && rehearsal === undefined) return undefined;
  return html`<dl class="facts">
${target === undefined ? undefined : html`<div><dt>Target</dt>
<dd>${targetText(document) ?? ""}</dd></div>
<div><dt>History</dt>
<dd><code title="${target.fingerprint}">${shortFingerprint(target.fingerprint)}</code></dd></div>`}
${rehearsal === undefined ? undefined : html`<div><dt>Rehearsed</dt>
<dd>on ${rehearsal.on}; what is called measured was seen there: <a href="#rehearsal">what it
found</a></dd></div>`}
</dl>`;
}

function fileTable(document: ReviewDocument): Markup {
  const rows = document.review.files.map((reviewed, index) => {
    const { file, statements, findings } = reviewed;
    const all = [...findings, ...statements.flatMap((one) => one.findings)];
    const found = all.filter((one) => one.dismissed === undefined && isSpoken(one)).length;
    return html`<tr><th scope="row"><a href="#file-${index + 1}">${file.name}</a></th>
<td>${badge(fileWord(reviewed, document))}</td><td class="runs">${howItRuns(reviewed)}</td>
<td class="number amount">${statements.length}</td><td class="number">${found}</td></tr>`;
  });
  return html`
<section aria-labelledby="files"><h2 id="files">Files</h2>
<table class="files"><thead><tr><th scope="col">File</th><th scope="col">Verdict</th>
<th scope="col" class="runs">Runs</th>
<th scope="col" class="number amount">Statements</th>
<th scope="col" class="number">Findings</th></tr></thead>
<tbody>${rows}</tbody></table></section>
`;
}

function folderSection(document: ReviewDocument): Markup | undefined {
  const findings = folderFindings(document);
  if (findings.length === 0) return undefined;
  return html`
<section class="folder" aria-labelledby="folder"><h2 id="folder">The folder as a whole</h2>
${findings.map((finding) => {
    const { place } = finding;
    const at = place === undefined ? undefined : html`<code>${place.path}:${place.line}</code>`;
    return placedFinding(finding, at, "the folder");
  })}
</section>
`;
}

function fileSection(reviewed: ReviewedFile, index: number, document: ReviewDocument): Markup {
  const { file, statements, findings } = reviewed;
  const id = `file-${index + 1}`;
  const spoken = findings.filter(isShown).map((finding) => {
    const line = finding.place?.line;
    const at = line === undefined ? undefined : html`line ${line}`;
    return placedFinding(finding, at, file.path);
  });
  return html`
<section class="file" id="${id}" aria-labelledby="${id}-title">
<header><h2 id="${id}-title">${file.name} ${badge(fileWord(reviewed, document))}</h2>
<p class="path">${file.path} · ${howItRuns(reviewed)}</p></header>
${spoken}
${statementSections(statements, file.path)}
${statements.length === 0 && spoken.length === 0 ? html`<p class="nothing">No statement.</p>`
    : undefined}
</section>
`;
}

function placedFinding(finding: Finding, at: Markup | undefined, label: string): Markup {
  const place = at === undefined ? undefined : html`<p class="place">${at}</p>`;
  return html`<div class="placed">${place}${findingBlock(finding, label)}</div>`;
}
