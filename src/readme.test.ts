/** The README says what is true: its generated parts are current, its commands exist. */

import { expect, test } from "bun:test";
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

test("no placeholder is left", () => {
  // The one that stands in the title of a rule is a word of SQL.
  expect(readme).not.toMatch(/(?<!SET )\b(?:SESSION|ERROR_SESSION|GENERATED_\w+|SIZE|TODO)\b/);
});
