/** Parses a migration file, whole or in chunks: its sections, options, checksum and faults. */

import { isUtf8 } from "node:buffer";
import { Checksum } from "./checksum.ts";
import { readMarker, isMarker } from "./marker.ts";
import type { Fault, Migration, MigrationFile, Section, SectionNotice } from "./migration.ts";
import { SectionReader } from "./section.ts";
import { type Boundary, type Piece, Splitter } from "./split.ts";

export type ParseResult =
  | { readonly kind: "migration"; readonly migration: Migration }
  | { readonly kind: "fault"; readonly fault: Fault };

interface OpenSection {
  readonly reader: SectionReader;
  readonly markerOffset: number;
}

/** Made for one file; feed it the file's bytes in order, then end it. */
export class MigrationParser {
  readonly #file: MigrationFile;
  readonly #splitter = new Splitter({ boundary: isMarker });
  readonly #checksum = new Checksum();
  readonly #ups: Section[] = [];
  readonly #downs: Section[] = [];
  readonly #warnings: SectionNotice[] = [];
  #open: OpenSection | undefined;
  #fault: Fault | undefined;
  #sizeBytes = 0;
  /** The first bytes of a character that the last chunk cut in two. */
  #carry: Uint8Array = new Uint8Array(0);

  constructor(file: MigrationFile) {
    this.#file = file;
  }

  push(chunk: Uint8Array): void {
    this.#checkEncoding(chunk);
    this.#sizeBytes += chunk.length;
    for (const piece of this.#splitter.push(chunk)) this.#piece(piece);
  }

  end(): ParseResult {
    if (this.#carry.length > 0) this.#encodingFault(this.#sizeBytes - this.#carry.length);
    for (const piece of this.#splitter.end()) this.#piece(piece);
    this.#closeSection(this.#sizeBytes);
    this.#checkPairs();
    if (this.#fault !== undefined) return { kind: "fault", fault: this.#fault };
    const migration: Migration = {
      file: this.#file,
      checksum: this.#checksum.digest(),
      ups: this.#ups,
      downs: this.#downs,
      warnings: this.#warnings,
      sizeBytes: this.#sizeBytes,
    };
    return { kind: "migration", migration };
  }

  #piece(piece: Piece): void {
    if (piece.kind === "boundary") {
      this.#marker(piece);
      return;
    }
    if (this.#open === undefined) {
      if (piece.kind === "trivia") return;
      const offset = piece.kind === "statement" ? piece.offset + piece.head : piece.offset;
      this.#stop(
        "statements before the first `-- migrate:up` would never run",
        "move them below `-- migrate:up`, or make them a comment",
        offset,
      );
      return;
    }
    if (this.#open.reader.marker.direction === "up") this.#checksum.piece(piece);
    this.#open.reader.piece(piece);
  }

  #marker(piece: Boundary): void {
    const marker = readMarker(piece.bytes);
    if (marker === undefined) return;
    this.#closeSection(piece.offset);
    if (marker.problem !== undefined) {
      const column = piece.bytes.indexOf(58) + marker.direction.length + 2;
      this.#stop(marker.problem.message, marker.problem.hint, piece.offset + column);
    }
    if (marker.strayWords.length > 0) {
      const words = marker.strayWords.join(" ");
      this.#warnings.push({
        message: `words behind the marker mean nothing: ${words}`,
        offset: piece.offset,
      });
    }
    this.#checkOrder(marker.direction, piece.offset);
    if (marker.direction === "up") {
      this.#checksum.section(marker.transactional ? [] : ["transaction:false"]);
    }
    const start = piece.offset + piece.bytes.length;
    this.#open = { reader: new SectionReader(marker, start), markerOffset: piece.offset };
  }

  #closeSection(end: number): void {
    if (this.#open === undefined) return;
    const section = this.#open.reader.end(end);
    (section.direction === "up" ? this.#ups : this.#downs).push(section);
    this.#open = undefined;
  }

  #checkOrder(direction: Section["direction"], offset: number): void {
    const [ups, downs] = [this.#ups.length, this.#downs.length];
    if (direction === "up" && ups > downs) this.#missingDown(offset);
    if (direction === "down" && ups === 0) {
      this.#stop(
        "`-- migrate:down` stands before the first `-- migrate:up`",
        "begin the file with `-- migrate:up`",
        offset,
      );
    } else if (direction === "down" && downs >= ups) {
      this.#stop(
        "a second `-- migrate:down` without a `-- migrate:up` of its own",
        "put both parts below one marker, or give it its own `-- migrate:up`",
        offset,
      );
    }
  }

  #checkPairs(): void {
    if (this.#ups.length === 0) {
      this.#stop("no `-- migrate:up` in this file", "begin the file with `-- migrate:up`", 0);
    } else if (this.#ups.length > this.#downs.length) {
      this.#missingDown(this.#sizeBytes);
    }
  }

  /** An open quote or a COPY block without its end is why a marker was not seen as one. */
  #missingDown(offset: number): void {
    const swallowed = this.#ups.at(-1)?.fault;
    if (swallowed !== undefined && /never (ends|closes)/.test(swallowed.message)) {
      this.#fault ??= swallowed;
      return;
    }
    this.#stop(
      "no `-- migrate:down` for the `-- migrate:up` above",
      "add a `-- migrate:down` line; what cannot be undone may leave it empty",
      offset,
    );
  }

  #stop(message: string, hint: string, offset: number): void {
    this.#fault ??= { code: "migration-format", message, hint, offset };
  }

  #checkEncoding(chunk: Uint8Array): void {
    const nul = chunk.indexOf(0);
    if (nul !== -1) {
      this.#fault ??= {
        code: "migration-encoding",
        message: "a NUL byte, which Postgres takes in no text",
        hint: "save the file as UTF-8 (UTF-16 files are full of NUL bytes)",
        offset: this.#sizeBytes + nul,
      };
    }
    const text = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const whole = text.length - incompleteTail(text);
    if (!isUtf8(text.subarray(0, whole))) {
      const bad = firstInvalid(text.subarray(0, whole));
      this.#encodingFault(this.#sizeBytes - this.#carry.length + bad);
    }
    this.#carry = text.slice(whole);
  }

  #encodingFault(offset: number): void {
    this.#fault ??= {
      code: "migration-encoding",
      message: "this is not UTF-8",
      hint: "save the file as UTF-8 (iconv -f latin1 -t utf-8)",
      offset,
    };
  }
}

/** Bytes at the end that begin a character whose rest may come with the next chunk. */
function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

function firstInvalid(bytes: Uint8Array): number {
  // Halving finds it without a decoder of our own: prefixes up to the fault are valid.
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const cut = middle - incompleteTail(bytes.subarray(0, middle));
    if (isUtf8(bytes.subarray(0, cut))) low = middle;
    else high = middle - 1;
  }
  return low - incompleteTail(bytes.subarray(0, low));
}
