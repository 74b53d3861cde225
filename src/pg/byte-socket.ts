/** What the driver and pgmate's own talk need of a socket: a part of what Node's have. */

import type { EventEmitter } from "node:events";

/** Of the events `data` gives bytes, `error` an Error, `close` whether there was one. */
export interface ByteSocket {
  readonly destroyed: boolean;
  /** What it was destroyed with. */
  readonly errored: Error | null;
  on(event: string, listener: Listener): unknown;
  once(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  removeListener(event: string, listener: Listener): unknown;
  emit(event: string, ...values: readonly unknown[]): boolean;
  listeners(event: string): readonly unknown[];
  /** False where some of it has to wait: `drain` follows. */
  write(bytes: Uint8Array): boolean;
  resume(): unknown;
  destroy(error?: Error): unknown;
}

export type Listener = Parameters<EventEmitter["on"]>[1];
