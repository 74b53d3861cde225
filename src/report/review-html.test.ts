/** The HTML of a review as text: one file without scripts, in which no text is markup. */

import { describe, expect, test } from "bun:test";
import { sampleMarkup, statement } from "../testing/review-pieces.ts";
import {
  emptySample, largeSample, lintSample, quietSample, reviewSample,
} from "../testing/review-sample.ts";
import { diffListing, sqlListing, sqlSnippet } from "./review-html-sql.ts";
import { html } from "./review-html-text.ts";
import { reviewHtml } from "./review-html.ts";

const pages = [
  ["plan", reviewHtml(reviewSample())],
  ["lint", reviewHtml(lintSample())],
  ["quiet", reviewHtml(quietSample())],
  ["empty", reviewHtml(emptySample())],
] as const;

describe.each(pages)("%s", (_name, page) => {
  test("runs nothing and loads nothing", () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<object|<embed|<form|\son\w+=|@import/i);
    expect(page).not.toMatch(/\b(?:src|href|action)="(?!#)|url\(|https?:/i);
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ` +
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">",
    );
  });

  test("closes what it opens, in order", () => {
    const open: string[] = [];
    const wrong: string[] = [];
    const single = ["meta", "!doctype"];
    const tags = page.matchAll(/<(\/?)([!a-z][a-z0-9]*)[^>]*?(\/?)>/g);
    for (const [, slash, name = "", self] of tags) {
      if (single.includes(name) || self === "/") continue;
      if (slash === "") open.push(name);
      else if (open.pop() !== name) wrong.push(name);
    }
    expect({ open, wrong }).toEqual({ open: [], wrong: [] });
  });

  test("has each id once, and a target for each link", () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(ids).toEqual([...new Set(ids)]);
    const links = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test("has one first heading, and none that leaves out a level", () => {
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    expect(levels[0]).toBe(1);
    for (const [index, level] of levels.entries()) {
      expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    }
  });
});

test("the title is the verdict", () => {
  expect(pages[0][1]).toContain(
    "<title>Error: pgmate plan for app@db.example.com:5432/shop</title>",
  );
  expect(pages[1][1]).toContain("<title>Error: pgmate lint</title>");
});

test("what looks like markup is text", () => {
  expect(pages[0][1]).toContain(
    "&lt;/script&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;",
  );
  expect(html`<p title="${'"><b>'}">${sampleMarkup}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;b&gt;">' +
      "&lt;/script&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</p>",
  );
});

test("a page of thousands of statements stays one that can be opened", () => {
  expect(reviewHtml(largeSample(100, 10)).length).toBeLessThan(2_000_000);
  const sample = quietSample();
  const statements = Array.from({ length: 5000 }, (_, at) => statement(at, `select ${at}`));
  const files = sample.review.files.map((file) => ({ ...file, statements }));
  const page = reviewHtml({ ...sample, review: { ...sample.review, files } });
  expect(page.length).toBeLessThan(1_000_000);
}, 120_000);

describe("SQL", () => {
  test("is coloured by what its tokens are", () => {
    expect(sqlSnippet("select 'a''b', 1 -- c\nfrom \"T\"", "x").text).toContain(
      '<code><span class="k">select</span> <span class="s">&#39;a&#39;&#39;b&#39;</span>, ' +
        '<span class="n">1</span> <span class="c">-- c</span>\n' +
        '<span class="k">from</span> &quot;T&quot;</code>',
    );
  });

  test("has its file's line numbers, also within a token of several lines", () => {
    expect(sqlListing({ text: "do $$\na\n$$", line: 7 }, "x").text).toContain(
      '<span class="l" data-n="7"><span class="k">do</span> <span class="s">$$</span>\n</span>' +
        '<span class="l" data-n="8"><span class="s">a</span>\n</span>' +
        '<span class="l" data-n="9"><span class="s">$$</span>\n</span>',
    );
  });

  test("is cut where it is long, and says so", () => {
    const text = "a\n".repeat(5000);
    expect(sqlListing({ text, line: 1 }, "x").text).toContain("… 4,801 more lines are left out");
    const wide = sqlListing({ text: "x".repeat(100_000), line: 1 }, "x").text;
    expect(wide).toContain("… the rest is left out");
    expect(wide.length).toBeLessThan(30_000);
  });

  test("can be reached by keyboard, and says what it is", () => {
    expect(sqlListing({ text: "a", line: 1 }, 'of "b"').text).toStartWith(
      '<div class="listing" tabindex="0" role="region" aria-label="of &quot;b&quot;">',
    );
  });

  test("that ends within a string or a character is shown all the same", () => {
    expect(sqlSnippet("select 'open", "x").text).toContain('<span class="s">&#39;open</span>');
    expect(sqlSnippet("select '\ud800", "x").text).toContain("\u{fffd}");
  });
});

test("a difference says with words what it says with colours", () => {
  const { text } = diffListing("--- a\n+++ b\n@@ -1 +1 @@\n x\n-old\n+new\n", "x");
  expect(text).toContain('<del class="l">-old\n</del><ins class="l">+new\n</ins></code>');
  expect(text).toContain('<span class="l file">--- a\n</span>');
});
