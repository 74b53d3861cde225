/** SARIF: valid by its schema, and what code scanning services need of it. */

import { describe, expect, test } from "bun:test";
import schema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json";
import Ajv from "ajv";
import draft from "ajv/lib/refs/json-schema-draft-04.json";
import type { ReviewDocument } from "../core/review/review.ts";
import { allRules } from "../core/review/rules.ts";
import { finding, statement } from "../testing/review-pieces.ts";
import {
  emptySample, largeSample, lintSample, quietSample, reviewSample,
} from "../testing/review-sample.ts";
import { reviewSarif } from "./review-sarif.ts";

const ajv = new Ajv({ schemaId: "auto", allErrors: true }).addMetaSchema(draft);
const validate = ajv.compile(schema);

function runOf(document: ReviewDocument, rules = allRules) {
  return JSON.parse(reviewSarif(document, rules)).runs[0];
}

test.each([
  ["plan", reviewSample()], ["lint", lintSample()], ["nothing found", quietSample("lint")],
  ["nothing to do", emptySample()], ["large", largeSample(20, 3)],
])("%s is valid", (_name, document) => {
  expect(validate(JSON.parse(reviewSarif(document, allRules)))).toBe(true);
  expect(validate(JSON.parse(reviewSarif(document, [])))).toBe(true);
  expect(validate.errors).toBeNull();
});

test("the schema does refuse what is wrong", () => {
  expect(validate({ version: "2.1.0", runs: [{ tool: {} }] })).toBe(false);
});

describe("rules", () => {
  test("are all described, whether or not they spoke", () => {
    const { rules } = runOf(quietSample("lint")).tool.driver;
    expect(rules.map(({ id }: { readonly id: string }) => id)).toEqual(
      allRules.map(({ id }) => id),
    );
    expect(rules[0]).toMatchObject({
      shortDescription: { text: allRules[0]?.title },
      help: { text: expect.stringContaining(allRules[0]?.page.instead ?? "?") },
    });
  });

  test("that are not in the list get a name at least, and each result points to its own", () => {
    const { results, tool } = runOf(reviewSample());
    for (const { ruleId, ruleIndex } of results) {
      expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    }
  });
});

describe("a result", () => {
  const { results } = runOf(lintSample());
  const byRule = (rule: string) =>
    results.find((one: { readonly ruleId: string }) => one.ruleId === rule);

  test("has its level, message and place", () => {
    expect(byRule("set-not-null")).toMatchObject({
      level: "warning",
      message: { text: expect.stringContaining("\ninstead: add constraint") },
      locations: [{
        physicalLocation: {
          artifactLocation: {
            uri: "db/migrations/20260301090000_orders_note.sql", uriBaseId: "%SRCROOT%",
          },
          region: { startLine: 3, endLine: 3 },
        },
      }],
    });
    expect(byRule("prefer-bigint").locations[0].physicalLocation.region).toEqual({
      startLine: 9, endLine: 13,
    });
    expect(byRule("drop-table").level).toBe("error");
    expect(byRule("prefer-bigint").level).toBe("note");
  });

  test("has a path that is a URI", () => {
    expect(byRule("version-gap").locations[0].physicalLocation.artifactLocation.uri).toBe(
      "db/migrations/20260303110000_%C3%A9t%C3%A9_%7C_%60index%60_%3Cb%3E_%231_%40team.sql",
    );
  });

  test("of the folder is at the folder", () => {
    expect(byRule("index-swap").locations).toEqual([
      { physicalLocation: { artifactLocation: { uri: "db/migrations/", uriBaseId: "%SRCROOT%" } } },
    ]);
  });

  test("that does not count says why", () => {
    expect(byRule("create-index").suppressions).toEqual([
      { kind: "inSource", status: "accepted", justification: "the shop is closed at night" },
    ]);
    expect(byRule("role-in-migration").suppressions).toEqual([
      { kind: "external", status: "accepted", justification: "allowed by --allow" },
    ]);
    expect(byRule("set-not-null").suppressions).toBeUndefined();
  });
});

describe("fingerprints", () => {
  function fingerprints(shift: number): readonly string[] {
    const sample = quietSample("lint");
    const files = sample.review.files.map((file) => ({
      ...file,
      statements: ["a", "b", "a"].map((table, index) => {
        const line = 2 + index + shift;
        const place = { path: file.file.path, offset: line, line };
        return statement(line, `drop table ${table}`, { findings: [finding("r", { place })] });
      }),
    }));
    const { results } = runOf({ ...sample, review: { ...sample.review, files } });
    return results.map((one: { readonly partialFingerprints: Readonly<Record<string, string>> }) =>
      one.partialFingerprints["primaryLocationLineHash"],
    );
  }

  test("stay when lines move", () => {
    expect(fingerprints(7)).toEqual(fingerprints(0));
  });

  test("tell statements apart, the same one twice too", () => {
    const found = fingerprints(0);
    expect(new Set(found).size).toBe(3);
    expect(found[0]?.slice(0, -2)).toBe(found[2]?.slice(0, -2) ?? "");
  });
});
