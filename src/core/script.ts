/** The run written down as a script for psql: what a dry run prints. */

import { runsConcurrently } from "./concurrently.ts";
import type { TableName } from "./identifier.ts";
import type { Range, Section } from "./migration.ts";
import { isIgnoredMetaCommand } from "./sql-faults.ts";
import { type Piece, Splitter, type Statement } from "./split.ts";
import { traits } from "./statement.ts";
import { ledgerSql, type Step } from "./step.ts";
import {
  beginRowSql,
  closeSectionSql,
  type LedgerColumn,
  liftStatementTimeoutSql,
  lockTimeoutSql,
  resetSessionSql,
  restoreStatementTimeoutSql,
} from "./step-sql.ts";
import { sectionTimeouts, sessionTimeoutsSql, type Timeouts, timeoutsSql } from "./timeouts.ts";
import type { Unit } from "./unit.ts";

export interface ScriptStep {
  readonly step: Step;
  readonly read: (range: Range) => Iterable<Uint8Array>;
  /** Set where a run before had begun the step. */
  readonly resume: ScriptResume | undefined;
}

export interface ScriptResume {
  /** What the units that are done had set for their session. */
  readonly settings: readonly string[];
  /** The first unit to run; undefined where only the row lacks. */
  readonly unit: Pick<Unit, "section" | "range"> | undefined;
  /** What makes the journal forget the step. */
  readonly clearSql: string;
}

export interface ScriptOptions {
  /** Lines of the header, without their `--`. */
  readonly header: readonly string[];
  /** Statements that make or mend the ledger, and the schema it is in. */
  readonly ledgerSql: readonly string[];
  readonly steps: readonly ScriptStep[];
  readonly table: TableName;
  readonly columns: ReadonlySet<LedgerColumn>;
  /** Of sections whose marker says nothing else. */
  readonly timeouts: Timeouts;
}

const encoder = new TextEncoder();

/** psql would take the files for text in the database's encoding. */
const encodingSql = "set client_encoding = 'UTF8'";

/** The script in parts, in order; sections are the files' own bytes. */
export function* script(options: ScriptOptions): Generator<Uint8Array> {
  yield text("\\set ON_ERROR_STOP on\n");
  for (const line of options.header) yield text(`-- ${oneLine(line)}\n`);
  yield* own([encodingSql]);
  if (options.ledgerSql.length > 0) {
    yield text("\n-- the ledger\n");
    const timeout = lockTimeoutSql(options.timeouts.lockTimeoutMs);
    yield* own(["begin", timeout, ...options.ledgerSql, "commit"]);
  }
  for (const [index, one] of options.steps.entries()) {
    if (index > 0) {
      yield text("\n-- the session as it was at the start\n");
      yield* own([...resetSessionSql, encodingSql]);
    }
    const { file, direction } = one.step.planned;
    yield text(`\n-- ${oneLine(file.path)} (${direction})\n`);
    yield* one.step.transactional ? transaction(one, options) : units(one, options);
  }
}

function* transaction(one: ScriptStep, options: ScriptOptions): Generator<Uint8Array> {
  yield* own(["begin"]);
  let before: Timeouts | undefined;
  for (const section of one.step.sections) {
    const timeouts = sectionTimeouts(section, options.timeouts);
    yield* own(timeoutsSql(timeouts, before));
    yield* wholeSection(one, section);
    before = timeouts;
  }
  const rows = ledgerSql(one.step, options.table, options.columns);
  const cleared = one.resume === undefined ? [] : [one.resume.clearSql];
  yield* own([...closeSectionSql, ...rows, ...cleared, "commit"]);
}

function* units(one: ScriptStep, options: ScriptOptions): Generator<Uint8Array> {
  let session: Timeouts | undefined;
  for (const [index, section] of sectionsLeft(one).entries()) {
    const timeouts = sectionTimeouts(section, options.timeouts);
    yield* own(sessionTimeoutsSql(timeouts, session));
    if (index === 0) yield* own(one.resume?.settings ?? []);
    session = timeouts;
    if (!section.transactional) {
      yield* eachUnit(one, section);
      continue;
    }
    yield* own(["begin"]);
    yield* wholeSection(one, section);
    yield* own(["set constraints all immediate", "commit"]);
  }
  const rows = ledgerSql(one.step, options.table, options.columns);
  // The file may have set a lock_timeout itself.
  const held = { statementTimeoutMs: session?.statementTimeoutMs };
  const begin = [beginRowSql, ...timeoutsSql(options.timeouts, held)];
  const cleared = one.resume === undefined ? [] : [one.resume.clearSql];
  yield* own([...begin, ...closeSectionSql, ...rows, ...cleared, "commit"]);
}

/** From the first unit that is to run. */
function sectionsLeft({ step, resume }: ScriptStep): readonly Section[] {
  if (resume === undefined) return step.sections;
  const { unit } = resume;
  if (unit === undefined) return [];
  const { section, range } = unit;
  const first = { ...section, range: { start: range.start, end: section.range.end } };
  return [first, ...step.sections.slice(step.sections.indexOf(section) + 1)];
}

/** Statements in front of a statement of the file, and behind it. */
type Guard = readonly [before: readonly string[], after: readonly string[]];

const localGuard: Guard = [liftStatementTimeoutSql, restoreStatementTimeoutSql];

/** The same outside of a transaction, for all of these settings. */
function sessionGuard(...settings: readonly string[]): Guard {
  const keep = (to: string, from: string): string =>
    `select pg_catalog.set_config('${to}', pg_catalog.current_setting('${from}'), false)`;
  return [
    [
      ...settings.map((name) => keep(`pgmate.${name}`, name)),
      ...settings.map((name) => `set ${name} = 0`),
    ],
    settings.map((name) => keep(name, `pgmate.${name}`)),
  ];
}

const validateGuard = sessionGuard("statement_timeout");
const concurrentGuard = sessionGuard("lock_timeout", "statement_timeout");

function* eachUnit(one: ScriptStep, section: Section): Generator<Uint8Array> {
  let inGroup = false;
  for (const piece of pieces(one, section)) {
    if (piece.kind !== "statement") {
      yield piece.bytes;
      continue;
    }
    const { control, validates } = traits(piece);
    if (control === "begin" || control === "commit") inGroup = control === "begin";
    if (validates) yield* guarded(piece, inGroup ? localGuard : validateGuard);
    else if (runsConcurrently(piece)) yield* guarded(piece, concurrentGuard);
    else yield piece.bytes;
  }
  yield text("\n;\n");
}

function* guarded(statement: Statement, [before, after]: Guard): Generator<Uint8Array> {
  yield text("\n");
  yield* own(before);
  yield statement.bytes;
  yield text("\n;\n");
  yield* own(after);
}

function* wholeSection(one: ScriptStep, section: Section): Generator<Uint8Array> {
  for (const piece of pieces(one, section)) {
    const head = piece.kind === "statement" ? piece.offset + piece.head : piece.offset;
    const start = section.range.start + head;
    if (section.wrapper.some((range) => range.start === start)) continue;
    if (piece.kind === "statement" && traits(piece).validates) yield* guarded(piece, localGuard);
    else yield piece.bytes;
  }
  // A comment at the end must not swallow what follows.
  yield text("\n;\n");
}

function* pieces(one: ScriptStep, section: Section): Generator<Piece> {
  const splitter = new Splitter();
  for (const chunk of one.read(section.range)) yield* splitter.push(chunk).filter(isPrinted);
  yield* splitter.end().filter(isPrinted);
}

function isPrinted(piece: Piece): boolean {
  return !(piece.kind === "meta-command" && isIgnoredMetaCommand(piece.name));
}

/** A query of ours is there for its error alone: its row goes into a variable, unseen. */
function* own(statements: readonly string[]): Generator<Uint8Array> {
  const lines = statements.map((sql) =>
    sql.startsWith("select ") ? `${sql} \\gset pgmate_\n` : `${sql};\n`,
  );
  yield text(lines.join(""));
}

function text(value: string): Uint8Array {
  return encoder.encode(value);
}

/** A line break in a file's name would end the comment and become SQL. */
function oneLine(value: string): string {
  return value.replace(/[\r\n]/g, "?");
}
