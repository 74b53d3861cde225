/** Lets the WebAssembly Postgres read and answer the wire as a backend process would. */
import type { FrameReader } from "./frame-reader.ts";
import { frame } from "./frames.ts";

/** The part of PGlite's module that is the backend: its main loop and its socket. */
export interface PostgresModule {
  readonly HEAPU8: Uint8Array;
  addFunction(callback: (pointer: number, length: number) => number, signature: string): number;
  stackSave(): number;
  stackRestore(stack: number): void;
  _pgl_set_rw_cbs(read: number, write: number): void;
  _pgl_getMyProcPort(): number;
  _ProcessStartupPacket(port: number, tlsDone: number, gssDone: number): number;
  _pgl_sendConnData(): void;
  _pgl_pq_flush(): void;
  _pq_buffer_remaining_data(): number;
  _PostgresMainLoopOnce(): void;
  _PostgresMainLongJmp(): void;
  _PostgresSendReadyForQueryIfNecessary(): void;
}

/** The status with which PGlite says that an ERROR left the main loop: nothing is wrong. */
const errorStatus = 100;

const tlsRequest = 80_877_103;
const cancelRequest = 80_877_102;
const gssRequest = 80_877_104;

/** What a session leaves behind, undone for the next connection: there is but one backend. */
const endOfSession = [
  textFrame("S", ""),
  textFrame("Q", "rollback\0"),
  textFrame("Q", "discard all\0"),
];

export interface BackendListener {
  bytes(bytes: Uint8Array): void;
  /** The session has been put back; what comes next is another's. */
  disconnected(): void;
}

export class EmbeddedBackend {
  readonly #module: PostgresModule;
  readonly #frames: FrameReader;
  readonly #listener: BackendListener;
  #frame: Uint8Array = new Uint8Array(0);
  #at = 0;
  #connected = false;
  #muted = false;

  constructor(
    module: PostgresModule,
    frames: FrameReader,
    listener: BackendListener,
  ) {
    this.#module = module;
    this.#frames = frames;
    this.#listener = listener;
  }

  /** Runs until the owner closes; throws what ended Postgres itself. */
  serve(): void {
    const module = this.#module;
    const read = module.addFunction((pointer, length) => this.#read(pointer, length), "ipi");
    const write = module.addFunction((pointer, length) => this.#write(pointer, length), "ipi");
    module._pgl_set_rw_cbs(read, write);
    for (;;) {
      const next = this.#frames.next(this.#connected ? "message" : "startup");
      if (next === "close") return;
      if (next === "disconnect") this.#disconnect();
      else if (!this.#connected) this.#connect(next);
      else if (next[0] !== letter("X")) this.#run(next);
    }
  }

  #connect(packet: Uint8Array): void {
    const code = new DataView(packet.buffer, packet.byteOffset, packet.byteLength).getUint32(4);
    if (code === tlsRequest || code === gssRequest) {
      this.#listener.bytes(new Uint8Array([letter("N")]));
      return;
    }
    // Nothing runs while this is read, so there is nothing to cancel.
    if (code === cancelRequest) return;
    this.#give(packet);
    const module = this.#module;
    module._ProcessStartupPacket(module._pgl_getMyProcPort(), 1, 1);
    module._pgl_sendConnData();
    module._pgl_pq_flush();
    this.#connected = true;
  }

  #disconnect(): void {
    if (this.#connected) {
      this.#connected = false;
      this.#muted = true;
      for (const message of endOfSession) this.#run(message);
      this.#muted = false;
    }
    this.#listener.disconnected();
  }

  #run(message: Uint8Array): void {
    const module = this.#module;
    this.#give(message);
    do {
      const stack = module.stackSave();
      try {
        module._PostgresMainLoopOnce();
      } catch (error) {
        if (exitStatusOf(error) !== errorStatus) throw error;
        module.stackRestore(stack);
        module._PostgresMainLongJmp();
      }
    } while (this.#at < this.#frame.length || module._pq_buffer_remaining_data() > 0);
    module._PostgresSendReadyForQueryIfNecessary();
    module._pgl_pq_flush();
  }

  #give(bytes: Uint8Array): void {
    this.#frame = bytes;
    this.#at = 0;
  }

  /** Asked for more than one message holds only amid COPY: waits for the data to come. */
  #read(pointer: number, length: number): number {
    if (this.#at === this.#frame.length) this.#give(this.#nextOfCopy());
    const end = Math.min(this.#at + length, this.#frame.length);
    this.#module.HEAPU8.set(this.#frame.subarray(this.#at, end), pointer);
    const taken = end - this.#at;
    this.#at = end;
    return taken;
  }

  #nextOfCopy(): Uint8Array {
    if (this.#muted) return textFrame("f", "the connection was closed\0");
    const next = this.#frames.next("message");
    if (typeof next !== "string") return next;
    this.#frames.putBack(next);
    return textFrame("f", "the connection was closed\0");
  }

  #write(pointer: number, length: number): number {
    // A copy: the memory is Postgres' own and will hold something else.
    if (!this.#muted) this.#listener.bytes(this.#module.HEAPU8.slice(pointer, pointer + length));
    return length;
  }
}

/** What ended Postgres, for a person to read. */
export function causeOfDeath(error: unknown): string {
  if (error instanceof RangeError) {
    return "it ran out of stack: something calls itself too deeply";
  }
  const status = exitStatusOf(error);
  if (status !== undefined) return `it exited with status ${status}`;
  return error instanceof Error ? error.message : String(error);
}

function exitStatusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("status" in error)) return undefined;
  return typeof error.status === "number" ? error.status : undefined;
}

function textFrame(type: string, body: string): Uint8Array {
  return frame(type, new TextEncoder().encode(body));
}

function letter(type: string): number {
  return type.charCodeAt(0);
}
