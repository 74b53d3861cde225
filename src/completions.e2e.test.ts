/** What bash, zsh and fish complete: every word and text comes back from the shell itself. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { manual, parseCommandLine } from "./cli.ts";
import type { Command } from "./commands/command.ts";
import { commands } from "./commands/list.ts";
import { type Shell, shells } from "./core/shell.ts";
import { commandOptions, globalOptions, type Option } from "./options.ts";
import { errorMeanings } from "./report/error-meaning.ts";
import { manualText } from "./report/manual-text.ts";
import { testWithOracle } from "./testing/oracles.ts";
import { pgmate, temporaryProject, type TemporaryProject } from "./testing/program.ts";
import { type InteractiveShell, interactiveShell, type Listed } from "./testing/shells.ts";

const files = {
  "db/migrations/20260105090000_rooms.sql": "",
  "db/migrations/20260112101500_two words.sql": "",
  "db/migrations/notes.sql": "",
  "db/migrations/20260101000000_readme.txt": "",
  "other/007_bond.sql": "",
  "with blank/008_gold.sql": "",
  "plan.json": "",
  "seed.sql": "",
  "of env/009_env.sql": "",
  "of toml/010_toml.sql": "",
  "more/011_more.sql": "",
};

let project: TemporaryProject;
beforeAll(async () => {
  project = await temporaryProject({ files });
  for (const name of shells) {
    const script = await manualText(
      { kind: "completions", shell: name },
      { ...manual, version: "1" },
    );
    await project.write({ [`.pgmate.${name}`]: script });
  }
});
afterAll(() => project[Symbol.asyncDispose]());

/** Another file of completions, another environment. */
interface Given {
  readonly script?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly setup?: readonly string[];
}

function started(name: Shell, path: string, given: Given = {}): Promise<InteractiveShell> {
  const script = given.script ?? `.pgmate.${name}`;
  return interactiveShell(name, {
    path,
    cwd: project.folder,
    env: given.env ?? {},
    setup: [...(given.setup ?? []), `source ./${script}`],
  });
}

function inEachShell(title: string, run: (name: Shell, path: string) => Promise<void>): void {
  for (const name of shells) {
    testWithOracle(name, `${name}: ${title}`, (path) => run(name, path));
  }
}

/** By their words, whose order is the shell's own affair; fish repeats what stands before =. */
function meanings(listed: readonly Listed[]): Readonly<Record<string, string>> {
  const rows = listed.map(({ word, meaning }): readonly [string, string] => [word, meaning]);
  return Object.fromEntries(rows.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function words(listed: readonly Listed[]): string {
  return listed.map(({ word }) => word.replace(/^-[^=]*=/, "")).toSorted().join(" ");
}

function optionRows(option: Option): readonly (readonly [string, string])[] {
  const { name, short, help } = option;
  // Behind the command -v is verbose, or nothing.
  const hasLetter = short !== undefined && option !== globalOptions.at(-1);
  return [[`--${name}`, help], ...(hasLetter ? [[`-${short}`, help] as const] : [])];
}

function optionsOf(command: Command): readonly (readonly [string, string])[] {
  const own = commandOptions.filter(({ name }) => command.options.includes(name));
  const general = globalOptions.filter(({ name }) => {
    return command.standsAlone !== true || name === "help";
  });
  return [...own, ...general].flatMap(optionRows);
}

function sorted(rows: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

inEachShell("every command and alias with its summary", async (name, path) => {
  await using shell = await started(name, path);
  const rows = commands.flatMap(({ name, aliases, summary }) =>
    [name, ...aliases].map((each) => [each, summary] as const),
  );
  const help = "show help, or the page of a command or of an error's code";
  const all = sorted([...rows, ["help", help]]);
  expect(meanings(await shell.lists("pgmate "))).toEqual(all);
  expect(meanings(await shell.lists("pgmate --url postgres://u:p@h:1/d "))).toEqual(all);
  const pages = new Set([...rows.map(([word]) => word), ...Object.keys(errorMeanings)]);
  expect(words(await shell.lists("pgmate help "))).toBe([...pages].toSorted().join(" "));
});

inEachShell("every option of every command with its help, and no other", async (name, path) => {
  await using shell = await started(name, path);
  for (const command of commands) {
    const rows = optionsOf(command);
    const listed = await shell.lists(`pgmate ${command.name} -`);
    // A list of one is put in, without what it means.
    expect([command.name, meanings(listed)]).toEqual([command.name, sorted(rows)]);
    for (const { word } of listed) {
      if (word === "-h" || word === "--help") continue;
      const option = [...commandOptions, ...globalOptions].find(({ name }) => `--${name}` === word);
      const value = option === undefined || option.kind === "flag" ? [] : ["x"];
      const argument = command.argument === undefined ? [] : ["x"];
      if (option !== undefined) parseCommandLine([command.name, ...argument, word, ...value]);
    }
  }
  const version = ["-v", "show pgmate's version"] as const;
  const before = sorted([...globalOptions.flatMap(optionRows), version]);
  expect(meanings(await shell.lists("pgmate -"))).toEqual(before);
});

/** Each means something to one of the shells, or to the functions that they list with. */
const awkward: readonly string[] = [
  "it's \"quoted\" by 'both' and `date`",
  "$HOME ${HOME} $(touch pwned) `touch pwned` !! !$",
  "[brackets] (parentheses) {a,b} <angles> *.sql ~/x ?",
  "a:b::c: \\: \\\\ \\n \\t \\",
  "%d %B %F{red} %% %s -- and - or; & | # no comment",
  "é … – ü 世界",
  "a = b, c==d; ^x @y",
];

inEachShell("texts that mean something to a shell come back as they are", async (name, path) => {
  const options = awkward.map((help, index) => ({ name: `o${index}`, kind: "flag", help }));
  const [first] = commands;
  const odd: Command = {
    ...(first ?? expect.unreachable()), name: "odd", aliases: [], options: [],
    summary: awkward.join(" / "),
  };
  const script = await manualText(
    { kind: "completions", shell: name },
    {
      commands: [odd, { ...odd, name: "even", summary: awkward.toReversed().join(" / ") }],
      globalOptions: options, commandOptions: [], version: "1",
    },
  );
  await project.write({ ".odd": script });
  await using shell = await started(name, path, { script: ".odd" });
  expect(meanings(await shell.lists("pgmate odd --"))).toEqual(
    sorted(options.map(({ name, help }) => [`--${name}`, help])),
  );
  const { odd: one, even } = meanings(await shell.lists("pgmate "));
  expect([one, even]).toEqual([awkward.join(" / "), awkward.toReversed().join(" / ")]);
  expect(await Bun.file(join(project.folder, "pwned")).exists()).toBe(false);
});

type Case = readonly [line: string, expected: string];

const versions = "20260105090000 20260112101500";
const formats = "github html json markdown sarif";

const cases: readonly Case[] = [
  ["pgmate goto ", versions],
  ["pgmate goto 202601051", ""],
  ["pgmate goto 2026011", "20260112101500"],
  ["pgmate force ", versions],
  ["pgmate force --only ", versions],
  ["pgmate goto 1 ", ""],
  ["pgmate up --to ", versions],
  ["pgmate up --to=", versions],
  ["pgmate up --to=2026010", "20260105090000"],
  ["pgmate down --to ", versions],
  ["pgmate up --to 1 --ste", "--steps"],
  ["pgmate up ", ""],
  ["pgmate new ", ""],
  ["pgmate --url pglite:db goto ", versions],
  ["pgmate --url=postgres://u@h:1/d goto ", versions],
  ["pgmate -url x goto ", versions],
  ["pgmate -d other goto ", "007"],
  ["pgmate -d=other/ goto ", "007"],
  ["pgmate goto -d other ", "007"],
  ["pgmate --migrations-dir other,more goto ", "007 011"],
  ["pgmate --migrations-dir=other goto -d more ", "007 011"],
  ["pgmate -migrations-dir other up --to ", "007"],
  ["pgmate -d 'with blank' goto ", "008"],
  ["pgmate -d with\\ blank goto ", "008"],
  ["pgmate -d \"with blank\" goto ", "008"],
  ["pgmate -d nothing goto ", ""],
  ["pgmate plan --format ", `${formats} sql text`],
  ["pgmate plan --format=", `${formats} sql text`],
  ["pgmate lint --format ", `${formats} text`],
  ["pgmate lint --format=ma", "markdown"],
  ["pgmate lint --fail-on ", "breaking risky"],
  ["pgmate up --resume ", "repeat skip"],
  ["pgmate rollback --resume=", "repeat skip"],
  ["pgmate --log-format ", "json text"],
  ["pgmate up --log-level=", "debug error info warn"],
  ["pgmate --driver ", "postgres postgresql"],
  ["pgmate lint --explain add-column-s", "add-column-serial"],
  ["pgmate plan --allow drop-t", "drop-table drop-trigger"],
  ["pgmate -e TER", "TERM"],
  ["pgmate completions ", "bash fish zsh"],
  ["pgmate completions bash ", ""],
  ["pgmate man ", ""],
  ["pgmate help com", "completions"],
  ["pgmate help up ", ""],
  ["pgmate unknown --lock-w", "--lock-wait"],
  ["pgmate --steps", ""],
  ["pgmate dump -- --cl", ""],
  ["pgmate --no", "--no-dump-schema"],
  ["pgmate -v", "-v"],
  ["pgmate up -v", "-v"],
  ["pgmate status -v", ""],
  ["pgmate --steps 2 redo --dry", "--dry-run"],
];

inEachShell("values, arguments, and what is there already", async (name, path) => {
  await using shell = await started(name, path);
  for (const [line, expected] of cases) {
    expect([line, words(await shell.lists(line))]).toEqual([line, expected]);
  }
});

inEachShell("versions come with the names of their files", async (name, path) => {
  await using shell = await started(name, path);
  expect(meanings(await shell.lists("pgmate goto "))).toEqual({
    "20260105090000": "20260105090000_rooms.sql",
    "20260112101500": "20260112101500_two words.sql",
  });
});

type Settings = readonly [what: string, env: string, toml: string, expected: string];

const settings: readonly Settings[] = [
  ["nothing", "A=b\n", "strict = true\n", versions],
  [".env", "A=b\nDBMATE_MIGRATIONS_DIR=more # x\n", 'migrations-dir = "other"', "011"],
  ["an export", "export DBMATE_MIGRATIONS_DIR='of env'", "", "009"],
  ["a list in .env", ' DBMATE_MIGRATIONS_DIR = "of env,other"\n', "", "007 009"],
  ["pgmate.toml", "X=1\n", "strict = true\n  migrations-dir='of toml' # it's\n", "010"],
  ["a list", "", 'migrations-dir = ["of toml", \'more\', "other/"]\n', "007 010 011"],
];

inEachShell("the folder is the one that pgmate would read", async (name, path) => {
  try {
    for (const [what, env, toml, expected] of settings) {
      await project.write({ ".env": env, "pgmate.toml": toml });
      await using shell = await started(name, path);
      expect([what, words(await shell.lists("pgmate goto "))]).toEqual([what, expected]);
      expect(words(await shell.lists("pgmate goto -d more "))).toBe("011");
    }
    await using shell = await started(name, path, {
      env: { DBMATE_MIGRATIONS_DIR: "other, with blank" },
    });
    expect(words(await shell.lists("pgmate goto "))).toBe("007 008");
  } finally {
    await rm(join(project.folder, ".env"));
    await rm(join(project.folder, "pgmate.toml"));
  }
});

inEachShell("revisions of git, where there is a repository", async (name, path) => {
  await using shell = await started(name, path);
  expect(words(await shell.lists("pgmate lint --since "))).toBe("");
  const who = ["-c", "user.name=a", "-c", "user.email=a@b"];
  const made: readonly string[][] = [
    ["init", "-qb", "main"], [...who, "commit", "-q", "--allow-empty", "-m", "a"],
    ["tag", "v1.0"], ["branch", "work"],
  ];
  try {
    for (const args of made) {
      const ran = spawnSync("git", args, { cwd: project.folder, encoding: "utf8" });
      expect(ran).toMatchObject({ status: 0 });
    }
    expect(words(await shell.lists("pgmate lint --since "))).toBe("main v1.0 work");
    expect(words(await shell.lists("pgmate lint --since=v"))).toBe("v1.0");
  } finally {
    await rm(join(project.folder, ".git"), { recursive: true });
  }
});

/** What Tab puts in, as pgmate would get it. */
const typed: readonly (readonly [keys: string, expected: readonly string[]])[] = [
  ["pgmate comp\tz\t", ["completions", "zsh"]],
  ["pgmate rol\t--dry\t", ["rollback", "--dry-run"]],
  ["pgmate plan --form\tjs\t", ["plan", "--format", "json"]],
  ["pgmate plan --format=js\t-o pl\t", ["plan", "--format=json", "-o", "plan.json"]],
  ["pgmate plan --output=pl\t", ["plan", "--output=plan.json"]],
  ["pgmate up --to=2026011\t", ["up", "--to=20260112101500"]],
  ["pgmate goto 2026010\t--j\t", ["goto", "20260105090000", "--json"]],
  ["pgmate -s see\tdump", ["-s", "seed.sql", "dump"]],
  ["pgmate -d with\t", ["-d", "with blank"]],
  ["pgmate --migrations-dir=oth\t", ["--migrations-dir=other"]],
  ["pgmate lint db/m\t2026011\t", ["lint", "db/migrations/20260112101500_two words.sql"]],
  ["pgmate lint see\t--rul\t", ["lint", "seed.sql", "--rules"]],
  ["pgmate lint 'with bl\t0\t", ["lint", "with blank/008_gold.sql"]],
  ["pgmate lint with\\ bl\t0\t", ["lint", "with blank/008_gold.sql"]],
  ["pgmate up --plan pl\t", ["up", "--plan", "plan.json"]],
];

for (const name of ["bash", "zsh"] as const) {
  testWithOracle(name, `${name}: what Tab puts in`, async (path) => {
    await using shell = await started(name, path);
    for (const [keys, expected] of typed) {
      // The slash behind a folder goes in zsh when nothing follows it.
      const words = (await shell.runs(keys)).map((word) => word.replace(/\/$/, ""));
      expect([keys, words]).toEqual([keys, [...expected]]);
    }
  });
}

describe("in unusual shells", () => {
  testWithOracle("bash", "settings that change what words and patterns are", async (path) => {
    for (const setup of [
      "set -u", "shopt -s failglob", "shopt -s nullglob", "set -f", "IFS=:4", "set -o posix",
      "shopt -s nocasematch extglob",
    ]) {
      await using shell = await started("bash", path, { setup: [setup] });
      expect([setup, await shell.runs("pgmate plan --form\tsa\t--to 2026010\t")]).toEqual(
        [setup, setup === "set -f"
          ? ["plan", "--format", "sarif", "--to", "2026010"]
          : ["plan", "--format", "sarif", "--to", "20260105090000"]],
      );
      expect([setup, words(await shell.lists("pgmate status --qui"))]).toEqual([setup, "--quiet"]);
    }
  });

  testWithOracle("bash", "= and : that divide no words", async (path) => {
    await using shell = await started("bash", path, { setup: ["COMP_WORDBREAKS=' '"] });
    expect(await shell.runs("pgmate --url pglite:x plan --format=sa\t")).toEqual(
      ["--url", "pglite:x", "plan", "--format=sarif"],
    );
  });

  testWithOracle("bash", "the cursor stands in the middle of the line", async (path) => {
    await using shell = await started("bash", path);
    const back = "\x02".repeat("x --json".length + 1);
    expect(await shell.runs(`pgmate rol x --json${back}\t`)).toEqual(["rollback", "x", "--json"]);
  });

  testWithOracle("zsh", "as a file of a folder in fpath", async (path) => {
    const script = await Bun.file(join(project.folder, ".pgmate.zsh")).text();
    await project.write({ ".functions/_pgmate": script, ".nothing": "" });
    await using shell = await started("zsh", path, {
      script: ".nothing",
      setup: ["fpath=($PWD/.functions $fpath); compinit -u -D"],
    });
    for (const _ of ["loads it", "has it"]) {
      expect(words(await shell.lists("pgmate completions "))).toBe("bash fish zsh");
    }
  });
});

describe("the program", () => {
  const nonsense = {
    ".env": "no variable\n", "pgmate.toml": "= = =", "db/migrations/1_a.sql": "nonsense",
  };
  const env = { DATABASE_URL: "nonsense", DBMATE_WAIT_TIMEOUT: "?", PGMATE_FAIL_ON: "?" };

  test.each([["completions bash"], ["completions zsh"], ["completions fish"], ["man"]])(
    "%s needs nothing, and reads nothing",
    async (line) => {
      const args = line.split(" ");
      await using broken = await temporaryProject({ files: nonsense });
      const first = await pgmate(args, { cwd: broken.folder, env });
      expect(first).toMatchObject({ status: 0, stderr: "" });
      expect(first.stdout.length).toBeGreaterThan(5_000);
      const second = await pgmate(args, { cwd: "/", env: { TZ: "Asia/Tokyo", LANG: "de_DE" } });
      expect(second).toEqual(first);
      const shell = shells.find((one) => one === args[1]);
      if (shell === undefined) return;
      const text = await Bun.file(join(project.folder, `.pgmate.${shell}`)).text();
      expect(first.stdout).toBe(text);
    },
  );

  test.each([
    [["completions"], "completions needs bash|zsh|fish"],
    [["completions", "tcsh"], 'there are no completions for "tcsh"'],
    [["completions", "bash", "zsh"], 'completions takes no argument "zsh"'],
    [["man", "up"], 'man takes no argument "up"'],
  ])("%p is refused", async (args, message) => {
    const { status, stdout, stderr } = await pgmate(args, { cwd: "/" });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(`Error: ${message}\n`);
  });
});
