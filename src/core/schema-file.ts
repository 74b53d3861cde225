/** Reads a schema file, as pg_dump, dbmate or a person wrote it: what a load must know of it. */

import { EncodingCheck } from "./encoding.ts";
import { bare, LeadingWords } from "./leading-words.ts";
import type { Fault, Range } from "./migration.ts";
import { rangeOf } from "./section.ts";
import { type MetaCommand, type Piece, Splitter, type Statement } from "./split.ts";
import { headOffset, SqlFaults } from "./sql-faults.ts";
import { type Traits, traits } from "./statement.ts";
import { isPlainBegin, UnitGroups } from "./unit-groups.ts";

/** A file that can be loaded. Its text is not kept: what runs is read again. */
export interface SchemaFile {
  /** All of it but a byte order mark. */
  readonly range: Range;
  /** Where the settings end that stand before everything else. */
  readonly preambleEnd: number;
  readonly statementCount: number;
  /** `SET name = value` in the preamble. */
  readonly settings: readonly Setting[];
  /**
   * What the load's own transaction makes needless: a `begin` and `commit` around the whole, and
   * those that pg_dump puts around the data of large objects.
   */
  readonly wrapper: readonly Range[];
  /** CREATE SCHEMA public, where nothing before it drops that schema. */
  readonly createsPublic: Range | undefined;
  /** Set if no one transaction can hold the file, so that its statements run one by one. */
  readonly units: Units | undefined;
}

export interface Setting {
  readonly name: string;
  /** The first token of the value, as it is written. */
  readonly value: string;
  readonly range: Range;
}

export interface Units {
  /** How many: statements, and begin … commit groups. */
  readonly count: number;
  /** The first thing that no transaction around it can hold, and why. */
  readonly reason: string;
  readonly offset: number;
}

export type SchemaFileResult =
  | { readonly kind: "schema-file"; readonly file: SchemaFile }
  | { readonly kind: "fault"; readonly fault: Fault };

/** Made for one file; feed it the file's bytes in order, then end it. */
export class SchemaFileReader {
  readonly #splitter = new Splitter();
  readonly #encoding = new EncodingCheck();
  readonly #faults = new SqlFaults();
  /** What is wrong only if the statements run one by one. */
  readonly #unitFaults = new SqlFaults();
  readonly #groups = new UnitGroups(this.#unitFaults);
  readonly #settings: Setting[] = [];
  #start = 0;
  #sizeBytes = 0;
  #statements = 0;
  #preambleEnd: number | undefined;
  /** Around the whole. */
  #begin: Statement | undefined;
  #commit: Statement | undefined;
  /** Of a group that has held large objects only, so far. */
  #largeObjects: Statement | undefined;
  readonly #needless: Range[] = [];
  #apart: Omit<Units, "count"> | undefined;
  #dropsPublic = false;
  #createsPublic: Range | undefined;

  push(chunk: Uint8Array): void {
    this.#encoding.push(chunk);
    this.#sizeBytes += chunk.length;
    for (const piece of this.#splitter.push(chunk)) this.#piece(piece);
  }

  end(): SchemaFileResult {
    const misencoded = this.#encoding.end();
    for (const piece of this.#splitter.end()) this.#piece(piece);
    for (const open of [this.#largeObjects, this.#commit === undefined ? this.#begin : undefined]) {
      if (open !== undefined) this.#setApart("a begin without a commit", open);
    }
    this.#groups.end();
    const apart = this.#apart;
    const inUnits = apart === undefined ? undefined : this.#unitFaults.first;
    // What is wrong in the bytes is why the rest looks wrong.
    const fault = misencoded ?? earliest(this.#faults.first, inUnits);
    if (fault !== undefined) return { kind: "fault", fault };
    const wrapper = [...[this.#begin, this.#commit].flatMap(rangeOf), ...this.#needless];
    const file: SchemaFile = {
      range: { start: this.#start, end: this.#sizeBytes },
      preambleEnd: this.#preambleEnd ?? this.#sizeBytes,
      statementCount: this.#statements,
      settings: this.#settings,
      wrapper: apart === undefined ? wrapper : [],
      createsPublic: this.#createsPublic,
      units: apart === undefined ? undefined : { ...apart, count: this.#groups.count },
    };
    return { kind: "schema-file", file };
  }

  #piece(piece: Piece): void {
    if (piece.kind === "meta-command" && isConnect(piece)) {
      const at = piece.offset + piece.bytes.indexOf(0x5c);
      this.#ownDatabase(`\\${piece.name} leads into another database`, at);
    }
    this.#faults.piece(piece);
    if (piece.kind === "statement") this.#statement(piece);
    else if (piece.kind === "trivia" && isByteOrderMark(piece.bytes)) this.#start = 3;
  }

  #statement(statement: Statement): void {
    this.#statements += 1;
    const found = traits(statement);
    if (found.command === "CREATE DATABASE" || found.command === "DROP DATABASE") {
      this.#ownDatabase(`${found.command} cannot be loaded into a database`, headOffset(statement));
    }
    this.#groups.statement(statement, found);
    this.#inTransaction(statement, found);
    this.#preamble(statement, found);
    if (found.command === "DROP SCHEMA") this.#dropsPublic ||= dropsPublic(statement);
    if (found.command === "CREATE SCHEMA" && !this.#dropsPublic && createsPublic(statement)) {
      this.#createsPublic ??= rangeOf(statement)[0];
    }
  }

  /** A begin and a commit around everything, and nothing that a transaction cannot hold. */
  #inTransaction(statement: Statement, found: Traits): void {
    if (this.#holdsLargeObjects(statement, found)) return;
    if (this.#commit !== undefined) this.#setApart("statements follow this commit", this.#commit);
    if (found.control === "begin" && this.#statements === 1 && isPlainBegin(statement)) {
      this.#begin = statement;
    } else if (found.control === "commit" && !found.chain && this.#begin !== undefined) {
      this.#commit ??= statement;
    } else if (found.control === "begin" && isPlainBegin(statement)) {
      this.#largeObjects = statement;
    } else if (found.control !== undefined) {
      this.#setApart(`${found.command} is transaction control of its own`, statement);
    } else if (found.alone) {
      this.#setApart(`${found.command} cannot run inside a transaction`, statement);
    }
  }

  /** Whether this goes on or ends with a group that holds them and nothing else. */
  #holdsLargeObjects(statement: Statement, found: Traits): boolean {
    const begin = this.#largeObjects;
    if (begin === undefined) return false;
    if (isLargeObjectCall(statement)) return true;
    this.#largeObjects = undefined;
    if (found.control === "commit" && !found.chain) {
      this.#needless.push(...[begin, statement].flatMap(rangeOf));
      return true;
    }
    this.#setApart("BEGIN is transaction control of its own", begin);
    return false;
  }

  #setApart(reason: string, statement: Statement): void {
    this.#apart ??= { reason, offset: headOffset(statement) };
  }

  #preamble(statement: Statement, found: Traits): void {
    if (this.#preambleEnd !== undefined || statement === this.#begin) return;
    const words = new LeadingWords(statement);
    if (found.command !== "SET" && !setsSearchPath(words)) {
      this.#preambleEnd = statement.offset;
      return;
    }
    const at = words.skip(words.skip(1, "session"), "local");
    if (words.at(0) !== "set" || !["=", "to"].includes(words.at(at + 1))) return;
    const name = bare(words.at(at)).toLowerCase();
    const value = words.at(at + 2);
    this.#settings.push(...rangeOf(statement).map((range) => ({ name, value, range })));
  }

  #ownDatabase(message: string, offset: number): void {
    this.#faults.stop(
      `${message}: this is a dump of pg_dump --create`,
      "dump again without --create (-C), then `pgmate create` and `pgmate load`",
      offset,
    );
  }
}

function earliest(one: Fault | undefined, other: Fault | undefined): Fault | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.offset < one.offset ? other : one;
}

/** psql ends the name of `\connect` at its first letters: `\c` is the same. */
function isConnect({ name }: MetaCommand): boolean {
  return name === "c" || name === "connect";
}

function isByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf && bytes.length === 3;
}

/** As pg_dump writes it: `SELECT pg_catalog.set_config('search_path', '', false)`. */
function setsSearchPath(words: LeadingWords): boolean {
  return words.are(0, "select", "pg_catalog", ".", "set_config", "(", "'search_path'");
}

/** As pg_dump writes it: `SELECT pg_catalog.lowrite(0, …)`, and lo_open and lo_close. */
function isLargeObjectCall(statement: Statement): boolean {
  const words = new LeadingWords(statement);
  return words.are(0, "select", "pg_catalog", ".") && /^lo_?[a-z]+$/.test(words.at(3));
}

function isPublic(token: string): boolean {
  return token === "public" || token === '"public"';
}

function createsPublic(statement: Statement): boolean {
  const words = new LeadingWords(statement);
  return isPublic(words.at(2)) && words.at(3) === "";
}

function dropsPublic(statement: Statement): boolean {
  const words = new LeadingWords(statement);
  for (let at = words.skip(2, "if", "exists"); words.at(at) !== ""; at += 1) {
    if (isPublic(words.at(at))) return true;
  }
  return false;
}
