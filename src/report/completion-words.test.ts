/** Each option is completed by what it takes, and each choice is one that is really read. */
import { expect, test } from "bun:test";
import { manual } from "../cli.ts";
import { allRules } from "../core/review/rules.ts";
import { allOptions, commandOptions, globalOptions } from "../options.ts";
import { errorMeanings } from "./error-meaning.ts";
import { completionWords, optionTakes, type Taken } from "./completion-words.ts";

function shown(taken: Taken): string {
  if (taken.kind === "words") return taken.words.join("|");
  return taken.kind === "sought" ? taken.what : taken.kind;
}

const rules = allRules.map(({ id }) => id).join("|");

/** Options that take a value; a name with a command is for that one alone. */
const named: Readonly<Record<string, string>> = {
  "url": "anything",
  "env": "variable",
  "env-file": "file",
  "driver": "postgres|postgresql",
  "migrations-dir": "folder",
  "migrations-table": "anything",
  "schema-file": "file",
  "dump-option": "anything",
  "pg-dump": "file",
  "log-format": "text|json",
  "log-level": "debug|info|warn|error",
  "to": "version",
  "resume": "repeat|skip",
  "format": "text|sql|json|markdown|html|github|sarif",
  "format of plan": "text|sql|json|markdown|html|github|sarif",
  "format of lint": "text|json|markdown|html|github|sarif",
  "output": "file",
  "fail-on": "risky|breaking",
  "allow": rules,
  "scratch": "anything",
  "queries": "folder",
  "since": "revision",
  "explain": rules,
  "plan": "file",
};

test("what each option takes", () => {
  const found = optionTakes(completionWords(manual)).map(({ name, command, takes }) =>
    [command === undefined ? name : `${name} of ${command}`, shown(takes)] as const,
  );
  const quantities = allOptions.filter(({ kind }) => kind === "duration" || kind === "count");
  const all: Record<string, string> = { ...named };
  for (const { name } of quantities) all[name] = "anything";
  expect(Object.fromEntries(found)).toEqual(all);
  const flags = allOptions.filter(({ kind }) => kind === "flag").map(({ name }) => name);
  for (const [name] of found) expect(flags).not.toContain(name);
});

test("what each command takes as its argument", () => {
  const { commands } = completionWords(manual);
  const found = commands.flatMap(({ names, argument, takesMany }) =>
    argument === undefined ? [] : [[names.join(" "), takesMany, shown(argument)]],
  );
  const codes = Object.keys(errorMeanings);
  const pages = [...new Set([...commands.slice(0, -1).flatMap(({ names }) => names), ...codes])];
  expect(found).toEqual([
    ["new n", "one", "anything"],
    ["lint", "many", "sql-file"],
    ["goto", "one", "version"],
    ["force", "one", "version"],
    ["completions", "one", "bash|zsh|fish"],
    ["help", "one", pages.join("|")],
  ]);
});

test("a choice in help is what is read", () => {
  for (const { placeholder, values, name } of allOptions) {
    if (placeholder?.includes("|") !== true) continue;
    expect([name, values?.join("|")]).toEqual([name, placeholder]);
  }
});

test("each name is that of an option once, and in both lists together", () => {
  const names = [...globalOptions, ...commandOptions].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
