/** Help is made of the commands and options themselves, none left out. */

import { describe, expect, test } from "bun:test";
import type { Command } from "../commands/command.ts";
import { commands } from "../commands/list.ts";
import { commandOptions, globalOptions } from "../options.ts";
import { helpText } from "./help.ts";
import type { ManualOption } from "./manual.ts";

function pageOf(command: Command | undefined): string {
  return helpText({ commands, globalOptions, commandOptions }, command);
}

test("the front page has every command and every global option", () => {
  const page = pageOf(undefined);
  for (const { name, aliases, summary, standsAlone } of commands) {
    if (standsAlone === true) continue;
    expect(page).toMatch(new RegExp(`^  ${[name, ...aliases].join(", ")}\\b.*  ${summary}$`, "m"));
  }
  for (const { name, help } of globalOptions) {
    expect(page).toContain(`--${name}`);
    expect(page).toContain(help);
  }
  expect(page).toStartWith("pgmate: Postgres migrations in plain SQL\n\nUsage: pgmate ");
  expect(page).toEndWith(".\nAlso: pgmate completions bash|zsh|fish, pgmate man\n");
});

describe("a command's page", () => {
  test.each(commands.map((command) => [command.name, command] as const))("%s", (name, command) => {
    const page = pageOf(command);
    const argument = command.argument === undefined ? "" : ` ${command.argument}`;
    expect(page).toStartWith(`pgmate ${name}: ${command.summary}\n\n`);
    const passed = command.passesOn === undefined ? "" : ` [-- ${command.passesOn}]`;
    expect(page).toContain(`\nUsage: pgmate ${name}${argument} [options]${passed}\n`);
    const [own = ""] = page.split("Options of every command:");
    for (const { name: option } of commandOptions) {
      const isTaken = command.options.some((one) => one === option);
      expect(new RegExp(`--${option}\\b(?!-)`).test(own)).toBe(isTaken);
    }
    for (const alias of command.aliases) expect(page).toContain(`Also: ${alias}`);
    const [, general = ""] = page.split("Options of every command:");
    for (const { name: option } of globalOptions) {
      const says = command.standsAlone !== true || option === "help";
      expect(new RegExp(`--${option} `).test(general)).toBe(says);
    }
  });
});

test("an option shows its letter, value, default and variable", () => {
  const option: ManualOption = {
    name: "to", short: "t", kind: "text", placeholder: "X", fallback: "1", variable: "V",
    help: "help",
  };
  const command = commands.find(({ name }) => name === "up");
  const flag = { name: "flag", kind: "flag", help: "other" };
  const manual = { commands, globalOptions: [flag], commandOptions: [option] };
  const page = helpText(manual, command);
  expect(page).toContain("  -t, --to X  help (default 1, $V)\n");
  expect(page).toContain("      --flag  other\n");
});

test("no line ends with a blank", () => {
  for (const command of [undefined, ...commands]) {
    for (const line of pageOf(command).split("\n")) {
      expect(line).toBe(line.trimEnd());
    }
  }
});
