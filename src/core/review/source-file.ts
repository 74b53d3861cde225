/** Reads the statements of a migration file for a review, section by section. */

import type { Node } from "libpg-query";
import type { Fault, Migration, MigrationFile, Range, Section } from "../migration.ts";
import { type Piece, Splitter, type Statement } from "../split.ts";
import { traits } from "../statement.ts";
import { declaredIn, ignoresIn } from "./author-comment.ts";
import type {
  Ignore, SourceFault, SourceFile, SourceSection, SourceStatement, Unread,
} from "./source.ts";

/** What Postgres' parser makes of one statement. */
export type Parsed =
  | { readonly kind: "tree"; readonly statements: readonly Node[] }
  | { readonly kind: "syntax"; readonly message: string; readonly at: number }
  | { readonly kind: "unreadable" };

export interface SourceReader {
  /** The bytes of the file, or of a part of it. */
  readonly read: (range: Range) => Iterable<Uint8Array>;
  readonly parse: (sql: string) => Parsed;
}

/** Statements that are longer hold data, and would take more memory than they are worth. */
const longestParsed = 512 * 1024;
/** As much of a longer one as is shown. */
const longExcerpt = 2 * 1024;
/** No header is as long as data can be. */
const longestHeader = 64 * 1024;

const decoder = new TextDecoder();

/** A file that can be read as a migration; faults of single sections are in it. */
export function readSource(migration: Migration, reader: SourceReader): SourceFile {
  const lines = new LineCounter(reader.read);
  const sections = [...migration.ups, ...migration.downs].sort(
    (left, right) => left.range.start - right.range.start,
  );
  const read = new Map(sections.map((one) => [one, readSection(one, reader, lines)]));
  const inOrder = (list: readonly Section[]): readonly SourceSection[] =>
    list.flatMap((one) => read.get(one) ?? []);
  const fault = sections.find((one) => one.fault !== undefined)?.fault;
  const at = [...read.values()].flatMap(({ statements }) => statements)
    .find(({ offset }) => offset === fault?.offset);
  return {
    file: migration.file,
    ups: inOrder(migration.ups),
    downs: inOrder(migration.downs),
    ...readHeader(migration, reader),
    fault: fault === undefined ? undefined : sourceFault(fault, at, reader),
  };
}

/** A file that is no migration as it stands. */
export function faultySource(
  file: MigrationFile,
  fault: Fault,
  { read }: Pick<SourceReader, "read">,
): SourceFile {
  return {
    file, ups: [], downs: [], headerIgnores: [], declared: undefined,
    fault: sourceFault(fault, undefined, { read }),
  };
}

function sourceFault(
  { message, hint, offset }: Fault,
  at: SourceStatement | undefined,
  { read }: Pick<SourceReader, "read">,
): SourceFault {
  const ofStatement = at?.isControl === true ? "control" : at?.alone === true ? "alone" : "other";
  const about = message.startsWith("no `-- migrate:down`") ? "missing-down" : ofStatement;
  return { about, message, hint, offset, line: new LineCounter(read).at(offset) };
}

/** Comments before the first marker, and those behind it in front of the first statement. */
function readHeader(
  migration: Migration,
  { read }: SourceReader,
): Pick<SourceFile, "headerIgnores" | "declared"> {
  const start = migration.ups[0]?.range.start ?? 0;
  const end = Math.min(start, longestHeader);
  const text = decode([...read({ start: 0, end })]);
  const top = { offset: 0, line: 1 };
  const beforeMarker = text.replace(/^--[ \t]*migrate:up[^]*$/m, "");
  return {
    headerIgnores: ignoresIn(beforeMarker, top),
    declared: declaredIn(text, top) ?? declaredBehind(migration, read),
  };
}

function declaredBehind(
  { ups: [first] }: Migration,
  read: SourceReader["read"],
): SourceFile["declared"] {
  if (first === undefined) return undefined;
  const { start } = first.range;
  const end = Math.min(first.range.end, start + longestHeader);
  const splitter = new Splitter();
  const pieces = [...read({ start, end })].flatMap((chunk) => splitter.push(chunk));
  const [piece] = [...pieces, ...splitter.end()];
  if (piece === undefined) return undefined;
  const head = piece.kind === "statement" ? piece.head : piece.bytes.length;
  const line = new LineCounter(read).at(start);
  return declaredIn(decode([piece.bytes.subarray(0, head)]), { offset: start, line });
}

function readSection(
  section: Section,
  { read, parse }: SourceReader,
  lines: LineCounter,
): SourceSection {
  const statements: SourceStatement[] = [];
  const strayIgnores: Ignore[] = [];
  const { start } = section.range;
  const line = lines.at(start);
  for (const piece of pieces(section.range, read)) {
    const place = { offset: start + piece.offset, line: lines.at(start + piece.offset) };
    if (piece.kind === "statement") {
      statements.push(readStatement(piece, { place, parse, lines, start }));
    } else if (piece.kind === "trivia") {
      strayIgnores.push(...ignoresIn(decode([piece.bytes]), place));
    }
    lines.pass(start + piece.offset, piece.bytes);
  }
  const { direction, transactional } = section;
  return { direction, transactional, line, offset: start, statements, strayIgnores };
}

function* pieces(range: Range, read: SourceReader["read"]): Generator<Piece> {
  const splitter = new Splitter();
  for (const chunk of read(range)) yield* splitter.push(chunk);
  yield* splitter.end();
}

interface Reading {
  readonly place: { readonly offset: number; readonly line: number };
  readonly parse: SourceReader["parse"];
  readonly lines: LineCounter;
  /** Of the section. */
  readonly start: number;
}

function readStatement(statement: Statement, reading: Reading): SourceStatement {
  const { bytes, head, tail } = statement;
  const { place, parse } = reading;
  const found = traits(statement);
  const isLong = tail - head > longestParsed;
  const shown = bytes.subarray(head, isLong ? head + longExcerpt : tail);
  const text = decode([shown]);
  const parsed: Parsed = isLong ? { kind: "unreadable" } : parse(text);
  const line = place.line + countLines(bytes.subarray(0, head));
  return {
    text,
    offset: place.offset + head,
    line,
    endLine: line + countLines(bytes.subarray(head, tail)),
    command: found.command,
    tree: parsed.kind === "tree" ? parsed.statements[0] : undefined,
    unread: unreadOf(parsed, statement),
    ignores: ignoresIn(decode([bytes.subarray(0, head)]), place),
    isControl: found.control !== undefined,
    alone: found.alone,
  };
}

/** COPY … FROM STDIN is read without its data, and so is nothing wrong. */
function unreadOf(parsed: Parsed, { copyFromStdin }: Statement): Unread | undefined {
  if (parsed.kind === "tree") return undefined;
  if (parsed.kind === "unreadable" || copyFromStdin !== undefined) return { kind: "long" };
  return { kind: "syntax", message: parsed.message, at: parsed.at };
}

function decode(chunks: readonly Uint8Array[]): string {
  return decoder.decode(Buffer.concat(chunks));
}

const lineFeed = 10;

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    count += 1;
  }
  return count;
}

/** Knows the line of one offset, and finds that of a later one from there. */
class LineCounter {
  readonly #read: SourceReader["read"];
  #offset = 0;
  #line = 1;

  constructor(read: SourceReader["read"]) {
    this.#read = read;
  }

  /** The line of the byte at `offset`, which must not lie before what was passed. */
  at(offset: number): number {
    if (offset > this.#offset) {
      for (const chunk of this.#read({ start: this.#offset, end: offset })) {
        this.#line += countLines(chunk);
      }
      this.#offset = offset;
    }
    return this.#line;
  }

  /** Takes notice of bytes that somebody else has read. */
  pass(offset: number, bytes: Uint8Array): void {
    this.at(offset);
    this.#line += countLines(bytes);
    this.#offset = offset + bytes.length;
  }
}
