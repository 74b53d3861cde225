/** The tables of completions as functions that bash and zsh both read. */

import {
  type CompletionOption, type CompletionWords, letters, optionTakes, type Taken,
} from "./completion-words.ts";

/** How a shell writes a word and what it means, in a list. */
export type Entry = (word: string, meaning: string) => string;

/** A text as one word, whatever is in it. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function shellTables(words: CompletionWords, entry: Entry): string {
  return [
    longNames(words),
    values(words),
    commandNames(words, entry),
    options(words, entry),
    commandArguments(words),
  ].join("\n\n");
}

/** The script without its tables, with them. */
export function withTables(script: string, tables: string): string {
  return script.replace(/^#: tables$/m, () => tables);
}

function longNames(words: CompletionWords): string {
  const rows = letters(words).map(({ letter, stands, name }) =>
    `${letter}:${stands === "before" ? "" : "*"}) REPLY=${name} ;;`,
  );
  return shellFunction("long", "Sets REPLY to the name of the option $1, without dashes.", [
    "REPLY=${1#-}",
    "REPLY=${REPLY#-}",
    ...caseOf("$REPLY:$command", rows),
  ]);
}

function values(words: CompletionWords): string {
  const rows = optionTakes(words).map(({ name, command = "*", takes }) =>
    `${name}:${command}) takes=${takenText(takes)} ;;`,
  );
  return shellFunction("takes", "Sets $takes to what the option of the name $1 takes.", [
    ...caseOf("$1:$command", [...rows, "*) takes='' ;;"]),
  ]);
}

function takenText(takes: Taken): string {
  switch (takes.kind) {
    case "anything":
      return "anything";
    case "sought":
      return takes.what;
    case "words":
      return singleQuoted(`words:${takes.words.join(" ")}`);
  }
}

function commandNames({ commands }: CompletionWords, entry: Entry): string {
  const entries = commands.flatMap(({ names, summary }) =>
    names.map((name) => entry(name, summary)),
  );
  return shellFunction("commands", "What stands where a command does.", assigned("=", entries));
}

function options({ commands, globalOptions }: CompletionWords, entry: Entry): string {
  const general = globalOptions.flatMap((option) => optionEntries(option, entry));
  const first = globalOptions.flatMap(({ short, shortStands, help }) =>
    short === undefined || shortStands === "anywhere" ? [] : [entry(`-${short}`, help)],
  );
  const rows = commands.flatMap((command) => {
    const entries = command.own.flatMap((option) => optionEntries(option, entry));
    const pattern = command.names.join("|");
    if (command.general === "all") {
      if (entries.length === 0) return [];
      return [`${pattern})`, ...indented(assigned("=", entries)), "  ;;"];
    }
    const help = globalOptions.filter(({ name }) => name === "help");
    const only = [...entries, ...help.flatMap((option) => optionEntries(option, entry))];
    return [`${pattern})`, ...indented(assigned("=", only)), "  return", "  ;;"];
  });
  return shellFunction("options", "The options of the command, then those of every command.", [
    ...caseOf("$command", rows),
    ...assigned("+=", general),
    ...(first.length === 0 ? [] : [`[[ -n $command ]] || offered+=(${first.join(" ")})`]),
  ]);
}

function optionEntries(
  { name, short, shortStands, help }: CompletionOption,
  entry: Entry,
): readonly string[] {
  const long = entry(`--${name}`, help);
  const isShown = short !== undefined && shortStands === "anywhere";
  return isShown ? [long, entry(`-${short}`, help)] : [long];
}

function commandArguments({ commands }: CompletionWords): string {
  const rows = commands.flatMap(({ names, argument, takesMany }) => {
    if (argument === undefined) return [];
    const count = takesMany === "many" ? "*" : "0";
    const patterns = names.map((name) => `${name}:${count}`);
    return [`${patterns.join("|")}) takes=${takenText(argument)} ;;`];
  });
  return shellFunction("argument", "Sets $takes to what may follow the command.", [
    ...caseOf("$command:$arguments", [...rows, "*) takes='' ;;"]),
  ]);
}

function shellFunction(name: string, comment: string, lines: readonly string[]): string {
  return [`# ${comment}`, `_pgmate_${name}() {`, ...indented(lines), "}"].join("\n");
}

function caseOf(word: string, rows: readonly string[]): readonly string[] {
  return [`case ${word} in`, ...indented(rows), "esac"];
}

function assigned(operator: "=" | "+=", entries: readonly string[]): readonly string[] {
  return [`offered${operator}(`, ...indented(entries), ")"];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
