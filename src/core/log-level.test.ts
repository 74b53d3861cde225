/** What is told at which level, and what the variables of other programs mean here. */

import { expect, test } from "bun:test";
import {
  isTold, type LogFormat, type LogLevel, logLevels, sharedFormat, sharedLevel,
} from "./log-level.ts";

test("each level tells what those behind it tell", () => {
  const told = logLevels.map((least) => logLevels.filter((level) => isTold(level, least)));
  expect(told).toEqual([
    ["debug", "info", "warn", "error"], ["info", "warn", "error"], ["warn", "error"], ["error"],
  ]);
});

const meanings: readonly (readonly [text: string, level: LogLevel | undefined])[] = [
  ["debug", "debug"], ["INFO", "info"], ["Warn", "warn"], [" error ", "error"],
  ["trace", "debug"], ["verbose", "debug"], ["notice", "info"], ["Information", "info"],
  ["WARNING", "warn"], ["fatal", "error"], ["CRITICAL", "error"], ["silent", "error"],
  ["10", "debug"], ["20", "debug"], ["30", "info"], ["40", "warn"], ["50", "error"],
  ["60", "error"],
  ["info,sqlx=warn", "info"], ["warn,hyper=debug", "warn"],
  ["5", undefined], ["constructor", undefined], ["app=debug", undefined], [",", undefined],
  ["https://logs.example.com", undefined],
];

test.each(meanings)("LOG_LEVEL=%s is %s", (text, level) => {
  expect(sharedLevel(text)).toBe(level as LogLevel);
});

test.each([
  ["json", "json"], ["JSON", "json"], [" json\n", "json"], ["ndjson", "json"], ["jsonl", "json"],
  ["text", "text"], ["pretty", "text"], ["logfmt", "text"], ["%(asctime)s:%(name)s@x", undefined],
  ['{"time":"$time"}', undefined], ["combined", undefined], ["toString", undefined],
] as const)("LOG_FORMAT=%j is %s", (text, format) => {
  expect(sharedFormat(text)).toBe(format as LogFormat);
});
