/** Asks a server whether it speaks TLS, on a socket that does not yet. */

import { describeHost } from "../core/database-url.ts";
import type { ServerHost } from "../core/server-host.ts";
import { PgmateError } from "../errors.ts";
import type { PlainSocket } from "./plain-socket.ts";
import { eventOf } from "./socket-event.ts";

interface Asked {
  readonly host: ServerHost;
  readonly signal: AbortSignal;
}

const sslRequest = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

/**
 * Whether the server wants to speak TLS. Anything that comes along with its one byte was not
 * sent by a server that waits for a handshake: somebody put it in between (CVE-2021-23222).
 */
export async function isTlsOffered(raw: PlainSocket, request: Asked): Promise<boolean> {
  const where = describeHost(request.host);
  const answer = eventOf<Uint8Array>(raw, "data", request.signal);
  raw.write(sslRequest);
  const bytes = await answer;
  const letter = String.fromCharCode(bytes[0] ?? 0);
  if (bytes.length === 1 && letter === "S") return true;
  if (bytes.length === 1 && letter === "N") return false;
  if (letter === "S" || letter === "N") {
    throw sentTooEarly(request.host);
  }
  throw letter === "E"
    ? new PgmateError("connect-no-tls", `${where} answered the request for TLS with an error`, {
        hint: "look into the server's log; sslmode=disable connects without TLS",
      })
    : notPostgres(request.host);
}

export function sentTooEarly(host: ServerHost): PgmateError {
  return new PgmateError("connect", `${describeHost(host)} sent data before the TLS handshake`, {
    hint: "something between here and the server changes what is sent: do not trust this network",
  });
}

export function notPostgres(host: ServerHost): PgmateError {
  return new PgmateError("connect", `what answers at ${describeHost(host)} is not Postgres`, {
    hint: "check host and port: 5432 is Postgres' usual port, 6432 PgBouncer's",
  });
}
