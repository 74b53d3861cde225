/** Watches the server's frames go by: what the driver does not tell, such as which one failed. */

import type { ServerMessage } from "../errors.ts";

/** Frames whose body is kept: tags, errors, notices, key, state, settings, and answers to COPY. */
const isKept = new Uint8Array(256);
for (const letter of "CENKZGS") isKept[letter.charCodeAt(0)] = 1;
const row = "D".charCodeAt(0);
const decoder = new TextDecoder();

export interface BackendKey {
  readonly pid: number;
  readonly secret: number;
}

/** What has been seen since the last `restart`. */
export class FrameWatcher {
  /** From BackendKeyData; behind a pooler this is the pooler's, not the backend's. */
  key: BackendKey | undefined;
  /** The fields of the last error, by their letters. */
  lastError: ReadonlyMap<string, string> | undefined;
  /** Of the last ReadyForQuery: I idle, T in a transaction, E in a failed one. */
  transactionState = "I";
  /** What the server reports of its settings, as it was last. */
  readonly settings = new Map<string, string>();
  /**
   * Called for each kept frame, for whoever drives the wire itself; the body is the socket's memory
   * again when the call returns.
   */
  onFrame: ((type: string, body: Uint8Array) => void) | undefined;
  /** Called for each row, where somebody wants them; the same holds for its body. */
  onRow: ((body: Uint8Array) => void) | undefined;
  #rowCounts: number[] = [];
  readonly #header = new Uint8Array(5);
  #headerFilled = 0;
  #bodyLeft = 0;
  #body: Uint8Array[] | undefined;

  /** Rows each completed statement says it touched, in order; NaN where its tag has no number. */
  get rowCounts(): readonly number[] {
    return this.#rowCounts;
  }

  restart(): void {
    this.#rowCounts = [];
    this.lastError = undefined;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerFilled === 0) {
        at = this.#wholeFrames(chunk, at);
        if (at === chunk.length) return;
      }
      if (this.#headerFilled < 5) {
        this.#header[this.#headerFilled] = chunk[at] ?? 0;
        this.#headerFilled += 1;
        at += 1;
        if (this.#headerFilled === 5) this.#begin();
        continue;
      }
      const taken = Math.min(this.#bodyLeft, chunk.length - at);
      // A copy, which slice() of a Buffer is not: the socket may use the chunk's memory again.
      if (this.#body !== undefined) this.#body.push(new Uint8Array(chunk.subarray(at, at + taken)));
      this.#bodyLeft -= taken;
      at += taken;
      if (this.#bodyLeft === 0) this.#end();
    }
  }

  /** Behind the frames that begin there, as far as they are all there. */
  #wholeFrames(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at + 5 <= chunk.length) {
      const behind = at + 1 + Math.max(4, lengthAt(chunk, at + 1));
      if (behind > chunk.length) break;
      const type = chunk[at] as number;
      if (this.#keeps(type)) {
        this.#frame(String.fromCharCode(type), chunk.subarray(at + 5, behind));
      }
      at = behind;
    }
    return at;
  }

  #keeps(type: number): boolean {
    return isKept[type] === 1 || (type === row && this.onRow !== undefined);
  }

  #begin(): void {
    const length = lengthAt(this.#header, 1);
    // Less than its own four bytes is no length; with such bytes there must still be an end.
    this.#bodyLeft = Math.max(0, length - 4);
    this.#body = this.#keeps(this.#header[0] ?? 0) ? [] : undefined;
    if (this.#bodyLeft === 0) this.#end();
  }

  #end(): void {
    this.#headerFilled = 0;
    if (this.#body === undefined) return;
    const body = this.#body.length === 1 ? this.#body[0] : Buffer.concat(this.#body);
    this.#body = undefined;
    if (body !== undefined) this.#frame(String.fromCharCode(this.#header[0] ?? 0), body);
  }

  #frame(type: string, body: Uint8Array): void {
    if (type === "D") return this.onRow?.(body);
    if (type === "C") this.#rowCounts.push(rowCount(body));
    if (type === "E") this.lastError = errorFields(body);
    if (type === "Z") this.transactionState = String.fromCharCode(body[0] ?? 73);
    if (type === "S") {
      const [name = "", value = ""] = decoder.decode(body).split("\0");
      this.settings.set(name, value);
    }
    if (type === "K" && body.length >= 8) {
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
      this.key = { pid: view.getUint32(0), secret: view.getUint32(4) };
    }
    this.onFrame?.(type, body);
  }
}

/** Of four bytes; a DataView would first have to make a buffer of its own of small arrays. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const high = (bytes[at] as number) * 256 + (bytes[at + 1] as number);
  return high * 65_536 + (bytes[at + 2] as number) * 256 + (bytes[at + 3] as number);
}

/** The text in a row of one column; undefined for null, and for more of them. */
export function onlyText(body: Uint8Array): string | undefined {
  const isOne = body.length >= 6 && body[0] === 0 && body[1] === 1;
  return isOne && body.length === 6 + lengthAt(body, 2)
    ? decoder.decode(body.subarray(6))
    : undefined;
}

/** A frame for the other side: its type, its length with the four bytes of that, its body. */
export function frame(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + body.length);
  bytes.set(frameHeader(type, body.length));
  bytes.set(body, 5);
  return bytes;
}

/** Of a frame whose body has so many bytes. */
export function frameHeader(type: string, length: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = type.charCodeAt(0);
  new DataView(bytes.buffer).setUint32(1, 4 + length);
  return bytes;
}

/** `INSERT 0 5` → 5, `CREATE TABLE` → NaN. */
function rowCount(body: Uint8Array): number {
  let at = body.length - 1;
  let value = 0;
  let scale = 1;
  while (at > 0) {
    const digit = (body[at - 1] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    value += digit * scale;
    scale *= 10;
    at -= 1;
  }
  return scale === 1 ? Number.NaN : value;
}

/** The fields of an error or notice frame, by their letters. */
export function errorFields(body: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const text = decoder.decode(body);
  for (const field of text.split("\0")) {
    if (field !== "") fields.set(field.slice(0, 1), field.slice(1));
  }
  return fields;
}

/** The fields of an error or notice frame as the message they are. */
export function messageOfFields(fields: ReadonlyMap<string, string>): ServerMessage {
  const detail = fields.get("D");
  const hint = fields.get("H");
  const where = fields.get("W");
  const position = fields.get("P");
  const internalPosition = fields.get("p");
  const internalQuery = fields.get("q");
  const constraint = fields.get("n");
  return {
    severity: fields.get("V") ?? fields.get("S") ?? "ERROR",
    code: fields.get("C") ?? "XX000",
    message: fields.get("M") ?? "",
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(where === undefined ? {} : { where }),
    ...(position === undefined ? {} : { position: Number(position) }),
    ...(internalPosition === undefined ? {} : { internalPosition: Number(internalPosition) }),
    ...(internalQuery === undefined ? {} : { internalQuery }),
    ...(constraint === undefined ? {} : { constraint }),
  };
}
