/** Reads a section piece by piece and sends it, in as few messages as can be. */

import { type Checksum, checksumOptions } from "../core/checksum.ts";
import { isSpokenAlone } from "../core/copy-out.ts";
import { Message, type Purpose } from "../core/message.ts";
import type { Range, Section } from "../core/migration.ts";
import {
  type InvalidIndex, invalidIndexMove, invalidIndexText, passedOverIndex, passedOverSql,
} from "../core/passed-over.ts";
import { byteOfCharacter } from "../core/position.ts";
import { isIgnoredMetaCommand } from "../core/sql-faults.ts";
import { type Piece, Splitter, type Statement } from "../core/split.ts";
import { traits } from "../core/statement.ts";
import { liftStatementTimeoutSql, restoreStatementTimeoutSql } from "../core/step-sql.ts";
import { afterReset, sectionTimeouts, type Timeouts } from "../core/timeouts.ts";
import { PgmateError, type ServerMessage } from "../errors.ts";
import { lostLockText } from "./lock.ts";
import type { Sent } from "./sent.ts";
import type { Session } from "./session.ts";
import type { StepFailure, StepOrigin } from "./step-failure.ts";

export interface SenderContext {
  readonly session: Session;
  readonly signal: AbortSignal;
  /** Where a section says nothing else; a RESET in it must not undo them. */
  readonly timeouts: Timeouts;
  /** What RESET ALL in a section must not undo either: how a loss is seen. */
  readonly settingsSql: readonly string[];
  readonly read: (range: Range) => Iterable<Uint8Array>;
}

/** What is sent: a range of the file without some of its statements. */
export interface Passage extends Pick<Section, "range" | "wrapper" | "timeouts"> {
  /** Whether a transaction is open around it. */
  readonly within: "transaction" | "nothing";
}

/** A section larger than this goes in several messages; Postgres' own limit is 1 GiB. */
const messageBytes = 1024 * 1024;

export class Sender {
  /** Rows of the last statement of the file that ran; 0 for one that touches none. */
  lastRowCount: number | undefined;
  readonly #context: SenderContext;
  readonly #title: string;
  readonly #checksum: Checksum | undefined;
  #message: Message;

  /**
   * `title` is what the server's lists and logs show of each message first. The checksum takes in
   * all sections that are sent, which then are transactional ones.
   */
  constructor(context: SenderContext, title: string, checksum?: Checksum) {
    this.#context = context;
    this.#title = title;
    this.#checksum = checksum;
    this.#message = new Message(title);
  }

  /** Adds a statement of pgmate's own, without its `;`. */
  own(purpose: Purpose, sql: string): void {
    this.#message.addOwn(purpose, sql);
  }

  /** Adds a whole section; sends what no longer fits into one message, and COPY data. */
  async section(section: Passage): Promise<StepFailure | undefined> {
    const { timeouts } = section;
    this.#checksum?.section(checksumOptions({ transactional: true, timeouts }));
    const pieces = this.#pieces(section);
    for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
      const piece = next.value;
      let failure: StepFailure | undefined;
      if (piece.kind === "statement" && isSpokenAlone(piece)) {
        failure = await this.#copy(section, piece, pieces);
      } else {
        this.#add(section, piece);
        if (this.#message.sizeBytes > messageBytes) failure = await this.flush();
      }
      if (failure !== undefined) return failure;
    }
    this.#message.closeFile();
    return undefined;
  }

  /** Sends what has been added; nothing to do where nothing has. */
  async flush(
    when: "unless stopped" | "always" = "unless stopped",
  ): Promise<StepFailure | undefined> {
    const message = this.take();
    if (message.isEmpty) return undefined;
    if (when === "unless stopped") this.#refuseWhenStopped();
    const { session } = this.#context;
    const sent = await session.send(message.text());
    if (sent.kind === "failed" && session.transactionState !== "I") await session.send("rollback");
    return this.judge(sent, message);
  }

  /** What has been added, for whoever sends it otherwise. */
  take(): Message {
    const message = this.#message;
    this.#message = new Message(this.#title);
    return message;
  }

  /** What came of a message, when no transaction is open any more. Throws `lock-lost`. */
  judge(sent: Sent, message: Message): StepFailure | undefined {
    if (sent.kind === "done") {
      const last = message.lastFileStatement;
      if (last !== -1) this.#noteRows(sent.rowCounts[last]);
      return undefined;
    }
    const origin = originOf(sent, message);
    const isLockLost = origin.kind === "ours" && sent.message.message.includes(lostLockText);
    if (isLockLost) throw lockLost();
    const passedOver = passedOverBy(sent, origin);
    if (passedOver !== undefined) {
      const place = message.originAfter(sent.completed - 1) ?? origin;
      return passing(passedOver, place);
    }
    return { kind: "failed", message: saidOf(sent, message), origin, unitsDone: 0 };
  }

  *#pieces(section: Passage): Generator<Piece> {
    const splitter = new Splitter();
    for (const chunk of this.#context.read(section.range)) {
      for (const piece of splitter.push(chunk)) yield this.#counted(piece);
    }
    for (const piece of splitter.end()) yield this.#counted(piece);
  }

  #counted(piece: Piece): Piece {
    this.#checksum?.piece(piece);
    return piece;
  }

  #add(section: Passage, piece: Piece): undefined {
    if (piece.kind === "meta-command" && isIgnoredMetaCommand(piece.name)) return;
    const offset = section.range.start + piece.offset;
    if (piece.kind !== "statement") {
      this.#message.addFile(piece.bytes, offset, undefined);
      return;
    }
    const [head, tail] = [offset + piece.head, offset + piece.tail];
    if (section.wrapper.some((range) => range.start === head)) return;
    // Long but harmless: no limit is to end it, and what it did is lost if one does.
    const isWithin = section.within === "transaction";
    const lifted = isWithin && startsWith(piece, /a/i) && traits(piece).validates;
    if (lifted) for (const sql of liftStatementTimeoutSql) this.own("begin", sql);
    this.#message.addFile(piece.bytes, offset, { head, tail });
    const behind = lifted
      ? restoreStatementTimeoutSql
      : startsWith(piece, /[rs]/i) ? this.#afterReset(section, piece) : [];
    const check = isWithin && startsWith(piece, /c/i) ? passedOverSql(piece) : undefined;
    if (behind.length > 0 || check !== undefined) this.#endStatement(piece);
    for (const sql of behind) this.own("begin", sql);
    if (check !== undefined) this.own("index", check);
  }

  #afterReset(section: Passage, statement: Statement): readonly string[] {
    const { timeouts, settingsSql } = this.#context;
    return afterReset(statement, sectionTimeouts(section, timeouts), settingsSql);
  }

  /** The last one of a file may lack its `;`. */
  #endStatement({ terminated }: Statement): void {
    if (!terminated) this.#message.closeFile();
  }

  async #copy(
    section: Passage,
    statement: Statement,
    rest: Iterator<Piece>,
  ): Promise<StepFailure | undefined> {
    const before = await this.flush();
    if (before !== undefined) return before;
    const offset = section.range.start + statement.offset;
    const data = new CopyPayload(rest);
    this.#refuseWhenStopped();
    const sent = await this.#context.session.copyIn(statementText(statement), data);
    if (sent.kind === "done") {
      this.#noteRows(sent.rowCounts.at(-1));
      return undefined;
    }
    const { position } = sent.message;
    const head = offset + statement.head;
    const sql = statement.bytes.subarray(statement.head);
    if (this.#context.session.transactionState !== "I") {
      await this.#context.session.send("rollback");
    }
    return {
      kind: "failed",
      message: sent.message,
      origin: {
        kind: "section",
        offset: position === undefined ? head : head + byteOfCharacter(sql, position - 1),
        copyDataOffset: offset + statement.bytes.length,
      },
      unitsDone: 0,
    };
  }

  /** A message sent after the wish to stop would run to its end: the server heard it before. */
  #refuseWhenStopped(): void {
    if (this.#context.signal.aborted) throw new PgmateError("interrupted", "interrupted");
  }

  #noteRows(count: number | undefined): void {
    this.lastRowCount = count === undefined || Number.isNaN(count) ? 0 : count;
  }
}

function originOf(sent: Extract<Sent, { kind: "failed" }>, message: Message): StepOrigin {
  const { position } = sent.message;
  const pointed = position === undefined ? undefined : message.pointedAt(position);
  if (pointed !== undefined) return { kind: "section", offset: pointed.offset };
  const origin = message.originAfter(sent.completed);
  if (origin?.kind === "section") return origin;
  // The whole message is parsed before its first statement runs, and that one is pgmate's own.
  if (sent.completed === 0 && message.holdsFile) return { kind: "file" };
  return origin ?? { kind: "file" };
}

function passedOverBy(
  { message }: Extract<Sent, { kind: "failed" }>,
  origin: StepOrigin,
): InvalidIndex | undefined {
  const isCheck = origin.kind === "ours" && origin.purpose === "index";
  return isCheck ? passedOverIndex(message.message) : undefined;
}

/** The statement before the check is to blame: that one the server took for done. */
function passing(passedOver: InvalidIndex, origin: StepOrigin): StepFailure {
  const message = {
    severity: "ERROR",
    code: "55000",
    message: invalidIndexText(passedOver),
    hint: invalidIndexMove(passedOver, "built"),
  };
  return { kind: "failed", message, origin, unitsDone: 0, passedOver };
}

/** The `;` that the server did not expect is not the file's: what it met there is the end. */
function saidOf(sent: Extract<Sent, { kind: "failed" }>, message: Message): ServerMessage {
  const { position } = sent.message;
  const isAtEnd = position !== undefined && message.pointedAt(position)?.atEnd === true;
  if (!isAtEnd) return sent.message;
  const said = sent.message.message.replace(/at or near ";"$/, "at end of input");
  return { ...sent.message, message: said };
}

/** The data of one COPY, taken from the pieces as it is asked for. */
class CopyPayload implements Iterable<Uint8Array> {
  readonly #pieces: Iterator<Piece>;

  constructor(pieces: Iterator<Piece>) {
    this.#pieces = pieces;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (let next = this.#pieces.next(); next.done !== true; next = this.#pieces.next()) {
      const piece = next.value;
      // The rest of the statement's own line comes first.
      if (piece.kind === "trivia") continue;
      if (piece.kind !== "copy-data") return;
      yield piece.bytes.subarray(0, piece.payload);
      if (piece.last) return;
    }
  }
}

/** Not every statement needs to be looked at more closely. */
function startsWith({ bytes, head }: Statement, letter: RegExp): boolean {
  return letter.test(String.fromCharCode(bytes[head] ?? 0));
}

function statementText(statement: Statement): string {
  return new TextDecoder().decode(statement.bytes.subarray(statement.head, statement.tail));
}

function lockLost(): PgmateError {
  return new PgmateError(
    "lock-lost",
    "the run lock is no longer held by this session, so another run may be under way",
    {
      hint:
        "look with `pgmate status`, then run again; did a file let all advisory locks go? behind " +
        "a pooler, connect directly",
    },
  );
}
