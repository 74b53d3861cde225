/** Reads the command line: which command, which options, as the texts they were given in. */

import { type CAC, cac } from "cac";
import type { Command } from "./commands/command.ts";
import { commands } from "./commands/list.ts";
import { logFormats, sharedFormat } from "./core/log-level.ts";
import { nearest } from "./core/nearest.ts";
import { falseWords } from "./core/option-value.ts";
import { holdsPassword, mayBeUrl } from "./core/url-text.ts";
import { type ErrorCode, isErrorCode, PgmateError } from "./errors.ts";
import { allOptions, commandOptions, globalOptions, type Option } from "./options.ts";
import type { Manual } from "./report/manual.ts";

export type Invocation =
  | {
      readonly kind: "help";
      readonly command: Command | undefined;
      /** `help CODE`; a word may be the name of a command as well. */
      readonly errorCode?: ErrorCode;
    }
  | { readonly kind: "version" }
  | {
      readonly kind: "command";
      readonly command: Command;
      readonly argument: string;
      /** The words behind `--`, for a command that passes them on. */
      readonly passedOn: readonly string[];
      readonly options: ReadonlyMap<string, readonly string[]>;
    };

interface Token {
  /** As it was typed, for messages. */
  readonly text: string;
  readonly name: string;
  readonly value: string | undefined;
}

interface Scan {
  readonly words: readonly string[];
  /** What follows `--`: no options, whatever it looks like. */
  readonly behind: readonly string[];
  readonly tokens: readonly Token[];
}

/**
 * dbmate's grammar, with options also behind the command and its argument: one dash or two,
 * `--name value` or `--name=value`, `--` ends options. Throws `usage`, `unknown-command`.
 */
export function parseCommandLine(argv: readonly string[]): Invocation {
  if (isDivided(argv)) throw misplacedUrl("usage", "a URL is divided into several arguments");
  const { words, behind, tokens } = scan(argv);
  const [first, ...others] = words.length === 0 ? behind : words;
  // An unknown option may have taken no value, so that what follows it is no command either.
  refuseUnknown(tokens, first);
  if (isAsked(tokens, "version")) return { kind: "version" };
  if (first === undefined || first === "help" || first === "h") {
    return withoutCommand(others[0], tokens);
  }
  const command = matchCommand(first, words.length === 0 ? behind : words);
  const passesOn = command.passesOn !== undefined && words.length > 0;
  const rest = passesOn || words.length === 0 ? others : [...others, ...behind];
  const options = collect(tokens, command);
  if (isAsked(tokens, "help") || rest[0] === "help") return { kind: "help", command };
  if (command.takesMany === true) {
    const url = rest.find((word) => mayBeUrl(word));
    if (url !== undefined) throw misplacedUrl("usage", "what looks like a URL is no file");
    return { kind: "command", command, argument: "", passedOn: rest, options };
  }
  const [argument = "", ...stray] = rest;
  if (command.argument === undefined && rest.length > 0) throw strayArgument(command, argument);
  if (stray[0] !== undefined) throw strayArgument(command, stray[0]);
  if (command.argument !== undefined && argument === "") throw missingArgument(command);
  return { kind: "command", command, argument, passedOn: passesOn ? behind : [], options };
}

/** Values of `--env-file`, which must be known before anything else is read. */
export function envFiles(argv: readonly string[]): readonly string[] {
  const paths = scan(argv).tokens.flatMap(({ name, value }) =>
    name === "env-file" && value !== undefined ? [value] : [],
  );
  if (!paths.some((path) => path.includes("://") || holdsPassword(path))) return paths;
  throw new PgmateError("usage", "--env-file holds what looks like a database URL", {
    hint: "a URL goes to --url",
  });
}

/** Whether an error is to be a document too, which may be one of the command line itself. */
export function asksForJson(argv: readonly string[]): boolean {
  try {
    const { tokens } = scan(argv);
    const format = tokens.findLast(({ name }) => name === "format");
    return isAsked(tokens, "json") || format?.value === "json";
  } catch {
    return argv.some((word) => /^--?json$/.test(word));
  }
}

/**
 * Whether such an error is to be a line of a log. `variable`: what LOG_FORMAT holds; it counts
 * where the command line says nothing that can be understood.
 */
export function asksForJsonLog(argv: readonly string[], variable: string | undefined): boolean {
  const known = logFormats.find((format) => format === logFormatWord(argv));
  return (known ?? sharedFormat(variable ?? "")) === "json";
}

function logFormatWord(argv: readonly string[]): string | undefined {
  try {
    return scan(argv).tokens.findLast(({ name }) => name === "log-format")?.value;
  } catch {
    const at = argv.findLastIndex((word) => /^--?log-format(?:=|$)/.test(word));
    return argv[at]?.split("=")[1] ?? argv[at + 1];
  }
}

function withoutCommand(word: string | undefined, tokens: readonly Token[]): Invocation {
  collect(tokens, undefined);
  if (word === undefined || word === "help" || word === "h") {
    return { kind: "help", command: undefined };
  }
  const errorCode = isErrorCode(word) ? word : undefined;
  const isCommand = commands.some(({ name, aliases }) => [name, ...aliases].includes(word));
  const command = errorCode !== undefined && !isCommand ? undefined : matchCommand(word, [word]);
  return { kind: "help", command, ...(errorCode === undefined ? {} : { errorCode }) };
}

/** Which words are values depends on the options' kinds, which no two options share a name for. */
function scan(argv: readonly string[]): Scan {
  const words: string[] = [];
  const behind: string[] = [];
  const tokens: Token[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const text = argv[index] ?? "";
    if (text === "--") {
      behind.push(...argv.slice(index + 1));
      break;
    }
    if (!text.startsWith("-") || text === "-") {
      words.push(text);
      continue;
    }
    const [, typed = "", given] = /^--?([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    const name = longName(typed, words.length > 0 ? "behind" : "before");
    const option = allOptions.find((candidate) => candidate.name === name);
    if (option === undefined || option.kind === "flag") {
      tokens.push({ text, name, value: given });
      continue;
    }
    const value = given ?? argv[(index += 1)];
    if (value === undefined) {
      throw new PgmateError("usage", `--${name} needs a value`, { hint: usageLine(option) });
    }
    tokens.push({ text, name, value });
  }
  return { words, behind, tokens };
}

/** `-v` is the version before the command and verbose behind it, as in dbmate. */
function longName(typed: string, commandName: "before" | "behind"): string {
  const options: readonly Option[] = commandName === "behind"
    ? [...commandOptions, ...globalOptions]
    : [...globalOptions, ...commandOptions];
  return options.find((option) => option.short === typed)?.name ?? typed;
}

function collect(
  tokens: readonly Token[],
  command: Command | undefined,
): ReadonlyMap<string, readonly string[]> {
  const known = optionsOf(command);
  const collected = new Map<string, string[]>();
  for (const { text, name, value } of tokens) {
    if (!known.some((option) => option.name === name)) throw unknownOption(text, name, command);
    collected.set(name, [...(collected.get(name) ?? []), value ?? "true"]);
  }
  return collected;
}

function refuseUnknown(tokens: readonly Token[], word: string | undefined): void {
  const strange = tokens.find(({ name }) => !allOptions.some((option) => option.name === name));
  if (strange === undefined) return;
  const command = commands.find(({ name, aliases }) => [name, ...aliases].includes(word ?? ""));
  throw unknownOption(strange.text, strange.name, command);
}

/** Also with a value that nobody can read: to run the command then would be the worst. */
function isAsked(tokens: readonly Token[], name: "help" | "version" | "json"): boolean {
  const last = tokens.findLast((token) => token.name === name);
  return last !== undefined && !falseWords.includes(last.value ?? "");
}

/** The options a command takes: its own and the global ones. */
export function optionsOf(command: Command | undefined): readonly Option[] {
  const own = commandOptions.filter((option) => command?.options.includes(option.name));
  return [...own, ...globalOptions];
}

/** What help, completions and the manual page are made from. */
export const manual: Manual = { commands, globalOptions, commandOptions };

function matchCommand(name: string, words: readonly string[]): Command {
  const program = grammar(name);
  // cac is given words only: it would turn the texts of options into numbers.
  program.parse(["", "", ...words.map((word) => word.replace(/^-+/, ""))], { run: false });
  const matched = program.matchedCommand?.name;
  const command = commands.find((candidate) => candidate.name === matched);
  if (command !== undefined && [command.name, ...command.aliases].includes(name)) return command;
  const names = commands.flatMap((candidate) => [candidate.name, ...candidate.aliases]);
  const meant = nearest(name, names);
  if (mayBeUrl(name) || name.includes(":")) {
    throw misplacedUrl("unknown-command", "the command looks like a URL");
  }
  throw new PgmateError("unknown-command", `unknown command: ${name}`, {
    hint: meant === undefined ? "pgmate --help lists the commands" : `did you mean ${meant}?`,
  });
}

/** Of the commands that the word can mean: cac reads all words anew for each one it knows. */
function grammar(word: string): CAC {
  const program = cac("pgmate");
  for (const command of commands) {
    if (command.name !== word && !command.aliases.includes(word)) continue;
    const name = command.takesMany === true ? "...files" : command.argument;
    const argument = name === undefined ? "" : ` [${name}]`;
    const defined = program.command(`${command.name}${argument}`, command.summary);
    for (const alias of command.aliases) defined.alias(alias);
  }
  return program;
}

function unknownOption(text: string, name: string, command: Command | undefined): PgmateError {
  const [before = ""] = text.split("=");
  const written = mayBeUrl(before) ? "-…" : before;
  const takers = commands.filter(({ options }) => options.some((option) => option === name));
  if (takers.length > 0) {
    const list = takers.map((taker) => taker.name).join(", ");
    const where = command === undefined ? "" : ` of ${command.name}`;
    return new PgmateError("usage", `${written} is not an option${where}`, {
      hint: `it belongs to: ${list}`,
    });
  }
  if (command?.passesOn !== undefined) {
    return new PgmateError("usage", `unknown option: ${written}`, {
      hint: `${command.passesOn} follow --: pgmate ${command.name} -- ${written}`,
    });
  }
  const meant = nearest(name, optionsOf(command).map((option) => option.name));
  return new PgmateError("usage", `unknown option: ${written}`, {
    hint:
      meant === undefined
        ? `pgmate ${command === undefined ? "" : `${command.name} `}--help lists the options`
        : `did you mean --${meant}?`,
  });
}

function strayArgument(command: Command, argument: string): PgmateError {
  if (mayBeUrl(argument)) {
    return misplacedUrl("usage", `${command.name} takes no argument, and this looks like a URL`);
  }
  return new PgmateError("usage", `${command.name} takes no argument ${JSON.stringify(argument)}`, {
    hint: command.strayHint?.(argument) ?? `pgmate ${command.name} --help shows what it takes`,
    state: "nothing was done",
  });
}

/** Of a URL in a wrong place nothing is repeated, and nothing of a piece of one. */
function misplacedUrl(code: "usage" | "unknown-command", message: string): PgmateError {
  return new PgmateError(code, message, {
    hint: "give it with --url, in quotes: the shell divides words at blanks, & and ;",
    state: "nothing was done",
  });
}

/** Whether the shell has taken the blanks of a password for ends: no word of it may be shown. */
function isDivided(argv: readonly string[]): boolean {
  const begins = /:\/\/[^@/]*:(?!\d{1,5}(?:[/?,]|$))[^@]*$/;
  return argv.some((word) => word.includes("@")) && argv.some((word) => begins.test(word));
}

function missingArgument(command: Command): PgmateError {
  if (command.name === "new") {
    return new PgmateError("usage", "please specify a name for the new migration", {
      hint: "pgmate new create_users",
    });
  }
  return new PgmateError("usage", `${command.name} needs ${command.argument ?? ""}`, {
    hint: `pgmate ${command.name} ${command.argument ?? ""}`,
  });
}

function usageLine(option: Option): string {
  return `--${option.name} ${option.placeholder ?? ""}`;
}
