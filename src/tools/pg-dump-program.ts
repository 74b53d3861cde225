/** Runs an installed pg_dump, for those who must have that one: bytes out, what went wrong told. */

import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import type { Readable } from "node:stream";

import { dumpFailure, shortenedRemark } from "../core/dump-failure.ts";
import { PgmateError } from "../errors.ts";

export interface PgDumpRun {
  /** A path, or a name that is looked up on the environment's PATH. */
  readonly program: string;
  /** Without any secret: every user of the machine can read them. */
  readonly args: readonly string[];
  /** All of it; nothing of pgmate's own is added. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface PgDumpResult {
  /** What it wrote to its standard output, byte for byte. */
  readonly output: Uint8Array;
  /** What it said beside that, the end of it where it said much; empty where it was content. */
  readonly complaints: string;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Ending {
  readonly status: number | null;
  readonly signal: string | null;
}

const complaintsLimitBytes = 64 * 1024;
/** A query that failed is repeated in full, and may name thousands of tables. */
const lineLimitBytes = 4 * 1024;
/** pg_dump needs a moment to cancel its statement on the server. */
const killAfterMs = 3_000;
/** Then it is nobody's fault any more: a program of another user's cannot be killed. */
const giveUpAfterMs = 5_000;

/**
 * Throws `tool` where the program cannot be started, is killed or fails, with what it said;
 * `interrupted` when the signal came, after the program and what it started are gone.
 */
export async function runPgDump(run: PgDumpRun): Promise<PgDumpResult> {
  if (run.signal.aborted) throw interrupted(run);
  const child = start(run);
  const output: Buffer[] = [];
  const heard = new Complaints();
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => heard.add(chunk));
  const ending = await endOf(child, run);
  if (run.signal.aborted) throw interrupted(run);
  const complaints = withoutPassword(heard.text(), run.environment).trim();
  if (ending.status !== 0) throw failure(run.program, ending, complaints);
  return { output: Buffer.concat(output), complaints };
}

function start(run: PgDumpRun): Child {
  try {
    // It asks for a password at the terminal, where one runs it, even without a standard input.
    return spawn(run.program, ["--no-password", ...run.args], {
      env: { ...run.environment },
      stdio: ["ignore", "pipe", "pipe"],
      // In a group of its own: the program may be a script that runs the real one.
      detached: true,
      windowsHide: true,
    });
  } catch (error) {
    throw startFailure(run, error);
  }
}

function interrupted(run: PgDumpRun): PgmateError {
  return new PgmateError("interrupted", "interrupted while pg_dump ran", {
    cause: run.signal.reason,
  });
}

/** Waits until the program has ended and nobody holds its output any more. */
async function endOf(child: Child, run: PgDumpRun): Promise<Ending> {
  const { promise, resolve, reject } = Promise.withResolvers<Ending>();
  child.once("close", (status, signal) => resolve({ status, signal }));
  child.on("error", (error) => {
    // The other error there can be is that a signal could not be sent.
    if (child.pid === undefined) reject(startFailure(run, error));
  });
  const timers: NodeJS.Timeout[] = [];
  const stop = (): void => {
    sendToGroup(child, "TERM");
    timers.push(
      setTimeout(() => sendToGroup(child, "KILL"), killAfterMs),
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        child.unref();
        resolve({ status: null, signal: "SIGKILL" });
      }, giveUpAfterMs),
    );
  };
  run.signal.addEventListener("abort", stop);
  if (run.signal.aborted) stop();
  try {
    return await promise;
  } finally {
    run.signal.removeEventListener("abort", stop);
    for (const timer of timers) clearTimeout(timer);
    // What does not hold the output may have outlived the rest.
    if (timers.length > 0) sendToGroup(child, "KILL");
  }
}

/** The shell's own kill, since a signal to a group is sent through the process alone. */
function sendToGroup(child: Child, name: "TERM" | "KILL"): void {
  if (child.pid === undefined) return;
  child.kill(`SIG${name}`);
  spawnSync("/bin/sh", ["-c", `kill -s ${name} -- -${child.pid}`], { env: {}, stdio: "ignore" });
}

/** The end of what is added, from the beginning of a line, and of each line the beginning. */
class Complaints {
  #kept: Buffer = Buffer.alloc(0);
  #isCut = false;
  /** How much of the line that has not ended yet has come. */
  #lineBytes = 0;

  add(chunk: Buffer): void {
    const pieces = [this.#kept];
    let from = 0;
    while (from < chunk.length) {
      const lineEnd = chunk.indexOf("\n", from);
      const end = lineEnd === -1 ? chunk.length : lineEnd;
      const room = Math.max(0, lineLimitBytes - this.#lineBytes);
      pieces.push(chunk.subarray(from, Math.min(end, from + room)));
      if (lineEnd !== -1) pieces.push(chunk.subarray(lineEnd, lineEnd + 1));
      this.#lineBytes = lineEnd === -1 ? this.#lineBytes + end - from : 0;
      from = end + 1;
    }
    const all = Buffer.concat(pieces);
    this.#isCut ||= all.length > complaintsLimitBytes;
    this.#kept = all.subarray(-complaintsLimitBytes);
  }

  text(): string {
    const text = new TextDecoder().decode(this.#kept);
    return this.#isCut ? `…\n${text.slice(text.indexOf("\n") + 1)}` : text;
  }
}

/**
 * pg_dump never says it, but a script around it may. A word that stands in the open anyway, as
 * `postgres` does, is left alone, and a short one is blanked only where it is a word.
 */
function withoutPassword(text: string, environment: PgDumpRun["environment"]): string {
  const password = environment["PGPASSWORD"] ?? "";
  const inTheOpen = [environment["PGUSER"], environment["PGDATABASE"], environment["PGHOST"]];
  if (password === "" || inTheOpen.includes(password)) return text;
  const literal = password.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  const pattern = password.length >= 6 ? literal : `(?<!\\w)${literal}(?!\\w)`;
  return text.replace(new RegExp(pattern, "g"), "***");
}

const leaveItOut = "leave out --pg-dump to take the pg_dump inside pgmate";

function startFailure({ program, environment }: PgDumpRun, error: unknown): PgmateError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const path = environment["PATH"] ?? "";
  const found = Bun.which(program, { PATH: path }) !== null;
  const missing = program.includes("/")
    ? `there is no file ${program}`
    : `there is no ${program} on the PATH`;
  const problem = {
    ENOENT: found
      ? `what the first line of ${program} names, or a library it needs, is missing`
      : missing,
    ENOTDIR: missing,
    EACCES: `${program} is a folder, or a file that this user may not execute`,
    ENOEXEC: `${program} is no program that this machine can run`,
    ERR_INVALID_ARG_VALUE: "the name or an argument of pg_dump is empty or holds a NUL",
  }[code] ?? `${program} cannot be started (${code === "" ? "for an unknown reason" : code})`;
  return new PgmateError("tool", problem, {
    hint: `give the path of the program itself, as in --pg-dump=/usr/bin/pg_dump; or ${leaveItOut}`,
    cause: error,
  });
}

function failure(program: string, ending: Ending, complaints: string): PgmateError {
  const name = program.split("/").at(-1) ?? program;
  if (ending.signal !== null) return killed(name, ending.signal, complaints);
  if (complaints === "") {
    return new PgmateError("tool", `${name} ended with status ${ending.status} and said nothing`, {
      hint: `see whether it is pg_dump: ${program} --version; or ${leaveItOut}`,
    });
  }
  return dumpFailure(complaints, { name, instead: leaveItOut });
}

function killed(name: string, signal: string, complaints: string): PgmateError {
  const last = shortenedRemark(complaints.split("\n").at(-1) ?? "");
  const text = `${name} was ended by ${signal}${last === "" ? "" : ` after saying: ${last}`}`;
  return new PgmateError("tool", text, {
    hint: signal === "SIGKILL"
      ? "the system does so where memory is short: give it more, or see who else ended it"
      : `run it again; if it ends the same way, ${leaveItOut}`,
  });
}
