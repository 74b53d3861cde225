/** Cuts the frontend protocol into whole frames, sleeping until one is there. */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { ToEmbedded } from "./embedded-message.ts";

/** A frame as it came, or what happened to the connection instead. */
export type Incoming = Uint8Array | "disconnect" | "close";

/** For a thread of its own: nothing else runs there while it waits. */
export class FrameReader {
  readonly #port: MessagePort;
  readonly #bell: Int32Array;
  readonly #onTaken: () => void;
  /** What has come and was not handed out: part of a frame, or several. */
  #pending: Uint8Array = new Uint8Array(0);
  #event: "disconnect" | "close" | undefined;

  constructor(port: MessagePort, bell: SharedArrayBuffer, onTaken: () => void) {
    this.#port = port;
    this.#bell = new Int32Array(bell);
    this.#onTaken = onTaken;
  }

  /** A start-up packet has no letter before its length; every later frame has. */
  next(kind: "startup" | "message"): Incoming {
    const lengthAt = kind === "startup" ? 0 : 1;
    for (;;) {
      const frame = this.#cut(lengthAt);
      if (frame !== undefined) return frame;
      const event = this.#event ?? this.#more();
      if (event === undefined) continue;
      // Half a frame is never run: the rest of it will not come.
      this.#pending = new Uint8Array(0);
      this.#event = undefined;
      return event;
    }
  }

  /** Gives an event back, to be told again by the next call of `next`. */
  putBack(event: "disconnect" | "close"): void {
    this.#event = event;
  }

  #cut(lengthAt: number): Uint8Array | undefined {
    const pending = this.#pending;
    if (pending.length < lengthAt + 4) return undefined;
    const view = new DataView(pending.buffer, pending.byteOffset, pending.byteLength);
    const end = lengthAt + view.getUint32(lengthAt);
    if (pending.length < end) return undefined;
    this.#pending = pending.subarray(end);
    return pending.subarray(0, end);
  }

  #more(): "disconnect" | "close" | undefined {
    const message = this.#receive();
    if (typeof message === "string") return message;
    this.#onTaken();
    if (this.#pending.length === 0) {
      this.#pending = message;
      return undefined;
    }
    const joined = new Uint8Array(this.#pending.length + message.length);
    joined.set(this.#pending);
    joined.set(message, this.#pending.length);
    this.#pending = joined;
    return undefined;
  }

  #receive(): ToEmbedded {
    for (;;) {
      // Read before looking, so that what comes in between is not slept through.
      const seen = Atomics.load(this.#bell, 0);
      const received = receiveMessageOnPort(this.#port) as
        | { readonly message: ToEmbedded }
        | undefined;
      if (received !== undefined) return received.message;
      Atomics.wait(this.#bell, 0, seen);
    }
  }
}
