/** The lines of a log: their names and fields, which stay, and what is told at which level. */

import { describe, expect, test } from "bun:test";
import { type LogLevel, logLevels } from "../core/log-level.ts";
import { PgmateError } from "../errors.ts";
import { fileOf } from "../testing/histories.ts";
import { samplesByKind } from "../testing/told-samples.ts";
import { logError, logPrinter } from "./log.ts";
import { logEvents, logFields } from "./log-events.ts";
import type { Told } from "./program-event.ts";

type Line = Readonly<Record<string, unknown>>;

interface Given {
  readonly level?: LogLevel;
  readonly blanked?: (text: string) => string;
  readonly targetOptions?: string;
}

const date = (): Date => new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6));

function lines(told: readonly Told[], given: Given = {}): readonly Line[] {
  const written: string[] = [];
  const print = logPrinter({
    output: {
      errAsIs: (text) => void written.push(text), blanked: given.blanked ?? ((text) => text),
    },
    date,
    level: given.level ?? "debug",
    targetOptions: given.targetOptions ?? "",
  });
  for (const one of told) print(one);
  return written.map((line) => {
    expect(line).toMatch(/^[^\n]+\n$/);
    return JSON.parse(line);
  });
}

function errorLine(error: PgmateError, command: string | undefined = "up"): Line {
  const written: string[] = [];
  const output = { errAsIs: (text: string) => void written.push(text), blanked: (t: string) => t };
  const done = [{ direction: "up" }, { direction: "down" }] as const;
  logError({ output, date }, error, { command, done, ms: 12.3, exitStatus: 2 });
  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(/^[^\n]+\n$/);
  return JSON.parse(written[0] ?? "");
}

const server = {
  severity: "ERROR", code: "42P01", message: "m", detail: "d", hint: "h", where: "w",
  internalQuery: "q",
};
const fullError = new PgmateError("server", "m", {
  hint: "h", state: "s", server, at: { file: "f", line: 1, column: 2, text: "t" },
});

const every = Object.values(samplesByKind).flat();
const written: readonly Line[] = [
  ...every.map((told) => lines([told])[0] ?? {}), errorLine(fullError),
];

/**
 * Other people's alerts and dashboards hold these: a name or a field that is here may be added to,
 * never taken away or given another meaning.
 */
const stable: Readonly<Record<string, string>> = {
  "start": "command pgmate",
  "server-wait-begin": "code waitedMs",
  "server-wait": "code waitedMs",
  "server-wait-end": "waitedMs",
  "target": "target serverVersion",
  "creating-database": "database",
  "dropping-database": "database",
  "creating-schema": "schema",
  "lock-wait": "holder waitedMs",
  "run-lock-taken": "waitedMs",
  "table-wait": "table waitedMs blockers blockerCount",
  "planned": "steps stepCount",
  "applying": "version file direction",
  "rolling-back": "version file direction",
  "resuming": "version file direction statement statements",
  "leftover-dropped": "index",
  "statement": "version file direction statement statements",
  "step-progress":
    "version file direction statement statements elapsedMs work blockers blockerCount",
  "lock-retry": "version file direction cause try tries pauseMs blockers blockerCount",
  "notice": "sqlstate server",
  "applied": "version file direction durationMs rows",
  "rolled-back": "version file direction durationMs rows",
  "forcing": "changes changeCount",
  "question": "",
  "schema-written": "file",
  "schema-unchanged": "file",
  "schema-differs": "file",
  "run-lock-released": "",
  "reading-schema": "file",
  "schema-loaded": "file durationMs",
  "creating-migration": "file",
  "review-written": "file",
  "warning": "file line column text",
  "stop-requested": "code",
  "stopping": "",
  "done": "command exitStatus durationMs applied rolledBack stepCount changeCount pending " +
    "missing dirty verdict",
  "error": "command exitStatus durationMs code file line column text sqlstate server state hint " +
    "applied rolledBack",
};

describe("names and fields", () => {
  test("are those that others count on", () => {
    const known = logEvents.map(({ name, fields }) => [name, fields.join(" ")] as const);
    expect(Object.fromEntries(known)).toEqual(stable);
    expect(known).toHaveLength(Object.keys(stable).length);
  });

  test("every line begins with the same four", () => {
    for (const line of written) {
      expect(Object.keys(line).slice(0, 4)).toEqual(["time", "level", "event", "message"]);
      expect(line["time"]).toBe("2026-01-02T03:04:05.006Z");
      expect(line["message"]).toMatch(/^\S(?:[^]*\S)?$/);
    }
  });

  test("every event is told under its name, with its fields and no others", () => {
    const seen = new Map<string, Set<string>>();
    for (const line of written) {
      const { time: _time, level: _level, event, message: _message, ...fields } = line;
      const known = seen.get(String(event)) ?? new Set();
      seen.set(String(event), new Set([...known, ...Object.keys(fields)]));
    }
    const found = [...seen].map(([name, fields]) => [name, [...fields].toSorted()]);
    const expected = logEvents.map(({ name, fields }) => [name, fields.toSorted()]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  test("a field has one type, and its numbers are whole", () => {
    const types = new Map<string, string>(
      Object.entries(logFields).map(([name, [type]]) => [name, type]),
    );
    for (const { time: _time, level: _level, event: _event, message: _m, ...line } of written) {
      for (const [name, value] of Object.entries(line)) {
        expect([name, Array.isArray(value) ? "array" : typeof value]).toEqual([
          name, types.get(name) ?? "unknown",
        ]);
        if (typeof value !== "number") continue;
        expect([name, Number.isInteger(value)]).toEqual([name, true]);
      }
    }
  });

  test("the names that collectors keep for themselves are left alone", () => {
    const taken = ["status", "severity", "host", "service", "source", "timestamp", "date", "msg"];
    expect(Object.keys(logFields).filter((name) => taken.includes(name))).toEqual([]);
  });

  test("each level that an event can have is told of it", () => {
    for (const { name, levels } of logEvents) {
      const own = written.filter(({ event }) => event === name);
      const found = new Set(own.map(({ level }) => level));
      // Nothing but its time makes a step's progress more than debug.
      if (name !== "step-progress") expect([name, found]).toEqual([name, new Set(levels)]);
    }
  });
});

describe("an error", () => {
  test("has all that is known", () => {
    expect(errorLine(fullError)).toEqual({
      time: "2026-01-02T03:04:05.006Z",
      level: "error",
      event: "error",
      message: "f:1:2: m (SQLSTATE 42P01)",
      command: "up",
      exitStatus: 2,
      durationMs: 12,
      code: "server",
      file: "f",
      line: 1,
      column: 2,
      text: "t",
      sqlstate: "42P01",
      server: {
        severity: "ERROR", sqlstate: "42P01", message: "m", detail: "d", hint: "h", context: "w",
        query: "q",
      },
      state: "s",
      hint: "h",
      applied: 1,
      rolledBack: 1,
    });
  });

  test("and nothing that is not", () => {
    const { command: _, ...rest } = errorLine(new PgmateError("usage", "no"));
    expect(rest).toEqual({
      time: "2026-01-02T03:04:05.006Z", level: "error", event: "error", message: "no",
      exitStatus: 2, durationMs: 12, code: "usage", applied: 1, rolledBack: 1,
    });
  });

  test("of several lines is one line", () => {
    const error = new PgmateError("internal", "a\n  at b\n  at c", { state: "d\r\ne" });
    expect(errorLine(error)).toMatchObject({ message: "a\n  at b\n  at c", state: "d\r\ne" });
  });
});

const file = fileOf("1_x");
const progress = (elapsedMs: number): Told => ({
  kind: "step-progress", file, direction: "up", elapsedMs, unit: undefined, work: undefined,
  blockers: [],
});

describe("levels", () => {
  test.each(logLevels)("at %s nothing below it is told, and all the rest", (level) => {
    const least = logLevels.indexOf(level);
    const all = lines(every);
    const told = all.filter((line) => {
      const at = logLevels.findIndex((known) => known === line["level"]);
      return at >= least || line["event"] === "question";
    });
    expect(lines(every, { level })).toEqual([...told]);
    expect(told.length).toBeGreaterThan(0);
  });

  test("a long step has a line each half minute, and at debug each second", () => {
    const told = [600, 1_000, 1_600, 29_500, 30_000, 30_900, 31_000, 61_000].map(progress);
    const at = (level: LogLevel): readonly unknown[] =>
      lines(told, { level }).map((line) => `${String(line["level"])} ${String(line["elapsedMs"])}`);
    expect(at("info")).toEqual(["info 30000", "info 61000"]);
    expect(at("debug")).toEqual([
      "debug 600", "debug 1600", "debug 29500", "info 30000", "debug 31000", "info 61000",
    ]);
    expect(at("warn")).toEqual([]);
  });
});

describe("messages", () => {
  const message = (told: Told, given: Given = {}): unknown => lines([told], given)[0]?.["message"];

  test("are the words of the text", () => {
    expect(message({ kind: "applied", file, ms: 2.5, rows: 1 })).toBe("Applied: 1_x.sql in 2.5ms");
    expect(message({ kind: "stopping" })).toStartWith("Stopping: the server has not ended yet");
    expect(message({ kind: "question", text: "Go on?" })).toBe("Go on? [y/N]");
    const at = { file: "db/1_x.sql", line: 3, column: 1, text: "" };
    expect(message({ kind: "warning", message: "m", at })).toBe("db/1_x.sql:3: m");
  });

  test("are whole where the text is made of pieces", () => {
    const wait = { waitedMs: 3_000, code: "connect-refused", reason: "refused" } as const;
    expect(message({ kind: "waiting-begins", ...wait })).toBe("Waiting for the server: refused");
    expect(message({ kind: "waiting-goes-on", ...wait })).toBe(
      "Still waiting for the server, 3 s so far: refused",
    );
    expect(message({ kind: "waiting-ends", waitedMs: 1, server: "silent" })).toBe(
      "The server does not answer",
    );
  });

  test("name commands that are about the same database", () => {
    const warning = { kind: "warning", message: "then: `pgmate dump`" } as const;
    expect(message(warning, { targetOptions: "--env X" })).toBe("then: `pgmate dump --env X`");
  });

  test("say what a command came to", () => {
    const done = (outcome: Extract<Told, { kind: "done" }>["outcome"]): unknown =>
      message({ kind: "done", command: "up", outcome, verdict: undefined, ms: 200, exitStatus: 0 });
    const up = { direction: "up", file, ms: 1 } as const;
    expect(done({ kind: "ran", steps: [up, up] })).toBe("Done: up, 2 applied in 0.2 s");
    expect(done({ kind: "ran", steps: [{ ...up, direction: "down" }, up] })).toBe(
      "Done: up, 1 rolled back, 1 applied in 0.2 s",
    );
    expect(done({ kind: "ran", steps: [] })).toBe("Done: up, nothing to do in 0.2 s");
    expect(done({ kind: "done" })).toBe("Done: up in 0.2 s");
  });
});

test("nothing that is hidden, and no password, is in any field", () => {
  const secret = `it's "9"\n20240101`;
  const blanked = (text: string): string => text.replaceAll(secret, "***");
  const said = `${secret} password 'hunter2'`;
  const notice = {
    severity: "NOTICE", code: "00000", message: said, detail: said, hint: said, where: said,
    internalQuery: said,
  };
  const told: readonly Told[] = [
    { kind: "secret", text: secret },
    { kind: "server-notice", notice },
    { kind: "warning", message: said, at: { file: said, line: 1, column: 1, text: said } },
    { kind: "lock-wait", holder: said, waitedMs: 20_240_101 },
    { kind: "waiting-begins", waitedMs: 0, code: "connect", reason: said },
    { kind: "question", text: said },
  ];
  const all = lines(told, { blanked });
  expect(all).toHaveLength(told.length - 1);
  for (const line of all) {
    const text = JSON.stringify(line);
    expect(text).toContain("***");
    expect(text).not.toMatch(/hunter2|it's/);
  }
  // A number is no text, and stays one.
  expect(all[2]?.["waitedMs"]).toBe(20_240_101);
});
