/** What help, completions and the manual page are made from. */

import type { Command } from "../commands/command.ts";

/** What they show of an option. */
export interface ManualOption {
  readonly name: string;
  readonly short?: string;
  readonly variable?: string;
  readonly kind: string;
  readonly placeholder?: string;
  readonly values?: readonly string[];
  /** Those of the values that one command alone takes: which command, by the word. */
  readonly valuesOfOne?: Readonly<Record<string, string>>;
  readonly fallback?: string;
  readonly help: string;
}

export interface Manual {
  readonly commands: readonly Command[];
  readonly globalOptions: readonly ManualOption[];
  /** Of which each command takes those that it names. */
  readonly commandOptions: readonly ManualOption[];
}

export interface VersionedManual extends Manual {
  /** Of pgmate. */
  readonly version: string;
}

/** What only some commands take, this one among them. */
export function ownOptions(
  { commandOptions }: Manual,
  command: Command,
): readonly ManualOption[] {
  return commandOptions.filter(({ name }) => command.options.some((option) => option === name));
}

/** What every command takes. To one that reads nothing but its name the rest says nothing. */
export function generalOptions(
  { globalOptions }: Manual,
  command: Command,
): readonly ManualOption[] {
  if (command.standsAlone !== true) return globalOptions;
  return globalOptions.filter(({ name }) => name === "help");
}

/** The name and what follows it, as in a usage line. */
export function argued(names: string, { argument }: Command): string {
  return argument === undefined ? names : `${names} ${argument}`;
}
