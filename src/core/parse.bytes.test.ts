/** Bytes that are no text, and files that come in chunks, which must not make a difference. */

import { describe, expect, test } from "bun:test";
import { parseText } from "../testing/parsed.ts";
import { type Random, seeded } from "../testing/seeded.ts";
import { scripts } from "../testing/sql-corpus.ts";
import { MigrationParser } from "./parse.ts";

const head = "-- migrate:up\n";
const tail = "\n-- migrate:down\n";

/** Text with bytes in place of `<e9>`. */
function bytes(text: string): Uint8Array {
  const parts = text.split(/<([0-9a-f]{2})>/);
  return Buffer.concat(parts.map((part, index) => Buffer.from(part, index % 2 ? "hex" : "utf8")));
}

type Case = readonly [name: string, bytes: Uint8Array, offset: number, message: string];

const nul = "a NUL byte, which Postgres takes in no text";
const notUtf8 = "this is not UTF-8";

const faults: readonly Case[] = [
  ["NUL", bytes(`${head}a<00>b;${tail}`), 15, nul],
  ["NUL first", bytes("<00>"), 0, nul],
  ["NUL in the down", bytes(`${head}${tail}<00>`), 31, nul],
  ["NUL in a comment above", bytes(`-- a<00>\n${head}${tail}`), 4, nul],
  ["NUL in COPY data", bytes(`${head}copy t from stdin;\n<00>\n\\.${tail}`), 33, nul],
  ["the first of two", bytes(`${head}<00>a<00>${tail}`), 14, nul],
  ["latin1", bytes(`${head}-- caf<e9> b${tail}`), 20, notUtf8],
  ["latin1 last", bytes(`${head}a;${tail}-- caf<e9>`), 39, notUtf8],
  ["a character cut at the end", bytes(`${head}a;${tail}-- <f0><9f><98>`), 36, notUtf8],
  ["a continuation byte alone", bytes(`${head}a<80>${tail}`), 15, notUtf8],
  ["one continuation byte too many", bytes(`${head}\u00e9<a9>${tail}`), 16, notUtf8],
  ["four of them alone", bytes(`${head}<80><80><80><80>${tail}`), 14, notUtf8],
  ["overlong", bytes(`${head}a<c0><80>${tail}`), 15, notUtf8],
  ["a surrogate", bytes(`${head}a<ed><a0><80>${tail}`), 15, notUtf8],
  ["beyond Unicode", bytes(`${head}a<f4><90><80><80>${tail}`), 15, notUtf8],
  ["a byte that UTF-8 never has", bytes(`${head}ab<ff>${tail}`), 16, notUtf8],
  ["UTF-16 with its mark", Buffer.from(`\ufeff${head}${tail}`, "utf16le"), 0, notUtf8],
  ["UTF-16 without", Buffer.from(`${head}${tail}`, "utf16le"), 1, nul],
  ["UTF-16, big end first", Buffer.from(`${head}${tail}`, "utf16le").swap16(), 0, nul],
  ["before what else is wrong", bytes(`select 1;\n${head}<e9>`), 24, notUtf8],
  ["invalid before NUL", bytes(`${head}<e9><00>${tail}`), 14, notUtf8],
  ["NUL before invalid", bytes(`${head}<00><e9>${tail}`), 14, nul],
];

describe("faults", () => {
  test.each([...faults])("%s", (_, text, offset, message) => {
    const result = parseText(text);
    expect(result).toMatchObject({
      kind: "fault",
      fault: { code: "migration-encoding", message, offset },
    });
  });

  test.each([...faults])("%s, byte by byte and in twos, threes, fives", (_, text) => {
    for (const size of [1, 2, 3, 5]) expect(parseText(text, () => size)).toEqual(parseText(text));
  });

  test("the hints name the way out", () => {
    const hints = faults.map(([, text]) => {
      const result = parseText(text);
      return result.kind === "fault" ? result.fault.hint : "";
    });
    for (const hint of hints) expect(hint).toMatch(/^save the file as UTF-8/);
    expect(hints.join()).toMatch(/utf-16/i);
  });
});

const good = [
  "caf\u00e9 \u20ac \u{1f600}",
  "\u0001\u007f\u0080",
  "\u{10ffff}\ud7ff\ue000\uffff",
  "a\u0301\ufeffb",
];

test.each(good)("text that is fine: %j", (words) => {
  const result = parseText(`${head}-- ${words}\nselect '${words}';${tail}`);
  expect(result.kind).toBe("migration");
});

/** What may break when it is cut: markers, line ends, quotes, data, bytes of a character. */
const fragments: readonly string[] = [
  "-- migrate:up\n", "-- migrate:down\r\n", "-- migrate:up transaction:false\n", "\n", "\r\n", "\r",
  "-- migrate:down x", "\n--migrate:up\n", "select 1;", "begin;", "commit;", "vacuum;", "'", "$$",
  "$a$", "/*", "*/", '"', "E'\\'", ";", "copy t from stdin;\n", "1\t2\n", "\\.\n",
  "\\echo x\n", "(", ")",
  "\ufeff", "\u00e9", "\u{1f600}", "savepoint a;", "-- c\n", "set local x = 1;",
];
const rawBytes = [0x00, 0x80, 0xc3, 0xe9, 0xf0, 0x9f, 0xff, 0x2d];

function randomText(random: Random): Uint8Array {
  const text: string[] = random.percent(20) ? ["\ufeff"] : [];
  if (random.percent(70)) text.push("-- migrate:up\n");
  const count = random.below(25);
  for (let index = 0; index < count; index += 1) text.push(random.pick(fragments));
  if (random.percent(70)) text.push("\n-- migrate:down\n");
  const whole = Buffer.from(text.join(""));
  if (random.percent(80) || whole.length === 0) return whole;
  whole[random.below(whole.length)] = random.pick(rawBytes);
  return whole;
}

describe("chunks", () => {
  const random = seeded(20_250_101);

  function isSameInChunks(text: Uint8Array | string): string {
    const whole = parseText(text);
    expect(parseText(text, () => 1)).toEqual(whole);
    for (const limit of [3, 30, 300]) {
      expect(parseText(text, () => 1 + random.below(limit))).toEqual(whole);
    }
    return whole.kind === "fault" ? whole.fault.message : whole.kind;
  }

  test("scripts as sections", () => {
    const next = scripts(random);
    for (let round = 0; round < 300; round += 1) {
      const [up, down] = [next().text, next().text];
      isSameInChunks(`-- c\u00e9\n-- migrate:up x\n${up}\n-- migrate:down\n${down}\n`);
    }
  });

  test("texts that are mostly broken", () => {
    const met = new Set<string>();
    for (let round = 0; round < 3_000; round += 1) met.add(isSameInChunks(randomText(random)));
    // Whole migrations and most faults are among them.
    expect(met).toContain("migration");
    expect(met.size).toBeGreaterThan(8);
  });

  test("an empty chunk is nothing", () => {
    const file = { version: "1", description: "", name: "1.sql", path: "1.sql" };
    const parser = new MigrationParser(file);
    for (const chunk of [[], [45, 45], [], []]) parser.push(new Uint8Array(chunk));
    expect(parser.end()).toEqual(parseText("--"));
  });

  test("a chunk may be used again by its owner only where nothing of it is kept", () => {
    // The parser keeps offsets, no bytes: what it returns must not change with the buffer.
    const text = Buffer.from(`${head}begin; a; commit;${tail}select '\n`);
    const file = { version: "1", description: "", name: "1.sql", path: "1.sql" };
    const parser = new MigrationParser(file);
    parser.push(text);
    const result = parser.end();
    const before = JSON.stringify(result);
    text.fill(0);
    expect(JSON.stringify(result)).toBe(before);
  });
});
