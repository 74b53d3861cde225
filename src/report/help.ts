/** Help, made from the commands and options themselves. */

import type { Command } from "../commands/command.ts";
import {
  argued, generalOptions, type Manual, type ManualOption, ownOptions,
} from "./manual.ts";

/** The page of one command, or the front page. */
export function helpText(manual: Manual, command: Command | undefined): string {
  return command === undefined ? frontPage(manual) : commandPage(manual, command);
}

function frontPage(manual: Manual): string {
  const listed = manual.commands.filter(({ standsAlone }) => standsAlone !== true);
  const rows = listed.map((command): readonly [string, string] => {
    const names = [command.name, ...command.aliases].join(", ");
    return [argued(names, command), command.summary];
  });
  const others = manual.commands.filter((command) => !listed.includes(command));
  return [
    "pgmate: Postgres migrations in plain SQL",
    "",
    "Usage: pgmate [options] COMMAND [options]",
    "",
    "Commands:",
    ...table(rows),
    "",
    "Options, before or after the command:",
    ...optionLines(manual.globalOptions),
    "",
    "pgmate COMMAND --help shows the options of a command,",
    "pgmate help CODE what the code of an error (--json: error.code) means.",
    `Also: ${others.map((command) => `pgmate ${argued(command.name, command)}`).join(", ")}`,
    "",
  ].join("\n");
}

function commandPage(manual: Manual, command: Command): string {
  const own = ownOptions(manual, command);
  const ownTitle = own.length === 0 ? [] : ["", "Options:"];
  const aliases = command.aliases.length === 0 ? [] : ["", `Also: ${command.aliases.join(", ")}`];
  return [
    `pgmate ${command.name}: ${command.summary}`,
    "",
    `Usage: pgmate ${argued(command.name, command)} [options]${passed(command)}`,
    ...aliases,
    ...ownTitle,
    ...optionLines(own),
    "",
    "Options of every command:",
    ...optionLines(generalOptions(manual, command)),
    "",
  ].join("\n");
}

function passed({ passesOn }: Command): string {
  return passesOn === undefined ? "" : ` [-- ${passesOn}]`;
}

function optionLines(options: readonly ManualOption[]): readonly string[] {
  return table(
    options.map((option): readonly [string, string] => {
      const short = option.short === undefined ? "    " : `-${option.short}, `;
      const value = option.placeholder === undefined ? "" : ` ${option.placeholder}`;
      const extras = [
        ...(option.fallback === undefined ? [] : [`default ${option.fallback}`]),
        ...(option.variable === undefined ? [] : [`$${option.variable}`]),
      ];
      const note = extras.length === 0 ? "" : ` (${extras.join(", ")})`;
      return [`${short}--${option.name}${value}`, `${option.help}${note}`];
    }),
  );
}

const widestLine = 100;

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.flatMap(([left, right]) => {
    const line = `  ${left.padEnd(width)}  ${right}`;
    const note = line.lastIndexOf(" (");
    if (line.length <= widestLine || note === -1) return [line];
    return [line.slice(0, note), `${" ".repeat(width + 4)}${line.slice(note + 1)}`];
  });
}
