/** Reviews with all that a report may have to show, nasty texts included. */

import type { Rehearsal, ReviewDocument, ReviewedFile } from "../core/review/review.ts";
import {
  finding, lock, sampleControls, sampleMarkup, sampleSecret, statement,
} from "./review-pieces.ts";
import { breakingFile, riskyFile, safeFile } from "./review-sample-files.ts";

const rehearsal: Rehearsal = {
  on: "the embedded PostgreSQL 18.3",
  schemaDiff: [
    "--- before", "+++ after", "@@ -12,9 +12,7 @@", " CREATE TABLE app.orders (",
    "     id bigint NOT NULL,", "-    note text,", "+    note text NOT NULL,",
    "-    legacy_id integer", `+    "weird ${sampleMarkup}" text DEFAULT '| \`a\` @team'`, " );",
    "-CREATE TABLE app.legacy_orders (", "-    id integer", "-);", "",
  ].join("\n"),
  wayBack: {
    kind: "differs",
    diff: [
      "--- before", "+++ after up and down", "@@ -30,3 +30,2 @@",
      " CREATE TABLE app.legacy_orders (",
      "-    noted_at timestamp with time zone,", "     id integer", " );", "",
    ].join("\n"),
  },
  failure: undefined,
  queries: {
    checked: 42,
    broken: [
      {
        path: "queries/legacy.sql", line: 3,
        text: "select id, note from app.legacy_orders where",
        message: 'relation "app.legacy_orders" does not exist',
      },
      {
        path: "queries/rapport d'été.sql", line: 118,
        text: `select ${sampleMarkup}, password '${sampleSecret}'`,
        message: `column "legacy_id" does not exist ${sampleControls}`,
      },
    ],
    brokenBefore: [
      {
        path: "queries/old.sql", line: 1, text: "select nothing from nowhere",
        message: 'relation "nowhere" does not exist',
      },
    ],
  },
  notes: [
    "locks of CREATE INDEX CONCURRENTLY cannot be seen: it runs outside of a transaction",
    `the server said: password='${sampleSecret}'`,
  ],
};

/** As the rehearsal tells of them among the findings. */
const brokenQueries = (rehearsal.queries?.broken ?? []).map(({ path, line, message }) =>
  finding("broken-query", {
    classes: ["breaking"],
    reason: `this query works before the change and not after it: ${message}`,
    instead: "deploy the code that no longer needs it first",
    place: { path, offset: 0, line },
  }),
);

function planned({ file, direction }: ReviewedFile, digit: string) {
  return { direction, version: file.version, path: file.path, sha256: digit.repeat(64) };
}

/** A plan of three files with a rehearsal, whose answer is no. */
export function reviewSample(): ReviewDocument {
  const files = [riskyFile(), breakingFile(), safeFile()];
  return {
    command: "plan",
    pgmateVersion: "0.1.0",
    madeAt: "2026-03-04T05:06:07Z",
    direction: "up",
    review: {
      verdict: "breaking",
      files,
      findings: [
        finding("index-swap", {
          reason: "app.orders has no index on (placed_at) between 20260302100000 and " +
            "20260303110000",
          instead: "create the new one concurrently before the old one is dropped",
        }),
        ...brokenQueries,
        finding("version-gap", {
          classes: ["advice"],
          reason: "20260302100000 and 20260303110000 are of two branches",
          place: { path: safeFile().file.path, offset: 0, line: 1 },
        }),
      ],
    },
    target: {
      description: "app@db.example.com:5432/shop",
      serverVersion: "17.10",
      fingerprint: `history:${"3f9a1c2b7d04".repeat(5)}beef`,
      applied: Array.from({ length: 41 }, (_, index) => String(20260101000000 + index)),
    },
    plannedFiles: files.map((file, index) => planned(file, String(index + 1))),
    rehearsal,
    failOn: "breaking",
    answer: "no",
  };
}

/** The same files as lint sees them: no target, no plan, nothing measured. */
export function lintSample(): ReviewDocument {
  const { review, ...rest } = reviewSample();
  const findings = review.findings.filter(({ rule }) => rule !== "broken-query");
  const files = review.files.map((file) => ({
    ...file,
    statements: file.statements.map((one) => ({ ...one, measured: undefined })),
  }));
  return {
    ...rest,
    command: "lint",
    review: { ...review, files, findings },
    target: undefined,
    plannedFiles: [],
    rehearsal: undefined,
  };
}

/** One safe file, about which there is nothing to say. */
export function quietSample(command: ReviewDocument["command"] = "plan"): ReviewDocument {
  const sample = command === "plan" ? reviewSample() : lintSample();
  const file: ReviewedFile = {
    ...safeFile(),
    transactional: true,
    findings: [],
    statements: [statement(2, "create table app.tags (id bigint primary key)")],
  };
  return {
    ...sample,
    review: { verdict: "safe", files: [file], findings: [] },
    plannedFiles: command === "plan" ? [planned(file, "4")] : [],
    rehearsal: undefined,
    failOn: undefined,
    answer: "yes",
  };
}

/** No file is left to look at. */
export function emptySample(command: ReviewDocument["command"] = "plan"): ReviewDocument {
  const review = { verdict: "safe", files: [], findings: [] } as const;
  return { ...quietSample(command), review, plannedFiles: [] };
}

/** `count` risky files of `size` statements each, for what has a limit. */
export function largeSample(count: number, size: number): ReviewDocument {
  const sample = quietSample();
  const files = Array.from({ length: count }, (_, index): ReviewedFile => {
    const version = String(20260401000000 + index);
    const name = `${version}_step.sql`;
    const path = `db/migrations/${name}`;
    const statements = Array.from({ length: size }, (_none, at) => {
      const line = 2 + at * 2;
      const place = { path, offset: line * 10, line };
      return statement(line, `alter table app.t${at} alter column c set not null`, {
        verdict: "risky",
        locks: [lock(`app.t${at}`)],
        scans: [`app.t${at}`],
        findings: [finding("set-not-null", { place, instead: "a check first" })],
      });
    });
    return {
      file: { version, description: "step", name, path },
      direction: "up", transactional: true, verdict: "risky", statements, findings: [],
    };
  });
  return { ...sample, review: { verdict: "risky", files, findings: [] } };
}
