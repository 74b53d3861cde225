// Writes the parts of README.md that come from the code: the reference, and tables of what stays.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../src/commands/command.ts";
import { commands } from "../src/commands/list.ts";
import { type RiskClass, riskClasses } from "../src/core/review/rule.ts";
import { allRules } from "../src/core/review/rules.ts";
import { exitMeanings, exitStatus, isErrorCode } from "../src/errors.ts";
import { commandOptions, globalOptions, type Option } from "../src/options.ts";
import { errorMeanings } from "../src/report/error-meaning.ts";
import { untouchedState } from "../src/report/error-page.ts";
import { logEvents, logFields } from "../src/report/log-events.ts";
import { differences } from "../src/testing/dbmate-differences.ts";

export const readmePath = join(import.meta.dir, "../README.md");

/** Each generated part by its name; it stands between `<!-- name -->` and `<!-- end -->`. */
export const generatedParts: ReadonlyMap<string, string> = new Map([
  ["reference", referenceMarkdown(commands, globalOptions, commandOptions)],
  ["differences", differencesTable()],
  ["rules", rulesTable()],
  ["exit-status", exitTable()],
  ["errors", errorsTable()],
  ["log", logTables()],
]);

/** The text with its generated parts as they must be now. */
export function renderReadme(text: string): string {
  let rendered = text;
  for (const [name, part] of generatedParts) {
    const marked = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- end -->)`);
    if (!marked.test(rendered)) throw new Error(`README.md has no <!-- ${name} -->`);
    rendered = rendered.replace(marked, (_, begin: string, end: string) => begin + part + end);
  }
  return rendered;
}

function rulesTable(): string {
  const rows = allRules.map(({ id, title, cases }) => {
    const given = cases.flatMap(({ gives }: { readonly gives: readonly RiskClass[] | "silent" }) =>
      gives === "silent" ? [] : gives,
    );
    const classes = riskClasses.filter((one) => given.includes(one));
    return row([`\`${id}\``, classes.join(", "), title]);
  });
  return ["| rule | can say | what it is about |", "| --- | --- | --- |", ...rows].join("\n");
}

function exitTable(): string {
  const rows = Object.entries(exitMeanings).map(([status, meaning]) => row([status, meaning]));
  return ["| status | meaning |", "| --- | --- |", ...rows].join("\n");
}

/** Every event with its levels and fields, then what the fields are. */
function logTables(): string {
  const fields = Object.entries(logFields);
  return [
    "| event | level | when | fields |",
    "| --- | --- | --- | --- |",
    ...logEvents.map(({ name, levels, fields: own, about }) =>
      row([`\`${name}\``, levels.join(", "), about, own.map((one) => `\`${one}\``).join(" ")]),
    ),
    "",
    "| field | type | what it is |",
    "| --- | --- | --- |",
    ...fields.map(([name, [type, about]]) => row([`\`${name}\``, type, about])),
  ].join("\n");
}

function differencesTable(): string {
  const rows = differences.map((one) => row([one.dbmate, one.pgmate, one.reason]));
  return ["| dbmate 2.36 | pgmate | why |", "| --- | --- | --- |", ...rows].join("\n");
}

function errorsTable(): string {
  const rows = Object.entries(errorMeanings).map(([code, { means, state, cure }]) => {
    const status = isErrorCode(code) ? String(exitStatus(code)) : "";
    return row([`\`${code}\``, status, means, state ?? untouchedState, cure]);
  });
  return ["| code | exit | means | state | cure |", "| --- | --- | --- | --- | --- |", ...rows]
    .join("\n");
}

/** Tables in Markdown: every command with its options, then what all of them take. */
function referenceMarkdown(
  commands: readonly Command[],
  globalOptions: readonly Option[],
  commandOptions: readonly Option[],
): string {
  return [
    "| command | what it does | its options |",
    "| --- | --- | --- |",
    ...commands.map(commandRow),
    "",
    "| option of a command | default | variable | what it does |",
    "| --- | --- | --- | --- |",
    ...commandOptions.map(optionRow),
    "",
    "| option of every command | default | variable | what it does |",
    "| --- | --- | --- | --- |",
    ...globalOptions.map(optionRow),
  ].join("\n");
}

function commandRow(command: Command): string {
  const argument = command.argument === undefined ? "" : ` ${command.argument}`;
  const aliases = command.aliases.map((alias) => ` (\`${alias}\`)`).join("");
  const options = command.options.map((name) => `\`--${name}\``).join(" ");
  return row([`\`${command.name}${argument}\`${aliases}`, command.summary, options]);
}

function optionRow(option: Option): string {
  const short = option.short === undefined ? "" : `\`-${option.short}\`, `;
  const placeholder = option.placeholder === undefined ? "" : ` ${option.placeholder}`;
  return row([
    `${short}\`--${option.name}${placeholder}\``,
    option.fallback === undefined ? "" : `\`${option.fallback}\``,
    option.variable === undefined ? "" : `\`${option.variable}\``,
    option.help,
  ]);
}

/** A bar would divide the cell. */
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

if (import.meta.main) writeFileSync(readmePath, renderReadme(readFileSync(readmePath, "utf8")));
