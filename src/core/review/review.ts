/** What a review comes to: findings, effects and verdicts, statement by statement, file by file. */

import type { Direction, MigrationFile } from "../migration.ts";
import type { Effects, RiskClass } from "./rule.ts";
import type { SourceStatement, TextPlace } from "./source.ts";
import type { Undo } from "./undo.ts";

/** The whole is as bad as its worst statement. `error` is none: it is a finding's class only. */
export type Verdict = "safe" | "risky" | "breaking";

export interface Finding {
  readonly rule: string;
  readonly classes: readonly RiskClass[];
  readonly reason: string;
  readonly instead: string | undefined;
  /** Undefined where it is about a folder. */
  readonly place: FindingPlace | undefined;
  /** Why it does not count: the author's comment, or `--allow`. */
  readonly dismissed: Dismissal | undefined;
  /** Set where it is milder than the rule says, since the table is small. */
  readonly isSoftened?: true;
}

export interface FindingPlace extends TextPlace {
  readonly path: string;
}

export type Dismissal =
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "allowed" };

export interface ReviewedStatement extends Effects {
  readonly source: SourceStatement;
  readonly verdict: Verdict;
  /** The rules that spoke, those that say `safe` too, in the order of the list of rules. */
  readonly findings: readonly Finding[];
  readonly loses: readonly string[];
  readonly undo: Undo | undefined;
  readonly measured: Measured | undefined;
}

/** What the rehearsal saw; it stands in the place of what the rules claim. */
export interface Measured extends Effects {
  readonly ms: number;
  /** False for what ran outside of a transaction, whose locks are gone when it ends. */
  readonly sawLocks: boolean;
}

export interface ReviewedFile {
  readonly file: MigrationFile;
  readonly direction: Direction;
  readonly transactional: boolean;
  readonly verdict: Verdict;
  readonly statements: readonly ReviewedStatement[];
  /** About the file as a whole, or a section of it. */
  readonly findings: readonly Finding[];
}

export interface Review {
  readonly verdict: Verdict;
  readonly files: readonly ReviewedFile[];
  /** About the folder: what no single file has. */
  readonly findings: readonly Finding[];
}

/** All findings in the order of their places; those of the folder first. */
export function allFindings(review: Review): readonly Finding[] {
  return [
    ...review.findings,
    ...review.files.flatMap(({ findings, statements }) =>
      [...findings, ...statements.flatMap((one) => one.findings)].sort(
        (left, right) => (left.place?.offset ?? 0) - (right.place?.offset ?? 0),
      ),
    ),
  ];
}

/** One file of a plan, so that `up --plan` can tell whether it is still the same. */
export interface PlannedFile {
  readonly direction: Direction;
  readonly version: string;
  readonly path: string;
  /** SHA-256 of its bytes, in hex. */
  readonly sha256: string;
}

/** What only the rehearsal knows of the whole. */
export interface Rehearsal {
  /** Where it ran: `the embedded PostgreSQL 18.3`. */
  readonly on: string;
  /** From the schema before to the schema after, as a unified diff; empty where they are equal. */
  readonly schemaDiff: string;
  readonly wayBack: WayBack;
  /** What stopped it; what came before has been measured. */
  readonly failure: RehearsalFailure | undefined;
  /** Undefined where no folder of queries was given. */
  readonly queries: RehearsedQueries | undefined;
  /** What must be known to read the figures: `locks of … cannot be seen`. */
  readonly notes: readonly string[];
}

export type WayBack =
  | { readonly kind: "same" }
  /** The diff is from the schema before to the one after up and down. */
  | { readonly kind: "differs"; readonly diff: string }
  | { readonly kind: "failed"; readonly failure: RehearsalFailure }
  | { readonly kind: "not-run"; readonly why: string };

export interface RehearsalFailure {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export interface RehearsedQueries {
  readonly checked: number;
  /** That could be prepared before and cannot after. */
  readonly broken: readonly BrokenQuery[];
  /** That could not even before: the change is not the cause. */
  readonly brokenBefore: readonly BrokenQuery[];
}

export interface BrokenQuery {
  readonly path: string;
  readonly line: number;
  /** Its first words. */
  readonly text: string;
  /** What the server says. */
  readonly message: string;
}

/** A review with all that a report of it needs to say. */
export interface ReviewDocument {
  readonly command: "plan" | "lint";
  readonly pgmateVersion: string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly direction: Direction;
  readonly review: Review;
  /** Undefined where no database was asked. */
  readonly target: ReviewTarget | undefined;
  /** In the order in which they run; empty for lint. */
  readonly plannedFiles: readonly PlannedFile[];
  readonly rehearsal: Rehearsal | undefined;
  readonly failOn: "risky" | "breaking" | undefined;
  /** `no` where `failOn` is met, or a finding is an error. */
  readonly answer: "yes" | "no";
}

export interface ReviewTarget {
  /** User, host, port, database; never a password. */
  readonly description: string;
  /** As the server calls its version. */
  readonly serverVersion: string;
  /** Of what is applied there: `history:` and a SHA-256 in hex. */
  readonly fingerprint: string;
  /** Versions in the order of the files. */
  readonly applied: readonly string[];
}
