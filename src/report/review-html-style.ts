/** How the HTML of a review looks: on a desk, on a phone, in the dark, on paper. */

/** Every pair of colours that text is in has a contrast of 4.5 to 1 or more, in both schemes. */
const colours = `
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --card: #ffffff; --code: #f6f6f3; --line: #e2e2dc; --rule: #d0d0c8;
  --text: #1d2125; --quiet: #5a626b; --link: #1f5a99; --focus: #1f6feb;
  --safe: #1a6639; --safe-soft: #e9f5ed; --safe-line: #b9dfc6;
  --risky: #7d4a00; --risky-soft: #fdf3dc; --risky-line: #efd49a;
  --breaking: #a6201a; --breaking-soft: #fdeceb; --breaking-line: #f2c1bd;
  --advice: #1f5591; --advice-soft: #eaf2fb; --advice-line: #bcd6f0;
  --keyword: #5b3a9e; --string: #1a6639; --figure: #7d4a00; --comment: #646b73;
  --add: #e2f4e8; --del: #fdeceb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121417; --card: #1a1d21; --code: #14171a; --line: #2c3138; --rule: #3c434c;
    --text: #e4e6e9; --quiet: #a0a8b2; --link: #8ab8ef; --focus: #6aa5f5;
    --safe: #84d3a0; --safe-soft: #16291d; --safe-line: #2b5239;
    --risky: #edbd6c; --risky-soft: #2d2412; --risky-line: #5b4920;
    --breaking: #ff9d94; --breaking-soft: #351b1a; --breaking-line: #6b322f;
    --advice: #93bdf0; --advice-soft: #172637; --advice-line: #2d4a6b;
    --keyword: #c3aaf5; --string: #8ad0a2; --figure: #edbd6c; --comment: #98a0aa;
    --add: #15301f; --del: #381d1c;
  }
}
`;

const base = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; padding: 0 1.25rem 4rem; max-width: 58rem;
  background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: break-word;
}
h1, h2, h3, p, ul, dl, dd, table, pre { margin: 0; padding: 0; font-size: 1rem; }
ul { list-style: none; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
code, pre {
  font-family: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono",
    monospace;
  font-size: .875em; unicode-bidi: isolate;
}
code { overflow-wrap: anywhere; }
pre code { font-size: inherit; overflow-wrap: normal; }
.sr {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.skip { position: absolute; left: 1rem; top: -5rem; z-index: 1; padding: .6rem 1rem; }
.skip { background: var(--card); color: var(--link); border: 1px solid var(--rule); }
.skip:focus { top: .75rem; }
.top, footer {
  display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1.5rem;
  color: var(--quiet); font-size: .875rem;
}
.top { padding: 1.5rem 0 1rem; }
.top b { color: var(--text); }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
main > section { margin-top: 3rem; scroll-margin-top: 1rem; }
main > section.verdict { margin-top: 0; }
h2 { font-size: 1.25rem; line-height: 1.35; overflow-wrap: anywhere; }
h3 { font-size: 1rem; line-height: 1.4; }
.place, .path, .lead, .cut, .nothing { color: var(--quiet); font-size: .875rem; }
.path { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; font-weight: 600; }
thead th { color: var(--quiet); font-size: .8125rem; font-weight: 500; }
th, td { padding: .5rem .75rem .5rem 0; vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.badge {
  display: inline-block; padding: .08rem .5rem; border: 1px solid; border-radius: 1rem;
  font-size: .75rem; font-weight: 600; line-height: 1.45; letter-spacing: .02em;
  white-space: nowrap; vertical-align: .1em;
}
.badge.safe { color: var(--safe); background: var(--safe-soft); border-color: var(--safe-line); }
.badge.risky {
  color: var(--risky); background: var(--risky-soft); border-color: var(--risky-line);
}
.badge.breaking {
  color: var(--breaking); background: var(--breaking-soft); border-color: var(--breaking-line);
}
.badge.advice {
  color: var(--advice); background: var(--advice-soft); border-color: var(--advice-line);
}
.badge.error { color: var(--card); background: var(--breaking); border-color: var(--breaking); }
`;

const verdictStyle = `
.verdict {
  display: grid; grid-template-columns: auto 1fr; gap: 0 1.5rem; align-items: start;
  padding: 1.75rem; border: 1px solid; border-radius: .75rem;
}
.verdict.safe { background: var(--safe-soft); border-color: var(--safe-line); }
.verdict.risky { background: var(--risky-soft); border-color: var(--risky-line); }
.verdict.breaking, .verdict.error {
  background: var(--breaking-soft); border-color: var(--breaking-line);
}
.icon { width: 3.25rem; height: 3.25rem; margin-top: .2rem; fill: none; stroke-width: 3.5; }
.icon { stroke: currentColor; stroke-linecap: round; stroke-linejoin: round; }
.verdict.safe .icon, .verdict.safe .word { color: var(--safe); }
.verdict.risky .icon, .verdict.risky .word { color: var(--risky); }
.verdict.breaking .icon, .verdict.breaking .word,
.verdict.error .icon, .verdict.error .word { color: var(--breaking); }
h1 .word {
  display: block; font-size: 2.25rem; line-height: 1.15; letter-spacing: -.015em; font-weight: 700;
}
h1 .meaning { display: block; font-size: 1.125rem; line-height: 1.45; font-weight: 500; }
h1 .meaning { margin-top: .2rem; }
.because { margin-top: .35rem; overflow-wrap: anywhere; }
.because a { color: inherit; }
.alarms { margin-top: .75rem; padding-left: 1.1rem; list-style: disc; font-weight: 600; }
.alarms { overflow-wrap: anywhere; }
.no { margin-top: .75rem; }
.counts { display: flex; flex-wrap: wrap; gap: .15rem 0; margin-top: .75rem; font-size: .9rem; }
.counts li:not(:last-child)::after { content: "·"; margin: 0 .5rem; }
.facts { margin-top: 1.25rem; font-size: .9rem; }
.facts div, .effects > div { display: grid; grid-template-columns: 6.5rem 1fr; gap: 0 1rem; }
.facts div { padding: .2rem 0; }
.facts dd { overflow-wrap: anywhere; }
dt { color: var(--quiet); }
dt small { display: block; font-size: .75rem; }
.files { margin-top: .75rem; }
.files td, .files th { border-bottom: 1px solid var(--line); }
.files th[scope="row"] { font-weight: 400; overflow-wrap: anywhere; min-width: 8rem; }
.files .runs { color: var(--quiet); white-space: nowrap; }
`;

const statementStyle = `
.file > header { padding-bottom: .75rem; border-bottom: 1px solid var(--rule); }
.file .badge { vertical-align: .15em; }
.statement, .placed, .folded {
  margin-top: 1.25rem; padding: 1.25rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .6rem;
}
.statement.risky { border-left: 4px solid var(--risky); }
.statement.breaking { border-left: 4px solid var(--breaking); }
.statement.safe { border-left: 4px solid var(--safe); }
.statement > header { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; }
.statement > header .place { margin-left: auto; }
.listing {
  margin-top: .85rem; max-height: 26rem; overflow: auto; background: var(--code);
  border: 1px solid var(--line); border-radius: .4rem;
}
.listing pre {
  width: max-content; min-width: 100%; padding: .7rem 0; font-size: .8125rem; line-height: 1.6;
  tab-size: 4;
}
.listing .sql:not(.numbered) { padding: .7rem .9rem; }
.l { display: block; padding: 0 .9rem; text-decoration: none; }
.numbered .l::before {
  content: attr(data-n); display: inline-block; min-width: 2.5rem; margin-right: 1rem;
  color: var(--quiet); text-align: right; user-select: none;
}
.numbered .l { padding-left: .25rem; }
.k { color: var(--keyword); }
.s { color: var(--string); }
.n { color: var(--figure); }
.c { color: var(--comment); font-style: italic; }
ins { background: var(--add); color: var(--string); }
del { background: var(--del); color: var(--breaking); }
.diff .file, .diff .at { color: var(--comment); }
.cut { margin-top: .35rem; }
.finding { margin-top: 1.1rem; }
.placed .finding { margin-top: 0; }
.placed .place { float: right; margin-left: 1rem; }
.rule { display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: baseline; }
.rule code { color: var(--quiet); }
.reason { margin-top: .25rem; overflow-wrap: anywhere; }
.dismissed .badge { opacity: 1; text-decoration: line-through; }
.dismissed .reason { color: var(--quiet); }
.dismissal { margin-top: .25rem; font-style: italic; }
.instead { margin-top: .6rem; padding-left: .9rem; border-left: 3px solid var(--safe-line); }
.instead p { overflow-wrap: anywhere; }
.instead .label { color: var(--safe); font-size: .8125rem; font-weight: 600; }
.instead .listing { margin-top: .35rem; }
.effects { margin-top: 1.25rem; padding-top: .35rem; border-top: 1px solid var(--line); }
.effects { font-size: .9rem; }
.effects > div { padding: .55rem 0; border-bottom: 1px solid var(--line); }
.effects > div:last-child { padding-bottom: 0; border-bottom: 0; }
.effects dd { min-width: 0; overflow-wrap: anywhere; }
.loses dd { color: var(--breaking); font-weight: 500; }
.locks th, .locks td { padding-top: .1rem; padding-bottom: .2rem; }
.locks thead th { padding-top: 0; }
.locks { table-layout: fixed; }
.locks th:first-child { width: 46%; }
.locks th[scope="row"] { font-weight: 400; overflow-wrap: anywhere; }
summary { cursor: pointer; }
.folded { padding: .8rem 1.25rem; }
.folded li { margin-top: .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
.folded .notes { color: var(--quiet); font-size: .875rem; overflow-wrap: anywhere; }
.nothing { margin-top: 1rem; }
.rehearsal > h3 { margin-top: 2rem; }
.rehearsal > .finding { padding: 1.25rem; background: var(--card); border-radius: .6rem; }
.rehearsal > .finding { border: 1px solid var(--breaking-line); }
.outcome { margin-top: .35rem; }
.outcome.good::before { content: "✓ "; content: "✓ " / ""; }
.outcome.bad::before { content: "✕ "; content: "✕ " / ""; }
.outcome.good { color: var(--safe); }
.outcome.bad { color: var(--breaking); font-weight: 500; }
.queries li { margin-top: .75rem; padding: .85rem 1.1rem; background: var(--card); }
.queries li { border: 1px solid var(--line); border-radius: .5rem; }
ul.notes { padding-left: 1.2rem; list-style: disc; margin-top: .35rem; }
.rehearsal details { margin-top: 1rem; }
`;

const smallStyle = `
@media (max-width: 40rem) {
  body { padding: 0 .9rem 3rem; }
  .top { padding: 1rem 0 .75rem; }
  main > section { margin-top: 2.25rem; }
  .verdict { grid-template-columns: 1fr; padding: 1.1rem; gap: .6rem 0; }
  .icon { width: 2.5rem; height: 2.5rem; }
  h1 .word { font-size: 1.85rem; }
  .files .runs, .files .amount { display: none; }
  .placed .place { float: none; margin: 0 0 .25rem; overflow-wrap: anywhere; }
  th, td { padding-right: .5rem; }
  .files th[scope="row"] { min-width: 0; }
  .facts div, .effects > div { grid-template-columns: 1fr; }
  dt small { display: inline; }
  .statement, .placed { padding: .9rem; }
  .statement > header .place { margin-left: 0; width: 100%; }
  .locks, .locks tbody, .locks tr, .locks th, .locks td { display: block; }
  .locks th:first-child { width: auto; }
  .locks thead { display: none; }
  .locks tr { padding: .3rem 0; }
  .locks td { padding: 0; }
  .numbered .l::before { min-width: 1.75rem; margin-right: .6rem; }
}
`;

/** Browsers of before 2025 do not know ::details-content: what is folded stays folded there. */
const paperStyle = `
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --card: #fff; --code: #fff; --line: #ccc; --rule: #999;
    --text: #000; --quiet: #444; --link: #000;
    --safe: #14532d; --safe-soft: #fff; --safe-line: #666;
    --risky: #6b3d00; --risky-soft: #fff; --risky-line: #666;
    --breaking: #8f1913; --breaking-soft: #fff; --breaking-line: #666;
    --advice: #1b4a80; --advice-soft: #fff; --advice-line: #666;
    --keyword: #4a2f86; --string: #14532d; --figure: #6b3d00; --comment: #555;
    --add: #fff; --del: #fff;
  }
  @page { margin: 16mm 14mm; }
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  .skip { display: none; }
  .badge.error { color: #8f1913; background: #fff; }
  .listing { max-height: none; overflow: visible; break-inside: auto; }
  .listing pre { width: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
  details::details-content { content-visibility: visible; block-size: auto; }
  details > summary { list-style: none; }
  main > section { margin-top: 2em; }
  .file > header, .statement > header, h2, h3 { break-after: avoid; }
  .statement, .file > header, .finding, .queries li, .verdict, tr { break-inside: avoid; }
  a { text-decoration: none; }
}
`;

export const styleSheet =
  colours + base + verdictStyle + statementStyle + smallStyle + paperStyle;
