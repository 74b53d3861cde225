/** The run written down as a script for psql: what a dry run prints. */

import { runsConcurrently } from "./concurrently.ts";
import type { TableName } from "./identifier.ts";
import type { Range, Section } from "./migration.ts";
import { isIgnoredMetaCommand } from "./sql-faults.ts";
import { type Piece, Splitter } from "./split.ts";
import { ledgerSql, type Step } from "./step.ts";
import {
  beginRowSql,
  closeSectionSql,
  type LedgerColumn,
  lockTimeoutSql,
  resetSessionSql,
  timeoutSetting,
} from "./step-sql.ts";

export interface ScriptStep {
  readonly step: Step;
  readonly read: (range: Range) => Iterable<Uint8Array>;
}

export interface ScriptOptions {
  /** Lines of the header, without their `--`. */
  readonly header: readonly string[];
  /** Statements that make or mend the ledger, and the schema it is in. */
  readonly ledgerSql: readonly string[];
  readonly steps: readonly ScriptStep[];
  readonly table: TableName;
  readonly columns: ReadonlySet<LedgerColumn>;
  readonly lockTimeoutMs: number;
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
    yield* own(["begin", lockTimeoutSql(options.lockTimeoutMs), ...options.ledgerSql, "commit"]);
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
  yield* own(["begin", lockTimeoutSql(options.lockTimeoutMs)]);
  for (const section of one.step.sections) yield* wholeSection(one, section);
  const rows = ledgerSql(one.step, options.table, options.columns);
  yield* own([...closeSectionSql, ...rows, "commit"]);
}

function* units(one: ScriptStep, options: ScriptOptions): Generator<Uint8Array> {
  const timeout = timeoutSetting(options.lockTimeoutMs);
  for (const section of one.step.sections) {
    if (section.transactional) {
      yield* own(["begin", lockTimeoutSql(options.lockTimeoutMs)]);
      yield* wholeSection(one, section);
      yield* own([...closeSectionSql, "commit"]);
      continue;
    }
    yield* own([`set lock_timeout = ${timeout}`]);
    for (const piece of pieces(one, section)) {
      const concurrent = piece.kind === "statement" && runsConcurrently(piece);
      if (concurrent) {
        yield text("\n");
        yield* own(["set lock_timeout = 0", "set statement_timeout = 0"]);
      }
      yield piece.bytes;
      if (concurrent) {
        yield text("\n;\n");
        yield* own([`set lock_timeout = ${timeout}`, "reset statement_timeout"]);
      }
    }
    yield text("\n;\n");
  }
  const rows = ledgerSql(one.step, options.table, options.columns);
  const before = [beginRowSql, lockTimeoutSql(options.lockTimeoutMs), ...closeSectionSql];
  yield* own([...before, ...rows, "commit"]);
}

function* wholeSection(one: ScriptStep, section: Section): Generator<Uint8Array> {
  for (const piece of pieces(one, section)) {
    const head = piece.kind === "statement" ? piece.offset + piece.head : piece.offset;
    const start = section.range.start + head;
    if (section.wrapper.some((range) => range.start === start)) continue;
    yield piece.bytes;
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
