/** Flags, environment, env files and pgmate.toml made into one frozen Config. */

import {
  type LogFormat, logFormats, type LogLevel, logLevels, sharedFormat, sharedLevel,
} from "./core/log-level.ts";
import { nearest } from "./core/nearest.ts";
import {
  type Found, readCount, readDuration, readFlag, readLimit, readNamed, readRetries, readRevision,
  readTable, readVersion, readWord, readWords, refuseUrl,
} from "./core/option-value.ts";
import { quotedWord } from "./core/url-text.ts";
import { PgmateError } from "./errors.ts";
import {
  allOptions, failingVerdicts, type Option, resumeAnswers, reviewFormats,
} from "./options.ts";

/** Option texts by name, in the order given; flags hold "true" or "false". */
export type OptionTexts = ReadonlyMap<string, readonly string[]>;

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** Where values come from; earlier ones win: flags, environment, env files, pgmate.toml. */
export interface ConfigSources {
  readonly flags: OptionTexts;
  /** Names of the options that the command takes: what others say is not looked at. */
  readonly taken: readonly string[];
  readonly environment: EnvironmentVariables;
  /** Already merged: the first file that names a variable wins. */
  readonly envFile: ReadonlyMap<string, string>;
  /** The text of pgmate.toml, undefined where there is none. */
  readonly toml: string | undefined;
}

/** How a run is told. */
export interface LogSettings {
  readonly logFormat: LogFormat;
  /** Of what is told on stderr. */
  readonly logLevel: LogLevel;
  /** Of the lines on stdout, which scripts read: no variable of other programs takes them away. */
  readonly outLevel: LogLevel;
}

export interface Config extends LogSettings {
  /** Empty where none was given. */
  readonly url: string;
  /** The variable that was looked at for the URL. */
  readonly urlVariable: string;
  readonly driver: string;
  readonly migrationsDirs: readonly string[];
  readonly migrationsTable: { readonly schema: string | undefined; readonly table: string };
  readonly schemaFile: string;
  /** Whether a run writes the schema file when it has changed something. */
  readonly dumpsSchema: boolean;
  /** Whether a run whose schema file cannot be written is to fail. */
  readonly requireDump: boolean;
  /** For every dump, in front of those of one call. */
  readonly dumpOptions: readonly string[];
  /** Empty for the one that pgmate carries. */
  readonly pgDumpProgram: string;
  readonly wait: boolean;
  readonly waitTimeoutMs: number;
  readonly waitIntervalMs: number;
  readonly lockWaitMs: number;
  readonly lockTimeoutMs: number;
  /** Whether nobody gave it: then one that the URL or the database sets holds. */
  readonly lockTimeoutIsDefault: boolean;
  /** How often a step is tried again that met a lock timeout or a deadlock. */
  readonly lockRetries: number;
  /** 0 is no limit; undefined where nobody gave one, and the server's, role's or URL's holds. */
  readonly statementTimeoutMs: number | undefined;
  readonly strict: boolean;
  readonly verbose: boolean;
  readonly to: string | undefined;
  readonly steps: number | undefined;
  readonly all: boolean;
  /** What becomes of a statement of which nobody can tell whether it ran. */
  readonly resume: "ask" | "repeat" | "skip";
  readonly dryRun: boolean;
  readonly exitCode: boolean;
  readonly quiet: boolean;
  readonly long: boolean;
  readonly json: boolean;
  readonly force: boolean;
  readonly only: boolean;
  readonly applied: boolean;
  readonly pending: boolean;
  readonly yes: boolean;
  readonly sequential: boolean;
  readonly check: boolean;
  readonly stdout: boolean;
  /** Whether the command line itself says which database is meant. */
  readonly urlIsAsked: boolean;
  readonly rollback: boolean;
  readonly format: ReviewFormat;
  /** Empty for standard output. */
  readonly outputFile: string;
  /** Undefined where nobody said from which verdict on the answer is no. */
  readonly failOn: (typeof failingVerdicts)[number] | undefined;
  readonly allowedRules: readonly string[];
  readonly rehearse: boolean;
  /** Of the server for a scratch database; empty for the embedded one. */
  readonly scratchUrl: string;
  /** Empty where none is given. */
  readonly queriesDir: string;
  readonly since: string | undefined;
  readonly listRules: boolean;
  readonly explainRule: string | undefined;
  /** Of the plan that is to be run; empty where none is given. */
  readonly planFile: string;
  /** Process environment over env files: for PG* and what else the URL does not say. */
  readonly environment: EnvironmentVariables;
}

/** Throws `usage` for a value that cannot be read, `configuration` for a bad pgmate.toml. */
export function resolveConfig(sources: ConfigSources): Config {
  const environment = mergedEnvironment(sources);
  const lookUp = reader(sources, environment, readToml(sources.toml));
  const urlVariable = variableName(lookUp.text("env"));
  return Object.freeze({
    url: databaseUrl(sources.flags, valueOf(environment, urlVariable), lookUp),
    urlVariable,
    driver: lookUp.text("driver"),
    migrationsDirs: lookUp.list("migrations-dir"),
    migrationsTable: lookUp.table("migrations-table"),
    schemaFile: lookUp.text("schema-file"),
    dumpsSchema: !lookUp.flag("no-dump-schema"),
    requireDump: lookUp.flag("require-dump"),
    dumpOptions: lookUp.words("dump-option"),
    pgDumpProgram: lookUp.text("pg-dump"),
    wait: lookUp.flag("wait"),
    // dbmate reads 0 as "not given" for these two.
    waitTimeoutMs: lookUp.duration("wait-timeout") || 60_000,
    waitIntervalMs: lookUp.duration("wait-interval") || 1_000,
    lockWaitMs: lookUp.limit("lock-wait"),
    lockTimeoutMs: lookUp.limit("lock-timeout"),
    lockTimeoutIsDefault: lookUp.isDefault("lock-timeout"),
    lockRetries: lookUp.retries("lock-retries"),
    statementTimeoutMs: lookUp.limitIfGiven("statement-timeout"),
    strict: lookUp.flag("strict"),
    verbose: lookUp.flag("verbose"),
    to: lookUp.version("to"),
    steps: lookUp.count("steps"),
    all: lookUp.flag("all"),
    resume: readResume(sources.flags.get("resume")?.at(-1)),
    dryRun: lookUp.flag("dry-run"),
    exitCode: lookUp.flag("exit-code") || lookUp.flag("quiet"),
    quiet: lookUp.flag("quiet"),
    long: lookUp.flag("long"),
    json: lookUp.flag("json"),
    force: lookUp.flag("force"),
    only: lookUp.flag("only"),
    applied: lookUp.flag("applied"),
    pending: lookUp.flag("pending"),
    yes: lookUp.flag("yes"),
    sequential: lookUp.flag("sequential"),
    check: lookUp.flag("check"),
    stdout: lookUp.flag("stdout"),
    urlIsAsked: sources.flags.has("url") || sources.flags.has("env"),
    ...reviewConfig(sources.flags, lookUp),
    ...logSettings(lookUp),
    environment,
  });
}

/** By themselves, so that an error in the others is told as was asked for. Throws likewise. */
export function resolveLog(sources: ConfigSources): LogSettings {
  return logSettings(reader(sources, mergedEnvironment(sources), readToml(sources.toml)));
}

function logSettings(lookUp: Reader): LogSettings {
  const logLevel = lookUp.word("log-level", logLevels) ?? "info";
  return {
    logFormat: lookUp.word("log-format", logFormats) ?? "text",
    logLevel,
    outLevel: lookUp.isVariable("log-level") ? "info" : logLevel,
  };
}

/** How a plan or the findings of lint are told. */
export type ReviewFormat = (typeof reviewFormats)[number];

function reviewConfig(flags: OptionTexts, lookUp: Reader) {
  const format = lookUp.word("format", reviewFormats) ?? "text";
  return {
    rollback: lookUp.flag("rollback"),
    format: lookUp.flag("json") && !flags.has("format") ? "json" : format,
    outputFile: lookUp.named("output"),
    failOn: lookUp.word("fail-on", failingVerdicts),
    allowedRules: lookUp.list("allow").filter((rule) => rule !== ""),
    rehearse: lookUp.flag("rehearse"),
    scratchUrl: lookUp.named("scratch"),
    queriesDir: lookUp.named("queries"),
    since: lookUp.revision("since"),
    listRules: lookUp.flag("rules"),
    explainRule: flags.has("explain") ? lookUp.text("explain") : undefined,
    planFile: lookUp.named("plan"),
  } as const;
}

/**
 * What was asked for and is empty is no reason to take another database: a shell's variable that
 * is not set would drop the wrong one.
 */
function databaseUrl(flags: OptionTexts, fromVariable: string, lookUp: Reader): string {
  const given = lookUp.text("url");
  if (given !== "") return given;
  if (flags.has("url")) {
    throw new PgmateError("url-missing", "--url is given and empty", {
      hint: "is the shell's variable set? leave --url out to use the environment's URL",
    });
  }
  return flags.has("env") ? fromVariable : fromVariable || lookUp.tomlText("url");
}

function readResume(text: string | undefined): Config["resume"] {
  if (text === undefined) return "ask";
  const answer = resumeAnswers.find((one) => one === text);
  if (answer !== undefined) return answer;
  throw new PgmateError("usage", `--resume takes repeat or skip, not ${quotedWord(text)}`, {
    hint: "repeat runs the statement again, skip takes it as done",
  });
}

/** The name may be any word, `constructor` too, which each object answers to. */
function valueOf(environment: EnvironmentVariables, name: string): string {
  return Object.hasOwn(environment, name) ? (environment[name] ?? "") : "";
}

/** A URL in its place is likely, and would be printed. */
function variableName(text: string): string {
  if (/^\w+$/.test(text)) return text;
  throw new PgmateError("usage", "--env names no environment variable", {
    hint: "give the name of a variable: --env STAGING_URL; a URL goes to --url",
  });
}

interface Reader {
  readonly text: (name: string) => string;
  /** Empty only where it was not given. */
  readonly named: (name: string) => string;
  readonly tomlText: (name: string) => string;
  readonly list: (name: string) => readonly string[];
  readonly words: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
  readonly duration: (name: string) => number;
  readonly limit: (name: string) => number;
  readonly limitIfGiven: (name: string) => number | undefined;
  readonly isDefault: (name: string) => boolean;
  readonly isVariable: (name: string) => boolean;
  readonly count: (name: string) => number | undefined;
  readonly retries: (name: string) => number;
  readonly version: (name: string) => string | undefined;
  readonly revision: (name: string) => string | undefined;
  readonly word: <Word extends string>(name: string, words: readonly Word[]) => Word | undefined;
  readonly table: (name: string) => Config["migrationsTable"];
}

function reader(
  sources: ConfigSources,
  environment: EnvironmentVariables,
  toml: ReadonlyMap<string, readonly string[]>,
): Reader {
  const find = (name: string): Found => {
    const found = look(name);
    if (!["url", "env", "scratch"].includes(name)) refuseUrl(found);
    return found;
  };
  const look = (name: string): Found => {
    const flags = sources.flags.get(name);
    if (flags !== undefined) return { texts: flags, from: `--${name}`, code: "usage" };
    const option = allOptions.find((candidate) => candidate.name === name);
    const byDefault: Found = { texts: fallbackOf(option), from: "the default", code: "usage" };
    if (!sources.taken.includes(name)) return byDefault;
    const said = option?.variable === undefined ? undefined : environment[option.variable];
    const variable = said === undefined ? undefined : meantBy(name, said);
    if (variable !== undefined && variable !== "") {
      return { texts: [variable], from: `$${option?.variable ?? ""}`, code: "usage" };
    }
    const file = name === "url" ? undefined : toml.get(name);
    if (file === undefined) return byDefault;
    return { texts: file, from: `${name} in pgmate.toml`, code: "configuration" };
  };
  return {
    text: (name) => find(name).texts.at(-1) ?? "",
    named: (name) => readNamed(find(name)),
    tomlText: (name) => toml.get(name)?.at(-1) ?? "",
    list: (name) => find(name).texts.flatMap((text) => text.split(",").map((item) => item.trim())),
    words: (name) => readWords(find(name)),
    flag: (name) => readFlag(find(name)),
    duration: (name) => readDuration(find(name)),
    limit: (name) => readLimit(find(name)),
    limitIfGiven: (name) => (find(name).texts.length === 0 ? undefined : readLimit(find(name))),
    isDefault: (name) => find(name).from === "the default",
    isVariable: (name) => find(name).from.startsWith("$"),
    count: (name) => readCount(find(name)),
    retries: (name) => readRetries(find(name)),
    version: (name) => readVersion(find(name)),
    revision: (name) => readRevision(find(name)),
    word: (name, words) => readWord(find(name), words),
    table: (name) => readTable(find(name)),
  };
}

/**
 * LOG_FORMAT and LOG_LEVEL are for all programs of a container: what pgmate does not know there is
 * no mistake, and as good as nothing. On the command line and in pgmate.toml it is one.
 */
function meantBy(name: string, text: string): string | undefined {
  if (name === "log-format") return sharedFormat(text);
  return name === "log-level" ? sharedLevel(text) : text;
}

function fallbackOf(option: Option | undefined): readonly string[] {
  return option?.fallback === undefined ? [] : [option.fallback];
}

function mergedEnvironment(sources: ConfigSources): EnvironmentVariables {
  // A variable that exists wins over the file even when it is empty, as in dbmate.
  return { ...Object.fromEntries(sources.envFile), ...sources.environment };
}

function readToml(text: string | undefined): ReadonlyMap<string, readonly string[]> {
  if (text === undefined) return new Map();
  let values: object;
  try {
    values = Bun.TOML.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PgmateError("configuration", `pgmate.toml cannot be read: ${reason}`, {
      hint: 'each line is an option and its value: migrations-dir = "db/migrations"',
      cause,
    });
  }
  return new Map(Object.entries(values).map(([name, value]) => [name, tomlTexts(name, value)]));
}

function tomlTexts(name: string, value: unknown): readonly string[] {
  const known = allOptions.filter(settable).map((option) => option.name);
  if (!known.includes(name)) {
    const meant = nearest(name, known);
    throw new PgmateError("configuration", `pgmate.toml: unknown option ${quotedWord(name)}`, {
      hint: meant === undefined ? `known are: ${known.join(", ")}` : `did you mean ${meant}?`,
    });
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.every((item) => ["string", "number", "boolean"].includes(typeof item))) {
    return items.map(String);
  }
  throw new PgmateError("configuration", `pgmate.toml: ${name} has no readable value`, {
    hint: "give a text, a number, true, false, or a list of texts",
  });
}

/** What a project may fix for everybody; what one call asks for stays on the command line. */
function settable(option: Option): boolean {
  const perCall = [
    "help", "version", "env-file", "to", "steps", "all", "resume", "dry-run", "force", "json",
    "check", "stdout", "only", "applied", "pending", "yes", "rollback", "output", "scratch",
    "since", "rules", "explain", "plan", "rehearse", "format",
    "queries",
  ];
  return !perCall.includes(option.name);
}
