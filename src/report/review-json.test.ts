/** The JSON of a review, which scripts read and `up --plan` reads back. */

import { describe, expect, test } from "bun:test";
import { parsePlanFile } from "../core/review/plan-file.ts";
import { emptySample, lintSample, reviewSample } from "../testing/review-sample.ts";
import { reviewJson } from "./review-json.ts";

describe("the document", () => {
  const document = JSON.parse(reviewJson(reviewSample()));

  test("has the fields of its format, all of them always", () => {
    const fields = [
      "format", "command", "pgmate", "madeAt", "direction", "verdict", "answer", "failOn",
      "target", "steps", "files", "findings", "rehearsal",
    ];
    expect(Object.keys(document)).toEqual(fields);
    expect(Object.keys(JSON.parse(reviewJson(lintSample())))).toEqual(fields);
  });

  test("says what it comes to", () => {
    expect(document).toMatchObject({
      format: "pgmate-review/1", command: "plan", pgmate: "0.1.0", verdict: "breaking",
      answer: "no", failOn: "breaking",
    });
  });

  test("has each statement with its place, its SQL and its effects", () => {
    expect(document.files[0].statements[0]).toEqual({
      line: 2,
      endLine: 3,
      command: "ALTER TABLE",
      sql: "alter table app.orders\n  alter column note set not null",
      sqlIsWhole: true,
      verdict: "risky",
      findings: [
        {
          rule: "set-not-null",
          classes: ["risky"],
          reason: "every row of app.orders is read while nobody can read or write it",
          instead: "add constraint … check (note is not null) not valid, then validate " +
            "constraint, then set not null: three files",
          file: "db/migrations/20260301090000_orders_note.sql",
          line: 3,
          dismissed: null,
        },
      ],
      locks: [{ relation: "app.orders", mode: "ACCESS EXCLUSIVE" }],
      rewrites: [],
      scans: ["app.orders"],
      loses: [],
      undo: { undone: "yes", why: "line 31 drops not null again", loses: [] },
      measured: {
        ms: 812.4,
        sawLocks: true,
        locks: [{ relation: "app.orders", mode: "ACCESS EXCLUSIVE" }],
        rewrites: [],
        scans: ["app.orders"],
      },
    });
  });

  test("says why a finding does not count", () => {
    const [, index] = document.files[0].statements;
    expect(index.findings[0].dismissed).toEqual({
      kind: "ignored", reason: "the shop is closed at night",
    });
  });

  test("has what the rehearsal saw", () => {
    expect(document.rehearsal).toMatchObject({
      on: "the embedded PostgreSQL 18.3",
      wayBack: { kind: "differs" },
      failure: null,
      queries: { checked: 42, broken: [{ file: "queries/legacy.sql", line: 3 }, {}] },
    });
  });

  test("says of what is not there that it is null", () => {
    expect(JSON.parse(reviewJson(lintSample()))).toMatchObject({ target: null, rehearsal: null });
  });
});

describe("read back", () => {
  test("as the plan that it is", () => {
    const sample = reviewSample();
    expect(parsePlanFile(reviewJson(sample), "plan.json")).toEqual({
      fingerprint: sample.target?.fingerprint ?? "",
      applied: sample.target?.applied ?? [],
      steps: sample.plannedFiles,
      madeAt: sample.madeAt,
      pgmateVersion: "0.1.0",
    });
  });

  test("with nothing to do", () => {
    expect(parsePlanFile(reviewJson(emptySample()), "plan.json").steps).toEqual([]);
  });

  test("not what lint found", () => {
    expect(() => parsePlanFile(reviewJson(lintSample()), "lint.json")).toThrow(
      "lint.json is what lint found, which is no plan",
    );
  });
});
