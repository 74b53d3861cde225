/** The two streams: the only place that writes to them. */

import { writeSync } from "node:fs";
import { KnownSecrets } from "../core/known-secret.ts";
import { PgmateError } from "../errors.ts";
import { LiveLine, type Terminal } from "./live-line.ts";

export interface Output {
  /** The payload, and the lines that scripts read. */
  out(text: string | Uint8Array): void;
  /** Everything else. */
  err(text: string): void;
  /** From now on it is blanked in what goes to `err`, whoever says it. */
  hide(secret: string): void;
  /** The text without what was hidden. */
  blanked(text: string): string;
  readonly errStyle: "plain" | "colour";
  /** A line that is written over; undefined where stderr is no terminal that can do that. */
  readonly live: Pick<LiveLine, "show" | "clear"> | undefined;
  /** Why the payload could not be written whole; undefined while it could. */
  failure(): PgmateError | undefined;
}

export interface ErrStyle {
  readonly errStyle: Output["errStyle"];
  readonly live: "live" | "lines";
}

/**
 * Writes at once and in order; node's streams cost half of a short command's time to set up.
 * A reader that has gone away ends no run half way: what is written then is dropped.
 */
export function standardOutput({ errStyle, live }: ErrStyle): Output {
  let failed: unknown;
  const secrets = new KnownSecrets();
  const liveLine = live === "live" ? new LiveLine(standardError) : undefined;
  return {
    out: (text) => {
      // Both streams may go to the same terminal.
      liveLine?.clear();
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      try {
        if (failed === undefined) writeAll(1, bytes);
      } catch (error) {
        failed = error;
      }
    },
    err: (text) => {
      liveLine?.clear();
      standardError.write(secrets.blank(text));
    },
    hide: (secret) => secrets.add(secret),
    blanked: (text) => secrets.blank(text),
    errStyle,
    live: liveLine,
    failure: () => (failed === undefined || isClosedPipe(failed) ? undefined : lost(failed)),
  };
}

const standardError: Terminal = {
  write: (text) => {
    try {
      writeAll(2, Buffer.from(text));
    } catch {
      // There is nobody left to tell.
    }
  },
  // Asked of node's stream, which hears when the window changes.
  columns: () => process.stderr.columns,
};

/** A pipe that another program made non-blocking says "again" while it is full. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(descriptor, bytes, at, bytes.length - at);
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

function isClosedPipe(error: unknown): boolean {
  return codeOf(error) === "EPIPE";
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function lost(cause: unknown): PgmateError {
  return new PgmateError("output", `standard output cannot be written (${codeOf(cause)})`, {
    hint: "what was printed is not complete; is the disk full?",
    cause,
  });
}
