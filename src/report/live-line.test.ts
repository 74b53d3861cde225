/** The line that is written over: what a terminal is sent, and how wide it may be. */

import { describe, expect, test } from "bun:test";
import { cutToWidth, LiveLine } from "./live-line.ts";

function terminal(columns: number): { readonly sent: string[]; readonly line: LiveLine } {
  const sent: string[] = [];
  const write = (text: string): void => void sent.push(text);
  return { sent, line: new LiveLine({ write, columns: () => columns }) };
}

describe("live line", () => {
  test("each text is written over the one before, and the rest of that is erased", () => {
    const { sent, line } = terminal(80);
    line.show("a long text");
    line.show("short");
    expect(sent).toEqual(["\ra long text\u001b[K", "\rshort\u001b[K"]);
  });

  test("it is erased once, and only if something is there", () => {
    const { sent, line } = terminal(80);
    line.clear();
    line.show("text");
    line.clear();
    line.clear();
    expect(sent.slice(1)).toEqual(["\r\u001b[K"]);
  });

  test("it never reaches the last column, and stays one line", () => {
    const { sent, line } = terminal(10);
    line.show("0123456789");
    line.show("a\nb");
    expect(sent).toEqual(["\r01234567…\u001b[K", "\ra b\u001b[K"]);
  });

  test("a terminal without a width is 80 wide", () => {
    const { sent, line } = terminal(0);
    line.show("x".repeat(200));
    expect(sent).toEqual([`\r${"x".repeat(78)}…\u001b[K`]);
  });
});

test.each([
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["日本語", 6, "日本語"],
  ["日本語", 5, "日本…"],
  ["日本語", 4, "日…"],
  ["👨‍👩‍👧x👨‍👩‍👧", 4, "👨‍👩‍👧x…"],
])("%s in %d columns", (text, columns, cut) => {
  expect(cutToWidth(text, columns)).toBe(cut);
  expect(Bun.stringWidth(cut)).toBeLessThanOrEqual(columns);
});
