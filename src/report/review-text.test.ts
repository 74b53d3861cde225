/** A review in a terminal: the verdict first, then each file, each statement, each finding. */

import { describe, expect, test } from "bun:test";
import type { ReviewDocument } from "../core/review/review.ts";
import { finding, lock, measured, statement } from "../testing/review-pieces.ts";
import {
  emptySample, largeSample, lintSample, quietSample, reviewSample,
} from "../testing/review-sample.ts";
import { reviewText, verdictLines } from "./review-text.ts";

function linesOf(document: ReviewDocument): readonly string[] {
  return reviewText(document, "plain").split("\n");
}

/** The quiet plan with these statements in its only file. */
function planOf(...statements: readonly ReturnType<typeof statement>[]): ReviewDocument {
  const sample = quietSample();
  const files = sample.review.files.map((file) => ({ ...file, statements }));
  return { ...sample, review: { ...sample.review, files } };
}

describe("a plan", () => {
  test("says first what it comes to, why, and what went wrong", () => {
    expect(linesOf(reviewSample()).slice(0, 6)).toEqual([
      "ERROR: not to be run as it is: 1 finding is an error; also breaking",
      "  because of db/migrations/20260301090000_orders_note.sql",
      "  because of db/migrations/20260302100000_drop_legacy_orders.sql",
      "  the change breaks 2 queries",
      "  down does not bring the schema back",
      "The answer is no: 1 finding is an error; --fail-on breaking is met",
    ]);
  });

  test("says for what it was made", () => {
    const text = reviewText(reviewSample(), "plain").replace(/\s+/g, " ");
    expect(text).toContain("app@db.example.com:5432/shop (PostgreSQL 17.10), 41 migrations");
    expect(text).toContain("History 3f9a1c2b7d04 ");
  });

  test("tells of a statement what it locks, why that hurts, what to do and how to go back", () => {
    const lines = linesOf(reviewSample());
    const start = lines.indexOf("  RISKY  lines 2-3  ALTER TABLE");
    expect(lines.slice(start, start + 10)).toEqual([
      "  RISKY  lines 2-3  ALTER TABLE",
      "    alter table app.orders alter column note set not null",
      "    measured  in 812 ms: locks, rewrites and scans are those that were seen",
      "    locks     ACCESS EXCLUSIVE on app.orders (stops reads and writes)",
      "    scans     app.orders",
      "    why       every row of app.orders is read while nobody can read or write it",
      "              [RISKY: set-not-null]",
      "    instead   add constraint … check (note is not null) not valid, then validate",
      "              constraint, then set not null: three files",
      "    undo      yes: line 31 drops not null again",
    ]);
  });

  test("takes a line for each safe statement, and counts those behind the tenth", () => {
    const safe = Array.from({ length: 5000 }, (_, at) =>
      statement(at + 2, `create table app.t${at} (id bigint)`),
    );
    const lines = linesOf(planOf(...safe)).filter((line) => /SAFE {3}|more/.test(line));
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe("  … and 4,990 more safe statements, lines 12-5001");
  });

  test("gives what was measured, not what the rules say", () => {
    const text = reviewText(planOf(statement(2, "alter table app.a add b int", {
      locks: [lock("app.claimed")], scans: ["app.claimed"],
      measured: measured(5, { locks: [lock("app.seen", "SHARE")] }),
    })), "plain");
    expect(text).toContain("SHARE on app.seen; measured 5 ms");
    expect(text).not.toContain("app.claimed");
  });

  test("gives the rules' locks where none could be seen, and says so", () => {
    const text = reviewText(planOf(statement(2, "create index concurrently i on app.a (b)", {
      verdict: "risky",
      locks: [lock("app.a", "SHARE UPDATE EXCLUSIVE")], scans: ["app.claimed"],
      measured: measured(5, { sawLocks: false, scans: ["app.a"] }),
    })), "plain").replace(/\s+/g, " ");
    expect(text).toContain("locks SHARE UPDATE EXCLUSIVE on app.a (stops no reads or writes)");
    expect(text).toContain("scans are those that were seen, locks are what the rules say");
    expect(text).not.toContain("app.claimed");
  });

  test("says what was dismissed, and why", () => {
    const text = reviewText(reviewSample(), "plain");
    expect(text).toContain("ignored: the shop is closed at night");
    expect(text).not.toContain("--allow");
  });

  test("has nothing to say where nothing is left to run", () => {
    expect(linesOf(emptySample())[0]).toBe("SAFE: there is nothing to run");
  });

  test("does not claim of a rollback that it goes before the code", () => {
    const document = { ...quietSample(), direction: "down" as const };
    expect(linesOf(document)[0]).toBe("SAFE: running code keeps working");
  });

  test("names three files, and counts the others", () => {
    expect(verdictLines(largeSample(12, 1), "plain").slice(1)).toEqual([
      "  because of db/migrations/20260401000000_step.sql",
      "  because of db/migrations/20260401000001_step.sql",
      "  because of db/migrations/20260401000002_step.sql",
      "  and of 9 more",
    ]);
  });

  test("names the file that holds an error first, whatever its verdict", () => {
    const wrong = statement(2, "select 1", { findings: [finding("some", { classes: ["error"] })] });
    const { review, ...rest } = largeSample(2, 1);
    const [first, second] = review.files;
    if (first === undefined || second === undefined) throw new Error("two files were asked for");
    const held = { ...second, verdict: "safe" as const, statements: [wrong] };
    const lines = linesOf({ ...rest, review: { ...review, files: [first, held] } });
    expect(lines.slice(1, 3)).toEqual([
      `  because of ${second.file.path}`, `  because of ${first.file.path}`,
    ]);
    expect(lines).toContain(`${second.file.path}: ERROR`);
    expect(lines).toContain(`${first.file.path}: ${first.verdict.toUpperCase()}`);
    const safe = planOf(wrong);
    expect(linesOf(safe)[1]).toBe(`  because of ${safe.review.files[0]?.file.path}`);
  });

  test("is no safe one where the rehearsal failed", () => {
    const sample = quietSample();
    const { rehearsal } = reviewSample();
    const path = sample.review.files[0]?.file.path ?? "";
    if (rehearsal === undefined) throw new Error("the sample has one");
    const failure = { path, line: 7, message: "division by zero" };
    const failed = { ...rehearsal, failure, queries: undefined };
    const lines = linesOf({ ...sample, rehearsal: failed, answer: "no" });
    expect(lines.slice(0, 2)).toEqual([
      "ERROR: not to be run as it is: the rehearsal failed", `  because of ${path}`,
    ]);
    expect(lines).toContain(`${path}: ERROR`);
  });

  test("fits a terminal but for names, which can be copied whole", () => {
    const wide = linesOf(reviewSample()).filter((line) => Bun.stringWidth(line) > 100);
    expect(wide.map((line) => line.trim())).toEqual([
      `app.${"orders_of_a_customer_".repeat(6)}`,
    ]);
  });

  test("has colours only where they are asked for", () => {
    expect(reviewText(reviewSample(), "colour")).toContain("\u001b[1;31mBREAKING\u001b[0m");
    expect(reviewText(reviewSample(), "plain")).not.toContain("\u001b");
  });
});

describe("lint", () => {
  test("has one block for each finding", () => {
    const lines = linesOf(lintSample());
    const start = lines.findIndex((line) => line.includes("set-not-null"));
    expect(lines.slice(start, start + 4)).toEqual([
      "db/migrations/20260301090000_orders_note.sql:3: RISKY set-not-null: every row of " +
        "app.orders is read while nobody can read or write it",
      "  instead: add constraint … check (note is not null) not valid, then validate",
      "           constraint, then set not null: three files",
      "",
    ]);
  });

  test("ends with what it found, and with the answer", () => {
    expect(linesOf(lintSample()).slice(-3)).toEqual([
      "8 findings in 3 files: 1 error, 3 breaking, 2 risky, 2 advice, 2 ignored",
      "The answer is no: 1 finding is an error; --fail-on breaking is met",
      "",
    ]);
  });

  test("says how much it looked at where it found nothing", () => {
    expect(reviewText(quietSample("lint"), "plain")).toBe("nothing found in 1 file\n");
    expect(reviewText(emptySample("lint"), "plain")).toBe("nothing found in 0 files\n");
  });

  test("does not tell of what is safe", () => {
    const sample = quietSample("lint");
    const safe = finding("add-column", { classes: ["safe"] });
    const files = sample.review.files.map((file) => ({ ...file, findings: [safe] }));
    const document = { ...sample, review: { ...sample.review, files } };
    expect(reviewText(document, "plain")).toBe("nothing found in 1 file\n");
  });
});
