/** Help, made from the commands and options themselves. */

import type { Command } from "../commands/command.ts";

/** What help shows of an option. */
export interface HelpOption {
  readonly name: string;
  readonly short?: string;
  readonly variable?: string;
  readonly placeholder?: string;
  readonly fallback?: string;
  readonly help: string;
}

export interface Manual {
  readonly commands: readonly Command[];
  readonly globalOptions: readonly HelpOption[];
  /** Of the command that help is asked for. */
  readonly ownOptions: readonly HelpOption[];
}

/** The page of one command, or the front page. */
export function helpText(manual: Manual, command: Command | undefined): string {
  return command === undefined ? frontPage(manual) : commandPage(manual, command);
}

function frontPage(manual: Manual): string {
  const rows = manual.commands.map((command): readonly [string, string] => {
    const names = [command.name, ...command.aliases].join(", ");
    return [argued(names, command), command.summary];
  });
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
    "",
  ].join("\n");
}

function commandPage(manual: Manual, command: Command): string {
  const own = manual.ownOptions.length === 0 ? [] : ["", "Options:"];
  const aliases = command.aliases.length === 0 ? [] : ["", `Also: ${command.aliases.join(", ")}`];
  return [
    `pgmate ${command.name}: ${command.summary}`,
    "",
    `Usage: pgmate ${argued(command.name, command)} [options]${passed(command)}`,
    ...aliases,
    ...own,
    ...optionLines(manual.ownOptions),
    "",
    "Options of every command:",
    ...optionLines(manual.globalOptions),
    "",
  ].join("\n");
}

function argued(names: string, command: Command): string {
  return command.argument === undefined ? names : `${names} ${command.argument}`;
}

function passed({ passesOn }: Command): string {
  return passesOn === undefined ? "" : ` [-- ${passesOn}]`;
}

function optionLines(options: readonly HelpOption[]): readonly string[] {
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
