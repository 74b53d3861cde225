/** Stands between pg_dump and a session that is open: what it sends goes on, but for two things. */

import { frame } from "./frames.ts";
import { borrowWire, type Waiter, waiter, type Wire } from "./wire.ts";

/** Codes that stand where the protocol's version stands in a start-up packet. */
const sslRequest = 80877103;
const gssRequest = 80877104;

/**
 * pg_dump opens and closes a connection of its own. Its greeting is answered here, since the
 * server has let us in already, and its farewell goes nowhere, since the session goes on.
 */
export class PgDumpWire {
  readonly #wire: Wire;
  readonly #incoming: Uint8Array[] = [];
  #changed: Waiter | undefined;
  #started = false;
  /** Whether something was sent whose answer has not come to its end. */
  #awaits = false;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** The wire is pg_dump's while the work runs. */
  async open<Result>(work: () => Promise<Result>): Promise<Result> {
    const { socket, watcher } = this.#wire;
    this.#changed = waiter(socket);
    watcher.onFrame = (type) => {
      if (type === "Z") this.#awaits = false;
    };
    const take = (chunk: Uint8Array): void => {
      // A copy: the socket may use the chunk's memory again.
      this.#incoming.push(new Uint8Array(chunk));
      this.#changed?.wake();
    };
    try {
      return await borrowWire(this.#wire, take, () => this.#untilQuiet(work));
    } finally {
      this.#changed.stop();
    }
  }

  /** A program that broke down may have left an answer unread, which is nobody else's. */
  async #untilQuiet<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } finally {
      while (this.#awaits) await this.#changed?.wait();
    }
  }

  write(bytes: Uint8Array): void {
    if (!this.#started) return this.#greet(bytes);
    if (isFarewell(bytes)) return;
    this.#awaits = true;
    this.#wire.socket.write(bytes);
  }

  /**
   * At most `length` bytes, as soon as there are some; undefined where none will come, since
   * nothing was asked: the client reads once more than it must. Rejects when the socket is gone.
   */
  async read(length: number): Promise<Uint8Array | undefined> {
    while (this.#incoming.length === 0) {
      if (!this.#awaits) return undefined;
      await this.#changed?.wait();
    }
    const [first = new Uint8Array(0)] = this.#incoming;
    if (first.length <= length) {
      this.#incoming.shift();
      return first;
    }
    this.#incoming[0] = first.subarray(length);
    return first.subarray(0, length);
  }

  #greet(bytes: Uint8Array): void {
    const code = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4);
    if (code === sslRequest || code === gssRequest) {
      this.#incoming.push(new TextEncoder().encode("N"));
      return;
    }
    this.#started = true;
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    const settings = [...this.#wire.watcher.settings].map((words) => `${words.join("\0")}\0`);
    this.#incoming.push(
      frame("R", new Uint8Array(4)),
      ...settings.map((setting) => frame("S", encode(setting))),
      // The key to cancel with is kept here, where the wish to stop comes from.
      frame("K", new Uint8Array(8)),
      frame("Z", encode("I")),
    );
  }
}

/** It is sent alone; the end of a query is a zero byte. */
function isFarewell(bytes: Uint8Array): boolean {
  return bytes.length === 5 && bytes[0] === 0x58 && bytes[4] === 4;
}
