/** What the engine tells while it works, and what a command returns in the end. */

import type { Blocker } from "../core/blocker.ts";
import type { ForcedState, ForceRequest } from "../core/force.ts";
import type { TableName } from "../core/identifier.ts";
import type { UnitState } from "../core/journal.ts";
import type { Direction, LedgerRow, MigrationFile } from "../core/migration.ts";
import type { LockCause } from "../core/retry.ts";
import type { ReviewDocument } from "../core/review/review.ts";
import type { Rule } from "../core/review/rule.ts";
import type { ServerWork } from "../core/server-work.ts";
import type { PlannedStep } from "../core/plan.ts";
import type { Shell } from "../core/shell.ts";
import type { ErrorCode, Place, ServerMessage } from "../errors.ts";

export type Event =
  | { readonly kind: "target"; readonly description: string; readonly server: string }
  | {
      /** From now on it must be in nothing that is shown. */
      readonly kind: "secret";
      readonly text: string;
    }
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
  | ServerWait
  | {
      readonly kind: "waiting-ends";
      readonly waitedMs: number;
      /** `silent`: the time was up, or somebody wished to stop. */
      readonly server: "answers" | "silent";
    }
  | { readonly kind: "lock-wait"; readonly holder: string | undefined; readonly waitedMs: number }
  | {
      /** Somebody keeps a table of ours locked that is to be read. */
      readonly kind: "table-wait";
      readonly table: TableName;
      readonly waitedMs: number;
      /** Empty where nobody could be seen. */
      readonly blockers: readonly Blocker[];
    }
  | { readonly kind: "run-lock-taken"; readonly waitedMs: number }
  | { readonly kind: "run-lock-released" }
  | {
      /** What is about to run, in its order; not told where there is nothing. */
      readonly kind: "planned";
      readonly steps: readonly PlannedStep[];
    }
  | { readonly kind: "applying" | "rolling-back"; readonly file: MigrationFile }
  | {
      /** Under transaction:false a unit begins, counted from 1. */
      readonly kind: "statement-begins";
      readonly file: MigrationFile;
      readonly direction: Direction;
      readonly unit: number;
      readonly of: number;
      /** `CREATE INDEX CONCURRENTLY`; BEGIN for a group. */
      readonly command: string;
    }
  | {
      readonly kind: "applied" | "rolled-back";
      readonly file: MigrationFile;
      readonly ms: number;
      /** Rows of the last statement; undefined where the section holds none. */
      readonly rows: number | undefined;
    }
  | StepProgress
  | {
      readonly kind: "lock-retry";
      readonly file: MigrationFile;
      readonly direction: Direction;
      readonly cause: LockCause;
      /** How many tries have failed, this one included. */
      readonly failed: number;
      /** How many more there are to be at most. */
      readonly left: number;
      readonly pauseMs: number;
      /** Who was seen in the way while the try waited; empty where nobody could be seen. */
      readonly blockers: readonly Blocker[];
    }
  | {
      readonly kind: "resuming";
      readonly file: MigrationFile;
      readonly direction: Direction;
      /** The unit it goes on with, from 1; one more than there are where only the row lacks. */
      readonly unit: number;
      readonly of: number;
    }
  | {
      readonly kind: "leftover-dropped";
      /** The index as SQL writes it. */
      readonly index: string;
    }
  | { readonly kind: "forcing"; readonly entries: readonly ForcedEntry[] }
  | { readonly kind: "server-notice"; readonly notice: ServerMessage }
  | { readonly kind: "warning"; readonly message: string; readonly at?: Place };

/** The server does not let us in yet: the wait begins, or another try has failed. */
export interface ServerWait {
  readonly kind: "waiting-begins" | "waiting-goes-on";
  readonly waitedMs: number;
  /** Why the last try failed. */
  readonly code: ErrorCode;
  readonly reason: string;
}

/** How far a step is, told again and again while it runs for long. */
export interface StepProgress {
  readonly kind: "step-progress";
  readonly file: MigrationFile;
  readonly direction: Direction;
  readonly elapsedMs: number;
  /** Under transaction:false which unit runs, from 1. */
  readonly unit: { readonly number: number; readonly of: number } | undefined;
  /** What the server says it is at; undefined where it says nothing. */
  readonly work: ServerWork | undefined;
  readonly blockers: readonly Blocker[];
}

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
  /** Set where it is half applied or half rolled back. */
  readonly dirty: DirtyStep | undefined;
}

/** A step that began and did not end. */
export interface DirtyStep {
  readonly direction: Direction;
  /** The statement it stopped at, from 1; one more than there are where only the row lacks. */
  readonly unit: number;
  /** Undefined where the file is gone or cannot be parsed. */
  readonly of: number | undefined;
  readonly place: Place | undefined;
  readonly command: string | undefined;
  /** Whether another statement stands in that place now. */
  readonly changed: boolean;
  readonly state: UnitState | "next";
  /** What the server said of it. */
  readonly error: string | undefined;
  /** Why it cannot go on as its file is now. */
  readonly refusal: string | undefined;
  /** Whether only a person can say if the statement is to run again. */
  readonly asks: boolean;
  /** Set while a run goes on: it may be what this run is in the midst of. */
  readonly runBy: string | undefined;
}

/** A version whose state `force` changes. */
export interface ForcedEntry {
  readonly version: string;
  /** Undefined where only the journal knows the version. */
  readonly file: MigrationFile | undefined;
  readonly from: ForcedState | "dirty";
  readonly to: ForcedState;
  /** Of half-run steps: what the next command would run a second time. */
  readonly repeats: ForcedStatements;
  /** Of half-run steps: what would never be run. */
  readonly skips: ForcedStatements;
}

export interface ForcedStatements {
  readonly listed: readonly ForcedStatement[];
  /** How many there are beside these. */
  readonly more: number;
}

/** A unit of a step that ran half. */
export interface ForcedStatement {
  readonly direction: Direction;
  /** From 1, in the order in which they run. */
  readonly unit: number;
  /** Undefined where the file has changed since, or is gone. */
  readonly at: { readonly file: string; readonly line: number } | undefined;
  readonly command: string | undefined;
  /** Whether it has run; of some nobody can say. */
  readonly ran: "yes" | "perhaps" | "no";
}

export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "ran"; readonly steps: readonly StepResult[] }
  | {
      readonly kind: "script";
      /** To be written in order; read lazily, for files that are large. */
      readonly parts: Iterable<Uint8Array>;
      /** What it would do. */
      readonly steps: readonly PlannedStep[];
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
  | {
      readonly kind: "forced";
      /** The file that was named. */
      readonly file: MigrationFile;
      readonly scope: ForceRequest["kind"];
      readonly entries: readonly ForcedEntry[];
      /** `looked`: it was a dry run; `declined`: the person who was asked said no. */
      readonly did: "changed" | "nothing" | "looked" | "declined";
    }
  | ReviewOutcome
  | ManualOutcome
  | { readonly kind: "version"; readonly version: string | undefined; readonly dirty: boolean };

/** What `plan` and `lint` come to; it has formats of its own. */
export type ReviewOutcome =
  | {
      readonly kind: "review";
      readonly document: ReviewDocument;
      /** What a dry run would print, where the format asks for it. */
      readonly script: Iterable<Uint8Array> | undefined;
    }
  | { readonly kind: "rules"; readonly rules: readonly Rule[] }
  | { readonly kind: "rule"; readonly rule: Rule };

/** What is made from the commands and options themselves. */
export type ManualOutcome =
  | { readonly kind: "completions"; readonly shell: Shell }
  | { readonly kind: "man-page" };
