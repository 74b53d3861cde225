/** The list of lint's rules, and the page of one of them. */

import type { Rule } from "../core/review/rule.ts";
import { printable } from "../core/position.ts";
import {
  bold, dim, labelled, type TextStyle, textWidth, wrapped, wrappedLines,
} from "./review-lines.ts";
import { findingClass } from "./review-words.ts";

type Gives = Rule["cases"][number]["gives"];

const listWidth = 100;

/** The order in which groups are shown, and what each looks at. */
const groups: readonly (readonly [scope: Rule["scope"], title: string])[] = [
  ["statement", "Rules that look at one statement"],
  ["section", "Rules that look at the statements of a file together"],
  ["file", "Rules that look at a file"],
  ["folder", "Rules that look at the folder"],
  ["rehearsal", "What a rehearsal can find"],
];

/** `lint --rules`: ids, the worst that each can say, titles. */
export function ruleListText(rules: readonly Rule[], style: TextStyle): string {
  const idWidth = Math.max(0, ...rules.map(({ id }) => id.length));
  const worstWidth = Math.max(0, ...rules.map((rule) => worstText(rule).length));
  const column = idWidth + worstWidth + 4;
  const lines = groups.flatMap(([scope, title]) => {
    const own = rules.filter((rule) => rule.scope === scope);
    if (own.length === 0) return [];
    const rows = own.flatMap((rule) => {
      const label = `${rule.id.padEnd(idWidth)}  ${worstText(rule)}`;
      const titles = wrappedLines(rule.title, listWidth - 2 - column);
      return labelled(label, titles, { indent: 2, column, style: "plain" });
    });
    return [bold(title, style), "", ...rows, ""];
  });
  const last = "`pgmate lint --explain RULE` shows the page of one";
  return `${printableLines([...lines, last], style)}\n`;
}

/** `lint --explain RULE`. */
export function rulePageText(rule: Rule, style: TextStyle): string {
  const { id, title, page } = rule;
  const indent = 0;
  const column = 10;
  const part = (label: string, text: string): readonly string[] => [
    "",
    ...labelled(label, wrappedLines(text, textWidth - column), { indent, column, style }),
  ];
  const ignore = ignoreText(rule);
  const lines = [
    bold(id, style),
    ...wrapped(title, textWidth),
    ...part("locks", page.locks),
    ...part("why", page.why),
    ...part("instead", page.instead),
    ...part("since", page.since),
    ...(ignore === undefined ? [] : part("ignore", ignore)),
    ...exampleLines(rule, style),
  ];
  return `${printableLines(lines, style)}\n`;
}

/** How an author says that it does not count. */
function ignoreText({ id, scope }: Rule): string | undefined {
  const comment = `-- pgmate:ignore ${id} REASON`;
  switch (scope) {
    case "statement":
    case "section":
      return `${comment}, right above the statement`;
    case "file":
      return `${comment}, above -- migrate:up`;
    case "folder":
      return `--allow ${id}`;
    case "rehearsal":
      return undefined;
  }
}

/** Escapes are ours where there is colour, and nobody's where there is none. */
function printableLines(lines: readonly string[], style: TextStyle): string {
  const text = lines.join("\n");
  return style === "plain" ? printable(text) : text;
}

/** The worst that it can say; nothing for one whose findings no case can show. */
function worstText({ cases }: Rule): string {
  const given = cases.flatMap(({ gives }: { readonly gives: Gives }) =>
    gives === "silent" ? [] : gives,
  );
  return given.length === 0 ? "" : findingClass({ classes: given });
}

/** Their schema is not shown: what counts is what they say of a statement. */
function exampleLines(rule: Rule, style: TextStyle): readonly string[] {
  const examples = rule.scope === "statement" ? rule.cases.map(statementExample)
    : rule.cases.map(filesExample);
  if (examples.length === 0) return [];
  const shown = examples.slice(0, mostExamples);
  const left = examples.length - shown.length;
  return [
    "",
    bold("Examples", style),
    ...shown.flatMap(({ says, lines }) => [
      "",
      `  ${dim(`-- ${says}`, style)}`,
      ...lines.flatMap((line) => wrappedLines(line, textWidth - 2)).map((line) => `  ${line}`),
    ]),
    ...(left === 0 ? [] : ["", `  … and ${left} more`]),
  ];
}

const mostExamples = 12;

interface Example {
  readonly says: string;
  readonly lines: readonly string[];
}

function statementExample(
  { before, sql, gives, fails, timeZone, from }: Extract<Rule, { scope: "statement" }>["cases"][
    number
  ],
): Example {
  const remarks = [
    ...(from === undefined ? [] : [`PostgreSQL ${from} or later`]),
    ...(timeZone === undefined ? [] : [`TimeZone ${timeZone}`]),
    ...(fails === undefined ? [] : ["it fails on the data"]),
  ];
  const says = [saysText(gives), ...remarks].join("; ");
  const earlier = before === undefined ? [] : [`${before.replace(/;?\s*$/, ";")}`];
  return { says, lines: [...earlier, `${sql.replace(/;?\s*$/, ";")}`].flatMap(linesOf) };
}

function filesExample(
  { files, gives }: { readonly files: Readonly<Record<string, string>>; readonly gives: Gives },
): Example {
  const lines = Object.entries(files).flatMap(([name, text]) => [
    `-- ${name}`, ...linesOf(text.trimEnd()),
  ]);
  return { says: saysText(gives), lines };
}

function saysText(gives: Gives): string {
  if (gives === "silent" || gives.length === 0) return "nothing is said";
  return gives.join(" and ");
}

function linesOf(text: string): readonly string[] {
  return text.split("\n");
}
