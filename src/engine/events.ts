/** What the engine tells while it works, and what a command returns in the end. */

import type { LedgerRow, MigrationFile } from "../core/migration.ts";
import type { Place, ServerMessage } from "../errors.ts";

export type Event =
  | { readonly kind: "target"; readonly description: string; readonly server: string }
  | { readonly kind: "creating-database"; readonly name: string }
  | { readonly kind: "dropping-database"; readonly name: string }
  | { readonly kind: "creating-schema"; readonly name: string }
  | { readonly kind: "creating-migration"; readonly path: string }
  | { readonly kind: "schema-written"; readonly path: string }
  | {
      readonly kind: "schema-unchanged";
      readonly path: string;
      /** Whether somebody asked for the file, or a run came to it by itself. */
      readonly asked: "dump" | "run";
    }
  | { readonly kind: "reading-schema"; readonly path: string }
  | { readonly kind: "schema-loaded"; readonly path: string; readonly ms: number }
  | { readonly kind: "waiting-begins" }
  | { readonly kind: "waiting-goes-on" }
  | { readonly kind: "waiting-ends" }
  | { readonly kind: "lock-wait"; readonly holder: string | undefined; readonly waitedMs: number }
  | { readonly kind: "applying" | "rolling-back"; readonly file: MigrationFile }
  | {
      readonly kind: "applied" | "rolled-back";
      readonly file: MigrationFile;
      readonly ms: number;
      /** Rows of the last statement; undefined where the section holds none. */
      readonly rows: number | undefined;
    }
  | { readonly kind: "server-notice"; readonly notice: ServerMessage }
  | { readonly kind: "warning"; readonly message: string; readonly at?: Place };

export type Emit = (event: Event) => void;

export interface StepResult {
  readonly direction: "up" | "down";
  readonly file: MigrationFile;
  readonly ms: number;
}

export interface StatusEntry {
  readonly version: string;
  /** Undefined for a row whose file is gone. */
  readonly file: MigrationFile | undefined;
  readonly row: LedgerRow | undefined;
  readonly checksum: "none" | "same" | "changed" | "unreadable";
}

export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "ran"; readonly steps: readonly StepResult[] }
  | {
      readonly kind: "script";
      /** To be written in order; read lazily, for files that are large. */
      readonly parts: Iterable<Uint8Array>;
    }
  | { readonly kind: "schema"; readonly text: Uint8Array }
  | {
      readonly kind: "difference";
      readonly path: string;
      /** What the file is to the database. */
      readonly is: "same" | "other" | "missing";
      /** From the file to the database; empty where the answer is yes. */
      readonly diff: string;
      readonly answer: "yes" | "no";
    }
  | {
      readonly kind: "status";
      readonly entries: readonly StatusEntry[];
      readonly missing: readonly StatusEntry[];
      readonly answer: "yes" | "no";
    }
  | { readonly kind: "version"; readonly version: string | undefined; readonly dirty: boolean };
