/** What a review reads of a file: statements, their places, and what the authors say of them. */

import type { Node } from "libpg-query";
import type { Direction, MigrationFile } from "../migration.ts";

/** Where something stands in its file. */
export interface TextPlace {
  /** Of its first byte. */
  readonly offset: number;
  /** Of its first line, from 1. */
  readonly line: number;
}

/** Why a statement has no tree. */
export type Unread =
  /** `at` is in bytes of the statement. */
  | { readonly kind: "syntax"; readonly message: string; readonly at: number }
  /** Too long or too deep to be taken apart; its command is known all the same. */
  | { readonly kind: "long" };

export interface SourceStatement {
  /** From its first token to its last, without the `;`; the beginning of one that is long. */
  readonly text: string;
  /** Of its first token, in the file's bytes. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** Of its last token. */
  readonly endLine: number;
  /** As people name it: `CREATE INDEX CONCURRENTLY`. */
  readonly command: string;
  readonly tree: Node | undefined;
  readonly unread: Unread | undefined;
  /** `-- pgmate:ignore` comments right above it. */
  readonly ignores: readonly Ignore[];
  /** Whether it is BEGIN, COMMIT or their like. */
  readonly isControl: boolean;
  /** Whether no transaction can hold it. */
  readonly alone: boolean;
}

/** `-- pgmate:ignore RULE reason`. */
export interface Ignore {
  readonly rule: string;
  /** Empty where the author gave none. */
  readonly reason: string;
  /** Of the comment, in the file's bytes. */
  readonly offset: number;
  readonly line: number;
}

export interface SourceSection {
  readonly direction: Direction;
  readonly transactional: boolean;
  /** Of the line behind the marker. */
  readonly line: number;
  readonly offset: number;
  readonly statements: readonly SourceStatement[];
  /** In comments behind the last statement, which belong to none. */
  readonly strayIgnores: readonly Ignore[];
}

export interface SourceFile {
  readonly file: MigrationFile;
  /** In file order. */
  readonly ups: readonly SourceSection[];
  readonly downs: readonly SourceSection[];
  /** In the header, for findings about the file as a whole. */
  readonly headerIgnores: readonly Ignore[];
  /** What the header says the file is; undefined where it says nothing. */
  readonly declared: Declared | undefined;
  /** Why it cannot be read as a migration; then there are no sections. */
  readonly fault: SourceFault | undefined;
}

export interface SourceFault {
  /** What it is that keeps the file from running. */
  readonly about: "missing-down" | "control" | "alone" | "other";
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
  readonly line: number;
}

export interface Declared {
  /** As it is written. */
  readonly text: string;
  /** Undefined where the text is none of them. */
  readonly type: "safe" | "risky" | "breaking" | undefined;
  readonly offset: number;
  readonly line: number;
}
