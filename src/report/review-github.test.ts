/** Workflow commands: their escapes, their levels, the worst first. */

import { describe, expect, test } from "bun:test";
import type { Finding, ReviewDocument } from "../core/review/review.ts";
import { finding } from "../testing/review-pieces.ts";
import { lintSample, quietSample, reviewSample } from "../testing/review-sample.ts";
import { reviewGithub } from "./review-github.ts";

function withFindings(...findings: readonly Finding[]): ReviewDocument {
  const sample = quietSample("lint");
  const files = sample.review.files.map((file) => ({ ...file, findings }));
  return { ...sample, review: { ...sample.review, files } };
}

function firstLine(one: Finding): string {
  return reviewGithub(withFindings(one)).split("\n")[0] ?? "";
}

function at(path: string, line: number): Partial<Finding> {
  return { place: { path, line, offset: 0 } };
}

describe("a command", () => {
  test("has the file, the line, a title and what to do instead", () => {
    expect(firstLine(finding("set-not-null", { ...at("db/1_a.sql", 3), instead: "a check" })))
      .toBe(
        "::warning file=db/1_a.sql,line=3,title=RISKY%3A set-not-null::" +
          "what set-not-null says%0Ainstead: a check",
      );
  });

  test("escapes what would end a property or the command", () => {
    const one = finding("r", {
      ...at("./a,b:c%\r\n.sql", 1), reason: "100% of a::b,\r\nc", classes: ["risky", "breaking"],
    });
    expect(firstLine(one)).toBe(
      "::error file=a%2Cb%3Ac%25%0D%0A.sql,line=1,title=RISKY%2C BREAKING%3A r::" +
        "100%25 of a::b,%0D%0Ac",
    );
  });

  test.each([
    ["error", "error"], ["breaking", "error"], ["risky", "warning"], ["advice", "notice"],
  ] as const)("%s is an %s", (one, level) => {
    expect(firstLine(finding("r", { classes: [one] }))).toStartWith(`::${level} title=`);
  });

  test("is of the lines of its statement", () => {
    expect(reviewGithub(lintSample())).toContain(",line=9,endLine=13,title=ADVICE");
    expect(reviewGithub(lintSample())).toContain(",line=6,title=RISKY%2C BREAKING");
  });
});

test("the worst come first, since GitHub shows ten of each level", () => {
  const text = reviewGithub(withFindings(
    finding("a", { classes: ["advice"] }), finding("r", { classes: ["risky"] }),
    finding("b", { classes: ["breaking"] }), finding("e", { classes: ["error"] }),
    finding("s", { classes: ["safe"] }),
    finding("d", { classes: ["error"], dismissed: { kind: "allowed" } }),
  ));
  expect(text.match(/(?<=title=[A-Z]+%3A )\w/g)).toEqual(["e", "b", "r", "a"]);
});

test("broken queries are errors where they stand", () => {
  expect(reviewGithub(reviewSample())).toStartWith(
    "::error file=db/migrations/20260301090000_orders_note.sql,line=2,title=ERROR%3A locks",
  );
  expect(reviewGithub(reviewSample())).toContain(
    "\n::error file=queries/legacy.sql,line=3,title=BREAKING%3A broken-query::this query works " +
      'before the change and not after it: relation "app.legacy_orders" does not exist%0A',
  );
});

test("the last line is the verdict, for the log", () => {
  expect(reviewGithub(quietSample())).toBe("SAFE: may go before the code\n");
  expect(reviewGithub(reviewSample())).toEndWith(
    "\nERROR: not to be run as it is: 1 finding is an error; also breaking. " +
      "The answer is no: 1 finding is an error; --fail-on breaking is met\n",
  );
});
