/** Waits until the server lets us in; a database that does not exist yet counts as being there. */

import type { Target } from "../core/database-url.ts";
import { PgmateError } from "../errors.ts";
import { type Context, throwIfInterrupted } from "./context.ts";
import type { ServerWait } from "./events.ts";
import { openServer } from "./target.ts";

/**
 * Returns at once, without a word, when the server answers the first time. Whatever else it
 * says (a wrong password too) is tried again until `--wait-timeout`: servers that are starting
 * say many things. Throws the last error then.
 */
export async function waitForServer(context: Context, target: Target): Promise<void> {
  if (target.kind === "embedded") return;
  const { waitTimeoutMs, waitIntervalMs } = context.config;
  const began = context.clock.now();
  const waitedMs = (): number => context.clock.now() - began;
  const tell = (kind: ServerWait["kind"], { code, message }: PgmateError): void =>
    context.emit({ kind, waitedMs: waitedMs(), code, reason: message });
  let waiting = false;
  let server: "answers" | "silent" = "silent";
  try {
    for (;;) {
      const failure = await ping(context, target);
      if (failure === undefined) {
        server = "answers";
        return;
      }
      if (!waiting) tell("waiting-begins", failure);
      waiting = true;
      if (waitedMs() >= waitTimeoutMs) throw gaveUp(failure);
      tell("waiting-goes-on", failure);
      await context.clock.sleep(waitIntervalMs, context.signal);
      throwIfInterrupted(context, "nothing was changed");
    }
  } finally {
    if (waiting) context.emit({ kind: "waiting-ends", waitedMs: waitedMs(), server });
  }
}

async function ping(
  context: Context,
  target: Extract<Target, { kind: "server" }>,
): Promise<PgmateError | undefined> {
  try {
    const { session } = await openServer(context, target, "read");
    await session.end();
    return undefined;
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    throwIfInterrupted(context, "nothing was changed");
    return error.code === "database-missing" ? undefined : error;
  }
}

function gaveUp(failure: PgmateError): PgmateError {
  return new PgmateError(failure.code, `unable to connect to database: ${failure.message}`, {
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    ...(failure.server === undefined ? {} : { server: failure.server }),
    state: "nothing was changed",
    cause: failure,
  });
}
