/** Where each setting comes from, and how its text is read. */

import { describe, expect, test } from "bun:test";
import { type Config, type ConfigSources, resolveConfig, resolveLog } from "./config.ts";
import { PgmateError } from "./errors.ts";
import { allOptions } from "./options.ts";

interface Given {
  readonly flags?: Readonly<Record<string, string | readonly string[]>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly envFile?: Readonly<Record<string, string>>;
  readonly toml?: string;
  /** The options of the command; all of them unless given. */
  readonly taken?: readonly string[];
}

function sourcesOf(given: Given): ConfigSources {
  const flags = Object.entries(given.flags ?? {}).map(([name, texts]) => {
    return [name, typeof texts === "string" ? [texts] : texts] as const;
  });
  return {
    flags: new Map(flags),
    taken: given.taken ?? allOptions.map(({ name }) => name),
    environment: given.environment ?? {},
    envFile: new Map(Object.entries(given.envFile ?? {})),
    toml: given.toml,
  };
}

const configOf = (given: Given): Config => resolveConfig(sourcesOf(given));

function refusal(given: Given): PgmateError {
  try {
    configOf(given);
  } catch (error) {
    if (error instanceof PgmateError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

/** Texts by source, and what each must come out as; the default comes last. */
interface Row {
  readonly option: string;
  readonly variable?: string;
  readonly key: keyof Config;
  readonly texts: readonly [flag: string, environment: string, envFile: string, toml: string];
  readonly values: readonly unknown[];
  readonly fallback: unknown;
}

const texts = ["flag", "environment", "file", "toml"] as const;
const durations = ["1s", "2s", "3s", "4s"] as const;
const durationValues = [1_000, 2_000, 3_000, 4_000] as const;
const words = ["false", "true", "false", "true"] as const;
const truths = [false, true, false, true] as const;
const opposites = [true, false, true, false] as const;
const lists = texts.map((text) => [text]);
const tables = texts.map((table) => ({ schema: undefined, table }));

const rows: readonly Row[] = [
  { option: "driver", variable: "DBMATE_DRIVER", key: "driver", texts, values: texts,
    fallback: "" },
  { option: "migrations-dir", variable: "DBMATE_MIGRATIONS_DIR", key: "migrationsDirs", texts,
    values: lists, fallback: ["./db/migrations"] },
  { option: "migrations-table", variable: "DBMATE_MIGRATIONS_TABLE", key: "migrationsTable", texts,
    values: tables, fallback: { schema: undefined, table: "schema_migrations" } },
  { option: "schema-file", variable: "DBMATE_SCHEMA_FILE", key: "schemaFile", texts, values: texts,
    fallback: "./db/schema.sql" },
  { option: "no-dump-schema", variable: "DBMATE_NO_DUMP_SCHEMA", key: "dumpsSchema", texts: words,
    values: opposites, fallback: true },
  { option: "require-dump", variable: "PGMATE_REQUIRE_DUMP", key: "requireDump", texts: words,
    values: truths, fallback: false },
  { option: "dump-option", variable: "PGMATE_DUMP_OPTIONS", key: "dumpOptions", texts,
    values: lists, fallback: [] },
  { option: "pg-dump", variable: "PGMATE_PG_DUMP", key: "pgDumpProgram", texts, values: texts,
    fallback: "" },
  { option: "wait", variable: "DBMATE_WAIT", key: "wait", texts: words, values: truths,
    fallback: false },
  { option: "wait-timeout", variable: "DBMATE_WAIT_TIMEOUT", key: "waitTimeoutMs",
    texts: durations, values: durationValues, fallback: 60_000 },
  { option: "wait-interval", variable: "DBMATE_WAIT_INTERVAL", key: "waitIntervalMs",
    texts: durations, values: durationValues, fallback: 1_000 },
  { option: "lock-wait", variable: "PGMATE_LOCK_WAIT", key: "lockWaitMs", texts: durations,
    values: durationValues, fallback: 300_000 },
  { option: "lock-timeout", variable: "PGMATE_LOCK_TIMEOUT", key: "lockTimeoutMs",
    texts: durations, values: durationValues, fallback: 2_000 },
  { option: "lock-retries", variable: "PGMATE_LOCK_RETRIES", key: "lockRetries",
    texts: ["1", "0", "3", "4"], values: [1, 0, 3, 4], fallback: 10 },
  { option: "statement-timeout", variable: "PGMATE_STATEMENT_TIMEOUT", key: "statementTimeoutMs",
    texts: durations, values: durationValues, fallback: undefined },
  { option: "strict", variable: "DBMATE_STRICT", key: "strict", texts: words, values: truths,
    fallback: false },
  { option: "verbose", variable: "DBMATE_VERBOSE", key: "verbose", texts: words, values: truths,
    fallback: false },
  { option: "fail-on", variable: "PGMATE_FAIL_ON", key: "failOn",
    texts: ["risky", "breaking", "risky", "breaking"],
    values: ["risky", "breaking", "risky", "breaking"], fallback: undefined },
  { option: "log-format", variable: "LOG_FORMAT", key: "logFormat",
    texts: ["json", "text", "json", "text"], values: ["json", "text", "json", "text"],
    fallback: "text" },
  { option: "log-level", variable: "LOG_LEVEL", key: "logLevel",
    texts: ["debug", "info", "warn", "error"], values: ["debug", "info", "warn", "error"],
    fallback: "info" },
  { option: "allow", variable: "PGMATE_ALLOW", key: "allowedRules", texts, values: lists,
    fallback: [] },
];

/** Options that no variable stands in for, and that pgmate.toml may or may not set. */
const flagsOnly: readonly (readonly [option: string, key: keyof Config, toml: "toml" | "no"])[] = [
  ["all", "all", "no"],
  ["dry-run", "dryRun", "no"],
  ["force", "force", "no"],
  ["json", "json", "no"],
  ["only", "only", "no"],
  ["applied", "applied", "no"],
  ["pending", "pending", "no"],
  ["yes", "yes", "no"],
  ["check", "check", "no"],
  ["stdout", "stdout", "no"],
  ["exit-code", "exitCode", "toml"],
  ["quiet", "quiet", "toml"],
  ["long", "long", "toml"],
  ["sequential", "sequential", "toml"],
  ["rollback", "rollback", "no"],
  ["rehearse", "rehearse", "no"],
  ["rules", "listRules", "no"],
];

/** The sources from the named one down, as a bit for each. */
function givenFor(row: Row, mask: number): Given {
  const [flag, environment, envFile, toml] = row.texts;
  const has = (bit: number): boolean => (mask & bit) !== 0;
  return {
    ...(has(1) ? { flags: { [row.option]: flag } } : {}),
    ...(has(2) ? { environment: { [row.variable ?? ""]: environment } } : {}),
    ...(has(4) ? { envFile: { [row.variable ?? ""]: envFile } } : {}),
    ...(has(8) ? { toml: `${row.option} = ${JSON.stringify(toml)}` } : {}),
  };
}

describe("flag, then environment, then env file, then pgmate.toml, then the default", () => {
  test.each(rows.map((row) => [row.option, row] as const))("%s", (_, row) => {
    for (let mask = 0; mask < 16; mask += 1) {
      const first = [0, 1, 2, 3].find((bit) => (mask & (1 << bit)) !== 0);
      const expected = first === undefined ? row.fallback : row.values[first];
      expect(configOf(givenFor(row, mask))[row.key]).toEqual(expected as Config[typeof row.key]);
    }
  });

  test.each(flagsOnly)("%s", (option, key, toml) => {
    expect(configOf({})[key]).toBe(false);
    expect(configOf({ flags: { [option]: "true" } })[key]).toBe(true);
    const variable = option.toUpperCase().replaceAll("-", "_");
    const environment = { [variable]: "true", [`DBMATE_${variable}`]: "true" };
    expect(configOf({ environment })[key]).toBe(false);
    if (toml === "toml") expect(configOf({ toml: `${option} = true` })[key]).toBe(true);
    else expect(refusal({ toml: `${option} = true` }).code).toBe("configuration");
  });

  test("the table has every option that a setting is made of", () => {
    const others = [
      "url", "env", "env-file", "help", "version", "to", "steps", "resume", "format", "output",
      "scratch", "since", "explain", "plan", "queries",
    ];
    const known = [...rows.map(({ option }) => option), ...flagsOnly.map(([name]) => name)];
    expect([...known, ...others].toSorted()).toEqual(allOptions.map(({ name }) => name).toSorted());
    for (const row of rows) {
      const option = allOptions.find(({ name }) => name === row.option);
      expect(option?.variable).toBe(row.variable as string);
    }
  });

  test("resume takes two words and is asked for each time", () => {
    expect(configOf({}).resume).toBe("ask");
    expect(configOf({ flags: { resume: "repeat" } }).resume).toBe("repeat");
    expect(configOf({ flags: { resume: "skip" } }).resume).toBe("skip");
    expect(configOf({ environment: { PGMATE_RESUME: "skip" } }).resume).toBe("ask");
    expect(refusal({ flags: { resume: "again" } }).message).toContain("repeat or skip");
    expect(refusal({ flags: { resume: "" } }).code).toBe("usage");
    expect(refusal({ toml: 'resume = "skip"' }).code).toBe("configuration");
  });

  test("what one review asks for stays on the command line", () => {
    for (const option of ["format", "output", "scratch", "since", "explain", "plan", "queries"]) {
      expect(refusal({ toml: `${option} = "json"` }).code).toBe("configuration");
    }
    expect(configOf({ flags: { format: "html" } }).format).toBe("html");
    expect(configOf({ flags: { json: "true" } }).format).toBe("json");
    expect(configOf({ flags: { json: "true", format: "sarif" } }).format).toBe("sarif");
    expect(refusal({ flags: { format: "pdf" } }).message).toContain("none of text, sql, json");
    expect(refusal({ flags: { "fail-on": "safe" } }).message).toContain("none of risky, breaking");
    expect(configOf({ flags: { since: "origin/main" } }).since).toBe("origin/main");
    expect(refusal({ flags: { since: "--output=x" } }).code).toBe("usage");
    expect(refusal({ flags: { since: "" } }).code).toBe("usage");
    const scratch = "postgres://u:p@h/d";
    expect(configOf({ flags: { scratch } }).scratchUrl).toBe(scratch);
    expect(configOf({ environment: { PGMATE_SCRATCH_URL: scratch } }).scratchUrl).toBe(scratch);
  });

  test("a variable holds several words, a flag and pgmate.toml one each", () => {
    const words = "--exclude-schema=a,b  -T x\n--no-comments";
    expect(configOf({ environment: { PGMATE_DUMP_OPTIONS: words } }).dumpOptions)
      .toEqual(["--exclude-schema=a,b", "-T", "x", "--no-comments"]);
    const toml = 'dump-option = ["-T", "a b,c"]';
    expect(configOf({ toml }).dumpOptions).toEqual(["-T", "a b,c"]);
    expect(configOf({ flags: { "dump-option": "-Ta,b" } }).dumpOptions).toEqual(["-Ta,b"]);
  });

  test("what the command does not take is not looked at", () => {
    const environment = { DBMATE_STRICT: "nonsense", DBMATE_WAIT_TIMEOUT: "nonsense" };
    const taken = ["wait-timeout"];
    expect(configOf({ environment: { DBMATE_STRICT: "true" }, taken }).strict).toBe(false);
    expect(refusal({ environment, taken }).message).toStartWith("$DBMATE_WAIT_TIMEOUT ");
    expect(configOf({ environment, taken: [] }).waitTimeoutMs).toBe(60_000);
    expect(configOf({ toml: 'strict = "nonsense"', taken: [] }).strict).toBe(false);
  });
});

describe("how a run is told", () => {
  const told = (given: Given): string => {
    const { logFormat, logLevel, outLevel } = configOf(given);
    return `${logFormat} ${logLevel} ${outLevel}`;
  };

  test.each([
    ["INFO", "text info info"], ["WARNING", "text warn info"], ["trace", "text debug info"],
    ["30", "text info info"], ["off", "text error info"], ["nonsense", "text info info"],
    ["u:hunter2@h/d", "text info info"], ["", "text info info"],
  ])("LOG_LEVEL=%j is for all programs, and leaves stdout alone", (level, expected) => {
    expect(told({ environment: { LOG_LEVEL: level } })).toBe(expected);
    expect(told({ envFile: { LOG_LEVEL: level } })).toBe(expected);
  });

  test.each([
    ["JSON", "json info info"], ["pretty", "text info info"], ["combined", "text info info"],
    ["%(asctime)s:%(name)s@%(message)s", "text info info"], ["", "text info info"],
  ])("LOG_FORMAT=%j likewise", (format, expected) => {
    expect(told({ environment: { LOG_FORMAT: format } })).toBe(expected);
  });

  test("what means nothing there leaves the word to the next", () => {
    const toml = 'log-format = "json"\nlog-level = "warn"';
    const environment = { LOG_FORMAT: "combined", LOG_LEVEL: "5" };
    expect(told({ environment, toml })).toBe("json warn warn");
    expect(told({ environment: { LOG_FORMAT: "text", LOG_LEVEL: "debug" }, toml }))
      .toBe("text debug info");
  });

  test("on the command line and in pgmate.toml each word is meant", () => {
    expect(told({ flags: { "log-level": "debug" } })).toBe("text debug debug");
    expect(told({ flags: { "log-level": "error" } })).toBe("text error error");
    for (const word of ["WARN", "warning", "30", "", "nonsense"]) {
      expect(refusal({ flags: { "log-level": word } })).toMatchObject({
        code: "usage", hint: "write one of: debug, info, warn, error",
      });
      expect(refusal({ toml: `log-level = "${word}"` }).code).toBe("configuration");
    }
    expect(refusal({ flags: { "log-format": "JSON" } })).toMatchObject({
      code: "usage", message: '--log-format is none of text, json: "JSON"',
    });
  });

  test("is known though another setting is wrong", () => {
    const given = { flags: { "lock-wait": "soon" }, envFile: { LOG_FORMAT: "json" } };
    expect(refusal(given).code).toBe("usage");
    expect(resolveLog(sourcesOf(given))).toEqual({
      logFormat: "json", logLevel: "info", outLevel: "info",
    });
  });
});

describe("the URL", () => {
  test.each([
    ["nothing", {}, ""],
    ["the flag", { flags: { url: "a" }, environment: { DATABASE_URL: "b" } }, "a"],
    ["another variable that is not set, and pgmate.toml", {
      flags: { env: "OTHER" }, toml: 'url = "d"',
    }, ""],
    ["the last flag", { flags: { url: ["a", "c"] } }, "c"],
    ["the environment", {
      environment: { DATABASE_URL: "b" }, envFile: { DATABASE_URL: "c" },
    }, "b"],
    ["the env file", { envFile: { DATABASE_URL: "c" }, toml: 'url = "d"' }, "c"],
    ["pgmate.toml", { toml: 'url = "d"' }, "d"],
    ["an empty variable hides the env file's, as in dbmate",
      { environment: { DATABASE_URL: "" }, envFile: { DATABASE_URL: "c" } }, ""],
    ["an empty variable and pgmate.toml", { environment: { DATABASE_URL: "" }, toml: 'url = "d"' },
      "d"],
    ["the variable that --env names", {
      flags: { env: "OTHER" }, environment: { OTHER: "o", DATABASE_URL: "b" },
    }, "o"],
    ["the variable that --env names, in the env file", {
      flags: { env: "OTHER" }, envFile: { OTHER: "o" }, environment: { DATABASE_URL: "b" },
    }, "o"],
    ["only the variable that --env names", {
      flags: { env: "OTHER" }, environment: { DATABASE_URL: "b" },
    }, ""],
    ["the variable that pgmate.toml names", {
      toml: 'env = "OTHER"', environment: { OTHER: "o", DATABASE_URL: "b" },
    }, "o"],
    ["literally", { flags: { url: " 007, a " } }, " 007, a "],
  ] as const)("%s", (_, given, expected) => {
    expect(configOf(given).url).toBe(expected);
  });

  test("an empty --url takes no other database", () => {
    const error = refusal({ flags: { url: "" }, environment: { DATABASE_URL: "b" } });
    expect(error.code).toBe("url-missing");
  });

  test.each(["constructor", "toString", "__proto__"])("--env %s is not set", (env) => {
    expect(configOf({ flags: { env } }).url).toBe("");
  });

  test.each(["", "postgres://u:p@h/d", "A-B", "A B", "$A"])("--env %j names nothing", (env) => {
    const error = refusal({ flags: { env } });
    expect(error.code).toBe("usage");
    expect(`${error.message} ${error.hint ?? ""}`).not.toContain(env === "" ? "\n" : env);
  });

  test("the variable that was looked at is known", () => {
    expect(configOf({}).urlVariable).toBe("DATABASE_URL");
    expect(configOf({ flags: { env: "OTHER" } }).urlVariable).toBe("OTHER");
  });
});

const empty: readonly (readonly [variable: string, key: keyof Config])[] = rows.map((row) => {
  return [row.variable ?? "", row.key];
});

test.each(empty)("an empty %s is none", (variable, key) => {
  const expected = configOf({})[key];
  expect(configOf({ environment: { [variable]: "" } })[key]).toEqual(expected);
});

test("the environment is the process's over the env file's, whatever the names", () => {
  const { environment } = configOf({
    environment: { PGHOST: "a", PGUSER: "" },
    envFile: { PGHOST: "b", PGUSER: "c", PGPORT: "1" },
  });
  expect(environment).toEqual({ PGHOST: "a", PGUSER: "", PGPORT: "1" });
});

test("a config cannot be changed", () => {
  expect(Object.isFrozen(configOf({}))).toBe(true);
});
