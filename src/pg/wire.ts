/** The wire below the driver, lent to what drives the protocol itself. */

import type { ServerMessage } from "../errors.ts";
import type { ByteSocket } from "./byte-socket.ts";
import type { FrameWatcher } from "./frames.ts";

type DataListener = (chunk: Uint8Array) => void;

export interface Wire {
  readonly socket: ByteSocket;
  readonly watcher: FrameWatcher;
  readonly onNotice: (notice: ServerMessage) => void;
}

/**
 * Takes the wire from the driver while the work runs and gives it back, whatever happens. Each
 * chunk goes to the watcher, then to `onChunk`.
 */
export async function borrowWire<Result>(
  { socket, watcher }: Wire,
  onChunk: DataListener | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const drivers = socket.listeners("data") as DataListener[];
  for (const listener of drivers) socket.removeListener("data", listener);
  const feed: DataListener = (chunk) => {
    watcher.push(chunk);
    onChunk?.(chunk);
  };
  socket.on("data", feed);
  try {
    return await work();
  } finally {
    watcher.onFrame = undefined;
    watcher.onRow = undefined;
    socket.removeListener("data", feed);
    for (const listener of drivers) socket.on("data", listener);
  }
}

export interface Waiter {
  /** Resolves at the next wake; rejects when the socket is gone. */
  wait(): Promise<void>;
  wake(): void;
  stop(): void;
}

/** For one who waits for what comes over the socket; call `stop` in the end. */
export function waiter(socket: ByteSocket): Waiter {
  let waiting: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  let gone: unknown;
  let isGone = false;
  const lose = (error?: unknown): void => {
    isGone = true;
    gone = error;
    waiting?.reject(error);
  };
  socket.on("close", lose);
  socket.on("error", lose);
  return {
    wait: () =>
      new Promise((resolve, reject) => {
        if (isGone) reject(gone);
        else waiting = { resolve, reject };
      }),
    wake: () => waiting?.resolve(),
    stop: () => {
      socket.removeListener("close", lose);
      socket.removeListener("error", lose);
    },
  };
}
