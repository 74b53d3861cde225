/** What every use case is given: settings, time, who we are, whom to tell, when to stop. */

import type { Clock } from "../core/clock.ts";
import type { Config } from "../config.ts";
import { type ErrorCode, PgmateError } from "../errors.ts";
import type { Emit } from "./events.ts";

/** Who runs this, for the server's lists of sessions and for libpq's defaults. */
export interface Identity {
  readonly version: string;
  readonly command: string;
  /** The command with its argument and most options, for hints that say to run it again. */
  readonly invocation: string;
  readonly host: string;
  readonly pid: number;
  readonly user: string;
  readonly home: string;
  readonly platform: string;
}

export interface Context {
  readonly config: Config;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly emit: Emit;
  /** Aborted by a signal; its reason is the ErrorCode that the exit status comes from. */
  readonly signal: AbortSignal;
  /** Asks on the terminal; a wish to stop answers no. Undefined where nobody can be asked. */
  readonly confirm: ((question: string) => Promise<"yes" | "no">) | undefined;
}

const queryCanceled = "57014";

/** Errors that come of the wish to stop are told as that wish, whatever they say themselves. */
export async function interruptible<Result>(
  context: Context,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!context.signal.aborted || !(error instanceof PgmateError)) throw error;
    // What the server refused for another reason had failed before the wish came.
    const { server } = error;
    if (server !== undefined && server.code !== queryCanceled) throw error;
    if (isInterruption(error)) throw error;
    throw interruption(context, error.state);
  }
}

/** Throws what the signal stands for, if one has come. */
export function throwIfInterrupted(context: Context, state: string): void {
  if (context.signal.aborted) throw interruption(context, state);
}

/** Without a `next` of its own the same command goes on, or status tells. */
export function interruption(
  context: Context,
  state: string | undefined,
  next?: string,
): PgmateError {
  const code = stopCodes.find((known) => known === context.signal.reason) ?? "interrupted";
  const { command, invocation } = context.identity;
  // Given again, a command that counts steps would take more than was asked for.
  const counts = command === "rollback" || command === "redo" || context.config.steps !== undefined;
  const usual = counts
    ? "look with `pgmate status` what is left to do"
    : `run \`${invocation}\` again`;
  const hint = next ?? usual;
  const details = state === undefined ? { hint } : { hint, state };
  return new PgmateError(code, stopMessages[code], details);
}

const stopMessages = {
  "interrupted": "interrupted",
  "terminated": "stopped: terminated",
  "hangup": "stopped: hangup",
  "output-closed": "stopped: nobody reads standard output any more",
} as const satisfies Partial<Record<ErrorCode, string>>;

const stopCodes = Object.keys(stopMessages) as readonly (keyof typeof stopMessages)[];

/** Told as such already, with what is to be done next: the session's own word says less. */
function isInterruption({ code, hint }: PgmateError): boolean {
  return hint !== undefined && stopCodes.some((known) => known === code);
}
