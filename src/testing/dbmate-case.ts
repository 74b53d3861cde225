/** What a case of the comparison with dbmate is, and the words in which cases are written. */
import type { DifferenceId } from "./dbmate-differences.ts";
import type { ProjectFiles } from "./program.ts";

export const tools = ["dbmate", "pgmate"] as const;
export type Tool = (typeof tools)[number];

/** What the two programs do, where they differ. */
export type PerTool<Value> = Readonly<Record<Tool, Value>>;

/** One value is what both must show, a pair is an intended difference. */
export type Expected<Value> = Value | PerTool<Value>;

export interface Run {
  readonly args: readonly string[];
  /** Beside `DATABASE_URL` and `DBMATE_NO_DUMP_SCHEMA`; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Done before the command, in this order. */
  readonly write?: ProjectFiles;
  readonly remove?: readonly string[];
  readonly sql?: string;
  readonly status: Expected<number>;
  /** Lines of stdout; where it is left out, both must print the same. */
  readonly out?: Expected<readonly string[]>;
  /**
   * A part of stderr, since the words are never the same. A run that fails needs it; where one
   * succeeds and nothing is said, stderr must be empty, but for pgmate's target.
   */
  readonly err?: Partial<PerTool<string>>;
  /** What pgmate must not show anywhere, and dbmate does. */
  readonly secret?: string;
}

/**
 * In arguments, environment, SQL and files other than migrations `{url}`, `{login}`, `{host}`,
 * `{port}`, `{socket}` and `{database}` stand for the case's own.
 */
export interface Case {
  readonly title: string;
  /** The intended differences that it shows; a pair needs one. */
  readonly because?: readonly DifferenceId[];
  /** What pgmate is known to do wrong here for now. */
  readonly todo?: string;
  /** In `db/migrations`. */
  readonly migrations?: ProjectFiles;
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly database?: "made" | "missing";
  /** The ledger's table, if it is not the usual one. */
  readonly ledger?: string;
  readonly runs: readonly Run[];
  /** The ledger at the end, in the order of bytes. */
  readonly versions: Expected<Versions>;
  /** A query with one value, and that value; a pair means that the databases differ. */
  readonly shows?: { readonly sql: string; readonly is: Expected<unknown> };
  /** The names of files in `db/migrations` at the end; a pair means that the projects differ. */
  readonly made?: Expected<readonly string[]>;
}

export type Versions = readonly string[] | "no table" | "no database";

/** What dbmate and pgmate do, in this order. */
export function differ<Value>(dbmate: Value, pgmate: Value): PerTool<Value> {
  return { dbmate, pgmate };
}

export function isPair<Value>(expected: Expected<Value> | undefined): expected is PerTool<Value> {
  return typeof expected === "object" && expected !== null && !Array.isArray(expected)
    && "dbmate" in expected && "pgmate" in expected;
}

/** What is expected of that program; undefined where nothing is said. */
export function expectedOf<Value>(
  expected: Expected<Value> | undefined,
  tool: Tool,
): Value | undefined {
  return isPair(expected) ? expected[tool] : expected;
}

/** A command that succeeds, unless the rest says otherwise; words are separated by blanks. */
export function run(command: string, rest: Partial<Run> = {}): Run {
  return { args: command.split(" "), status: 0, ...rest };
}

/** A command that both refuse, each in its words. */
export function fails(
  command: string,
  dbmate: string,
  pgmate: string,
  rest: Partial<Run> = {},
): Run {
  return run(command, { status: 2, err: { dbmate, pgmate }, ...rest });
}

export const up = "-- migrate:up\n";
export const down = "-- migrate:down\n";
export const upAlone = "-- migrate:up transaction:false\n";
export const downAlone = "-- migrate:down transaction:false\n";

/** A migration that does nothing. */
export const nothing = up + down;

/** A migration that makes a table. */
export function table(name: string): string {
  return `${up}create table ${name} (id int);\n${down}drop table ${name};\n`;
}

/** Migrations that do nothing, under these names. */
export function files(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, nothing]));
}

/** The lines of an `up` that applies these files. */
export function applies(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [`Applying: ${name}`, `Applied: ${name} in T`]);
}

export function rollsBack(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [`Rolling back: ${name}`, `Rolled back: ${name} in T`]);
}

/** The lines of `status`; each name is preceded by `+` (applied) or `-` (pending). */
export function lists(...entries: readonly string[]): readonly string[] {
  const applied = entries.filter((entry) => entry.startsWith("+")).length;
  return [
    ...entries.map((entry) => `[${entry.startsWith("+") ? "X" : " "}] ${entry.slice(1)}`),
    "",
    `Applied: ${applied}`,
    `Pending: ${entries.length - applied}`,
  ];
}
