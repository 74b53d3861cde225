/** The script that completes pgmate's command line in fish. */

import { withTables } from "./completion-tables.ts";
import {
  type CompletionCommand, type CompletionOption, type CompletionWords, letters, optionTakes,
  type Sought, type Taken,
} from "./completion-words.ts";
import script from "./completions.fish" with { type: "text" };

export function fishCompletions(words: CompletionWords): string {
  const { commands, globalOptions } = words;
  const bare = commands.filter(({ general }) => general === "help").flatMap(({ names }) => names);
  const tables = [
    longNames(words),
    "",
    "function __pgmate_takes",
    `    contains -- $argv[1] ${optionNames(words).join(" ")}`,
    "end",
    "",
    "complete -c pgmate -f",
    ...commands.flatMap(commandLines),
    ...commands.flatMap(argumentLines),
    ...ownLines(words),
    ...globalOptions.flatMap((option) => globalLines(option, bare)),
  ];
  return withTables(script, tables.join("\n"));
}

function longNames(words: CompletionWords): string {
  const rows = letters(words).flatMap(({ letter, stands, name }) => [
    `        case '${letter}:${stands === "before" ? "" : "*"}'`,
    `            echo ${name}`,
  ]);
  return [
    "# The name of an option that is written without its dashes, by the command before it.",
    "function __pgmate_long",
    '    switch "$argv[1]:$argv[2]"',
    ...rows,
    "        case '*'",
    "            printf '%s\\n' $argv[1]",
    "    end",
    "end",
  ].join("\n");
}

function optionNames(words: CompletionWords): readonly string[] {
  return [...new Set(optionTakes(words).map(({ name }) => name))];
}

function commandLines({ names, summary }: CompletionCommand): readonly string[] {
  return names.map((name) => line("__pgmate_without_command", `-a ${quoted(name)}`, summary));
}

function argumentLines({ names, argument, takesMany }: CompletionCommand): readonly string[] {
  if (argument === undefined || argument.kind === "anything") return [];
  const test = takesMany === "many" ? "__pgmate_is" : "__pgmate_lacks";
  return [line(`${test} ${names.join(" ")}`, candidates(argument), "")];
}

/** One line for the commands that take the same by the same name. */
function ownLines({ commands }: CompletionWords): readonly string[] {
  const takers = new Map<string, { option: CompletionOption; names: readonly string[] }>();
  for (const { own, names } of commands) {
    for (const option of own) {
      const key = JSON.stringify(option);
      takers.set(key, { option, names: [...(takers.get(key)?.names ?? []), ...names] });
    }
  }
  return [...takers.values()].map(({ option, names }) =>
    line(`__pgmate_is ${names.join(" ")}`, optionWords(option), option.help),
  );
}

function globalLines(option: CompletionOption, bare: readonly string[]): readonly string[] {
  const test = option.name === "help" ? "" : `__pgmate_is_not ${bare.join(" ")}`;
  const { short, shortStands, help } = option;
  if (short === undefined || shortStands === "anywhere") {
    return [line(test, optionWords(option), help)];
  }
  return [
    line(test, optionWords({ ...option, short: undefined }), help),
    line("__pgmate_without_command", `-o ${short}`, help),
  ];
}

function optionWords({ name, short, takes }: CompletionOption): string {
  const letter = short === undefined ? "" : ` -o ${short}`;
  const value = takes === undefined ? "" : ` ${needed(takes)}`;
  return `-l ${name}${letter}${value}`;
}

/** Files complete by themselves; what is sought otherwise is asked for when it is needed. */
function needed(takes: Taken): string {
  if (takes.kind === "anything") return "-x";
  if (takes.kind === "sought" && takes.what === "file") return "-r -F";
  return `-x ${candidates(takes)}`;
}

function candidates(takes: Exclude<Taken, { kind: "anything" }>): string {
  return takes.kind === "words"
    ? `-k -a ${quoted(takes.words.join(" "))}`
    : `-k -a ${quoted(commands[takes.what])}`;
}

const commands: Readonly<Record<Sought, string>> = {
  "file": "(__fish_complete_path)",
  "sql-file": "(__pgmate_files)",
  "folder": "(__fish_complete_directories)",
  "version": "(__pgmate_versions)",
  "variable": "(set -nx)",
  "revision": "(git for-each-ref --format='%(refname:short)' 2>/dev/null)",
};

function line(test: string, words: string, meaning: string): string {
  const condition = test === "" ? "" : ` -n ${quoted(test)}`;
  return `complete -c pgmate${condition} ${words}${meaning === "" ? "" : ` -d ${quoted(meaning)}`}`;
}

/** In single quotes fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
