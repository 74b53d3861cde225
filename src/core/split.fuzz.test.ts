/** Holds for any input at all: what the splitter hands out is the input, however it came in. */

import { expect, test } from "bun:test";
import type { Random } from "../testing/seeded.ts";
import { seeded } from "../testing/seeded.ts";
import { scripts } from "../testing/sql-corpus.ts";
import { Lexer } from "./lex.ts";
import type { Piece, Statement } from "./split.ts";
import { split, Splitter } from "./split.ts";
import { TokenKind } from "./token.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const fragments = [
  "'", "''", "E'", "\\'", "\\", "U&'", "N'", "B'", "X'", "\"", "U&\"", "$$", "$a$", "$", "$1", "a",
  "--", "-- migrate:up", "-- migrate:down\n", "\n", "\r", "\r\n", ";", ";;", "(", ")", "/*", "*/",
  "/", "*", "-", "+", " ", "\t", "\v", "\f", "\0", "é", "😀", "\u00a0", "\uFEFF", "1", ".", "..",
  "1e", "0x", "_", "\\.", "\\.\n", "\n\\.\n", "\n\\.\r\n", "\\restrict x\n", "\\connect", ":", "::",
  "select 1;", "create function f() begin atomic ", "end;", "end", "case ", "begin ", "atomic ",
  "create ", "or ", "replace ", "function ", "copy t from stdin;\n", "COPY t FROM stdin", ";\n",
  "copy ", "from ", "stdin ", "1\t2\n", "do $$ begin; end $$;", "=", "@-", "u&", "e", "n",
];

function isBoundary(comment: Uint8Array): boolean {
  return decoder.decode(comment).startsWith("-- migrate:");
}

function randomInput(random: Random): Uint8Array {
  const count = random.below(random.percent(10) ? 200 : 25);
  if (random.percent(25)) return Uint8Array.from({ length: count }, () => random.below(256));
  const parts = Array.from({ length: count }, () =>
    random.percent(3) ? Uint8Array.of(random.below(256)) : encoder.encode(random.pick(fragments)),
  );
  return Uint8Array.from(Buffer.concat(parts));
}

function splitInChunks(bytes: Uint8Array, random: Random): Piece[] {
  const splitter = new Splitter({ boundary: isBoundary });
  const pieces: Piece[] = [];
  const most = random.pick([1, 2, 3, 7, 40]);
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + random.below(most + 1));
    // A chunk of its own memory, so that a view of another one would show.
    pieces.push(...splitter.push(bytes.slice(at, end)));
    at = end;
  }
  return [...pieces, ...splitter.end()];
}

/** As text, with the parts of each COPY block joined: they alone may be cut in any place. */
function merged(pieces: readonly Piece[]): readonly unknown[] {
  const shown: unknown[] = [];
  let block = { offset: -1, text: "", payload: 0 };
  for (const piece of pieces) {
    const text = Buffer.from(piece.bytes).toString("latin1");
    if (piece.kind !== "copy-data") {
      shown.push({ ...piece, bytes: text });
      continue;
    }
    const offset = block.offset < 0 ? piece.offset : block.offset;
    block = { offset, text: block.text + text, payload: block.payload + piece.payload };
    if (!piece.last) continue;
    shown.push({ kind: "copy-data", ...block, terminated: piece.terminated });
    block = { offset: -1, text: "", payload: 0 };
  }
  return shown;
}

/** What is told of a statement is what a lexer sees that knows nothing but its bytes. */
function expectHeadAndTail(statement: Statement): void {
  const { bytes, head, tail, terminated } = statement;
  const lexer = new Lexer();
  lexer.feed(bytes, 0, "final");
  const ends: number[] = [];
  let first = -1;
  while (lexer.next()) {
    const comment = lexer.kind === TokenKind.lineComment || lexer.kind === TokenKind.blockComment;
    if (comment && !lexer.open) continue;
    if (first < 0) first = lexer.start;
    ends.push(lexer.end);
  }
  if (terminated) expect(ends.pop()).toBe(bytes.length);
  expect({ head, tail }).toEqual({ head: first, tail: ends.at(-1) ?? -1 });
}

function expectWhole(bytes: Uint8Array, random: Random): void {
  const whole = split(bytes, { boundary: isBoundary });
  const chunked = splitInChunks(bytes, random);
  for (const pieces of [whole, chunked]) {
    let offset = 0;
    for (const piece of pieces) {
      expect(piece.offset).toBe(offset);
      offset += piece.bytes.length;
    }
    const joined = Buffer.concat(pieces.map((piece) => piece.bytes));
    if (!joined.equals(bytes)) expect(joined.toString()).toBe(Buffer.from(bytes).toString());
  }
  if (!Bun.deepEquals(merged(chunked), merged(whole))) {
    expect(merged(chunked)).toEqual([...merged(whole)]);
  }
  for (const piece of whole) if (piece.kind === "statement") expectHeadAndTail(piece);
}

test(
  "for any input at all, joining what it splits gives the input back, in any chunks",
  () => {
    const random = seeded(7);
    for (let round = 0; round < 30_000; round++) expectWhole(randomInput(random), random);
  },
  120_000,
);

test(
  "and for scripts of SQL",
  () => {
    const random = seeded(8);
    const next = scripts(random);
    for (let round = 0; round < 1_500; round++) expectWhole(encoder.encode(next().text), random);
  },
  120_000,
);

test("COPY data of long lines come in bounded pieces", () => {
  const line = "x".repeat(100_000);
  const text = encoder.encode(`copy t from stdin;\n${line}\n${line}\n\\.\nselect 1;`);
  const splitter = new Splitter();
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; at += 1000) {
    pieces.push(...splitter.push(text.slice(at, at + 1000)));
  }
  pieces.push(...splitter.end());
  const data = pieces.filter((piece) => piece.kind === "copy-data");
  expect(Math.max(...data.map((piece) => piece.bytes.length))).toBeLessThan(10_000);
  expect(data.reduce((sum, piece) => sum + piece.payload, 0)).toBe(200_002);
  expect(merged(pieces)).toEqual([...merged(split(text))]);
});

test("what follows a cut in a long line of COPY data is not the start of a line", () => {
  const splitter = new Splitter();
  const pieces: Piece[] = [];
  for (const part of [`copy t from stdin;\n${"x".repeat(20_000)}`, "\\.\n1\n", "\\.\nselect 1"]) {
    pieces.push(...splitter.push(encoder.encode(part)));
  }
  pieces.push(...splitter.end());
  expect(merged(pieces)).toMatchObject([
    { kind: "statement" },
    { kind: "trivia" },
    { kind: "copy-data", payload: 20_005, terminated: true },
    { kind: "statement" },
  ]);
});

test("a statement in many small chunks costs no more than in one", () => {
  const body = "x".repeat(1 << 20);
  const script = `do $$ ${body} $$; select '${body}'; /* ${body} */ ${body} "${body}"`;
  const text = encoder.encode(script);
  const splitter = new Splitter();
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; at += 64) {
    pieces.push(...splitter.push(text.slice(at, at + 64)));
  }
  pieces.push(...splitter.end());
  expect(merged(pieces)).toEqual([...merged(split(text))]);
});
