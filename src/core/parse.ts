/** Parses a migration file, whole or in chunks: its sections, options, checksum and faults. */

import { classOf, space } from "./byte.ts";
import { Checksum, checksumOptions } from "./checksum.ts";
import { EncodingCheck } from "./encoding.ts";
import { isMarker, readMarker } from "./marker.ts";
import type { Fault, Migration, MigrationFile, Section, SectionNotice } from "./migration.ts";
import { SectionReader } from "./section.ts";
import { type Boundary, type Piece, Splitter } from "./split.ts";
import { openTokenFault } from "./sql-faults.ts";

export type ParseResult =
  | { readonly kind: "migration"; readonly migration: Migration }
  | { readonly kind: "fault"; readonly fault: Fault };

/**
 * Postgres takes no message of 1 GiB, and what is sent with a statement has to fit in as well.
 * The data of a COPY go in messages of their own, so that they have no limit.
 */
const longestStatementBytes = 1000 * 1024 * 1024;

/** Made for one file; feed it the file's bytes in order, then end it. */
export class MigrationParser {
  readonly #longestStatementBytes: number;
  readonly #file: MigrationFile;
  readonly #splitter = new Splitter({ boundary: isMarker });
  readonly #checksum: Checksum | undefined;
  readonly #ups: Section[] = [];
  readonly #downs: Section[] = [];
  readonly #warnings: SectionNotice[] = [];
  #open: SectionReader | undefined;
  /** Where the first statement stands that comes before any section. */
  #early: number | undefined;
  #fault: Fault | undefined;
  #tooLong: Fault | undefined;
  /** Told before any other: what is wrong in the bytes is why the rest looks wrong. */
  readonly #encoding = new EncodingCheck();
  #sizeBytes = 0;

  /** `later` leaves the checksum to whoever reads the sections again. */
  constructor(
    file: MigrationFile,
    longest = longestStatementBytes,
    checksum: "now" | "later" = "now",
  ) {
    this.#file = file;
    this.#longestStatementBytes = longest;
    this.#checksum = checksum === "now" ? new Checksum() : undefined;
  }

  push(chunk: Uint8Array): void {
    this.#encoding.push(chunk);
    this.#sizeBytes += chunk.length;
    // A statement is kept until its end is known: what is too long is not even kept.
    if (this.#tooLong !== undefined) return;
    for (const piece of this.#splitter.push(chunk)) this.#piece(piece);
    this.#refuseLong(this.#splitter.pending);
  }

  end(): ParseResult {
    const misencoded = this.#encoding.end();
    if (this.#tooLong === undefined) {
      for (const piece of this.#splitter.end()) this.#piece(piece);
      this.#closeSection(this.#sizeBytes);
      this.#checkPairs();
    }
    const fault = misencoded ?? this.#tooLong ?? this.#fault;
    if (fault !== undefined) return { kind: "fault", fault };
    const migration: Migration = {
      file: this.#file,
      checksum: this.#checksum?.digest(),
      ups: this.#ups,
      downs: this.#downs,
      warnings: this.#warnings,
      sizeBytes: this.#sizeBytes,
    };
    return { kind: "migration", migration };
  }

  #piece(piece: Piece): void {
    if (piece.kind !== "copy-data") this.#refuseLong(piece);
    if (piece.kind === "boundary") {
      this.#marker(piece);
      return;
    }
    if (this.#open === undefined) {
      this.#beforeFirst(piece);
      return;
    }
    if (this.#open.marker.direction === "up") this.#checksum?.piece(piece);
    this.#open.piece(piece);
  }

  #beforeFirst(piece: Exclude<Piece, Boundary>): void {
    const isText = piece.kind === "statement" || piece.kind === "trivia";
    if (isText && piece.open !== undefined) this.#fault ??= openTokenFault(piece.open);
    if (piece.kind === "trivia") return;
    this.#early ??= piece.kind === "statement" ? piece.offset + piece.head : piece.offset;
  }

  #marker(piece: Boundary): void {
    const marker = readMarker(piece.bytes);
    if (marker === undefined) return;
    this.#closeSection(piece.offset);
    if (marker.direction === "down" && this.#ups.length === 0) {
      this.#warn("a `-- migrate:down` before any `-- migrate:up` means nothing", piece.offset);
      return;
    }
    if (marker.problem === undefined && marker.strayWords.length > 0) {
      const words = marker.strayWords.join(" ");
      this.#warn(`words behind the marker mean nothing: ${words}`, piece.offset);
    }
    this.#checkOrder(marker.direction, piece.offset);
    if (marker.direction === "up") {
      this.#checksum?.section(checksumOptions(marker));
    }
    this.#open = new SectionReader(marker, piece.offset, piece.offset + piece.bytes.length);
  }

  #closeSection(end: number): void {
    const reader = this.#open;
    if (reader === undefined) return;
    const section = reader.end(end);
    (section.direction === "up" ? this.#ups : this.#downs).push(section);
    this.#open = undefined;
    // An up that ends with the file has lost its down; a down may have lost the next up.
    const lost = section.direction === "up" || reader.unfinished?.holdsMarker === true;
    if (reader.unfinished !== undefined && lost) this.#fault ??= reader.unfinished.fault;
  }

  #checkOrder(direction: Section["direction"], offset: number): void {
    const [ups, downs] = [this.#ups.length, this.#downs.length];
    if (ups === 0 && this.#early !== undefined) {
      this.#stop(
        "statements before the first `-- migrate:up` would never run",
        "move them below `-- migrate:up`, or make them a comment",
        this.#early,
      );
    }
    if (direction === "up" && ups > downs) this.#missingDown(offset);
    if (direction === "down" && downs >= ups) {
      this.#stop(
        "a second `-- migrate:down` without a `-- migrate:up` of its own",
        "put both parts below one marker, or give it its own `-- migrate:up`",
        offset,
      );
    }
  }

  #checkPairs(): void {
    if (this.#ups.length === 0) {
      const hint = "begin the file with `-- migrate:up`";
      this.#stop("no `-- migrate:up` in this file", hint, this.#early ?? 0);
    } else if (this.#ups.length > this.#downs.length) {
      this.#missingDown(this.#sizeBytes);
    }
  }

  #missingDown(offset: number): void {
    this.#stop(
      "no `-- migrate:down` for the `-- migrate:up` above",
      "add a `-- migrate:down` line; what cannot be undone may leave it empty",
      offset,
    );
  }

  #refuseLong({ bytes, offset }: Pick<Piece, "bytes" | "offset">): void {
    if (bytes.length <= this.#longestStatementBytes) return;
    const mebibytes = Math.floor(this.#longestStatementBytes / 2 ** 20);
    this.#tooLong ??= {
      code: "migration-statement",
      message: `this is longer than ${mebibytes} MiB, and Postgres takes no message of 1 GiB`,
      hint:
        "divide it into several statements; data may come with COPY … FROM STDIN, as much as " +
        "there is",
      offset: offset + Math.max(0, bytes.findIndex((byte) => classOf[byte] !== space)),
    };
  }

  #warn(message: string, offset: number): void {
    this.#warnings.push({ message, offset });
  }

  #stop(message: string, hint: string, offset: number): void {
    this.#fault ??= { code: "migration-format", message, hint, offset };
  }
}
