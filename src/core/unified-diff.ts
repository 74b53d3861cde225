/** Two texts as the unified diff that leads from one to the other. */

import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** Beyond this many changed lines looking for the shortest way takes seconds. */
const longestSearch = 3_000;

/** As `diff -u` prints it, three lines around each change; what differs too much comes whole. */
export function unifiedDiff(from: NamedText, to: NamedText): string {
  const texts = [from.name, to.name, from.text, to.text, undefined, undefined] as const;
  const found = createTwoFilesPatch(...texts, {
    context: 3,
    maxEditLength: longestSearch,
    headerOptions: FILE_HEADERS_ONLY,
  });
  return found ?? replaced(from, to);
}

function replaced(from: NamedText, to: NamedText): string {
  const [old, now] = [linesOf(from.text), linesOf(to.text)];
  return [
    `--- ${from.name}`,
    `+++ ${to.name}`,
    `@@ -${range(old)} +${range(now)} @@`,
    ...old.map((line) => `-${line}`),
    ...now.map((line) => `+${line}`),
    "",
  ].join("\n");
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function range(lines: readonly string[]): string {
  return `${lines.length === 0 ? 0 : 1},${lines.length}`;
}
