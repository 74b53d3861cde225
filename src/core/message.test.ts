/** What a message holds, and that a server's position finds its way back into the file. */

import { describe, expect, test } from "bun:test";
import { seeded } from "../testing/seeded.ts";
import { Message } from "./message.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The file's statements between pgmate's own, as a step sends them. */
function messageOf(statements: readonly string[], fileOffset = 0): Message {
  const message = new Message();
  message.addOwn("begin", "begin");
  let at = fileOffset;
  for (const text of statements) {
    const bytes = encode(text);
    const blanks = text.length - text.trimStart().length;
    const head = at + Buffer.byteLength(text.slice(0, blanks));
    const tail = at + Buffer.byteLength(text.replace(/;$/, ""));
    message.addFile(bytes, at, text.trim() === "" ? undefined : { head, tail });
    at += bytes.length;
  }
  message.closeFile();
  message.addOwn("ledger", "insert");
  message.addOwn("commit", "commit");
  return message;
}

test("pgmate's own statements stand around the file's bytes, each ended", () => {
  const message = messageOf([" select 1;", "\n-- é\nselect 2 -- end"]);
  expect(message.text()).toBe(
    "begin;\n select 1;\n-- é\nselect 2 -- end\n;\ninsert;\ncommit;\n",
  );
  expect(message.sizeBytes).toBe(Buffer.byteLength(message.text()));
  expect(message.statementCount).toBe(5);
  expect(message.isEmpty).toBe(false);
});

test("a title stands first, on a line of its own, and moves no position", () => {
  const message = new Message("1_😀.sql\n(up)\r;");
  expect(message.isEmpty).toBe(true);
  message.addFile(encode("select 1"), 100, { head: 100, tail: 108 });
  expect(message.text()).toBe("-- 1_😀.sql?(up)?;\nselect 1");
  expect(message.originAfter(0)).toEqual({ kind: "section", offset: 100 });
  expect(message.pointedAt([..."-- 1_😀.sql?(up)?;\n"].length + 8)?.offset).toBe(107);
});

test("the file's bytes go in unchanged, a byte order mark and CRs too", () => {
  const message = new Message();
  message.addFile(encode("\ufeffselect '\r\n\ufeff';\r\n"), 0, { head: 3, tail: 18 });
  expect(message.text()).toBe("\ufeffselect '\r\n\ufeff';\r\n");
});

test("a character that two parts share is whole again", () => {
  const message = new Message();
  const bytes = encode("select '\u{1f600}'");
  message.addFile(bytes.subarray(0, 10), 0, { head: 0, tail: bytes.length });
  message.addFile(bytes.subarray(10), 10, undefined);
  expect(message.text()).toBe("select '\u{1f600}'");
});

test("nothing but white space is nothing to send", () => {
  const message = new Message();
  expect(message.isEmpty).toBe(true);
  message.addFile(encode("-- only a comment\n"), 0, undefined);
  message.closeFile();
  expect(message.isEmpty).toBe(true);
  expect(message.holdsFile).toBe(false);
  expect(message.lastFileStatement).toBe(-1);
  message.addOwn("commit", "commit");
  expect(message.isEmpty).toBe(false);
  expect(message.holdsFile).toBe(false);
});

test("whose turn it was, by the statements that were answered", () => {
  const message = messageOf(["select 1;", " \n", " select 2;"], 100);
  expect(message.originAfter(0)).toEqual({ kind: "ours", purpose: "begin" });
  expect(message.originAfter(1)).toEqual({ kind: "section", offset: 100 });
  expect(message.originAfter(2)).toEqual({ kind: "section", offset: 112 });
  expect(message.originAfter(3)).toEqual({ kind: "ours", purpose: "ledger" });
  expect(message.originAfter(4)).toEqual({ kind: "ours", purpose: "commit" });
  expect(message.originAfter(5)).toBeUndefined();
  expect(message.lastFileStatement).toBe(2);
  expect(message.holdsFile).toBe(true);
});

describe("positions, which count characters from 1", () => {
  const statements = ["select 'é😀', x;", "\n select y"];
  const message = messageOf(statements, 40);
  const text = message.text();
  const file = statements.join("");

  /** The position of this text in the message, as the server counts. */
  const positionOf = (part: string): number => [...text.slice(0, text.indexOf(part))].length + 1;

  test.each(["select 'é", "é😀", "😀', x", "x;", "select y", "y"])("%j", (part) => {
    const offset = 40 + Buffer.byteLength(file.slice(0, file.indexOf(part)));
    expect(message.pointedAt(positionOf(part))).toEqual({ offset, atEnd: false });
  });

  test.each(["begin", "insert", "commit"])("pgmate's own is no place in the file: %s", (part) => {
    expect(message.pointedAt(positionOf(part))).toBeUndefined();
  });

  test("the text that ends the file stands for its end", () => {
    const end = 40 + Buffer.byteLength(file);
    expect(message.pointedAt(positionOf("\n;\ninsert"))).toEqual({ offset: end, atEnd: true });
    expect(message.pointedAt(positionOf(";\ninsert"))).toEqual({ offset: end, atEnd: true });
  });

  test("just past the end of all is the end of the file's", () => {
    const past = [...text].length + 1;
    expect(message.pointedAt(past)).toEqual({ offset: 40 + Buffer.byteLength(file), atEnd: true });
    const ours = new Message();
    ours.addOwn("commit", "commit");
    expect(ours.pointedAt(99)).toBeUndefined();
  });

  test("for any text", () => {
    const random = seeded(12);
    const letters = ["a", "é", "€", "😀", "\n", " ", "\ufeff"];
    for (let round = 0; round < 300; round += 1) {
      const parts = Array.from({ length: 1 + random.below(4) }, () => {
        const some = Array.from({ length: random.below(8) }, () => random.pick(letters)).join("");
        return `${some}x`;
      });
      const offset = random.below(1_000);
      const made = messageOf(parts, offset);
      const before = [..."begin;\n"].length;
      for (const [index] of [...parts.join("")].entries()) {
        const bytes = Buffer.byteLength([...parts.join("")].slice(0, index).join(""));
        const pointed = made.pointedAt(before + index + 1);
        expect(pointed).toEqual({ offset: offset + bytes, atEnd: false });
      }
    }
  });
});
