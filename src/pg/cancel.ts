/** Asks a server to stop what one of its sessions does, on a connection of its own. */

import type { BackendKey } from "./frames.ts";
import type { OpenedSocket } from "./socket.ts";

/** A server closes the connection as soon as it has read the request. */
const answerWaitMs = 2_000;

/**
 * In the same way and to the same address: there is no other. A server that has not let us in
 * yet, and so gave no key, cannot be asked.
 */
export async function requestCancel(
  opened: OpenedSocket,
  key: BackendKey | undefined,
): Promise<void> {
  if (key === undefined) {
    opened.socket.destroy();
    return;
  }
  const { socket } = await opened.reopen({});
  const request = Buffer.alloc(16);
  request.writeUInt32BE(16, 0);
  request.writeUInt32BE(80877102, 4);
  request.writeUInt32BE(key.pid, 8);
  request.writeUInt32BE(key.secret, 12);
  // As libpq does, this side does not close first: PgBouncer 1.18 dies of that.
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, answerWaitMs);
    for (const event of ["end", "close", "error"]) {
      socket.once(event, () => {
        clearTimeout(timer);
        resolve();
      });
    }
    socket.write(request);
    socket.resume();
  });
  socket.destroy();
}
