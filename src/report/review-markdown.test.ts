/** A review as the comment of a pull request: whole where it fits, and nothing in it is markup. */

import { describe, expect, test } from "bun:test";
import type { ReviewDocument } from "../core/review/review.ts";
import { statement } from "../testing/review-pieces.ts";
import { largeSample, lintSample, quietSample, reviewSample } from "../testing/review-sample.ts";
import { codeSpan, fenced, inline } from "./review-markdown-text.ts";
import { reviewMarkdown } from "./review-markdown.ts";

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** What is neither in a block of code nor in a code span. */
function outsideCode(text: string): string {
  return text.replace(/^( *)(`{3,})[^]*?^\1\2$/gm, "").replace(/(`+)[^`](?:.*?[^`])?\1(?!`)/g, "");
}

describe("a plan", () => {
  const text = reviewMarkdown(reviewSample());

  test("begins with a mark to find it by, and the verdict", () => {
    expect(text.split("\n").slice(0, 8)).toEqual([
      "<!-- pgmate plan -->",
      "",
      "## ⛔ ERROR: not to be run as it is: 1 finding is an error; also breaking",
      "",
      "- **the change breaks 2 queries**",
      "- **down does not bring the schema back**",
      "",
      "**The answer is no**: 1 finding is an error; --fail-on breaking is met",
    ]);
  });

  test("has a table row for each file, with as many cells as the head", () => {
    const rows = text.split("\n").filter((line) => line.startsWith("| "));
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(6);
  });

  test("has what to do instead", () => {
    expect(text).toContain("\n  - instead: add constraint … check (note is not null) not valid");
    expect(text).toContain("    ```sql\n    drop view app.legacy\\_report".replace("\\", ""));
  });

  test("holds no HTML but its own, and mentions nobody", () => {
    const prose = outsideCode(text);
    const tags = new Set(prose.match(/<\/?[a-z][^>]*>/gi));
    expect([...tags].toSorted()).toEqual(
      ["</details>", "</sub>", "</summary>", "<details>", "<sub>", "<summary>"],
    );
    expect(prose).not.toMatch(/(?<!\w)@\w|#\d/);
  });

  test("closes what it opens", () => {
    expect(count(text, "<details>")).toBe(count(text, "</details>"));
    expect((text.match(/^ *`{3,}/gm) ?? []).length % 2).toBe(0);
  });

  test("folds the safe statements, behind all others", () => {
    expect(text.indexOf("2 safe statements in")).toBeGreaterThan(text.indexOf("### Rehearsal"));
    expect(text).toContain(
      "- line 2: CREATE INDEX CONCURRENTLY, SHARE UPDATE EXCLUSIVE on app.orders",
    );
  });
});

describe("the limit of a comment", () => {
  test.each([[1, 2000], [500, 3], [3000, 1]])("%d files of %d statements fit", (files, size) => {
    const text = reviewMarkdown(largeSample(files, size));
    expect(text.length).toBeLessThan(65_536);
    expect(text.length).toBeGreaterThan(20_000);
    expect(text).toMatch(/\*\*[\d,]+ more paragraphs did not fit into a comment\*\*/);
    expect((text.match(/^ *`{3,}/gm) ?? []).length % 2).toBe(0);
  });

  test("the long statement of a file is cut, not the comment", () => {
    const text = reviewMarkdown(withStatement(
      `insert into t values\n${"(1),\n".repeat(5000)}(2)`,
    ));
    expect(text.length).toBeLessThan(3_000);
    expect(text).toContain("… and 4942 more lines");
  });

  test("a long line is cut too", () => {
    const text = reviewMarkdown(withStatement(`select 1, '${"x".repeat(80_000)}'`));
    expect(text.length).toBeLessThan(10_000);
    expect(text).toContain("… and more");
  });

  test("paths of any length leave room for what is said of them", () => {
    const sample = largeSample(100, 1);
    const files = sample.review.files.map((reviewed) => ({
      ...reviewed, file: { ...reviewed.file, path: `${"d/".repeat(2000)}${reviewed.file.name}` },
    }));
    const text = reviewMarkdown({ ...sample, review: { ...sample.review, files } });
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("set-not-null");
  });
});

function withStatement(sql: string): ReviewDocument {
  const sample = quietSample();
  const files = sample.review.files.map((file) => ({
    ...file, statements: [statement(2, sql, { verdict: "risky" })],
  }));
  return { ...sample, review: { verdict: "risky", files, findings: [] } };
}

test("lint that found nothing says so", () => {
  expect(reviewMarkdown(quietSample("lint"))).toContain("nothing found in 1 file");
  expect(reviewMarkdown(lintSample())).toContain("<!-- pgmate lint -->");
});

test.each([
  ["a_b * c", "a\\_b \\* c"],
  ["[x](http://y)", "\\[x\\](http://y)"],
  ["<b>&", "&lt;b&gt;&amp;"],
  ["@team see #12", "@\u200bteam see #\u200b12"],
  ["me@example.com", "me@example.com"],
  ["- no list", "\\- no list"],
  ["1. no list", "1\\. no list"],
  ["version 1.5", "version 1.5"],
  ["two\n\nlines", "two lines"],
  ["a | b `c` \\", "a \\| b \\`c\\` \\\\"],
])("%j as prose", (text, expected) => {
  expect(inline(text)).toBe(expected);
});

test.each([
  ["a", "`a`"],
  ["a`b", "``a`b``"],
  ["`a``b", "``` `a``b ```"],
  ["a\nb", "`a b`"],
  [" ", "`   `"],
])("%j as a code span", (text, expected) => {
  expect(codeSpan(text)).toBe(expected);
});

test("a block of code is longer than what it holds", () => {
  expect(fenced("```\nx", "sql")).toBe("````sql\n```\nx\n````");
});
