/** Builds one message for the server and finds the way back from its answers to the file. */

import { byteOfCharacter, countCharacters } from "./position.ts";

/** Whose statement it is: the file's, or one of those that pgmate puts around. */
export type Origin =
  | { readonly kind: "section"; readonly offset: number }
  | { readonly kind: "ours"; readonly purpose: Purpose };

export type Purpose =
  | "reset"
  | "resume"
  | "begin"
  | "lock"
  | "journal"
  | "index"
  | "constraints"
  | "ledger"
  | "commit";

interface Part {
  readonly bytes: Uint8Array;
  /** Offset in the file of the first byte; undefined for pgmate's own text. */
  readonly fileOffset: number | undefined;
  /** Of the text that ends a section: what is wrong there, the section's end is to blame for. */
  readonly endOffset?: number;
}

/** A statement of the file, by offsets in the file: its first token and behind its last one. */
export interface FileStatement {
  readonly head: number;
  readonly tail: number;
}

/** Where the server pointed to, as an offset in the file. */
export interface Pointed {
  readonly offset: number;
  /** Whether it stopped where the file's text ended too early, at a `;` that was put there. */
  readonly atEnd: boolean;
}

const encoder = new TextEncoder();
/** Of what stands around each step of a run. */
const encoded = new Map<string, Uint8Array>();
const mostEncoded = 100;

function encodedOwn(sql: string): Uint8Array {
  const known = encoded.get(sql);
  if (known !== undefined) return known;
  const bytes = encoder.encode(`${sql};\n`);
  if (encoded.size < mostEncoded) encoded.set(sql, bytes);
  return bytes;
}

/** Text is added in order; the file's bytes go in unchanged. */
export class Message {
  readonly #parts: Part[] = [];
  readonly #origins: Origin[] = [];
  /** Behind the last token of the last statement. */
  #end: number | undefined;
  #size = 0;

  /** `title` goes first, as a comment: servers show little more than the beginning of a message. */
  constructor(title?: string) {
    if (title === undefined) return;
    const line = `-- ${title.replace(/[\r\n]/g, "?")}\n`;
    this.#add({ bytes: encoder.encode(line), fileOffset: undefined });
  }

  get sizeBytes(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#origins.length === 0;
  }

  /** How many statements it holds, each of which the server answers once. */
  get statementCount(): number {
    return this.#origins.length;
  }

  /** One statement of ours, without its `;`. */
  addOwn(purpose: Purpose, sql: string): void {
    this.#add({ bytes: encodedOwn(sql), fileOffset: undefined });
    this.#origins.push({ kind: "ours", purpose });
  }

  /** Bytes of the file; no `statement` for what lies between statements. */
  addFile(bytes: Uint8Array, fileOffset: number, statement: FileStatement | undefined): void {
    this.#add({ bytes, fileOffset });
    if (statement === undefined) return;
    this.#origins.push({ kind: "section", offset: statement.head });
    this.#end = statement.tail;
  }

  /** A line break first: a comment at the end of the file must not swallow what follows. */
  closeFile(): void {
    const bytes = encoder.encode("\n;\n");
    const end = this.#end;
    this.#add({ bytes, fileOffset: undefined, ...(end === undefined ? {} : { endOffset: end }) });
  }

  text(): string {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return decoder.decode(this.bytes());
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts.map((part) => part.bytes));
  }

  /** What a server's position (characters from 1) means; undefined for what is not the file's. */
  pointedAt(position: number): Pointed | undefined {
    let left = position - 1;
    for (const part of this.#parts) {
      const characters = countCharacters(part.bytes, 0, part.bytes.length);
      if (left < characters) return pointedIn(part, left);
      left -= characters;
    }
    // Postgres points just past the end at input that stops too early.
    return this.#end === undefined ? undefined : { offset: this.#end, atEnd: true };
  }

  /** Whether pgmate's own statements are not all that it holds. */
  get holdsFile(): boolean {
    return this.lastFileStatement !== -1;
  }

  /** Whose turn it was when this many statements had been answered. */
  originAfter(completed: number): Origin | undefined {
    return this.#origins[completed];
  }

  /** The index of the last statement that is the file's; -1 if there is none. */
  get lastFileStatement(): number {
    return this.#origins.findLastIndex((origin) => origin.kind === "section");
  }

  #add(part: Part): void {
    this.#parts.push(part);
    this.#size += part.bytes.length;
  }
}

function pointedIn(part: Part, characters: number): Pointed | undefined {
  if (part.fileOffset !== undefined) {
    const offset = part.fileOffset + byteOfCharacter(part.bytes, characters);
    return { offset, atEnd: false };
  }
  return part.endOffset === undefined ? undefined : { offset: part.endOffset, atEnd: true };
}
