/** Runs the built pgmate, and dbmate beside it, in a temporary project and a clean environment. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { resolveBinary } from "dbmate";
import { PgmateError } from "../errors.ts";

export interface ProgramResult {
  /** As a shell sees it: 128 + n after signal n. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd: string;
  /** Nothing else of the caller's environment is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
}

export interface RunningProgram {
  readonly pid: number;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
  /** Rejects when the time is up; the program is killed then. */
  readonly result: Promise<ProgramResult>;
}

/** Path → text or bytes. */
export type ProjectFiles = Readonly<Record<string, string | Uint8Array>>;

export interface ProjectRequest {
  /** From the project's folder; `db/migrations` is made even when nothing lies in it. */
  readonly files?: ProjectFiles;
  /** Path → what the link there points to. */
  readonly links?: Readonly<Record<string, string>>;
}

export interface TemporaryProject {
  readonly folder: string;
  write(files: ProjectFiles): Promise<void>;
  remove(path: string): Promise<void>;
  /** With `await using` the folder goes at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}

const defaultTimeoutMs = 60_000;

/**
 * JavaScriptCore compiles what a short run calls a few times, which is a quarter of the work that
 * such a run is. Thousands of them are the tests; what runs long is compiled as always.
 */
const lateCompiler: Readonly<Record<string, string>> = {
  BUN_JSC_thresholdForJITAfterWarmUp: "20000",
  BUN_JSC_thresholdForJITSoon: "20000",
  BUN_JSC_useRegExpJIT: "0",
  // What WebAssembly becomes after its first compiler: a tenth of a run on the embedded Postgres.
  BUN_JSC_thresholdForOMGOptimizeAfterWarmUp: "1000000",
  BUN_JSC_thresholdForOMGOptimizeSoon: "100000",
};

/** What `bun scripts/build.ts` makes, or another binary that is to be tested instead. */
export const binary = process.env["PGMATE_BINARY"] ?? join(import.meta.dir, "../../dist/pgmate");

/** Runs pgmate to its end. */
export function pgmate(args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  return startPgmate(args, options).result;
}

/** Starts pgmate, for tests that do something to it while it runs. */
export function startPgmate(args: readonly string[], options: ProgramOptions): RunningProgram {
  if (!existsSync(binary)) {
    throw new PgmateError("tool", `${binary} does not exist: make it with bun scripts/build.ts`);
  }
  return startProgram(binary, args, { ...options, env: { ...lateCompiler, ...options.env } });
}

/** Runs dbmate itself; its npm wrapper would cost a Node start and hide signals. */
export function dbmate(args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  return startProgram(resolveBinary(), args, options).result;
}

/** A folder with the given files, as a user's project. */
export async function temporaryProject(request: ProjectRequest = {}): Promise<TemporaryProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "pgmate-project-")));
  const project: TemporaryProject = {
    folder,
    async write(files) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), content);
      }
    },
    remove: (path) => rm(join(folder, path), { recursive: true }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  await mkdir(join(folder, "db/migrations"), { recursive: true });
  await project.write(request.files ?? {});
  for (const [path, target] of Object.entries(request.links ?? {})) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(target, join(folder, path));
  }
  return project;
}

/** Starts any program, as the two above are started. */
export function startProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): RunningProgram {
  const child = spawn(program, [...args], {
    cwd: options.cwd,
    // The home folder is the project's, so that no passfile of the caller's is read.
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", TZ: "UTC", HOME: options.cwd, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A program that has ended does not read its input any more.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString("utf8");
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const result = new Promise<ProgramResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new PgmateError("tool", `${[program, ...args].join(" ")} took over ${timeoutMs} ms`, {
        state: `stdout:\n${text(stdout)}\nstderr:\n${text(stderr)}`,
      }));
    }, timeoutMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      const status = code ?? 128 + constants.signals[signal ?? "SIGKILL"];
      resolve({ status, stdout: text(stdout), stderr: text(stderr) });
    });
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => text(stdout),
    stderr: () => text(stderr),
    signal: (name) => void child.kill(name),
    result,
  };
}
