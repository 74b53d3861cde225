/** An embedded Postgres as a wire: PGlite in a thread of its own, which its work would block. */
import { Duplex } from "node:stream";
import { PgmateError } from "../errors.ts";
import type {
  EmbeddedStorage,
  FromEmbedded,
  OpenRequest,
  ToEmbedded,
} from "./embedded-message.ts";

export type { EmbeddedStorage } from "./embedded-message.ts";

export interface EmbeddedOptions {
  readonly storage: EmbeddedStorage;
  /**
   * What a client would give a server as start-up parameters: they outlive `reset all`. Start-up
   * parameters of the wire itself are not looked at, since this backend has started already.
   */
  readonly settings?: Readonly<Record<string, string>>;
  /** Ends the start; once open, `terminate` does. */
  readonly signal?: AbortSignal;
}

/** PostgreSQL's own number for what is inside, as the first line of a folder's PG_VERSION. */
export const embeddedMajorVersion = "18";

export interface Embedded {
  /**
   * A new connection, one at a time: its session is the only one there is. When it ends, what it
   * left open is rolled back and its locks are let go. COPY works as on any server. Throws
   * `embedded` while another is open, or once Postgres is gone.
   */
  socket(): Duplex;
  /** Shuts Postgres down in good order; waits for what runs. */
  close(): Promise<void>;
  /** Ends it at once, in the midst of what runs; what was not committed is lost. */
  terminate(): void;
}

/** Throws `embedded` where it cannot start, `interrupted` where the signal came first. */
export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const thread = new Thread();
  const stop = (): void => {
    thread.end(new PgmateError("interrupted", "the start of the embedded Postgres was stopped"));
  };
  options.signal?.addEventListener("abort", stop);
  try {
    if (options.signal?.aborted === true) stop();
    await thread.open(options.storage, options.settings ?? {});
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
  return new RunningEmbedded(thread);
}

/**
 * In the source the worker lies beside this file; in the binary this file is part of the main
 * file, one folder above.
 */
function startWorker(): Worker {
  const isSource = import.meta.url.endsWith("/pg/embedded.ts");
  return new Worker(isSource
    ? new URL("./embedded-worker.ts", import.meta.url)
    : new URL("./pg/embedded-worker.ts", import.meta.url));
}

/** The thread, what is sent to it and what it says. */
class Thread {
  /** Hears the wire's bytes while a connection is open, and of the end of everything. */
  listener: ThreadListener | undefined;
  readonly #worker = startWorker();
  readonly #channel = new MessageChannel();
  readonly #bell = new SharedArrayBuffer(4);
  readonly #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #ended: PgmateError | undefined;
  /** Connections whose end the thread has not come to: what it says until then is for them. */
  #leaving = 0;

  constructor() {
    // Whoever waits for one of these is told; nobody has to wait.
    this.#opened.promise.catch(() => undefined);
    this.#worker.addEventListener("message", (event: MessageEvent<FromEmbedded>) => {
      this.#hear(event.data);
    });
    this.#worker.addEventListener("error", (event: ErrorEvent) => {
      event.preventDefault();
      this.end(failure(event.message));
    });
  }

  /** Why nothing can be asked of it any more. */
  get ended(): PgmateError | undefined {
    return this.#ended;
  }

  open(storage: EmbeddedStorage, settings: OpenRequest["settings"]): Promise<void> {
    if (this.#ended === undefined) {
      const { port2: port } = this.#channel;
      const request = { storage, settings, port, bell: this.#bell };
      this.#worker.postMessage(request, { transfer: [port] });
    }
    return this.#opened.promise;
  }

  /** Bytes are handed over: they are gone here. */
  send(message: ToEmbedded): void {
    if (this.#ended !== undefined) return;
    if (message === "disconnect") this.#leaving += 1;
    const transfer = typeof message === "string" ? [] : [message.buffer as ArrayBuffer];
    this.#channel.port1.postMessage(message, transfer);
    const bell = new Int32Array(this.#bell);
    Atomics.add(bell, 0, 1);
    Atomics.notify(bell, 0);
  }

  async close(): Promise<void> {
    this.send("close");
    await this.#closed.promise;
  }

  /** Ends the thread; the first reason is the one that stays. */
  end(reason: PgmateError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#worker.terminate();
    this.#channel.port1.close();
    this.#opened.reject(reason);
    this.#closed.resolve();
    this.listener?.ended(reason);
  }

  #hear(message: FromEmbedded): void {
    switch (message.kind) {
      case "opened":
        return this.#opened.resolve();
      case "bytes":
        if (this.#leaving === 0) this.listener?.bytes(message.bytes);
        return;
      case "taken":
        if (this.#leaving === 0) this.listener?.taken();
        return;
      case "disconnected":
        this.#leaving -= 1;
        return;
      case "died":
        return this.end(failure(message.reason));
      case "closed":
        return this.end(new PgmateError("embedded", "the embedded Postgres is closed"));
    }
  }
}

interface ThreadListener {
  bytes(bytes: Uint8Array): void;
  taken(): void;
  ended(reason: PgmateError): void;
}

function failure(reason: string): PgmateError {
  if (/dist\/embedded-/.test(reason)) {
    return new PgmateError("embedded", "the embedded Postgres has not been prepared", {
      hint: "bun run scripts/seed.ts",
    });
  }
  return new PgmateError("embedded", `the embedded Postgres ended: ${reason}`);
}

class RunningEmbedded implements Embedded {
  readonly #thread: Thread;
  #socket: Duplex | undefined;

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  socket(): Duplex {
    if (this.#thread.ended !== undefined) throw this.#thread.ended;
    if (this.#socket !== undefined) {
      throw new PgmateError("embedded", "the embedded Postgres has one connection, which is taken");
    }
    const socket = new EmbeddedSocket(this.#thread, () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    this.#socket = socket;
    return socket;
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    await this.#thread.close();
  }

  terminate(): void {
    this.#thread.end(new PgmateError("embedded", "the embedded Postgres was stopped"));
  }
}

/** What the driver takes for a TCP connection. */
class EmbeddedSocket extends Duplex {
  readonly #thread: Thread;
  readonly #onFree: () => void;
  #written: (() => void) | undefined;

  constructor(thread: Thread, onFree: () => void) {
    super();
    this.#thread = thread;
    this.#onFree = onFree;
    // Stopping Postgres on purpose must not end the program where nobody is listening just then.
    this.on("error", () => undefined);
    thread.listener = {
      bytes: (bytes) => this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
      taken: () => this.#wrote(),
      ended: (reason) => this.destroy(reason),
    };
  }

  /** The driver sends its farewell only where this says so. */
  get readyState(): "open" | "closed" {
    return this.destroyed ? "closed" : "open";
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // The answers come as fast as Postgres gives them; nothing could hold it back.
  }

  /** Done when the thread has taken it, so that data does not pile up between the two. */
  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.#written = done;
    this.#thread.send(new Uint8Array(chunk));
  }

  override _final(done: (error?: Error) => void): void {
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#thread.listener = undefined;
    this.#thread.send("disconnect");
    this.#onFree();
    done(error);
  }

  #wrote(): void {
    const done = this.#written;
    this.#written = undefined;
    done?.();
  }
}
