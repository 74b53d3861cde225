/** The README says what is true: its generated parts are current, its commands exist. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import packageJson from "../package.json";
import { readmePath, renderReadme } from "../scripts/readme.ts";

const readme = readFileSync(readmePath, "utf8");

test("the generated parts are what the code says (bun run scripts/readme.ts writes them)", () => {
  expect(readme).toBe(renderReadme(readme));
});

test("the first two sh blocks are one line each and name scripts that exist", () => {
  const blocks = [...readme.matchAll(/^```sh\n([^]*?)^```/gm)].map((match) => match[1] ?? "");
  expect(blocks.slice(0, 2)).toEqual(["npm run demo\n", "npm test\n"]);
  expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(["demo", "test"]));
});

describe("the contents", () => {
  const text = readme.replace(/^```[^]*?^```$/gm, "");
  const headings = [...text.matchAll(/^##+ (.*)$/gm)].map((match) => match[1] ?? "");
  // As GitHub makes them.
  const anchors = headings.map((heading) =>
    heading.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-"),
  );
  const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1] ?? "");

  test("lists every chapter", () => {
    const chapters = [...text.matchAll(/^## (.*)$/gm)].map((match) => match[1] ?? "");
    const listed = headings.filter((_, index) => links.includes(anchors[index] ?? ""));
    expect(chapters.filter((chapter) => !listed.includes(chapter))).toEqual([]);
  });

  test("links to what is there, and no two places have one name", () => {
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
    expect(new Set(anchors).size).toBe(anchors.length);
  });
});

test("no placeholder is left", () => {
  // The one that stands in the title of a rule is a word of SQL.
  expect(readme).not.toMatch(/(?<!SET )\b(?:SESSION|ERROR_SESSION|GENERATED_\w+|SIZE|TODO)\b/);
});
