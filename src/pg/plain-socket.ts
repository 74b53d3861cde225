/**
 * A TCP or Unix socket with the events of Node's, in their order, but without `node:net` and its
 * streams, which take a tenth of a short command to load.
 */

import { EventEmitter } from "node:events";
import type { ByteSocket, Listener } from "./byte-socket.ts";

export type PlainPlace =
  | { readonly path: string }
  | { readonly address: string; readonly port: number };

type Handle = Bun.Socket<undefined>;
type Written = (error?: Error) => void;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly written: Written | undefined;
}

/** As in Node: bytes wait until somebody listens for `data`, and `end` waits behind them. */
export class PlainSocket extends EventEmitter implements ByteSocket {
  destroyed = false;
  errored: Error | null = null;
  #handle: Handle | undefined;
  /** Came, but nobody listens for it yet. */
  readonly #incoming: Uint8Array[] = [];
  /** What the system did not take yet, and then the end, if `end` was said. */
  #outgoing: Waiting[] = [];
  #isConnecting = true;
  #isReleased = false;
  #isPaused = false;
  /** Nothing is read from the system for now. */
  #isHeld = false;
  #isDropping = false;
  #isFull = false;
  /** The other side's end came; it was told; and ours was asked for, and was sent. */
  #hasFarEnd = false;
  #toldFarEnd = false;
  #isEnding = false;
  #isFinished = false;

  /** `connect` follows, or `error` and `close`. */
  constructor(place: PlainPlace) {
    super();
    const socket: Bun.SocketHandler<undefined> = {
      data: (_handle, chunk) => this.#onData(chunk),
      drain: () => this.#flush(),
      end: () => this.#onFarEnd(),
      close: (_handle, error) => this.#onClosed(error),
      binaryType: "buffer",
    };
    // The other side may still speak after our farewell.
    const options = { socket, allowHalfOpen: true };
    const connecting = "path" in place
      ? Bun.connect({ ...options, unix: place.path })
      : Bun.connect({ ...options, hostname: place.address, port: place.port });
    connecting.then((handle) => this.#onConnected(handle), (error) => this.destroy(error));
  }

  get readyState(): "opening" | "open" | "readOnly" | "writeOnly" | "closed" {
    if (this.destroyed) return "closed";
    if (this.#isConnecting) return "opening";
    if (this.#isEnding) return this.#toldFarEnd ? "closed" : "readOnly";
    return this.#toldFarEnd ? "writeOnly" : "open";
  }

  /** The system's number for the connection, while it is this socket's. */
  get descriptor(): number | undefined {
    // Bun's types do not tell of it.
    const number: unknown = this.#handle && Reflect.get(this.#handle, "fd");
    return typeof number === "number" ? number : undefined;
  }

  override on(event: string, listener: Listener): this {
    super.on(event, listener);
    if (event === "data") this.#flowSoon();
    return this;
  }

  override once(event: string, listener: Listener): this {
    super.once(event, listener);
    if (event === "data") this.#flowSoon();
    return this;
  }

  /** What is written waits for nothing that may follow; once connected. */
  sendAtOnce(): void {
    this.#handle?.setNoDelay(true);
  }

  /** After so long a silence the system asks whether the other side is there; once connected. */
  keepAlive(idleMs: number): void {
    this.#handle?.setKeepAlive(true, idleMs);
  }

  pause(): this {
    this.#isPaused = true;
    this.#hold();
    return this;
  }

  /** What nobody listens for is dropped from now on. */
  resume(): this {
    this.#isPaused = false;
    this.#isDropping = true;
    this.#flowSoon();
    return this;
  }

  /** The bytes are not copied: they are to stay as they are until they are written. */
  write(bytes: Uint8Array, written?: Written): boolean {
    if (this.destroyed || this.#isEnding) {
      const failure = failed("EPIPE", "this socket has been ended");
      queueMicrotask(() => written?.(failure));
      return false;
    }
    this.#outgoing.push({ bytes, written });
    if (this.#outgoing.length === 1) this.#flush();
    this.#isFull = this.#outgoing.length > 0;
    return !this.#isFull;
  }

  /** `finish` follows when the system has taken all, and then the other side is told. */
  end(bytes?: Uint8Array): this {
    if (this.destroyed || this.#isEnding) return this;
    if (bytes !== undefined) this.write(bytes);
    this.#isEnding = true;
    this.#finish();
    return this;
  }

  destroy(error?: Error): this {
    if (this.destroyed || this.#isReleased) return this;
    this.destroyed = true;
    this.errored = error ?? null;
    const unwritten = this.#outgoing;
    this.#outgoing = [];
    this.#incoming.length = 0;
    this.#handle?.close();
    this.#handle = undefined;
    queueMicrotask(() => {
      const failure = error ?? failed("ERR_STREAM_DESTROYED", "this socket was destroyed");
      for (const { written } of unwritten) written?.(failure);
      if (error !== undefined) this.emit("error", error);
      this.emit("close", error !== undefined);
    });
    return this;
  }

  /** Whether something came that nobody has listened for. */
  get hasUnread(): boolean {
    return this.#incoming.length > 0;
  }

  /**
   * Gives the connection to somebody who speaks in another way on it; this socket is no more, and
   * says nothing of it. Undefined where it has ended.
   */
  release(): Handle | undefined {
    const handle = this.#handle;
    if (handle === undefined || this.#hasFarEnd) return undefined;
    this.#isReleased = true;
    this.#handle = undefined;
    return handle;
  }

  #onConnected(handle: Handle): void {
    // Nobody can stop a connection that is being made.
    if (this.destroyed) return void handle.close();
    this.#handle = handle;
    this.#isConnecting = false;
    if (this.#isPaused) this.#hold();
    this.emit("connect");
    this.#flush();
    this.#flow();
  }

  #onData(chunk: Uint8Array): void {
    if (this.destroyed || this.#isReleased) return;
    this.#incoming.push(chunk);
    this.#flow();
    if (this.#incoming.length > 0) this.#hold();
  }

  #onFarEnd(): void {
    this.#hasFarEnd = true;
    this.#flow();
  }

  #onClosed(error: Error | undefined): void {
    if (this.#isReleased) return;
    if (error !== undefined) return void this.destroy(error);
    this.#isFinished = true;
    this.#onFarEnd();
  }

  #hold(): void {
    if (this.#isHeld || this.#handle === undefined) return;
    this.#isHeld = true;
    this.#handle.pause();
  }

  #flowSoon(): void {
    if (this.#isHeld || this.#incoming.length > 0 || this.#hasFarEnd) {
      queueMicrotask(() => this.#flow());
    }
  }

  #canFlow(): boolean {
    if (this.#isPaused || this.#isConnecting || this.destroyed || this.#isReleased) return false;
    return this.#isDropping || this.listenerCount("data") > 0;
  }

  #flow(): void {
    while (this.#canFlow()) {
      const chunk = this.#incoming.shift();
      if (chunk === undefined) break;
      this.emit("data", chunk);
    }
    if (!this.#canFlow()) return;
    if (this.#isHeld) this.#handle?.resume();
    this.#isHeld = false;
    if (!this.#hasFarEnd || this.#toldFarEnd) return;
    this.#toldFarEnd = true;
    this.emit("end");
    // Nobody here goes on to speak to one who has gone.
    this.end();
    if (this.#isFinished) this.destroy();
  }

  #flush(): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    for (let next = this.#outgoing[0]; next !== undefined; next = this.#outgoing[0]) {
      const { bytes, written } = next;
      const taken = handle.write(bytes);
      if (taken < 0) return void this.destroy(failed("EPIPE", "write EPIPE"));
      if (taken < bytes.length) {
        this.#outgoing[0] = { bytes: bytes.subarray(taken), written };
        return;
      }
      this.#outgoing.shift();
      if (written !== undefined) queueMicrotask(() => written());
    }
    if (this.#isEnding) return this.#finish();
    if (!this.#isFull) return;
    this.#isFull = false;
    this.emit("drain");
  }

  #finish(): void {
    if (this.#isFinished || this.#isConnecting || this.#outgoing.length > 0) return;
    this.#isFinished = true;
    this.#handle?.shutdown();
    queueMicrotask(() => {
      this.emit("finish");
      if (this.#toldFarEnd) this.destroy();
    });
  }
}

function failed(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
