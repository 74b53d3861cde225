/** Pieces of split SQL as short texts, for tables of cases. */

import { describe, expect, test } from "bun:test";
import type { Piece } from "../core/split.ts";
import { Splitter } from "../core/split.ts";

/** A case by name: the input, and what `shownPieces` makes of it. */
export type SplitCase = readonly [name: string, input: string, expected: readonly string[]];

/** A test for each case, with the input whole and byte by byte. */
export function checkSplit(title: string, cases: readonly SplitCase[]): void {
  describe(title, () => {
    test.each(cases)("%s", (_, input, expected) => {
      expect(shownPieces(input)).toEqual([...expected]);
      expect(shownPieces(input, 1)).toEqual([...expected]);
    });
  });
}

/**
 * A statement as itself from head to tail, with its `;` if it has one; `copy < data >` for COPY
 * data, with `>>` if they end without a line for it; `meta name: text`; `== text` for a boundary;
 * `~` and the text for what belongs to nothing. What is open or at fault follows in braces.
 */
export function shownPieces(input: string | Uint8Array, chunkSize = Infinity): readonly string[] {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const boundary = (comment: Uint8Array): boolean => text(comment).startsWith("-- migrate:");
  const splitter = new Splitter({ boundary });
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) {
    pieces.push(...splitter.push(bytes.slice(at, at + chunkSize)));
  }
  return joinData([...pieces, ...splitter.end()]).map(shown);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function shown(piece: Piece): string {
  const { bytes } = piece;
  switch (piece.kind) {
    case "statement": {
      const { head, tail, terminated, open, copyFromStdin } = piece;
      const fault = copyFromStdin?.fault;
      return (
        text(bytes.subarray(head, tail)) +
        (terminated ? ";" : "") +
        (open === undefined ? "" : ` {open ${open.what} at ${open.offset}}`) +
        (copyFromStdin === undefined ? "" : ` {${stdin(bytes, copyFromStdin.stdin)}}`) +
        (fault === undefined ? "" : ` {fault at ${fault.offset}}`)
      );
    }
    case "copy-data":
      return `copy < ${text(bytes.subarray(0, piece.payload))} ${piece.terminated ? ">" : ">>"}`;
    case "meta-command":
      return `meta ${piece.name}: ${text(bytes)}`;
    case "boundary":
      return `== ${text(bytes)}`;
    case "trivia": {
      const { open } = piece;
      return `~${text(bytes)}${open === undefined ? "" : ` {open ${open.what} at ${open.offset}}`}`;
    }
  }
}

function stdin(bytes: Uint8Array, range: { readonly start: number; readonly end: number }): string {
  return text(bytes.subarray(range.start, range.end));
}

/** COPY data may come in any number of pieces: as one they are the same however they came. */
function joinData(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const before = joined.at(-1);
    if (before?.kind === "copy-data" && !before.last && piece.kind === "copy-data") {
      const bytes = Uint8Array.from(Buffer.concat([before.bytes, piece.bytes]));
      const payload = before.payload + piece.payload;
      joined[joined.length - 1] = { ...piece, offset: before.offset, bytes, payload };
    } else {
      joined.push(piece);
    }
  }
  return joined;
}
