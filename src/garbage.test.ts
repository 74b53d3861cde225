/** Garbage in files, flags, URLs, variables and ledgers: no crash, no secret, in no time. */
import { describe, expect, test } from "bun:test";
import { errorLines } from "./report/error-text.ts";
import { PgmateError } from "./errors.ts";
import { faultsIn, type GarbageKind, runCases } from "./testing/garbage-case.ts";
import { longTexts } from "./testing/garbage-message.ts";
import { pureKinds } from "./testing/garbage-kinds.ts";
import { makeSecret, secretOf, traceOf } from "./testing/garbage-secret.ts";
import { seeded } from "./testing/seeded.ts";

describe("garbage", () => {
  const known = pureKinds.map(({ kind, perMille }) => [kind.name, kind, perMille] as const);
  test.each(known)("%s", (_, kind, perMille) => {
    const count = kind === longTexts ? 10 : 100 + 8 * perMille;
    const { findings, outcomes } = runCases(kind, { first: 1, count });
    expect(findings.map((one) => `${one.what} ${one.seed}: ${one.text}`)).toEqual([]);
    // Cases that all end alike prove little.
    if (count > 800) expect(outcomes.size).toBeGreaterThan(1);
  });
});

/** What the search itself has to find. */
describe("what is looked for", () => {
  const secret = secretOf("Zebra Quokka@77x'Qus\\99ab");
  test.each([
    ["whole", "the password is Zebra Quokka@77x'Qus\\99ab!"],
    ["a part", "host okka@7 is unknown"],
    ["as in a URL", `at ${encodeURIComponent(secret.text)}`],
    ["a part as in a URL", "x kka%4077 y"],
    ["in small letters", "77x'Qus 7x%27Qus%5c99ab"],
    ["every byte escaped", "%5a%65%62%72%61%20"],
    ["every byte escaped in capitals", "%6B%6B%61%40%37%37"],
    ["as in SQL", "a@77x''Qu"],
    ["as in JSON", "\"Qus\\\\99a\""],
    ["as in a query", "Zebra+Q"],
    ["as in a passfile", "us\\\\99ab"],
  ])("%s", (_, shown) => {
    expect(traceOf(secret, shown)).toBeDefined();
  });

  test("what is no trace", () => {
    for (const shown of ["", "************", "Zebra", "a Quo", "'Qus", "password %40%20"]) {
      expect(traceOf(secret, shown)).toBeUndefined();
    }
  });

  test("secrets are of their own, and can be found", () => {
    const random = seeded(1);
    const texts = Array.from({ length: 500 }, () => makeSecret(random, "awkward").text);
    expect(new Set(texts).size).toBe(500);
    for (const text of texts) expect(traceOf(secretOf(text), `x ${text} y`)).toBeDefined();
  });

  const broken: readonly (readonly [what: string, kind: GarbageKind["run"]])[] = [
    ["crash", () => { throw new TypeError("x is undefined"); }],
    ["crash", () => ({ shown: "fault in pgmate itself", outcome: "ok", secrets: [] })],
    ["crash", () => ({ shown: "\n    at f (/a/b.ts:1:2)", outcome: "ok", secrets: [] })],
    ["secret", () => ({ shown: "Quokka", outcome: "ok", secrets: [secret] })],
    ["slow", () => { Bun.sleepSync(2_100); return { shown: "", outcome: "ok", secrets: [] }; }],
  ];
  test.each(broken)("%s is found", (what, run) => {
    const { findings } = runCases({ name: "broken", run }, { first: 1, count: 1 });
    expect(findings.map((one) => one.what)).toContain(what as (typeof findings)[number]["what"]);
  });

  test("an error with its line, hint and state is no stack trace", () => {
    const error = new PgmateError("migration-format", "it is wrong", {
      hint: "pgmate up at once", at: { file: "db/1_a.sql", line: 3, column: 4, text: "at f (x)" },
    });
    const shown = errorLines(error, "plain").join("\n");
    expect(faultsIn({ shown, outcome: "", secrets: [] })).toEqual([]);
  });
});
