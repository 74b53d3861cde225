/** The pg_dump that pgmate carries: the real one, as WebAssembly, on a wire already open. */

import type { PgDumpModule } from "@electric-sql/pglite-tools/pg_dump";
import program from "../../node_modules/@electric-sql/pglite-tools/dist/pg_dump.wasm" with {
  type: "file",
};
import { connectionWord } from "../core/libpq-environment.ts";
import { PgmateError } from "../errors.ts";
import { PgDumpWire } from "./pg-dump-wire.ts";
import type { Session } from "./session.ts";

/** PostgreSQL's number of the carried pg_dump: it reads no server that is newer. */
export const carriedMajorVersion = 18;

export interface PgDumpRun {
  /** Its options; what it connects to is the session, whatever they say. */
  readonly args: readonly string[];
  readonly user: string;
  readonly database: string;
}

export type PgDumpResult =
  /** What it wrote, byte for byte, and what it said besides. */
  | { readonly kind: "dumped"; readonly text: Uint8Array; readonly said: string }
  | { readonly kind: "failed"; readonly status: number; readonly said: string };

/** One that is loaded; it runs once. */
export interface PgDump {
  /**
   * Leaves the session in pg_dump's transaction, so that what is read next is of its snapshot;
   * `leaveDump` ends it. Throws `connect-lost`.
   */
  run(session: Session, run: PgDumpRun): Promise<PgDumpResult>;
}

/**
 * Ends the snapshot and puts the session back, the settings that it began with included. Nothing
 * is done on a connection that is gone.
 */
export async function leaveDump(session: Session, settingsSql: readonly string[]): Promise<void> {
  if (session.isLost) return;
  if (session.transactionState !== "I") await session.send("rollback");
  const clean = ["deallocate all", "reset role", "reset all", ...settingsSql];
  await session.send(clean.join("; "));
}

/** WebAssembly's way to wait for a promise, which the types do not know yet. */
interface Suspending {
  readonly Suspending: new (work: (pointer: number, length: number) => Promise<number>) => object;
  readonly promising: (work: unknown) => (...args: readonly number[]) => Promise<number>;
}

interface Exports {
  readonly __main_argc_argv: unknown;
  readonly __errno_location: () => number;
  readonly malloc: (bytes: number) => number;
}

/** Where it writes to, in the files that only it sees. */
const outputPath = "/tmp/schema.sql";
const programPath = "/pg_dump";
/** Of the C library that it was built with. */
const tryAgain = 6;

/**
 * Loads it, which takes some 30 ms and goes on beside other work: begin before it is needed.
 * Throws `dump` where this machine cannot run it.
 */
export async function loadPgDump(): Promise<PgDump> {
  const wasm = WebAssembly as unknown as Partial<Suspending>;
  if (wasm.Suspending === undefined || wasm.promising === undefined) {
    throw new PgmateError("dump", "the pg_dump inside pgmate cannot run on this machine", {
      hint: "name an installed one: --pg-dump /usr/bin/pg_dump",
    });
  }
  return loadProgram(wasm as Suspending).catch((error: unknown) => {
    throw error instanceof PgmateError ? error : brokenDown(error);
  });
}

async function loadProgram(wasm: Suspending): Promise<PgDump> {
  const said: string[] = [];
  // The library's own pgDump() deletes lines of function bodies that begin with \restrict, and
  // forces --inserts. pglite-tools.patch exports the program below it, which is to be asked of
  // upstream: an export of the module's factory beside pgDump.
  const [{ PgDumpModFactory }, compiled] = await Promise.all([
    import("@electric-sql/pglite-tools/pg_dump"),
    Bun.file(program).arrayBuffer().then((bytes) => WebAssembly.compile(bytes)),
  ]);
  let exports: Exports | undefined;
  const module = await PgDumpModFactory({
    noExitRuntime: false,
    print: (line: string) => said.push(line),
    printErr: (line: string) => said.push(line),
    instantiateWasm: (imports: ImportTables, take: InstanceTaker) => {
      const instance = new WebAssembly.Instance(compiled, imports);
      exports = instance.exports as unknown as Exports;
      take(instance, compiled);
      return {};
    },
  });
  if (exports === undefined) throw new PgmateError("dump", "the pg_dump inside did not load");
  return new LoadedPgDump(module, exports, wasm, said);
}

type ImportTables = ConstructorParameters<typeof WebAssembly.Instance>[1];
type InstanceTaker = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

class LoadedPgDump implements PgDump {
  readonly #module: PgDumpModule;
  readonly #exports: Exports;
  readonly #wasm: Suspending;
  readonly #said: string[];

  constructor(module: PgDumpModule, exports: Exports, wasm: Suspending, said: string[]) {
    this.#module = module;
    this.#exports = exports;
    this.#wasm = wasm;
    this.#said = said;
  }

  async run(session: Session, run: PgDumpRun): Promise<PgDumpResult> {
    const status = await session.lend((wire) => this.#runOn(new PgDumpWire(wire), run))
      .catch((error: unknown) => {
        throw error instanceof PgmateError ? error : brokenDown(error);
      });
    // Its library says this of every program that is not one on a disk.
    const said = this.#said
      .filter((line) => !line.startsWith("could not find a \"pg_dump\""))
      .join("\n");
    if (status !== 0) return { kind: "failed", status, said };
    return { kind: "dumped", text: this.#module.FS.readFile(outputPath), said };
  }

  async #runOn(wire: PgDumpWire, run: PgDumpRun): Promise<number> {
    return wire.open(async () => {
      this.#plug(wire);
      return this.#main(run);
    });
  }

  /** Its reads wait here for the server, as a process would wait in its system. */
  #plug(wire: PgDumpWire): void {
    const memory = (pointer: number, length: number): Uint8Array =>
      this.#module.HEAPU8.subarray(pointer, pointer + length);
    const read = new this.#wasm.Suspending(async (pointer: number, length: number) => {
      const taken = await wire.read(length);
      if (taken === undefined) {
        const at = this.#exports.__errno_location();
        new DataView(this.#module.HEAPU8.buffer).setInt32(at, tryAgain, true);
        return -1;
      }
      memory(pointer, taken.length).set(taken);
      return taken.length;
    });
    const write = (pointer: number, length: number): number => {
      wire.write(memory(pointer, length).slice());
      return length;
    };
    const { addFunction } = this.#module;
    this.#module._pgl_set_rw_cbs(
      addFunction(wasmFunction(read), "iii"),
      addFunction(wasmFunction(write), "iii"),
    );
  }

  async #main({ args, user, database }: PgDumpRun): Promise<number> {
    const module = this.#module;
    Object.assign(module.ENV, { HOME: "/home/postgres", USER: user, LOGNAME: user });
    module.FS.writeFile(programPath, "", { mode: 0o755 });
    const words = [
      programPath, ...args, "--host=127.0.0.1", `--username=${user}`, "--no-password",
      `--file=${outputPath}`, `--dbname=${connectionWord(database)}`,
    ];
    const list = this.#exports.malloc(4 * (words.length + 1));
    const pointers = [...words.map((word) => module.stringToNewUTF8(word)), 0];
    const view = new DataView(module.HEAPU8.buffer);
    for (const [index, pointer] of pointers.entries()) {
      view.setUint32(list + 4 * index, pointer, true);
    }
    const main = this.#wasm.promising(this.#exports.__main_argc_argv);
    try {
      return await main(words.length, list);
    } catch (error) {
      // The C library's exit() arrives as an object with the status.
      const { status } = error as { readonly status?: unknown };
      if (typeof status === "number") return status;
      throw error;
    }
  }
}

/** Out of memory, or a fault of its own: nothing that a run should fail for. */
function brokenDown(cause: unknown): PgmateError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PgmateError("dump", `the pg_dump inside pgmate broke down: ${reason}`, {
    hint: "report this; an installed one may do: --pg-dump /usr/bin/pg_dump",
    cause,
  });
}

/** Two integers in, one out: a function that the table of a WebAssembly program can hold. */
function wasmFunction(work: unknown): Function {
  const bytes = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0,
    1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f,
    2, 7, 1, 1, 101, 1, 102, 0, 0,
    7, 5, 1, 1, 102, 0, 0,
  ]);
  const imports = { e: { f: work } } as unknown as ImportTables;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  return instance.exports["f"] as Function;
}
