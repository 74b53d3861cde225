/** Timeouts on a marker line: values that count, spellings that are refused, words of remarks. */

import { describe, expect, test } from "bun:test";
import { migrationOf } from "../testing/parsed.ts";
import { seeded } from "../testing/seeded.ts";
import { type Marker, readMarker } from "./marker.ts";
import type { SectionTimeouts } from "./migration.ts";

function markerOf(words: string): Marker {
  const marker = readMarker(new TextEncoder().encode(`-- migrate:up${words}`));
  if (marker === undefined) throw new Error(`${words} makes it no marker`);
  return marker;
}

describe("values", () => {
  test.each([
    ["0", 0],
    ["0s", 0],
    ["0ms", 0],
    ["-0", 0],
    ["500ms", 500],
    ["2s", 2_000],
    ["1.5s", 1_500],
    [".5s", 500],
    ["1m", 60_000],
    ["1m30s", 90_000],
    ["1min", 60_000],
    ["1.5min", 90_000],
    ["1.min", 60_000],
    ["2h", 7_200_000],
    ["1h30min", 5_400_000],
    ["1h1min1s1ms", 3_661_001],
    ["500us", 1],
    ["1ns", 1],
    ["1500µs", 2],
    ["596h", 2_145_600_000],
    ["2147483647ms", 2_147_483_647],
  ] as const)("%s is %d ms", (text, ms) => {
    const { timeouts, problem, strayWords } = markerOf(` lock_timeout:${text}`);
    expect([timeouts, problem, strayWords]).toEqual([{ lockMs: ms }, undefined, []]);
    expect(markerOf(` statement_timeout:${text}`).timeouts).toEqual({ statementMs: ms });
    expect(Object.is(timeouts.lockMs, -0)).toBe(false);
  });

  test.each([
    "2", "2 s", "s", "2S", "2sec", "2 min", "1d", "1w", "2minutes", "min", "mins", "1mins", "1e3ms",
    "-1", "-1s", "-1ms", "2147483648ms", "597h", "1000000h", "99999999999999999999h", "infinity",
    "off", "none", "default", "false", "0x10", "2s;", "2s,", "2s.", "2s--", "'2s'", "\"2s\"", "2s:",
    ":2s", "=2s", "2s=", "2ms/s", "\u00a02s", "2s\u00a0", "٢s", "soon",
  ])("%s is none", (text) => {
    for (const name of ["lock_timeout", "statement_timeout"]) {
      const { problem, timeouts } = markerOf(` ${name}:${text}`);
      expect(problem?.message).toBe(
        `${JSON.stringify(`${name}:${text.split(" ")[0] ?? ""}`)} is no option that can be read`,
      );
      expect(problem?.hint).toMatch(/^write it as lock_timeout:2s or statement_timeout:0 /);
      expect(problem?.offset).toBe(14);
      expect(timeouts).toEqual({});
    }
  });
});

const lists: readonly (readonly [words: string, transactional: boolean, SectionTimeouts])[] = [
  ["", true, {}],
  [" transaction:false", false, {}],
  [" transaction:false lock_timeout:500ms statement_timeout:0", false,
    { lockMs: 500, statementMs: 0 }],
  ["\tstatement_timeout:1h\f lock_timeout:0 \r", true, { lockMs: 0, statementMs: 3_600_000 }],
  [" lock_timeout:1s lock_timeout:2s", true, { lockMs: 2_000 }],
  [" a remark lock_timeout:1s and more", true, { lockMs: 1_000 }],
];

test.each(lists)("options together: %j", (words, transactional, timeouts) => {
  expect(markerOf(words)).toMatchObject({ transactional, timeouts, problem: undefined });
});

describe("spellings", () => {
  test.each([
    " lock_timeout: 2s",
    " lock_timeout :2s",
    " lock_timeout : 2s",
    " lock_timeout= 2s",
    " lock_timeout=2s",
    " lock_timeout = '2s'",
    " lock_timeout 2s",
    " lock_timeout '2s'",
    " lock_timeout .5s",
    " lock_timeout: off",
    " lock_timeout: 0",
    " lock_timeout:",
    " lock_timeout=",
    " lock-timeout:2s",
    " lock-timeout=2s",
    " --lock-timeout=2s",
    " --lock-timeout 2s",
    " -lock_timeout:2s",
    " Lock_Timeout:2s",
    " LOCK_TIMEOUT:2s",
    " LOCK_TIMEOUT = 2s",
    " lockTimeout:2s",
    " locktimeout:2s",
    " lock_time_out:2s",
    " lock_timeouts:2s",
    " lock_timout:2s",
    " lock_timeuot:2s",
    " lock_time:2s",
    " lock timeout:2s",
    " lock timeout=2s",
    " Statement-Timeout:2s",
    " statement_timeout: 0",
    " statement_timeout 0",
    " statementTimeout:0",
    " stmt_timeout:0",
    " statment_timeout:0",
    " statement_timout:0",
    " --statement-timeout=0",
    " statement timeout:5s",
    " lock_timeout:2s lock_timeout:3",
    " transaction:false lock-timeout:2s",
    " create users lock_timeout:2",
  ])("refused: %j", (words) => {
    const { problem } = markerOf(words);
    expect(problem?.message).toMatch(/ is no option that can be read$/);
    expect(problem?.hint).toMatch(/^write it as lock_timeout:2s or statement_timeout:0 /);
  });

  test.each([
    " lock_timeout",
    " raise lock_timeout for users",
    " the lock_timeout: longer than elsewhere",
    " lock_timeout to be raised",
    " lock_timeout, see #2",
    " lock_timeouts and why",
    " lock the table 2 first",
    " lock timeout",
    " lock timeout: 2s for users",
    " lock timeout:soon",
    " statement_timeout (5 s)",
    " statement_timeout - 5s",
    " statement_timeouts",
    " lower the statement timeout 5s",
    " lock:2s",
    " lock 2s",
    " statement:0",
    " timeout:2s",
    " time out:2s",
    " idle_timeout:2s",
    " idle_in_transaction_session_timeout:2s",
    " transaction_timeout:2s",
    " clock_timeout:2s",
    " lock_timestamp:2s",
    " statement_timing:2s",
    " deadlock_timeout:2s",
    " my.lock_timeout:2s",
    " (lock_timeout:2s)",
    " \"lock_timeout:2s\"",
    " x=lock_timeout:2s",
  ])("a remark: %j", (words) => {
    const { problem, timeouts, strayWords } = markerOf(words);
    expect(problem).toBeUndefined();
    expect(timeouts).toEqual({});
    expect([...strayWords]).toEqual(words.trim().split(" "));
  });

  test("whatever is done to an option, it is taken, refused or told as a word", () => {
    const random = seeded(4);
    const letters = " \tlockstaemniu_-:=0129msh.;'é".split("");
    for (let round = 0; round < 20_000; round += 1) {
      const text = [...random.pick(["lock_timeout:2s", "statement_timeout:500ms"])];
      for (let change = random.below(4); change > 0; change -= 1) {
        text.splice(random.below(text.length + 1), random.below(2), random.pick(letters));
      }
      const words = ` ${text.join("")}`;
      const { problem, timeouts, strayWords } = markerOf(words);
      const { lockMs, statementMs } = timeouts;
      const taken = Number(lockMs !== undefined) + Number(statementMs !== undefined);
      const said = words.split(/[\t ]+/).filter((word) => word !== "");
      if (problem === undefined) expect(taken + strayWords.length).toBe(said.length);
      // Only the two names in full, with something that ends in a unit or is nothing but zeros.
      const exact = /^(?:lock|statement)_timeout:[-+]?(?:[\d.]+(?:[nmu]?s|m|h))+$|timeout:[-+]?0+$/;
      for (const word of said) {
        if (!strayWords.includes(word) && problem === undefined) expect(word).toMatch(exact);
      }
    }
  });
});

test.each([
  [" lock_timeout:2", 14],
  ["\t caf\u00e9  lock_timeout:2", 22],
  [" lock_timeout:2s statement_timeout:x", 30],
  [" lock_timeout = 2s", 14],
] as const)("where: %j", (words, offset) => {
  expect(markerOf(words).problem?.offset).toBe(offset);
});

test("SQL that sets one on the marker's line is SQL that would never run", () => {
  for (const words of [" set lock_timeout = '1s'", " SET statement_timeout=0;"]) {
    expect(markerOf(words).problem?.message).toBe("SQL on the marker's own line would never run");
  }
});

describe("in a file", () => {
  const file = (up: string, down = ""): string =>
    `-- migrate:up${up}\ncreate table t (id int);\n-- migrate:down${down}\ndrop table t;\n`;

  test("each section has its own", () => {
    const text = file(" lock_timeout:1s", " statement_timeout:2s") + file("", " lock_timeout:0");
    const { ups, downs, warnings } = migrationOf(text);
    expect(ups.map(({ timeouts }) => timeouts)).toEqual([{ lockMs: 1_000 }, {}]);
    expect(downs.map(({ timeouts }) => timeouts)).toEqual([{ statementMs: 2_000 }, { lockMs: 0 }]);
    expect(warnings).toEqual([]);
  });

  const checksum = (up: string, down?: string): string => migrationOf(file(up, down)).checksum;
  // The value that checksum.test.ts pins for these tokens without an option.
  const plain = "v1:e9298d7f440c75b69b42acc683511e6af1b26f1aa9966a60a6a69a025bf10b37";

  test("those of a down do not count in the checksum, nor what is a remark", () => {
    expect(checksum("")).toBe(plain);
    for (const down of [" lock_timeout:1s", " statement_timeout:0 transaction:false"]) {
      expect(checksum("", down)).toBe(plain);
    }
    expect(checksum(" timeout:2s lock_timeout")).toBe(plain);
  });

  test("an up's count by what they mean, not by how they are written", () => {
    const same: readonly (readonly string[])[] = [
      [" lock_timeout:90s", " lock_timeout:1m30s", " lock_timeout:1s  lock_timeout:1.5min x"],
      [" lock_timeout:0", " lock_timeout:0s"],
      [" statement_timeout:0"],
      [" statement_timeout:90s"],
      [" statement_timeout:1h lock_timeout:90s", " lock_timeout:90s statement_timeout:60m"],
      [" transaction:false"],
      [" transaction:false lock_timeout:90s", " lock_timeout:90000ms transaction:false"],
      [""],
    ];
    for (const spellings of same) {
      expect(new Set(spellings.map((words) => checksum(words))).size).toBe(1);
    }
    expect(new Set(same.map(([words = ""]) => checksum(words))).size).toBe(same.length);
  });

  test("records of the checksum, as ledgers hold them", () => {
    expect(checksum(" statement_timeout:0 lock_timeout:500ms transaction:false")).toBe(
      "v1:fb432c6a22f6311404291986cce422603d31459b4032c2a7542d4e5dfc97ef3d",
    );
  });
});
