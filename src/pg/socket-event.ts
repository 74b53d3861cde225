/** What happens on a socket before the driver listens, and what the driver would not notice. */

import type { ByteSocket } from "./byte-socket.ts";

/** What a socket does not call an error itself, with a code as its errors have. */
export class SocketFailure extends Error {
  /** ETIMEOUT is the name server's. */
  readonly code: "SOCKET_CLOSED" | "ETIMEDOUT" | "ETIMEOUT";

  constructor(code: SocketFailure["code"]) {
    super(code === "SOCKET_CLOSED" ? "closed by the other side" : "no answer in time");
    this.code = code;
  }
}

/** The event's first argument; rejects with the socket's error or end, or the signal's reason. */
export function eventOf<Value>(
  socket: ByteSocket,
  event: "connect" | "secureConnect" | "data",
  signal: AbortSignal,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const listeners = {
      [event]: (value: Value) => settle(() => resolve(value)),
      error: (error: Error) => settle(() => reject(error)),
      end: () => settle(() => reject(new SocketFailure("SOCKET_CLOSED"))),
      close: () => settle(() => reject(new SocketFailure("SOCKET_CLOSED"))),
    };
    const onAbort = (): void => settle(() => reject(signal.reason));
    const settle = (finish: () => void): void => {
      for (const [name, listener] of Object.entries(listeners)) socket.off(name, listener);
      signal.removeEventListener("abort", onAbort);
      finish();
    };
    for (const [name, listener] of Object.entries(listeners)) socket.on(name, listener);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}

/**
 * Makes the driver hear of a connection that fails before the server's first message.
 *
 * It waits for ever when something else than Postgres answers, since the first bytes look to it
 * like the length of a long message: a server's first message is an authentication request (R),
 * an error (E), a notice (N) or a negotiation of the protocol's version (v). It connects again
 * and again when the other side closes without a word. And it begins to listen some time after
 * the socket stands, when a server that refuses a client certificate under TLS 1.3 may already
 * have said so.
 */
export function expectPostgres(socket: ByteSocket, notPostgres: () => Error): void {
  let isAnswered = false;
  let failure: Error | undefined;
  socket.once("data", (chunk: Uint8Array) => {
    isAnswered = true;
    if (!"RENv".includes(String.fromCharCode(chunk[0] ?? 0))) socket.destroy(notPostgres());
  });
  socket.on("error", (error) => {
    failure ??= error;
    // So that whoever takes the socket later sees it as `destroyed` and the reason as `errored`.
    socket.destroy(error);
  });
  socket.on("close", () => {
    if (isAnswered || failure !== undefined) return;
    socket.emit("error", new SocketFailure("SOCKET_CLOSED"));
  });
  socket.on("newListener", (event, listener: (error: Error) => void) => {
    const late = failure;
    if (event === "error" && late !== undefined) queueMicrotask(() => listener(late));
  });
}
