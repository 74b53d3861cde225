/** What is told as text at each level, and on which stream. */

import { expect, test } from "bun:test";
import type { LogLevel } from "../core/log-level.ts";
import type { StepResult } from "../engine/events.ts";
import { fileOf } from "../testing/histories.ts";
import { samplesByKind } from "../testing/told-samples.ts";
import type { Output } from "./output.ts";
import type { Told } from "./program-event.ts";
import { noting, type ReportStyle, textPrinter } from "./reporter.ts";

const file = fileOf("1_x");
const plain: ReportStyle = {
  detail: "normal", status: "short", format: "text", targetOptions: "", logFormat: "text",
  logLevel: "info", outLevel: "info",
};

/** `out|text` or `err|text`. */
function printed(told: readonly Told[], style: Partial<ReportStyle>): readonly string[] {
  const said: string[] = [];
  const output: Output = {
    out: (text) => void said.push(`out|${String(text)}`),
    err: (text) => void said.push(`err|${text}`),
    errAsIs: () => {},
    hide: () => {},
    blanked: (text) => text,
    errStyle: "plain",
    live: undefined,
    whenGone: () => {},
    failure: () => undefined,
  };
  const print = textPrinter(output, { ...plain, ...style });
  for (const one of told) print(one);
  return said;
}

const run: readonly Told[] = [
  { kind: "start", command: "up", version: "1" },
  { kind: "target", description: "t", server: "s" },
  { kind: "run-lock-taken", waitedMs: 1 },
  { kind: "applying", file },
  { kind: "warning", message: "w" },
  { kind: "applied", file, ms: 1, rows: 2 },
  { kind: "schema-unchanged", path: "p", asked: "run" },
];

const usual = [
  "err|Target: t (s)\n", "out|Applying: 1_x.sql\n", "err|Warning: w\n",
  "out|Applied: 1_x.sql in 1ms\n",
];

const verbose = [...usual.slice(0, 3), "out|Rows affected: 2\n", "out|Applied: 1_x.sql in 1ms\n",
  "err|Unchanged: p\n"];
const onStdout = ["out|Applying: 1_x.sql\n", "out|Applied: 1_x.sql in 1ms\n"];
const debug = [
  "err|Start: up (pgmate 1)\n", "err|Target: t (s)\n",
  "err|Locked: no other run works on this ledger meanwhile\n", "out|Applying: 1_x.sql\n",
  "err|Warning: w\n",
];

const cases: readonly (readonly [
  title: string, style: Partial<ReportStyle>, expected: readonly string[],
])[] = [
  ["as usual", {}, usual],
  ["--verbose", { detail: "verbose" }, verbose],
  ["LOG_LEVEL=warn leaves stdout", { logLevel: "warn" }, [...onStdout.slice(0, 1),
    "err|Warning: w\n", ...onStdout.slice(1)]],
  ["LOG_LEVEL=error leaves stdout", { logLevel: "error" }, onStdout],
  ["LOG_LEVEL=debug leaves stdout", { logLevel: "debug" }, [...debug,
    "out|Applied: 1_x.sql in 1ms\n", "err|Unchanged: p\n"]],
  ["--log-level debug", { logLevel: "debug", outLevel: "debug" }, [...debug,
    "out|Rows affected: 2\n", "out|Applied: 1_x.sql in 1ms\n", "err|Unchanged: p\n"]],
  ["--log-level warn", { logLevel: "warn", outLevel: "warn" }, ["err|Warning: w\n"]],
  ["--log-level warn wins over --verbose",
    { detail: "verbose", logLevel: "warn", outLevel: "warn" }, ["err|Warning: w\n"]],
  ["--log-level error", { logLevel: "error", outLevel: "error" }, []],
  ["--json", { format: "json" }, usual.map((line) => line.replace("out|", "err|"))],
  ["--json with LOG_LEVEL=warn", { format: "json", logLevel: "warn" }, ["err|Warning: w\n"]],
];

test.each(cases)("%s", (_title, style, expected) => {
  expect(printed(run, style)).toEqual([...expected]);
});

test.each(["debug", "info", "warn", "error"] as const)("a question is asked at %s", (level) => {
  const question: Told = { kind: "question", text: "Go on?" };
  expect(printed([question], { logLevel: level, outLevel: level })).toEqual(["err|Go on? [y/N] "]);
});

test("the dots of a wait are there as in dbmate, and go with the rest", () => {
  const wait = { waitedMs: 0, code: "connect", reason: "x" } as const;
  const told: readonly Told[] = [
    { kind: "waiting-begins", ...wait }, { kind: "waiting-goes-on", ...wait },
    { kind: "waiting-ends", waitedMs: 1, server: "answers" },
  ];
  const dots = ["out|Waiting for database", "out|.", "out|\n"];
  const at = (level: LogLevel): readonly string[] =>
    printed(told, { logLevel: level, outLevel: level });
  expect(at("info")).toEqual(dots);
  expect(at("debug")).toEqual(dots);
  expect(at("warn")).toEqual([]);
});

test("at debug a long step is told each second", () => {
  const progress = (elapsedMs: number): Told => ({
    kind: "step-progress", file, direction: "up", elapsedMs, unit: undefined, work: undefined,
    blockers: [],
  });
  const told = [1_000, 1_900, 2_000, 30_000].map(progress);
  expect(printed(told, { logLevel: "debug" })).toHaveLength(3);
  expect(printed(told, {})).toEqual(["err|Still applying: 1_x.sql, 30 s so far\n"]);
  expect(printed(told, { logLevel: "warn" })).toEqual([]);
});

test("what is told at debug is told of every event, in lines", () => {
  for (const [kind, samples] of Object.entries(samplesByKind)) {
    const said = printed(samples, { logLevel: "debug", outLevel: "debug" });
    expect([kind, said.length > 0]).toEqual([kind, true]);
    if (kind.startsWith("waiting") || kind === "question") continue;
    for (const line of said) expect(line).toEndWith("\n");
  }
});

test("steps that were done and secrets are noted, whatever is told", () => {
  const done: StepResult[] = [];
  const hidden: string[] = [];
  const told: Told[] = [];
  const tell = noting({ hide: (text) => void hidden.push(text) }, done, (one) => {
    told.push(one);
  });
  const all: readonly Told[] = [
    { kind: "secret", text: "s" }, { kind: "applied", file, ms: 1, rows: 2 },
    { kind: "rolled-back", file, ms: 3, rows: undefined }, { kind: "stopping" },
  ];
  for (const one of all) tell(one);
  expect(hidden).toEqual(["s"]);
  expect(done).toEqual([{ direction: "up", file, ms: 1 }, { direction: "down", file, ms: 3 }]);
  expect(told).toEqual(all.slice(1));
});
