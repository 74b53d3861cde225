/** Command lines, environments, .env files and pgmate.toml as tired people make them. */
import { envFiles, manual, optionsOf, parseCommandLine } from "../cli.ts";
import { commands } from "../commands/list.ts";
import { type Config, resolveConfig } from "../config.ts";
import { describeTarget } from "../core/database-url.ts";
import { parseDotenv } from "../core/dotenv.ts";
import { resolveTarget } from "../engine/target.ts";
import { PgmateError } from "../errors.ts";
import { allOptions, globalOptions, type Option } from "../options.ts";
import { helpText } from "../report/help.ts";
import { attempt, type GarbageKind } from "./garbage-case.ts";
import { makeSecret, type Secret } from "./garbage-secret.ts";
import { garbageValue, misspell, spoilList, spoilText } from "./garbage-text.ts";
import { garbageUrl, garbageVariables } from "./garbage-url.ts";
import type { Random } from "./seeded.ts";

export interface GarbageSettings {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly envFile: string;
  readonly toml: string | undefined;
  readonly secrets: readonly Secret[];
}

/** The same secrets may stand in all four; none of them may come out again. */
export function garbageSettings(random: Random): GarbageSettings {
  const secrets = [makeSecret(random, "awkward"), makeSecret(random, "awkward")];
  const [secret, other] = secrets as [Secret, Secret];
  const url = garbageUrl(random, secret, random.percent(50) ? "encoded" : "raw");
  return {
    argv: commandLine(random, url, secret),
    environment: environment(random, url, other),
    envFile: random.percent(40) ? "" : envFileText(random, url, other),
    toml: random.percent(60) ? undefined : tomlText(random, url),
    secrets,
  };
}

/** A URL goes where it belongs, or to any place where it does not. */
function commandLine(random: Random, url: string, secret: Secret): readonly string[] {
  const command = random.pick(commands);
  const names = [command.name, ...command.aliases];
  const name = random.percent(92) ? random.pick(names) : misspell(random, random.pick(names));
  const own = random.percent(92) ? optionsOf(command) : allOptions;
  const options = Array.from({ length: random.below(4) }, () =>
    random.percent(50) ? random.pick(own) : random.pick(globalOptions));
  const written = options.flatMap((option) => writtenOption(random, option, url));
  const place = random.percent(60) ? ["--url", url] : [];
  const argument = command.argument === undefined ? [] : [garbageValue(random)];
  const stray = random.percent(92) ? [] : [random.pick([url, withoutScheme(url), secret.text])];
  const before = random.percent(70) ? place : [];
  const words = [...before, name, ...argument, ...written, ...(before === place ? [] : place)];
  const all = random.percent(80) ? words : spoilList(random, words, 2);
  // A secret all by itself is known as one only where nothing else could be meant.
  const line = stray.includes(secret.text) ? all : [...all, ...stray];
  return random.percent(92) ? line : line.flatMap((word) => word.split(" "));
}

function writtenOption(random: Random, option: Option, url: string): readonly string[] {
  const name = random.percent(95) ? option.name : misspell(random, option.name);
  const short = option.short === undefined ? undefined : `-${option.short}`;
  const dashed = random.percent(15) && short !== undefined ? short : `${dashes(random)}${name}`;
  const misplaced = [url, withoutScheme(url)];
  const value = random.percent(8) ? random.pick(misplaced) : optionValue(random, option.kind);
  if (option.kind === "flag" && random.percent(80)) return [dashed];
  return random.percent(50) ? [`${dashed}=${value}`] : [dashed, value];
}

function dashes(random: Random): string {
  return random.percent(92) ? "--" : random.pick(["-", "---", "—"]);
}

/** Mostly one that can be read, so that what comes behind it is reached as well. */
function optionValue(random: Random, kind: Option["kind"]): string {
  if (random.percent(25)) return garbageValue(random);
  const good: Readonly<Record<Option["kind"], readonly string[]>> = {
    flag: ["true", "false", "1"], text: ["x", "db"], list: ["db", "db,db/migrations"],
    words: ["--no-comments"], duration: ["5s", "0", "1m"], count: ["1", "2"],
  };
  return random.pick(good[kind]);
}

function withoutScheme(url: string): string {
  return url.replace(/^[a-z+:]*\/\//i, "");
}

function environment(random: Random, url: string, secret: Secret): Record<string, string> {
  const variables = garbageVariables(random, secret);
  if (random.percent(60)) variables["DATABASE_URL"] = url;
  for (const { variable, kind } of allOptions) {
    if (variable === undefined || random.percent(94)) continue;
    variables[variable] = random.percent(10) ? url : optionValue(random, kind);
  }
  return variables;
}

function envFileText(random: Random, url: string, secret: Secret): string {
  const quoted = (text: string): string => random.pick([text, `'${text}'`, `"${text}"`]);
  const lines = [
    `DATABASE_URL=${quoted(url)}`,
    `PGPASSWORD=${quoted(secret.text)}`,
    `export DBMATE_STRICT=${garbageValue(random)}`,
    "# a comment",
    `PGMATE_LOCK_WAIT: ${garbageValue(random)}`,
    random.percent(20) ? spoilText(random, "A=b\nC='d'\n", 4) : "A=b",
  ];
  return spoilList(random, lines, 3).join(random.percent(90) ? "\n" : "\r\n");
}

function tomlText(random: Random, url: string): string {
  const quoted = (text: string): string =>
    random.pick([JSON.stringify(text), `"${text}"`, `'${text}'`, text]);
  const options = Array.from({ length: random.below(4) }, () => {
    const { name, kind } = random.pick(allOptions);
    const value = random.percent(90) ? optionValue(random, kind) : url;
    return `${random.percent(90) ? name : misspell(random, name)} = ${quoted(value)}`;
  });
  const lines = [`url = ${quoted(url)}`, ...options, "[table]", "x = 1", "", "# c", "list = [1, ["];
  return spoilList(random, random.percent(50) ? lines.slice(0, 2) : lines, 3).join("\n");
}

const identity = {
  version: "0", command: "up", invocation: "pgmate up", host: "h", pid: 1, user: "me",
  home: "/nowhere", platform: "linux",
};

/** As main does it, up to the connection. */
export const settings: GarbageKind = {
  name: "flags, environment, files of settings",
  run: (random) => {
    const given = garbageSettings(random);
    return attempt(given.secrets, (show) => {
      const invocation = parseCommandLine(given.argv);
      if (invocation.kind === "version") return;
      if (invocation.kind === "help") {
        show(helpText(manual, invocation.command));
        return;
      }
      show(String(envFiles(given.argv).length));
      const { command, options } = invocation;
      const taken = optionsOf(command).map((option) => option.name);
      const { environment: variables, toml } = given;
      const envFile = readEnvFile(given.envFile);
      const config = resolveConfig({
        flags: options, taken, environment: variables, envFile, toml,
      });
      show(describeTarget(resolveTarget(contextOf(config))));
    });
  },
};

function readEnvFile(text: string): ReadonlyMap<string, string> {
  const result = parseDotenv(text);
  if (result.kind === "variables") return result.variables;
  throw new PgmateError("environment-file", `.env, line ${result.line}: ${result.message}`);
}

/** What finding the target needs of it. */
function contextOf(config: Config): Parameters<typeof resolveTarget>[0] {
  return {
    config,
    clock: {
      now: () => 0, date: () => new Date(0), sleep: () => Promise.resolve(), random: () => 0,
    },
    identity,
    emit: () => undefined,
    confirm: () => Promise.resolve("yes"),
    signal: new AbortController().signal,
  };
}
