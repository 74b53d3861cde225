/** Builds one message for the server and finds the way back from its answers to the file. */

import { byteOfCharacter, countCharacters } from "./position.ts";

/** Whose statement it is: the file's, or one of those that pgmate puts around. */
export type Origin =
  | { readonly kind: "section"; readonly offset: number }
  | { readonly kind: "ours"; readonly purpose: Purpose };

export type Purpose = "reset" | "begin" | "lock" | "constraints" | "ledger" | "commit";

interface Part {
  readonly bytes: Uint8Array;
  /** Offset in the file of the first byte; undefined for pgmate's own text. */
  readonly fileOffset: number | undefined;
}

/** Text is added in order; the file's bytes go in unchanged. */
export class Message {
  readonly #parts: Part[] = [];
  readonly #origins: Origin[] = [];
  #size = 0;

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
    this.#add(new TextEncoder().encode(`${sql};\n`), undefined);
    this.#origins.push({ kind: "ours", purpose });
  }

  /** Bytes of the file; `head` is the statement's offset, undefined for what lies between. */
  addFile(bytes: Uint8Array, fileOffset: number, head: number | undefined): void {
    this.#add(bytes, fileOffset);
    if (head !== undefined) this.#origins.push({ kind: "section", offset: head });
  }

  /** A line break first: a comment at the end of the file must not swallow what follows. */
  closeFile(): void {
    this.#add(new TextEncoder().encode("\n;\n"), undefined);
  }

  text(): string {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return decoder.decode(Buffer.concat(this.#parts.map((part) => part.bytes)));
  }

  /** The offset in the file of a server's position (characters from 1); undefined if not there. */
  fileOffsetOf(position: number): number | undefined {
    let left = position - 1;
    for (const part of this.#parts) {
      const characters = countCharacters(part.bytes, 0, part.bytes.length);
      if (left < characters) {
        if (part.fileOffset === undefined) return undefined;
        return part.fileOffset + byteOfCharacter(part.bytes, left);
      }
      left -= characters;
    }
    // Postgres points just past the end at input that stops too early.
    const last = this.#parts.findLast((part) => part.fileOffset !== undefined);
    return last?.fileOffset === undefined ? undefined : last.fileOffset + last.bytes.length;
  }

  /** Whose turn it was when this many statements had been answered. */
  originAfter(completed: number): Origin | undefined {
    return this.#origins[completed];
  }

  /** The index of the last statement that is the file's; -1 if there is none. */
  get lastFileStatement(): number {
    return this.#origins.findLastIndex((origin) => origin.kind === "section");
  }

  #add(bytes: Uint8Array, fileOffset: number | undefined): void {
    this.#parts.push({ bytes, fileOffset });
    this.#size += bytes.length;
  }
}
