/** The bytes a splitter was given and has not handed out: chunks joined with little copying. */

import { carriageReturn, newline } from "./byte.ts";

const smallestStore = 1 << 12;

export class Intake {
  /** What is known from `from` on, and perhaps some bytes before it. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Index into bytes of the first byte that was not taken. */
  from = 0;
  /** Absolute offset of the first of bytes. */
  #base = 0;
  /** Memory of our own that bytes is the beginning of, or undefined if bytes is a chunk. */
  #store: Uint8Array | undefined;
  /** The byte before the first of bytes. */
  #before = newline;
  /** Absolute offset of the first line: behind a byte order mark, if there is one. */
  #begin = 0;

  /** How many bytes were not taken. */
  get kept(): number {
    return this.bytes.length - this.from;
  }

  /** How many bytes went from the front, by which every index into bytes is smaller now. */
  append(chunk: Uint8Array): number {
    const length = this.bytes.length;
    const kept = this.kept;
    const store = this.#store;
    if (store !== undefined && kept > 0 && length + chunk.length <= store.length) {
      // Only bytes beyond those seen so far are written, so views handed out stay as they are.
      store.set(chunk, length);
      this.bytes = store.subarray(0, length + chunk.length);
      return 0;
    }
    const dropped = this.from;
    if (dropped > 0) this.#before = this.bytes[dropped - 1] ?? newline;
    if (kept === 0) {
      this.bytes = chunk;
      this.#store = undefined;
    } else {
      // Twice what is kept: a statement of any length is copied a bounded number of times.
      const joined = new Uint8Array(Math.max(smallestStore, 2 * kept + chunk.length));
      joined.set(this.bytes.subarray(dropped), 0);
      joined.set(chunk, kept);
      this.#store = joined;
      this.bytes = joined.subarray(0, kept + chunk.length);
    }
    this.from = 0;
    this.#base += dropped;
    return dropped;
  }

  /** Takes the bytes up to this index. */
  take(to: number): { readonly offset: number; readonly bytes: Uint8Array } {
    const offset = this.#base + this.from;
    const bytes = this.bytes.subarray(this.from, to);
    this.from = to;
    return { offset, bytes };
  }

  /** The absolute offset of an index into bytes. */
  offset(index: number): number {
    return this.#base + index;
  }

  /** Says that the first line begins behind what was taken. */
  beginHere(): void {
    this.#begin = this.#base + this.from;
  }

  startsLine(index: number): boolean {
    if (this.#base + index === this.#begin) return true;
    const before = index === 0 ? this.#before : this.bytes[index - 1];
    return before === newline || before === carriageReturn;
  }
}
