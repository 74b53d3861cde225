/** The manual page, from the commands and options themselves. */

import type { Command } from "../commands/command.ts";
import { exitMeanings } from "../errors.ts";
import {
  afterMigration, description, examples, files, helpText, migration, optionsText, variables,
  variablesText,
} from "./man-page-text.ts";
import type { ManualOption, VersionedManual } from "./manual.ts";
import { roffBold, roffExample, roffItalic, roffParagraph, roffText } from "./roff.ts";

/** Without a date: the same version has the same page, whenever it is printed. */
export function manPage(manual: VersionedManual): string {
  const lines = [
    `.TH PGMATE 1 "" "pgmate ${roffText(manual.version)}" "User Commands"`,
    // Lines end between words, and blanks are as wide as they are written.
    ".nh",
    ".ad l",
    ".SH NAME",
    roffText("pgmate - Postgres migrations in plain SQL"),
    ...synopsis(),
    ...descriptionLines(),
    ".SH COMMANDS",
    ...manual.commands.flatMap(commandLines),
    ...paragraph(helpText),
    ...optionSection(manual),
    ...environment(manual),
    ".SH FILES",
    ...files.flatMap(([name, text]) => tagged(roffItalic(name), text)),
    ".SH EXIT STATUS",
    ...Object.entries(exitMeanings).flatMap(([status, text]) => tagged(roffBold(status), text)),
    ".SH EXAMPLES",
    ...examples.flatMap(([text, example], index) => [
      ...(index === 0 ? roffParagraph(text) : paragraph(text)), ...roffExample(example),
    ]),
    ".SH SEE ALSO",
    `${roffBold("psql")}(1), ${roffBold("pg_dump")}(1)`,
  ];
  return `${lines.join("\n")}\n`;
}

function synopsis(): readonly string[] {
  const options = `[${roffItalic("options")}]`;
  const name = roffBold("pgmate");
  return [
    ".SH SYNOPSIS",
    `${name} ${options} ${roffItalic("COMMAND")} [${roffItalic("argument")}] ${options}`,
    ".br",
    `${name} ${roffBold("help")} [${roffItalic("COMMAND")}|${roffItalic("CODE")}]`,
    ".br",
    `${name} ${roffBold("--version")}`,
  ];
}

function descriptionLines(): readonly string[] {
  return [
    ".SH DESCRIPTION",
    ...inOrder(description),
    ...roffExample(migration),
    ...paragraph(afterMigration),
  ];
}

function commandLines(command: Command): readonly string[] {
  const { name, aliases, argument, summary, passesOn, options } = command;
  const named = [name, ...aliases].map(roffBold).join(", ");
  const taken = argument === undefined ? "" : ` ${argumentText(argument)}`;
  const passed = passesOn === undefined ? "" : ` [-- ${passesOn}]`;
  const own = options.map((option) => `\`--${option}\``).join(", ");
  return [
    ...tagged(`${named}${taken}${roffText(passed)}`, summary),
    ...(own === "" ? [] : [".br", ...roffParagraph(`Options: ${own}`)]),
  ];
}

/** A choice is typed as it stands; other names stand for what is typed. */
function argumentText(argument: string): string {
  return argument.includes("|") ? choice(argument) : roffItalic(argument);
}

function choice(text: string): string {
  return text.split("|").map(roffBold).join("|");
}

function optionSection(manual: VersionedManual): readonly string[] {
  const takers = ({ name }: ManualOption): readonly string[] =>
    manual.commands
      .filter(({ options }) => options.some((option) => option === name))
      .map((command) => command.name);
  return [
    ".SH OPTIONS",
    ...roffParagraph(optionsText),
    ".SS Options of some commands",
    ...manual.commandOptions.flatMap((option) => {
      const names = takers(option).map((name) => `\`${name}\``).join(", ");
      return [...optionLines(option), ".br", ...roffParagraph(`With ${names}.`)];
    }),
    ".SS Options of every command",
    ...manual.globalOptions.flatMap(optionLines),
  ];
}

function optionLines(option: ManualOption): readonly string[] {
  const { name, short, placeholder, fallback, variable, help } = option;
  const letter = short === undefined ? "" : `${roffBold(`-${short}`)}, `;
  const value = placeholder === undefined ? "" : ` ${argumentText(placeholder)}`;
  const notes = [
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
    ...(variable === undefined ? [] : [`variable: ${variable}`]),
  ];
  const note = notes.length === 0 ? "" : ` (${notes.join(", ")})`;
  return tagged(`${letter}${roffBold(`--${name}`)}${value}`, `${help}${note}`);
}

function environment(manual: VersionedManual): readonly string[] {
  const options = [...manual.globalOptions, ...manual.commandOptions];
  const url = options.find(({ name }) => name === "env");
  const named = options.flatMap(({ variable, name }) =>
    variable === undefined ? [] : tagged(roffBold(variable), `\`--${name}\``),
  );
  return [
    ".SH ENVIRONMENT",
    ...tagged(roffBold(url?.fallback ?? ""), "the database's URL, unless `--env` names another"),
    ...variables.flatMap(([name, text]) => tagged(roffBold(name), text)),
    ...paragraph(variablesText),
    ...named,
  ];
}

function tagged(tag: string, text: string): readonly string[] {
  return [".TP", tag, ...roffParagraph(text)];
}

/** The first stands under its heading, the others are set off. */
function inOrder(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text, index) => (index === 0 ? roffParagraph(text) : paragraph(text)));
}

function paragraph(text: string): readonly string[] {
  return [".PP", ...roffParagraph(text)];
}
