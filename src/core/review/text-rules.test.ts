/** Runs the cases of the rules that look at sections, files and folders, and the whole review. */

import { beforeAll, describe, expect, test } from "bun:test";
import { allRules, statementRules } from "./rules.ts";
import { loadReview, reviewed } from "../../testing/reviewed.ts";
import { allFindings } from "./review.ts";

beforeAll(loadReview);

const cases = allRules.flatMap((rule) =>
  rule.scope === "statement" || rule.scope === "rehearsal" ? [] : rule.cases.map((one, index) => {
    return [`${rule.id}: case ${index + 1}`, rule, one] as const;
  }),
);

test.each(cases)("%s", (_title, rule, one) => {
  const findings = allFindings(reviewed(one.files));
  const found = findings.filter((finding) => finding.rule === rule.id);
  expect(found.flatMap(({ classes }) => classes)).toEqual([...one.gives]);
});

test("no two rules share an id", () => {
  const ids = allRules.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
  expect(statementRules.length).toBeGreaterThan(0);
});

describe("ignoring", () => {
  const risky = "alter table t alter column a set not null;";
  const file = (comment: string): string =>
    `-- migrate:up\n${comment}\n${risky}\n-- migrate:down\nselect 1;\n`;

  test("a reason dismisses the finding, and the verdict with it", () => {
    const review = reviewed({ "1_a.sql": file("-- pgmate:ignore set-not-null it is small") });
    expect(review.verdict).toBe("safe");
    const found = allFindings(review).find(({ rule }) => rule === "set-not-null");
    expect(found?.dismissed).toEqual({ kind: "ignored", reason: "it is small" });
  });

  test("without a reason it dismisses nothing", () => {
    const review = reviewed({ "1_a.sql": file("-- pgmate:ignore set-not-null") });
    expect(review.verdict).toBe("risky");
  });

  test("it is about the statement right below only", () => {
    const review = reviewed({
      "1_a.sql":
        `-- migrate:up\n-- pgmate:ignore set-not-null small\nselect 1;\n${risky}\n` +
        "-- migrate:down\nselect 1;\n",
    });
    expect(review.verdict).toBe("risky");
  });

  test("what stands in a string is no comment", () => {
    const review = reviewed({
      "1_a.sql": file("select '\n-- pgmate:ignore set-not-null small\n';"),
    });
    expect(review.verdict).toBe("risky");
    expect(allFindings(review).map(({ rule }) => rule)).not.toContain("unused-ignore");
  });

  test("an allowed rule is dismissed everywhere", () => {
    const review = reviewed({ "1_a.sql": file("") }, { allowed: ["set-not-null"] });
    expect(review.verdict).toBe("safe");
  });
});

test("a place is that of the line and the byte in the file", () => {
  const text = "-- ä\n-- migrate:up\n\nselect 'é';\n  alter table t\n    alter a set not null;\n" +
    "-- migrate:down\nselect 1;\n";
  const review = reviewed({ "1_a.sql": text });
  const found = allFindings(review).find(({ rule }) => rule === "set-not-null");
  const offset = new TextEncoder().encode(text.slice(0, text.indexOf("alter table"))).length;
  expect(found?.place).toEqual({ path: "1_a.sql", offset, line: 5 });
});

test("what one file makes is new to that file only, unless they go together", () => {
  const files = {
    "1_a.sql": "-- migrate:up\ncreate table t (a int);\n-- migrate:down\ndrop table t;\n",
    "2_b.sql":
      "-- migrate:up\nalter table t alter a set not null;\n-- migrate:down\nselect 1;\n",
  };
  expect(reviewed(files).verdict).toBe("risky");
  expect(reviewed(files, { batch: "all" }).verdict).toBe("safe");
});

describe("settings of the file", () => {
  test("a search path says which table is meant, up to the end of the file", () => {
    const files = {
      "1_a.sql":
        "-- migrate:up\nset search_path = app;\ncreate table t (a int);\n-- migrate:down\n",
      "2_b.sql": "-- migrate:up\nalter table app.t add column b int;\n-- migrate:down\n",
      "3_c.sql": "-- migrate:up\nalter table t add column b int;\n-- migrate:down\n",
    };
    const review = reviewed(files, { batch: "all" });
    const locks = review.files.map(({ statements }) => statements.at(-1)?.locks);
    expect(locks).toEqual([[], [], [{ relation: "public.t", mode: "ACCESS EXCLUSIVE" }]]);
  });

  test.each([
    ["", "risky"],
    ["set local timezone = 'UTC';", "safe"],
    ["set time zone 'UTC';\nreset timezone;", "risky"],
    ["set timezone to 'UTC';\nset time zone 'Europe/Berlin';", "risky"],
  ])("with %j a change to timestamptz is %s", (zone, verdict) => {
    const files = {
      "1_a.sql": "-- migrate:up\ncreate table t (c timestamp);\n-- migrate:down\n",
      "2_b.sql":
        `-- migrate:up\n${zone}\nalter table t alter column c type timestamptz;\n` +
        "-- migrate:down\n",
    };
    expect(reviewed(files).files[1]?.verdict).toBe(verdict as "risky" | "safe");
  });
});
