/** How the texts of settings are read, and what is said of those that cannot be. */

import { describe, expect, test } from "bun:test";
import { type Config, resolveConfig } from "./config.ts";
import { PgmateError } from "./errors.ts";
import { allOptions } from "./options.ts";

type Texts = Readonly<Record<string, string | readonly string[]>>;

function read(flags: Texts, environment: Readonly<Record<string, string>> = {}, toml?: string) {
  return resolveConfig({
    flags: new Map(Object.entries(flags).map(([name, given]) => [name, [given].flat()])),
    taken: allOptions.map(({ name }) => name),
    environment,
    envFile: new Map(),
    toml,
  });
}

function refusal(...given: Parameters<typeof read>): PgmateError {
  try {
    read(...given);
  } catch (error) {
    if (error instanceof PgmateError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

describe("flags", () => {
  test.each(["1", "t", "T", "TRUE", "true", "True"])("%j is yes", (word) => {
    expect(read({ wait: word }).wait).toBe(true);
    expect(read({}, { DBMATE_WAIT: word }).wait).toBe(true);
  });

  test.each(["0", "f", "F", "FALSE", "false", "False"])("%j is no", (word) => {
    expect(read({ wait: word }).wait).toBe(false);
    expect(read({}, { DBMATE_WAIT: word }).wait).toBe(false);
  });

  test.each(["yes", "on", "y", "TrUe", "2", " true", "no", "off"])("%j is neither", (word) => {
    const error = refusal({}, { DBMATE_WAIT: word });
    expect(error.code).toBe("usage");
    expect(error.message).toBe(`$DBMATE_WAIT is neither true nor false: ${JSON.stringify(word)}`);
    expect(error.hint).toMatch(/true or false/);
  });

  test("the last of several counts", () => {
    expect(read({ strict: ["true", "false"] }).strict).toBe(false);
    expect(read({ strict: ["false", "true"] }).strict).toBe(true);
  });

  test("quiet means exit-code, too, and not the other way round", () => {
    expect(read({ quiet: "true" })).toMatchObject({ quiet: true, exitCode: true });
    expect(read({ "exit-code": "true" })).toMatchObject({ quiet: false, exitCode: true });
  });
});

/** Each would name a file or a table, or a message would repeat it. */
describe("a URL in another place", () => {
  const urls = ["postgres://u:hunter2@h/d", "u:hunter2@h/d", "postgres:/u:hunter2/x@h"];
  const other = allOptions.filter(({ name }) => {
    return !["url", "env", "env-file", "help", "version", "scratch"].includes(name);
  });
  const named = other.map(({ name, variable }) => [name, variable] as const);
  test.each(named)("%s", (name, variable) => {
    for (const url of urls) {
      const errors = [refusal({ [name]: url })];
      // Of a variable that other programs share nothing is repeated, and nothing refused.
      const isShared = variable?.startsWith("LOG_") === true;
      if (isShared) {
        const environment = { [variable]: url };
        expect(read({}, environment)).toEqual({ ...read({}), environment });
      } else if (variable !== undefined) errors.push(refusal({}, { [variable]: url }));
      for (const { message, hint } of errors) {
        expect(`${message} ${hint ?? ""}`).not.toContain("hunter2");
        expect(message).toMatch(/holds what looks like a database URL$|, not "…"$/);
      }
    }
  });

  test("an @ and a colon are no URL by themselves", () => {
    expect(read({ "migrations-dir": ["./@a/b", "C:\\me@work"] }).migrationsDirs)
      .toEqual(["./@a/b", "C:\\me@work"]);
    expect(read({ "schema-file": "a@b:c" }).schemaFile).toBe("a@b:c");
  });

  test("words that may be pieces of one are not repeated", () => {
    for (const word of ["hunter2@h", "postgres:hunter2", "//hunter2"]) {
      expect(refusal({ steps: word }).message).toBe('--steps is no number from 1 up: "…"');
    }
  });
});

describe("durations", () => {
  test.each([
    ["1s", 1_000],
    ["500ms", 500],
    ["1m30s", 90_000],
    ["1.5s", 1_500],
  ] as const)("%s", (text, ms) => {
    const config = read({ "lock-wait": text, "lock-timeout": text, "wait-timeout": text });
    expect(config).toMatchObject({ lockWaitMs: ms, lockTimeoutMs: ms, waitTimeoutMs: ms });
  });

  test("0 is the default where dbmate has it so, and 0 for the limits of locks", () => {
    const names = ["wait-timeout", "wait-interval", "lock-wait", "lock-timeout"];
    expect(read(Object.fromEntries(names.map((name) => [name, "0"])))).toMatchObject({
      waitTimeoutMs: 60_000, waitIntervalMs: 1_000, lockWaitMs: 0, lockTimeoutMs: 0,
    });
  });

  test("may be negative where dbmate takes it", () => {
    expect(read({ "wait-timeout": "-1s" }).waitTimeoutMs).toBe(-1_000);
    expect(read({}, { DBMATE_WAIT_INTERVAL: "-1s" }).waitIntervalMs).toBe(-1_000);
  });

  test("a limit may not", () => {
    const error = refusal({ "lock-wait": "-1s" });
    expect(error).toMatchObject({ code: "usage", message: "--lock-wait is below 0" });
    expect(refusal({}, {}, 'lock-timeout = "-1s"').code).toBe("configuration");
  });

  test("a statement_timeout is none unless given, and 0 is no limit", () => {
    expect(read({}).statementTimeoutMs).toBeUndefined();
    expect(read({}, { PGMATE_STATEMENT_TIMEOUT: "" }).statementTimeoutMs).toBeUndefined();
    expect(read({ "statement-timeout": "0" }).statementTimeoutMs).toBe(0);
    expect(read({}, {}, "statement-timeout = 0").statementTimeoutMs).toBe(0);
    expect(read({ "statement-timeout": "0" }, { PGMATE_STATEMENT_TIMEOUT: "5s" }))
      .toMatchObject({ statementTimeoutMs: 0 });
    expect(refusal({ "statement-timeout": "-1s" }).message).toBe("--statement-timeout is below 0");
    expect(refusal({ "statement-timeout": "" }).message).toMatch(/is no duration: ""$/);
  });

  test.each(["90", "1 s", "", "soon"])("%j is none", (text) => {
    const error = refusal({ "lock-timeout": text });
    expect(error.code).toBe("usage");
    expect(error.message).toBe(`--lock-timeout is no duration: ${JSON.stringify(text)}`);
    expect(error.hint).toMatch(/with its unit/);
  });
});

describe("lists", () => {
  test.each([
    ["a", ["a"]],
    ["a,b", ["a", "b"]],
    [" a , b ", ["a", "b"]],
    [["a", "b"], ["a", "b"]],
    [["a,b", "c"], ["a", "b", "c"]],
    ["", [""]],
    ["a b/c", ["a b/c"]],
    ["001", ["001"]],
  ] as const)("-d %j", (given, expected) => {
    expect(read({ "migrations-dir": given }).migrationsDirs).toEqual([...expected]);
  });

  test("the flag takes the place of the environment's list, it adds nothing to it", () => {
    const environment = { DBMATE_MIGRATIONS_DIR: "a,b" };
    expect(read({}, environment).migrationsDirs).toEqual(["a", "b"]);
    expect(read({ "migrations-dir": "c" }, environment).migrationsDirs).toEqual(["c"]);
  });

  test("in pgmate.toml", () => {
    const dirs = (toml: string): Config["migrationsDirs"] => read({}, {}, toml).migrationsDirs;
    expect(dirs('migrations-dir = "a, b"')).toEqual(["a", "b"]);
    expect(dirs('migrations-dir = ["a", "b"]')).toEqual(["a", "b"]);
  });
});

describe("counts and versions", () => {
  test.each([
    ["1", 1],
    ["25", 25],
    ["999999999", 999_999_999],
  ] as const)("--steps %s", (text, steps) => {
    expect(read({ steps: text }).steps).toBe(steps);
  });

  test.each(["0", "-1", "1.5", "1e3", "", " 1", "01", "all", "1000000000"])(
    "--steps %j is refused",
    (text) => {
      const error = refusal({ steps: text });
      expect(error.code).toBe("usage");
      expect(error.message).toBe(`--steps is no number from 1 up: ${JSON.stringify(text)}`);
    },
  );

  test.each([
    ["0", 0],
    ["1", 1],
    ["999999999", 999_999_999],
  ])("--lock-retries %s", (text, count) => {
    expect(read({ "lock-retries": text }).lockRetries).toBe(count);
    expect(read({}, { PGMATE_LOCK_RETRIES: text }).lockRetries).toBe(count);
    expect(read({}, {}, `lock-retries = ${text}`).lockRetries).toBe(count);
  });

  test.each(["-1", "00", "01", "1.5", "", " 1", "none", "1e3", "1000000000"])(
    "--lock-retries %j is refused",
    (text) => {
      expect(refusal({ "lock-retries": text })).toMatchObject({
        code: "usage",
        message: `--lock-retries is no number from 0 up: ${JSON.stringify(text)}`,
        hint: "give how many new tries: 10, or 0 for none",
      });
      expect(refusal({}, {}, `lock-retries = ${JSON.stringify(text)}`).code).toBe("configuration");
    },
  );

  test.each(["001", "20240101000000", "12345678901234567890", "1_x.sql", "abc"])(
    "--to %s stays as it is written",
    (text) => {
      expect(read({ to: text }).to).toBe(text);
    },
  );

  test("an empty --to is refused: it must not mean all", () => {
    expect(refusal({ to: "" })).toMatchObject({ code: "usage", message: "--to is empty" });
  });

  test("none is given", () => {
    expect(read({}).to).toBeUndefined();
    expect(read({}).steps).toBeUndefined();
  });
});

describe("the ledger's name", () => {
  test.each([
    ["a", undefined, "a"],
    ["a.b", "a", "b"],
    [".b", undefined, "b"],
    ["camelCase", undefined, "camelCase"],
    ["has space", undefined, "has space"],
    ["semi;drop", undefined, "semi;drop"],
    ['"quoted"', undefined, '"quoted"'],
    ["App.Table", "App", "Table"],
  ] as const)("%s", (text, schema, table) => {
    expect(read({ "migrations-table": text }).migrationsTable).toEqual({ schema, table });
  });

  test.each(["", ".", "a.", "a.b.c", "..", "a..b"])("%j names no table", (text) => {
    const error = refusal({ "migrations-table": text });
    expect(error.code).toBe("usage");
    expect(error.message).toBe(`--migrations-table names no table: ${JSON.stringify(text)}`);
  });

  test("the message says where the name is from", () => {
    const variable = refusal({}, { DBMATE_MIGRATIONS_TABLE: "a." });
    expect(variable.message).toBe('$DBMATE_MIGRATIONS_TABLE names no table: "a."');
  });
});

describe("pgmate.toml", () => {
  test.each([
    ["", {}],
    ["# nothing\n", {}],
    ["wait = true\nwait-timeout = '5s'", { wait: true, waitTimeoutMs: 5_000 }],
    ['migrations-table = "a.b"', { migrationsTable: { schema: "a", table: "b" } }],
    ["wait = 1", { wait: true }],
  ] as const)("%j", (toml, expected) => {
    expect(read({}, {}, toml)).toMatchObject(expected);
  });

  test.each([
    ["wait =", /^pgmate\.toml cannot be read: /, /migrations-dir = "db\/migrations"/],
    ["wiat = true", /^pgmate\.toml: unknown option "wiat"$/, /^did you mean wait\?$/],
    ["frobnicate = 1", /^pgmate\.toml: unknown option "frobnicate"$/, /^known are: url, env, /],
    ['to = "1"', /^pgmate\.toml: unknown option "to"$/, undefined],
    ["steps = 1", /^pgmate\.toml: unknown option "steps"$/, undefined],
    ["dry-run = true", /^pgmate\.toml: unknown option "dry-run"$/, undefined],
    ['env-file = ".env"', /^pgmate\.toml: unknown option "env-file"$/, undefined],
    ["[wait]\na = 1", /^pgmate\.toml: wait has no readable value$/, /a list of texts/],
    ["migrations-dir = [[1]]", /^pgmate\.toml: migrations-dir has no readable value$/, undefined],
    ['wait = "yes"', /^wait in pgmate\.toml is neither true nor false: "yes"$/, undefined],
    ["wait-timeout = 30", /^wait-timeout in pgmate\.toml is no duration: "30"$/, undefined],
    ['migrations-table = "a."', /^migrations-table in pgmate\.toml names no table/, undefined],
  ] as const)("%j is refused", (toml, message, hint) => {
    const error = refusal({}, {}, toml);
    expect(error.code).toBe("configuration");
    expect(error.message).toMatch(message);
    if (hint !== undefined) expect(error.hint).toMatch(hint);
  });

  test("a flag makes up for a value that cannot be read", () => {
    expect(read({ wait: "true" }, {}, 'wait = "yes"').wait).toBe(true);
  });
});
