/** Reads the units of a step one after the other: what each is, before it runs. */

import { type AloneStatement, aloneStatement, commitsItself } from "./alone-statement.ts";
import { Checksum } from "./checksum.ts";
import { runsConcurrently } from "./concurrently.ts";
import { LeadingWords } from "./leading-words.ts";
import type { Range, Section } from "./migration.ts";
import { sessionTrace, type SessionTrace } from "./session-trace.ts";
import { type Piece, Splitter, type Statement } from "./split.ts";
import { headOffset } from "./sql-faults.ts";
import { type Traits, traits } from "./statement.ts";

/** What runs under one commit of its own in a step without one transaction. */
export interface Unit {
  /** From 1, over all sections of the step in the order in which they run. */
  readonly number: number;
  readonly section: Section;
  /** `section` is a whole one that runs in a transaction, beside others that do not. */
  readonly kind: "statement" | "group" | "section";
  /** All of it, the data of a COPY included. */
  readonly range: Range;
  /** BEGIN and SET TRANSACTION at the front of a group or section: no query may come before. */
  readonly lead: Range | undefined;
  /** Of its first token. */
  readonly offset: number;
  readonly first: Statement;
  /** As Traits name it; BEGIN for a group. */
  readonly command: string;
  readonly hash: string;
  /** Set if it cannot run in a transaction together with the journal's row. */
  readonly alone: AloneStatement | undefined;
  /** Whether it works CONCURRENTLY, so that no timeout may end it. */
  readonly concurrent: boolean;
  /** What it leaves in the session, in its order. */
  readonly traces: readonly SessionTrace[];
}

export type ReadRange = (range: Range) => Iterable<Uint8Array>;

/** The units of a step that is not transactional; reads no further than it is asked. */
export function* unitsOf(sections: readonly Section[], read: ReadRange): Generator<Unit> {
  let number = 1;
  for (const section of sections) {
    for (const unit of unitsIn(section, read)) {
      yield { ...unit, section, number };
      number += 1;
    }
  }
}

/** The units of one range of a file, statement by statement and group by group. */
export function* unitsIn(
  section: Pick<Section, "range" | "transactional">,
  read: ReadRange,
): Generator<Omit<Unit, "number" | "section">> {
  const collector = new UnitCollector(section.transactional ? "section" : "statements");
  for (const piece of pieces(section.range, read)) {
    const unit = collector.piece(piece, section.range.start);
    if (unit !== undefined) yield unit;
  }
  const last = collector.end();
  if (last !== undefined) yield last;
}

function* pieces(range: Range, read: ReadRange): Generator<Piece> {
  const splitter = new Splitter();
  for (const chunk of read(range)) yield* splitter.push(chunk);
  yield* splitter.end();
}

/** What is known of the unit that is being read. */
interface Open {
  readonly first: Statement;
  readonly start: number;
  readonly offset: number;
  readonly command: string;
  readonly traces: SessionTrace[];
  end: number;
  /** Behind what leads it so far. */
  leadEnd: number;
  leading: boolean;
  isGroup: boolean;
  /** Whether the group has not ended. */
  inGroup: boolean;
  readOnly: boolean;
  readonly mustRunAlone: boolean;
}

class UnitCollector {
  readonly #extent: "section" | "statements";
  readonly #checksum = new Checksum();
  #open: Open | undefined;
  #copies = false;

  constructor(extent: "section" | "statements") {
    this.#extent = extent;
  }

  /** The unit that is complete with what came before this piece, or with it. */
  piece(piece: Piece, base: number): Omit<Unit, "number" | "section"> | undefined {
    if (piece.kind === "statement") {
      const done = this.#isComplete() ? this.end() : undefined;
      this.#statement(piece, base);
      return done;
    }
    if (this.#open === undefined) return undefined;
    // The rest of a COPY's line and its data belong to it.
    if (piece.kind === "copy-data" || this.#copies) {
      this.#open.end = base + piece.offset + piece.bytes.length;
    }
    if (piece.kind === "copy-data") {
      this.#checksum.piece(piece);
      if (piece.last) this.#copies = false;
    }
    return undefined;
  }

  end(): Omit<Unit, "number" | "section"> | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    const { first, start, offset, command, traces, end, leadEnd } = open;
    const kind = this.#extent === "section" ? "section" : open.isGroup ? "group" : "statement";
    return {
      kind,
      range: { start, end },
      lead: leadEnd > start ? { start, end: leadEnd } : undefined,
      offset,
      first,
      command,
      hash: this.#checksum.next(),
      alone: kind === "section" ? undefined : aloneOf(open),
      concurrent: kind === "statement" && open.mustRunAlone && runsConcurrently(first),
      traces,
    };
  }

  #isComplete(): boolean {
    return this.#open !== undefined && this.#extent === "statements" && !this.#open.inGroup;
  }

  #statement(statement: Statement, base: number): void {
    const found = traits(statement);
    const end = base + statement.offset + statement.bytes.length;
    const open = (this.#open ??= {
      first: statement,
      start: base + statement.offset,
      offset: base + headOffset(statement),
      command: found.command,
      traces: [],
      end,
      leadEnd: base + statement.offset,
      leading: true,
      isGroup: false,
      inGroup: false,
      readOnly: false,
      mustRunAlone: found.alone,
    });
    if (found.control === "begin") {
      open.isGroup = true;
      open.inGroup = true;
    }
    open.leading &&= found.control === "begin" || isMode(found);
    if (open.leading) {
      open.leadEnd = end;
      open.readOnly = saysReadOnly(statement) ?? open.readOnly;
    }
    open.end = end;
    if (found.control === "commit") open.inGroup = false;
    const trace = sessionTrace(statement);
    if (trace.kind !== "none") open.traces.push(trace);
    this.#copies = statement.copyFromStdin !== undefined;
    this.#checksum.piece(statement);
  }
}

function isMode({ command }: Traits): boolean {
  return command === "SET TRANSACTION";
}

/** Undefined where it says neither that nor READ WRITE; of both the last one counts. */
function saysReadOnly(statement: Statement): boolean | undefined {
  const words = new LeadingWords(statement);
  let said: boolean | undefined;
  for (let at = 1; words.at(at) !== ""; at += 1) {
    if (words.are(at, "read", "only")) said = true;
    if (words.are(at, "read", "write")) said = false;
  }
  return said;
}

/** A read-only group cannot take the journal's row in; to run it twice changes nothing. */
function aloneOf({ first, isGroup, readOnly, mustRunAlone }: Open): AloneStatement | undefined {
  if (isGroup) return readOnly ? { kind: "repeatable" } : undefined;
  if (mustRunAlone) return aloneStatement(first);
  return commitsItself(first) ? { kind: "doubtful" } : undefined;
}
