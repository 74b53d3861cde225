/** What is known of a schema before a statement runs, read from a database or from files. */

import type { ColumnType } from "./action.ts";

export type RelationKind =
  | "table"
  | "partitioned-table"
  | "index"
  | "view"
  | "materialized-view"
  | "sequence"
  | "foreign-table"
  | "unknown";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly identity: boolean;
  readonly generated: "stored" | "virtual" | undefined;
}

export interface Constraint {
  readonly name: string;
  /**
   * NOT NULL is a constraint with a name since 18; one that has the name that Postgres gives need
   * not be listed, since its column tells of it.
   */
  readonly kind: "check" | "not-null" | "foreign-key" | "unique" | "primary-key" | "exclude";
  readonly validated: boolean;
  readonly columns: readonly string[];
  /** The other table of a foreign key. */
  readonly references: string | undefined;
  /** Its columns there, in order; empty where the foreign key was read without naming them. */
  readonly referencedColumns: readonly string[];
  /** Columns that a check, or NOT NULL itself, proves to hold no null. */
  readonly provesNotNull: readonly string[];
}

export interface Index {
  readonly name: string;
  /** The table it is on. */
  readonly table: string;
  /** Its plain columns in order; an expression is an empty text. */
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly valid: boolean;
  readonly partial: boolean;
}

export interface Relation {
  /** Schema and name with a dot, each in quotes where SQL needs them. */
  readonly name: string;
  readonly kind: RelationKind;
  /** Whether the batch that is looked at makes it. */
  readonly isNew: boolean;
  /** Whether all its columns are known. */
  readonly isComplete: boolean;
  /** On disk, without indexes; undefined where no database was asked. */
  readonly bytes: number | undefined;
  readonly columns: ReadonlyMap<string, Column>;
  readonly constraints: ReadonlyMap<string, Constraint>;
  /** The partitioned table it is part of. */
  readonly partitionOf: string | undefined;
  /** Whether it is its parent's default partition. */
  readonly isDefaultPartition: boolean;
  /** The names of its policies. */
  readonly policies: readonly string[];
  readonly rowSecurity: boolean;
  /** Of a partitioned table the columns that decide; an expression is an empty text. */
  readonly partitionKey: readonly string[];
  /** What the query of a view or a materialized view reads itself, views too. */
  readonly reads: readonly string[];
  /**
   * Which columns of which relations its query or its rules use, and so keep from being dropped;
   * undefined where only the statement was read, which does not tell.
   */
  readonly readsColumns: ReadonlyMap<string, readonly string[]> | undefined;
  /** Of a sequence the table that it goes with when that is dropped. */
  readonly ownedBy: string | undefined;
}

export interface Domain {
  readonly name: string;
  readonly isNew: boolean;
  /** Its own, or those of a domain below it. */
  readonly hasConstraints: boolean;
  /** Whether its default differs from row to row. */
  readonly volatileDefault: boolean;
}

/** By the name without its schema: a review resolves neither overloads nor search paths. */
export type Volatility = "volatile" | "stable" | "immutable";

/** Everything that was read at once. */
export interface SchemaFacts {
  readonly relations: readonly Relation[];
  readonly indexes: readonly Index[];
  readonly domains: readonly Domain[];
  readonly functions: ReadonlyMap<string, Volatility>;
  /** Where names without a schema are looked for, in order; new ones go to the first. */
  readonly searchPath: readonly string[];
}

export const noFacts: SchemaFacts = {
  relations: [], indexes: [], domains: [], functions: new Map(), searchPath: ["public"],
};
