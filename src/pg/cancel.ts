/** Asks a server to stop what one of its sessions does, on a connection of its own. */

import type { BackendKey } from "./frames.ts";
import type { OpenedSocket } from "./socket.ts";

/** A server closes the connection as soon as it has read the request. */
const answerWaitMs = 2_000;

/** "unheard": nobody took the request, so nobody is there who would answer what runs. */
export type CancelAnswer = "heard" | "unheard";

/**
 * In the same way and to the same address: there is no other. A server that has not let us in
 * yet, and so gave no key, cannot be asked.
 */
export async function requestCancel(
  opened: OpenedSocket,
  key: BackendKey | undefined,
): Promise<CancelAnswer> {
  if (key === undefined) {
    opened.socket.destroy();
    return "heard";
  }
  const { socket } = await opened.reopen({ signal: AbortSignal.timeout(answerWaitMs) });
  const request = Buffer.alloc(16);
  request.writeUInt32BE(16, 0);
  request.writeUInt32BE(80877102, 4);
  request.writeUInt32BE(key.pid, 8);
  request.writeUInt32BE(key.secret, 12);
  // As libpq does, this side does not close first: PgBouncer 1.18 dies of that.
  const answer = await new Promise<CancelAnswer>((resolve) => {
    const timer = setTimeout(() => resolve("unheard"), answerWaitMs);
    for (const event of ["end", "close", "error"]) {
      socket.once(event, () => {
        clearTimeout(timer);
        resolve("heard");
      });
    }
    socket.write(request);
    socket.resume();
  });
  socket.destroy();
  return answer;
}
