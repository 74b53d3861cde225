/** What a command line means: positions, dashes, values, help, and every way to get it wrong. */

import { describe, expect, test } from "bun:test";
import { asksForJson, asksForJsonLog, envFiles, optionsOf, parseCommandLine } from "./cli.ts";
import { commands } from "./commands/list.ts";
import { PgmateError } from "./errors.ts";

/** Words are divided by blanks; `~` stands for one, `''` for an empty word. */
function argvOf(line: string): readonly string[] {
  return line.split(" ").filter((word) => word !== "").map((word) => {
    return word.replaceAll("''", "").replaceAll("~", " ");
  });
}

/** `up {to: 1 2, strict: true}`, `new "x"`, `help`, `help up`, `version`, or an error. */
function meaning(argv: readonly string[]): string {
  try {
    const invocation = parseCommandLine(argv);
    if (invocation.kind === "version") return "version";
    if (invocation.kind === "help") {
      const { command, errorCode } = invocation;
      const code = errorCode === undefined ? "" : `of ${errorCode}`;
      return ["help", command?.name ?? "", code].filter((word) => word !== "").join(" ");
    }
    const { command, argument, options } = invocation;
    const shown = [...options].map(([name, texts]) => `${name}: ${texts.join("|")}`).join(", ");
    const given = argument === "" ? "" : ` ${JSON.stringify(argument)}`;
    return `${command.name}${given}${shown === "" ? "" : ` {${shown}}`}`;
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    return `! ${error.code}: ${error.message} → ${error.hint ?? "nothing"}`;
  }
}

type Case = readonly [line: string, expected: string];

const positions: readonly Case[] = [
  ["up", "up"],
  ["up --to 1", "up {to: 1}"],
  ["--to 1 up", "up {to: 1}"],
  ["--url x up --to 1", "up {url: x, to: 1}"],
  ["up --url x", "up {url: x}"],
  ["--url x up", "up {url: x}"],
  ["--strict up", "up {strict: true}"],
  ["new a --sequential", 'new "a" {sequential: true}'],
  ["new --sequential a", 'new "a" {sequential: true}'],
  ["--sequential new a", 'new "a" {sequential: true}'],
  ["goto 1 --dry-run", 'goto "1" {dry-run: true}'],
  ["force 001 --yes", 'force "001" {yes: true}'],
  ["force --only 001 --applied", 'force "001" {only: true, applied: true}'],
  ["goto --dry-run 1", 'goto "1" {dry-run: true}'],
  ["-d a -s b -e c -u d status", "status {migrations-dir: a, schema-file: b, env: c, url: d}"],
  ["status -d a", "status {migrations-dir: a}"],
  ["n a", 'new "a"'],
  ["down", "rollback"],
];

const spellings: readonly Case[] = [
  ["up --to=1", "up {to: 1}"],
  ["up -to 1", "up {to: 1}"],
  ["up -to=1", "up {to: 1}"],
  ["-url x up", "up {url: x}"],
  ["-url=x up", "up {url: x}"],
  ["-u=x up", "up {url: x}"],
  ["--u x up", "up {url: x}"],
  ["up -d=a", "up {migrations-dir: a}"],
  ["up -strict", "up {strict: true}"],
  ["up --strict=true", "up {strict: true}"],
  ["up --strict=false", "up {strict: false}"],
  ["up --strict=maybe", "up {strict: maybe}"],
  ["up --strict=", "up {strict: }"],
  ["up --to=", "up {to: }"],
  ["up --to ''", "up {to: }"],
  ["up --url=a=b=c", "up {url: a=b=c}"],
  ["up --url a~b", "up {url: a b}"],
  ["up --url=a\nb", "up {url: a\nb}"],
  ["up --to -1", "up {to: -1}"],
  ["up --to --strict", "up {to: --strict}"],
  ["up --url -", "up {url: -}"],
  ["up --url --", "up {url: --}"],
];

const literally: readonly Case[] = [
  ["up --to 001", "up {to: 001}"],
  ["up --to 12345678901234567890", "up {to: 12345678901234567890}"],
  ["up --to 1e3", "up {to: 1e3}"],
  ["up --to 0x10", "up {to: 0x10}"],
  ["up --steps 05", "up {steps: 05}"],
  ["goto 001", 'goto "001"'],
  ["goto 00000000000000000001", 'goto "00000000000000000001"'],
  ["goto true", 'goto "true"'],
  ["new 1", 'new "1"'],
  ["new a~b", 'new "a b"'],
  ["new __proto__", 'new "__proto__"'],
  ["up --url 007 --env null", "up {url: 007, env: null}"],
];

const repeated: readonly Case[] = [
  ["up --to 1 --to 2", "up {to: 1|2}"],
  ["-d a up -d b,c", "up {migrations-dir: a|b,c}"],
  ["up --strict --strict=false", "up {strict: true|false}"],
  ["--env-file a --env-file=b up", "up {env-file: a|b}"],
];

const endOfOptions: readonly Case[] = [
  ["-- up", "up"],
  ["--url x -- up", "up {url: x}"],
  ["new -- -a", 'new "-a"'],
  ["new -- --help", 'new "--help"'],
  ["up -- --strict", '! usage: up takes no argument "--strict" → ' +
    "to stop at a version: pgmate up --to VERSION"],
  ["-- --up", "! unknown-command: unknown command: --up → did you mean up?"],
  ["--", "help"],
];

const letterV: readonly Case[] = [
  ["-v", "version"],
  ["--version", "version"],
  ["-version", "version"],
  ["-v up", "version"],
  ["--version up", "version"],
  ["up --version", "version"],
  ["up --version=true", "version"],
  ["up --version=nonsense", "version"],
  ["up --version=false", "up {version: false}"],
  ["up -v", "up {verbose: true}"],
  ["up --verbose", "up {verbose: true}"],
  ["rollback -v", "rollback {verbose: true}"],
  ["up -v=false", "up {verbose: false}"],
  ["status -v", "! usage: -v is not an option of status → " +
    "it belongs to: up, migrate, rollback, redo, goto, force"],
  ["-vs up", "! usage: unknown option: -vs → pgmate up --help lists the options"],
];

const help: readonly Case[] = [
  ["", "help"],
  ["help", "help"],
  ["h", "help"],
  ["--help", "help"],
  ["-h", "help"],
  ["-help", "help"],
  ["help up", "help up"],
  ["h up", "help up"],
  ["help down", "help rollback"],
  ["help n", "help new"],
  ["help help", "help"],
  ["help lock-timeout", "help of lock-timeout"],
  ["help dump", "help dump of dump"],
  ["help constructor", "! unknown-command: unknown command: constructor → " +
    "pgmate --help lists the commands"],
  ["up --help", "help up"],
  ["up -h", "help up"],
  ["--help up", "help up"],
  ["up help", "help up"],
  ["new --help", "help new"],
  ["new a --help", "help new"],
  ["new help", "help new"],
  ["goto -h", "help goto"],
  ["up extra --help", "help up"],
  ["up --help=true", "help up"],
  ["up --help=nonsense", "help up"],
  ["up --help=false", "up {help: false}"],
  ["--url x", "help"],
  ["help stauts", "! unknown-command: unknown command: stauts → did you mean status?"],
];

const wrong: readonly Case[] = [
  ["bogus", "! unknown-command: unknown command: bogus → pgmate --help lists the commands"],
  ["stauts", "! unknown-command: unknown command: stauts → did you mean status?"],
  ["UP", "! unknown-command: unknown command: UP → did you mean up?"],
  ["migrations", "! unknown-command: unknown command: migrations → did you mean migrate?"],
  ["''", "! unknown-command: unknown command:  → pgmate --help lists the commands"],
  ["-", "! unknown-command: unknown command: - → pgmate --help lists the commands"],
  ["up --stirct", "! usage: unknown option: --stirct → did you mean --strict?"],
  ["--stirct up", "! usage: unknown option: --stirct → did you mean --strict?"],
  ["up --migration-dir x", "! usage: unknown option: --migration-dir → " +
    "did you mean --migrations-dir?"],
  ["--bogus value up", "! usage: unknown option: --bogus → pgmate --help lists the options"],
  ["up --frobnicate", "! usage: unknown option: --frobnicate → " +
    "pgmate up --help lists the options"],
  ["bogus --frobnicate", "! usage: unknown option: --frobnicate → " +
    "pgmate --help lists the options"],
  ["up ---to 1", "! usage: unknown option: ---to → did you mean --to?"],
  ["up --ulr=postgres://u:secret@h/d", "! usage: unknown option: --ulr → did you mean --url?"],
  ["up --force", "! usage: --force is not an option of up → it belongs to: load, drop"],
  ["status --strict", "! usage: --strict is not an option of status → " +
    "it belongs to: plan, up, migrate"],
  ["--strict", "! usage: --strict is not an option → it belongs to: plan, up, migrate"],
  ["up 2", '! usage: up takes no argument "2" → to stop at a version: pgmate up --to 2'],
  ["up ''", '! usage: up takes no argument "" → to stop at a version: pgmate up --to VERSION'],
  ["rollback 2", '! usage: rollback takes no argument "2" → ' +
    "to undo several: pgmate rollback --steps 2"],
  ["rollback 20240101000000", '! usage: rollback takes no argument "20240101000000" → ' +
    "to undo what is newer than a version: pgmate rollback --to 20240101000000"],
  ["redo 2", '! usage: redo takes no argument "2" → to redo several: pgmate redo --steps 2'],
  ["status x", '! usage: status takes no argument "x" → ' +
    "pgmate status --help shows what it takes"],
  ["new a b", '! usage: new takes no argument "b" → ' +
    'put a name with blanks into quotes: pgmate new "… b"'],
  ["goto 1 2", '! usage: goto takes no argument "2" → pgmate goto --help shows what it takes'],
  [
    "up postgres://u:secret@h/d",
    "! usage: up takes no argument, and this looks like a URL → give it with --url, in quotes: " +
      "the shell divides words at blanks, & and ;",
  ],
  ["new", "! usage: please specify a name for the new migration → pgmate new create_users"],
  ["new ''", "! usage: please specify a name for the new migration → pgmate new create_users"],
  ["goto", "! usage: goto needs VERSION → pgmate goto VERSION"],
  ["up --to", "! usage: --to needs a value → --to VERSION"],
  ["up -d", "! usage: --migrations-dir needs a value → --migrations-dir DIR"],
  ["-u", "! usage: --url needs a value → --url URL"],
];

const tables = {
  positions, spellings, literally, repeated, endOfOptions, letterV, help, wrong,
} as const;

for (const [title, cases] of Object.entries(tables)) {
  describe(title, () => {
    test.each([...cases])("%j", (line, expected) => {
      expect(meaning(argvOf(line))).toBe(expected);
    });
  });
}

test.each([
  ["up", []],
  ["--env-file a up", ["a"]],
  ["--env-file=a up --env-file b,c", ["a", "b,c"]],
  ["-env-file a", ["a"]],
  ["--env-file ''", [""]],
  ["up -- --env-file a", []],
  ["--url --env-file up", []],
  ["bogus --frobnicate --env-file a", ["a"]],
] as const)("env files of %j", (line, files) => {
  expect(envFiles(argvOf(line))).toEqual([...files]);
});

test("every command is known by its name and aliases, with all its options", () => {
  for (const command of commands) {
    for (const name of [command.name, ...command.aliases]) {
      for (const { name: option, kind } of optionsOf(command)) {
        if (option === "help" || option === "version") continue;
        const argument = command.argument === undefined ? [] : ["x"];
        const value = kind === "flag" ? [] : ["1"];
        const read = meaning([name, ...argument, `--${option}`, ...value]);
        const shown = `{${option}: ${kind === "flag" ? "true" : "1"}}`;
        expect(read).toStartWith(command.name);
        expect(read).toEndWith(shown);
      }
    }
  }
});

const shownNowhere: readonly string[] = [
  "up --ulr=x:secret",
  "status --force=secret",
  "up x://u:secret@h",
  "up u:secret@h/d",
  "up postgres:/u:secret@h/d",
  "postgres://u:secret@h/d up",
  "u:secret@h/d",
  "u:secret",
  "up secret@h/d",
  "secret@h/d",
  "up -secret@h/d",
  "dump --ulr=postgres://u:secret@h/d",
  "dump -u:secret@h=x",
  "rollback u:secret@h/d",
  "--url postgres://u:a secret b@h/d up",
  "up --url=postgres://u:a secret b@h/d",
  "up --url postgres://u:a -secret b@h/d",
];

test("a secret on the command line is in no message but as the word that it is", () => {
  for (const line of shownNowhere) {
    expect(meaning(argvOf(line))).toStartWith("! ");
    expect(meaning(argvOf(line))).not.toContain("secret");
  }
});

test("a URL without a password and an argument with an @ are no URL in two pieces", () => {
  expect(meaning(argvOf("--url postgres://h:5432/d new a@b"))).toBe(
    'new "a@b" {url: postgres://h:5432/d}',
  );
  expect(meaning(argvOf("--url postgres://u:p@h/d new a@b"))).toContain('new "a@b"');
});

test("a URL is no path of an env file", () => {
  for (const path of ["postgres://u:secret@h/d", "u:secret@h/d"]) {
    expect(() => envFiles(["--env-file", path])).toThrow("looks like a database URL");
  }
  expect(envFiles(["--env-file", "a:b", "--env-file", "C:\\x@y"])).toEqual(["a:b", "C:\\x@y"]);
});

test("whether an error is to be a document, also where the line cannot be read", () => {
  const yes = ["up --json", "--json up", "up -json", "up --json=true", "up --json --bogus",
    "up --json --to", "up --json=nonsense", "up --json=false --json"];
  const no = ["up", "up --json=false", "up --to --json", "up -- --json", "up --jsn", "new json"];
  for (const line of yes) expect([line, asksForJson(argvOf(line))]).toEqual([line, true]);
  for (const line of no) expect([line, asksForJson(argvOf(line))]).toEqual([line, false]);
});

test("an error is told as a log where the command line or the environment says so", () => {
  const yes = ["up --log-format json", "--log-format=json up", "up -log-format json --bogus",
    "up --log-format text --log-format json", "up --log-format json --to", "--log-format json"];
  const no = ["up --log-format text", "up --log-format=text --to", "up --log-format text --bogus"];
  const unsaid = ["up", "up --log-format", "up --log-format xml", "up -- --log-format json",
    "up --log-format --to json"];
  for (const line of yes) {
    expect([line, asksForJsonLog(argvOf(line), undefined)]).toEqual([line, true]);
  }
  for (const line of no) {
    expect([line, asksForJsonLog(argvOf(line), "json")]).toEqual([line, false]);
  }
  for (const line of unsaid) {
    const said = [undefined, "", "JSON", "pretty"].map((variable) => {
      return asksForJsonLog(argvOf(line), variable);
    });
    expect([line, ...said]).toEqual([line, false, false, true, false]);
  }
});
