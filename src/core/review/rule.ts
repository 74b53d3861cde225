/** The nouns of a review: a rule, its page and its cases, and what it says of a statement. */

import type { Direction, MigrationFile } from "../migration.ts";
import type { Action } from "./action.ts";
import type { SchemaModel } from "./schema-model.ts";
import type {
  Ignore, SourceFile, SourceSection, SourceStatement, TextPlace,
} from "./source.ts";

/**
 * From the mildest to the worst. `advice` changes no verdict; `error` is what cannot run or cannot
 * be trusted as it stands. The names and their order are stable for scripts.
 */
export const riskClasses = ["advice", "safe", "risky", "breaking", "error"] as const;

export type RiskClass = (typeof riskClasses)[number];

/** Postgres' own names of its table locks, from the weakest to the strongest. */
export const lockModes = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;

export type LockMode = (typeof lockModes)[number];

export interface RelationLock {
  /** As `SchemaModel` names it. */
  readonly relation: string;
  readonly mode: LockMode;
}

/** What a rule says of one action. Relations are named as `SchemaModel` names them. */
export interface Judgement {
  /** One class, or `risky` and `breaking` together. */
  readonly classes: readonly RiskClass[];
  /** One sentence that names what is locked, read or broken. */
  readonly reason: string;
  readonly instead?: string;
  /** Whose users are at stake: where all of them are made in the same batch, nothing is. */
  readonly subjects: readonly string[];
  /** With whose size the time grows: where all of them are small or new, it is not `risky`. */
  readonly growsWith?: readonly string[];
  readonly locks?: readonly RelationLock[];
  /** Relations that get a new file on disk. */
  readonly rewrites?: readonly string[];
  /** Relations that are read from end to end while the locks are held. */
  readonly scans?: readonly string[];
  /** What data goes for good: `the rows of app.orders`. */
  readonly loses?: string;
  /** Where in the statement, in bytes; the statement's first byte where it is absent. */
  readonly location?: number;
}

/** What a rule may ask beside the statement itself. */
export interface Known {
  /** As it is before the statement. */
  readonly schema: SchemaModel;
  /** Undefined where no server was asked. */
  readonly serverMajor: number | undefined;
  /** The session's, in the server's spelling; undefined where no server was asked. */
  readonly timeZone: string | undefined;
  readonly source: "files" | "database";
}

export interface RulePage {
  /** Which relations in which mode, and what is read or written meanwhile. */
  readonly locks: string;
  /** Why that hurts. */
  readonly why: string;
  /** What to write instead, as SQL where that is possible. */
  readonly instead: string;
  /** Since which version it holds, and how versions differ. */
  readonly since: string;
}

/** A statement on the schema of `testing/measured-schema.sql`, and what the rule says of it. */
export interface RuleCase {
  /** What is run before, and belongs to what is there already. */
  readonly before?: string;
  readonly sql: string;
  readonly gives: readonly RiskClass[] | "silent";
  /** Given where a reading without the database says something else. */
  readonly givesFromFiles?: readonly RiskClass[] | "silent";
  /** The first server that takes the statement; 15 where it is absent. */
  readonly from?: 16 | 17 | 18;
  /** Set where no transaction can hold the statement. */
  readonly alone?: true;
  /** Set where the statement must fail on the data that are there: nothing can be measured. */
  readonly fails?: true;
  /** The session's TimeZone, where it is not UTC. */
  readonly timeZone?: string;
}

export interface RuleInfo {
  /** Stable: people write it into files and scripts. */
  readonly id: string;
  /** What it is about, in a line. */
  readonly title: string;
  readonly page: RulePage;
}

/** Looks at one action at a time; its claims are measured on servers 15 to 18. */
export interface StatementRule extends RuleInfo {
  readonly scope: "statement";
  /** Set where it speaks only of what no rule before it has judged; advice does not count. */
  readonly asked?: "last";
  readonly judge: (action: Action, known: Known) => Judgement | undefined;
  readonly cases: readonly RuleCase[];
}

/** A project's files by name, and what the rule says of them, in order. */
export interface TextCase {
  readonly files: Readonly<Record<string, string>>;
  readonly gives: readonly RiskClass[];
}

/** A statement with what the rules for statements say of it. */
export interface JudgedStatement extends StatementJudgement {
  readonly source: SourceStatement;
}

export interface JudgedSection {
  readonly section: SourceSection;
  readonly statements: readonly JudgedStatement[];
}

/** Looks at the statements of a section together. */
export interface SectionRule extends RuleInfo {
  readonly scope: "section";
  readonly judge: (judged: JudgedSection) => readonly SectionJudgement[];
  readonly cases: readonly TextCase[];
}

export interface SectionJudgement extends Told {
  /** The statement that it is told at. */
  readonly statement: JudgedStatement;
}

interface Told {
  readonly classes: readonly RiskClass[];
  readonly reason: string;
  readonly instead?: string;
}

/** A file with the verdict on it, and what its comments came to. */
export interface JudgedFile {
  readonly source: SourceFile;
  readonly direction: Direction;
  /** False for what is applied already, where only the form of the file is looked at. */
  readonly isJudged: boolean;
  readonly verdict: "safe" | "risky" | "breaking";
  readonly usedIgnores: ReadonlySet<Ignore>;
  /** Ids of all rules there are. */
  readonly ruleIds: ReadonlySet<string>;
}

/** Looks at a file as a whole. */
export interface FileRule extends RuleInfo {
  readonly scope: "file";
  readonly judge: (file: JudgedFile) => readonly FileJudgement[];
  readonly cases: readonly TextCase[];
}

export interface FileJudgement extends Told {
  readonly place: TextPlace;
}

/** Looks at the names of all files of the folders. */
export interface FolderRule extends RuleInfo {
  readonly scope: "folder";
  readonly judge: (files: readonly MigrationFile[]) => readonly FolderJudgement[];
  readonly cases: readonly TextCase[];
}

export interface FolderJudgement extends Told {
  /** The file that it is told at. */
  readonly file: MigrationFile;
}

/** What only a rehearsal can find: it looks at nothing by itself. */
export interface RehearsalRule extends RuleInfo {
  readonly scope: "rehearsal";
  readonly cases: readonly TextCase[];
}

export type Rule = StatementRule | SectionRule | FileRule | FolderRule | RehearsalRule;

/** A statement rule's judgement after what is new or small has been taken into account. */
export interface RuledJudgement {
  readonly rule: StatementRule;
  readonly classes: readonly RiskClass[];
  readonly reason: string;
  readonly instead: string | undefined;
  readonly loses: string | undefined;
  /** In the statement's bytes. */
  readonly location: number;
  /** Whether it is milder than the rule says, since the table is small. */
  readonly isSoftened: boolean;
}

/** On relations that are there before, each once, locks in their strongest mode. */
export interface Effects {
  readonly locks: readonly RelationLock[];
  readonly rewrites: readonly string[];
  readonly scans: readonly string[];
}

export interface StatementJudgement extends Effects {
  readonly judgements: readonly RuledJudgement[];
}

/** Which mode conflicts more; for sorting and merging. */
export function lockRank(mode: LockMode): number {
  return lockModes.indexOf(mode);
}

export function classRank(one: RiskClass): number {
  return riskClasses.indexOf(one);
}

/** The worst of them; `safe` where there is none. */
export function worstClass(classes: readonly RiskClass[]): RiskClass {
  return classes.reduce((worst, one) => (classRank(one) > classRank(worst) ? one : worst), "safe");
}
