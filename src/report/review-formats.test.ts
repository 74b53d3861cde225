/** What holds in every format: nothing secret, nothing that moves a cursor, nothing left out. */

import { describe, expect, test } from "bun:test";
import type { ReviewDocument } from "../core/review/review.ts";
import { sampleSecret } from "../testing/review-pieces.ts";
import {
  emptySample, largeSample, lintSample, quietSample, reviewSample,
} from "../testing/review-sample.ts";
import { reviewGithub } from "./review-github.ts";
import { reviewHtml } from "./review-html.ts";
import { reviewJson } from "./review-json.ts";
import { reviewMarkdown } from "./review-markdown.ts";
import { reviewSarif } from "./review-sarif.ts";
import { reviewText } from "./review-text.ts";
import { spokenFindings } from "./review-words.ts";

type Format = readonly [name: string, write: (document: ReviewDocument) => string];

const formats: readonly Format[] = [
  ["text", (document) => reviewText(document, "plain")],
  ["colour", (document) => reviewText(document, "colour").replace(/\u001b\[[\d;]*m/g, "")],
  ["json", reviewJson],
  ["markdown", reviewMarkdown],
  ["github", reviewGithub],
  ["sarif", (document) => reviewSarif(document, [])],
  ["html", reviewHtml],
];

const samples: readonly (readonly [name: string, make: () => ReviewDocument])[] = [
  ["plan", reviewSample],
  ["lint", lintSample],
  ["quiet plan", quietSample],
  ["quiet lint", () => quietSample("lint")],
  ["empty plan", emptySample],
  ["empty lint", () => emptySample("lint")],
  ["large", () => largeSample(30, 4)],
];

const cases = formats.flatMap(([format, write]) =>
  samples.map(([sample, make]) => [format, sample, () => write(make())] as const),
);

describe.each(cases)("%s of %s", (_format, _sample, write) => {
  test("holds no secret", () => {
    expect(write()).not.toContain(sampleSecret);
  });

  test("holds nothing that moves a cursor or turns a line around", () => {
    expect(write()).not.toMatch(/[^\P{Cc}\n\t]|[\u2028-\u202e\u2066-\u2069]/u);
  });

  test("ends with a line", () => {
    expect(write()).toMatch(/\S\n$/);
  });
});

test.each(formats)("%s names each rule that a person should read", (_name, write) => {
  const text = write(reviewSample());
  const rules = spokenFindings(lintSample()).map(({ rule }) => rule);
  expect(rules.filter((rule) => !text.includes(rule))).toEqual([]);
});

test.each(formats.filter(([name]) => name !== "sarif"))("%s says the verdict", (_name, write) => {
  expect(write(reviewSample()).toLowerCase()).toContain("breaking");
});

test.each(formats)("%s tells of what the rehearsal broke", (_name, write) => {
  const text = write(reviewSample());
  expect(text).toContain("queries/legacy.sql");
  expect(text).toContain("does not exist");
});

test.each(formats)("%s tells of what stopped the rehearsal", (_name, write) => {
  const sample = reviewSample();
  const failure = { path: "db/migrations/1_a.sql", line: 7, message: "division by zero" };
  const failed = { kind: "failed", failure: { ...failure, message: "no such column" } } as const;
  const rehearsal = sample.rehearsal === undefined ? undefined
    : { ...sample.rehearsal, failure, wayBack: failed };
  const text = write({ ...sample, rehearsal });
  expect(text).toContain("division by zero");
  expect(text).toContain("no such column");
});

test("CRLF in SQL is no mark of its own", () => {
  const sample = quietSample();
  const files = sample.review.files.map((file) => ({
    ...file,
    statements: file.statements.map((one) => ({
      ...one,
      verdict: "risky" as const,
      source: { ...one.source, text: "create table t (\r\n  a int\r\n)" },
    })),
  }));
  const document = { ...sample, review: { ...sample.review, files } };
  for (const write of [reviewHtml, reviewMarkdown]) {
    expect(write(document)).not.toContain("\u{fffd}");
  }
});
