/** The two streams: the only place that writes to them. */

import { fstatSync, statSync, writeSync } from "node:fs";
import { KnownSecrets } from "../core/known-secret.ts";
import { PgmateError } from "../errors.ts";
import { LiveLine, type Terminal } from "./live-line.ts";

export interface Output {
  /** The payload, and the lines that scripts read. */
  out(text: string | Uint8Array): void;
  /** Everything else. */
  err(text: string): void;
  /** To stderr too, for what was blanked before it was written as JSON. */
  errAsIs(text: string): void;
  /** From now on it is blanked in what goes to `err`, whoever says it. */
  hide(secret: string): void;
  /** The text without what was hidden. */
  blanked(text: string): string;
  readonly errStyle: "plain" | "colour";
  /** A line that is written over; undefined where stderr is no terminal that can do that. */
  readonly live: Pick<LiveLine, "show" | "clear"> | undefined;
  /**
   * Calls once, when nobody reads stdout any more: the other end of the pipe is closed, or the
   * terminal is gone. Writes that find it out are heard at once; else it is looked at now and then.
   */
  whenGone(tell: (what: "pipe" | "terminal") => void): void;
  /** Why the payload could not be written whole; undefined while it could. */
  failure(): PgmateError | undefined;
}

export interface ErrStyle {
  readonly errStyle: Output["errStyle"];
  readonly live: "live" | "lines";
}

/** A command that is done sooner need not load what looks. */
const lookAfterMs = 1_000;
const lookEveryMs = 500;

/**
 * Writes at once and in order; node's streams cost half of a short command's time to set up.
 * What is written when its reader has gone is dropped.
 */
export function standardOutput({ errStyle, live }: ErrStyle): Output {
  let failed: unknown;
  let tellGone: Parameters<Output["whenGone"]>[0] = () => {};
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
        if (isGone(error)) tellGone(codeOf(error) === "EIO" ? "terminal" : "pipe");
      }
    },
    err: (text) => {
      liveLine?.clear();
      standardError.write(secrets.blank(text));
    },
    errAsIs: (text) => standardError.write(text),
    hide: (secret) => secrets.add(secret),
    blanked: (text) => secrets.blank(text),
    errStyle,
    live: liveLine,
    whenGone: (tell) => {
      tellGone = (what) => {
        tellGone = () => {};
        tell(what);
      };
      lookForReader((what) => tellGone(what));
    },
    failure: () => (failed === undefined || isGone(failed) ? undefined : lost(failed)),
  };
}

/**
 * Whether it is a terminal. node's module for it brings its streams along, which costs a third of a
 * whole short run: it is asked only of a device, which a pipe, a file and /dev/null are not.
 */
export function isTerminal(descriptor: number): boolean {
  try {
    const found = fstatSync(descriptor);
    if (!found.isCharacterDevice() || found.rdev === nullDevice()) return false;
  } catch {
    // It is closed.
    return false;
  }
  const tty = require("node:tty") as typeof import("node:tty");
  return tty.isatty(descriptor);
}

function nullDevice(): number | undefined {
  return statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
}

function lookForReader(tell: Parameters<Output["whenGone"]>[0]): void {
  const what = isTerminal(1) ? "terminal" : "pipe";
  const begin = async (): Promise<void> => {
    const { readerWatch } = await import("./reader.ts");
    const look = await readerWatch(1);
    if (look === undefined) return;
    const timer = setInterval(() => {
      if (look() === "there") return;
      clearInterval(timer);
      tell(what);
    }, lookEveryMs);
    timer.unref();
  };
  // A system without it is no reason to end a run.
  setTimeout(() => void begin().catch(() => {}), lookAfterMs).unref();
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

/** EIO is what a terminal says that is not there any more. */
function isGone(error: unknown): boolean {
  return codeOf(error) === "EPIPE" || codeOf(error) === "EIO";
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
