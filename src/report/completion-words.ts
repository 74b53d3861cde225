/** What may stand at each place of a command line, for the scripts that complete it in a shell. */

import { allRules } from "../core/review/rules.ts";
import { errorMeanings } from "./error-meaning.ts";
import { generalOptions, type Manual, type ManualOption, ownOptions } from "./manual.ts";

/** What is looked for where it is needed, since nobody knows it beforehand. */
export type Sought = "file" | "sql-file" | "folder" | "version" | "variable" | "revision";

/** What a value or an argument may be: given words, something sought, or anything at all. */
export type Taken =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "sought"; readonly what: Sought }
  | { readonly kind: "anything" };

export interface CompletionOption {
  readonly name: string;
  readonly short: string | undefined;
  /** Behind the command, an option of its own may have the letter: `-v`. */
  readonly shortStands: "anywhere" | "before";
  readonly help: string;
  /** Undefined for a flag, which takes no value. */
  readonly takes: Taken | undefined;
}

export interface CompletionCommand {
  /** The name and its aliases. */
  readonly names: readonly string[];
  readonly summary: string;
  /** Those that not all commands take. */
  readonly own: readonly CompletionOption[];
  /** Whether the options of every command say anything to it, or help alone. */
  readonly general: "all" | "help";
  /** Undefined where it takes none. */
  readonly argument: Taken | undefined;
  /** How many arguments it takes. */
  readonly takesMany: "one" | "many";
}

export interface CompletionWords {
  readonly commands: readonly CompletionCommand[];
  readonly globalOptions: readonly CompletionOption[];
}

/** Every name that completes, once; `help` is a command here, as the command line has it. */
export function completionWords(manual: Manual): CompletionWords {
  const commands = manual.commands.map((command): CompletionCommand => ({
    names: [command.name, ...command.aliases],
    summary: command.summary,
    own: ownOptions(manual, command).map((option) => {
      return { ...completionOption(option, command.name), shortStands: "anywhere" } as const;
    }),
    general: generalOptions(manual, command) === manual.globalOptions ? "all" : "help",
    argument: command.argument === undefined
      ? undefined
      : command.argumentValues === undefined
      ? takenAs(command.argument)
      : { kind: "words", words: command.argumentValues },
    takesMany: command.takesMany === true ? "many" : "one",
  }));
  const commandNames = commands.flatMap(({ names }) => names);
  const help: CompletionCommand = {
    names: ["help"],
    summary: "show help, or the page of a command or of an error's code",
    own: [],
    general: "help",
    argument: {
      kind: "words",
      words: [...new Set([...commandNames, ...Object.keys(errorMeanings)])],
    },
    takesMany: "one",
  };
  return {
    commands: [...commands, help],
    globalOptions: manual.globalOptions.map((option) => {
      const isTaken = manual.commandOptions.some(({ short = "" }) => short === option.short);
      return {
        ...completionOption(option, undefined),
        shortStands: isTaken ? "before" : "anywhere",
      } as const;
    }),
  };
}

/** What an option takes, by the command; `undefined` stands for those that are not named. */
export interface OptionTakes {
  readonly name: string;
  readonly command: string | undefined;
  readonly takes: Taken;
}

/** The options that take values, each once for all commands where they agree. */
export function optionTakes({ commands, globalOptions }: CompletionWords): readonly OptionTakes[] {
  const everywhere = globalOptions.map((option) => ({ option, names: [] as readonly string[] }));
  const own = commands.flatMap(({ own, names }) => own.map((option) => ({ option, names })));
  const all = [...everywhere, ...own];
  const names = new Set(all.map(({ option }) => option.name));
  return [...names].flatMap((name): readonly OptionTakes[] => {
    const takers = all.filter(({ option }) => option.name === name);
    const takes = takers.flatMap(({ option }) => option.takes ?? []);
    const [first] = takes;
    if (first === undefined) return [];
    const known = new Set(takes.map((one) => JSON.stringify(one)));
    if (known.size === 1) return [{ name, command: undefined, takes: first }];
    const words = takes.flatMap((one) => (one.kind === "words" ? one.words : []));
    const any: Taken = { kind: "words", words: [...new Set(words)] };
    return [
      ...takers.flatMap(({ option, names }) =>
        names.map((command) => ({ name, command, takes: option.takes ?? any })),
      ),
      { name, command: undefined, takes: any },
    ];
  });
}

/** What an option of one letter is called, by whether a command stands before it. */
export interface Letter {
  readonly letter: string;
  readonly stands: CompletionOption["shortStands"];
  readonly name: string;
}

/** The letters, each once for a place; those that count only before the command come first. */
export function letters({ commands, globalOptions }: CompletionWords): readonly Letter[] {
  const own = commands.flatMap((command) => command.own);
  const all = [...own, ...globalOptions].flatMap(({ short, shortStands: stands, name }) =>
    short === undefined ? [] : [{ letter: short, stands, name }],
  );
  const once = new Map(all.map((one) => [`${one.letter} ${one.stands}`, one]));
  const isFirst = ({ stands }: Letter): boolean => stands === "before";
  const found = [...once.values()];
  return [...found.filter(isFirst), ...found.filter((one) => !isFirst(one))];
}

function completionOption(
  option: ManualOption,
  command: string | undefined,
): Omit<CompletionOption, "shortStands"> {
  const { name, short, help, kind, placeholder = "", values, valuesOfOne = {} } = option;
  const words = values?.filter((word) => {
    return !Object.hasOwn(valuesOfOne, word) || valuesOfOne[word] === command;
  });
  const takes = words === undefined ? takenAs(placeholder) : { kind: "words", words } as const;
  return { name, short, help, takes: kind === "flag" ? undefined : takes };
}

/** By the name that help gives it. */
function takenAs(placeholder: string): Taken {
  if (placeholder === "RULE") return { kind: "words", words: allRules.map(({ id }) => id) };
  const what = soughtAs[placeholder];
  return what === undefined ? { kind: "anything" } : { kind: "sought", what };
}

const soughtAs: Readonly<Record<string, Sought | undefined>> = {
  "FILE": "file",
  "PATH": "file",
  "[FILE…]": "sql-file",
  "DIR": "folder",
  "VERSION": "version",
  "VARIABLE": "variable",
  "REV": "revision",
};
