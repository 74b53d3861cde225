/** The nouns: a migration is a file, a section is its up or its down. */

import type { ErrorCode } from "../errors.ts";

export type Direction = "up" | "down";

/** A file that looks like a migration by its name; nothing of it has been read. */
export interface MigrationFile {
  readonly version: string;
  readonly description: string;
  /** The bare file name. */
  readonly name: string;
  /** The path as a person would type it, for messages and for opening. */
  readonly path: string;
}

/** Bytes of a file from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a section's marker says, in whole milliseconds; 0 is no bound, absent is not said. */
export interface SectionTimeouts {
  readonly lockMs?: number;
  readonly statementMs?: number;
}

/** One `-- migrate:up` or `-- migrate:down` with what follows it. */
export interface Section {
  readonly direction: Direction;
  /** The SQL: from the end of the marker line to the next marker or the end of the file. */
  readonly range: Range;
  /** False only where the marker says `transaction:false`. */
  readonly transactional: boolean;
  readonly timeouts: SectionTimeouts;
  /** A `begin` and `commit` around the whole section, which its own transaction makes needless. */
  readonly wrapper: readonly Range[];
  /** What runs one by one under `transaction:false`: statements and begin … commit groups. */
  readonly unitCount: number;
  /** Whether it holds a COPY that is spoken alone: data follow it, or come back for it. */
  readonly copies: boolean;
  /** What must be said when this section runs. */
  readonly notices: readonly SectionNotice[];
  /** The first thing that keeps this section from running at all. */
  readonly fault: Fault | undefined;
}

/** Something wrong in a file, by byte offset: the place is made where the bytes are. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
}

export interface SectionNotice {
  readonly message: string;
  readonly offset: number;
}

/** A parsed file. Its text is not kept: what runs is read again, range by range. */
export interface Migration {
  readonly file: MigrationFile;
  /** `v1:…` over the up sections; undefined where it is left to whoever runs them. */
  readonly checksum: string | undefined;
  /** Pairs in file order: ups run first to last, downs last to first. */
  readonly ups: readonly Section[];
  readonly downs: readonly Section[];
  readonly warnings: readonly SectionNotice[];
  readonly sizeBytes: number;
}

/** A ledger row as read; columns that the table lacks are undefined. */
export interface LedgerRow {
  readonly version: string;
  readonly description?: string;
  readonly checksum?: string;
  /** UTC, `2025-01-31T23:59:59.123456Z`: sorts as text. */
  readonly appliedAt?: string;
  readonly appliedBy?: string;
  readonly executionMs?: number;
}
