/** Checks chunk by chunk that a file is UTF-8 without NUL bytes. */

import { isUtf8 } from "node:buffer";
import type { Fault } from "./migration.ts";

/** Made for one file; feed it the file's bytes in order, then end it. */
export class EncodingCheck {
  #fault: Fault | undefined;
  #sizeBytes = 0;
  /** The first bytes of a character that the last chunk cut in two. */
  #carry: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): void {
    const offset = this.#sizeBytes - this.#carry.length;
    this.#sizeBytes += chunk.length;
    if (this.#fault !== undefined) return;
    const text = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const whole = text.subarray(0, text.length - incompleteTail(text));
    const nul = text.indexOf(0);
    const bad = isUtf8(whole) ? -1 : firstInvalid(whole);
    if (bad !== -1 && (nul === -1 || bad < nul)) this.#fault = notUtf8(offset + bad);
    else if (nul !== -1) this.#fault = nulByte(offset + nul);
    this.#carry = text.slice(whole.length);
  }

  /** The first thing that is wrong in the bytes. */
  end(): Fault | undefined {
    if (this.#carry.length > 0) this.#fault ??= notUtf8(this.#sizeBytes - this.#carry.length);
    return this.#fault;
  }
}

function notUtf8(offset: number): Fault {
  return {
    code: "migration-encoding",
    message: "this is not UTF-8",
    hint: "save the file as UTF-8 (iconv -f latin1 -t utf-8, or -f utf-16)",
    offset,
  };
}

function nulByte(offset: number): Fault {
  return {
    code: "migration-encoding",
    message: "a NUL byte, which Postgres takes in no text",
    hint: "save the file as UTF-8 (UTF-16 files are full of NUL bytes)",
    offset,
  };
}

/** Bytes at the end that begin a character whose rest may come with the next chunk. */
function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

function firstInvalid(bytes: Uint8Array): number {
  // Halving finds it without a decoder of our own: prefixes up to the fault are valid.
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const cut = middle - incompleteTail(bytes.subarray(0, middle));
    if (isUtf8(bytes.subarray(0, cut))) low = middle;
    else high = middle - 1;
  }
  return low - incompleteTail(bytes.subarray(0, low));
}
