/** A wire without a session on it, for tests of the socket and of what the driver throws. */
import type { ServerTarget } from "../core/database-url.ts";
import type { PgmateError } from "../errors.ts";
import { combinedFailure, connectionFailure } from "../pg/failure.ts";
import {
  connectionAttempts,
  isEncryptionRefusal,
  type OpenedSocket,
  openSocketTo,
  type SocketOptions,
} from "../pg/socket.ts";
import type { TlsFiles } from "../pg/tls-socket.ts";

/** Tries every attempt until a wire stands; throws one PgmateError that tells of all of them. */
export async function openSocket(
  target: ServerTarget,
  files: TlsFiles,
  options: SocketOptions,
): Promise<OpenedSocket> {
  const failures: PgmateError[] = [];
  for (const attempt of connectionAttempts(target)) {
    const last = failures.at(-1);
    if (attempt.after === "refusal" && (last === undefined || !isEncryptionRefusal(last))) continue;
    try {
      return await openSocketTo(target, attempt, files, options);
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      failures.push(connectionFailure(error, target, attempt.host));
    }
  }
  throw combinedFailure(failures);
}
