/** The thread of the embedded Postgres: opens PGlite from the assets and serves one wire. */
import { PGlite } from "@electric-sql/pglite";
import { EmscriptenBuiltinFilesystem } from "@electric-sql/pglite/basefs";
import { NodeFS } from "@electric-sql/pglite/nodefs";
import dataArchive from "../../dist/embedded-data.tar.zst" with { type: "file" };
import extensionArchive from "../../dist/embedded-extensions.tar.zst" with { type: "file" };
import fileBundle from "../../dist/embedded-files.zst" with { type: "file" };
import program from "../../node_modules/@electric-sql/pglite/dist/pglite.wasm" with {
  type: "file",
};
import { causeOfDeath, EmbeddedBackend, type PostgresModule } from "./embedded-backend.ts";
import type { EmbeddedStorage, FromEmbedded, OpenRequest } from "./embedded-message.ts";
import { FrameReader } from "./frame-reader.ts";
import { type ArchiveEntry, readTar } from "./tar.ts";

declare const self: Worker;

/** Where PGlite keeps its installation; its extensions are looked for below. */
const installation = "/pglite";

/**
 * As a server starts, but for what one process without threads cannot do. PGlite's own list also
 * sets a search path and lets system tables be altered, which no server would.
 */
const startParameters = [
  "--single", "-F", "-j",
  "-c", "exit_on_error=false",
  "-c", "log_checkpoints=false",
  "-c", "max_worker_processes=0",
  "-c", "max_parallel_workers=0",
  "-c", "max_parallel_workers_per_gather=0",
  "-c", "max_parallel_maintenance_workers=0",
  "-c", "io_method=sync",
  // 128 MB would be touched at the start, which costs that memory and a sixth of the time.
  "-c", "shared_buffers=32MB",
  // Above this the engine's own stack ends first, and with it everything.
  "-c", "max_stack_depth=250kB",
];

/** The files of Emscripten, as far as they are needed here. */
interface FileTree {
  analyzePath(path: string): { readonly exists: boolean };
  mkdirTree(path: string): void;
  writeFile(path: string, bytes: Uint8Array, options: { readonly canOwn: boolean }): void;
}

/** There are no programs to run; PGlite throws there, which would be the end. */
class EmbeddedPostgres extends PGlite {
  override handleExternalCmd(command: string, mode: string): number {
    return command.startsWith("locale -a") ? super.handleExternalCmd(command, mode) : 0;
  }
}

class MemoryFolder extends EmscriptenBuiltinFilesystem {
  readonly #data: readonly ArchiveEntry[];
  readonly #extensions: readonly ArchiveEntry[];

  constructor(data: readonly ArchiveEntry[], extensions: readonly ArchiveEntry[]) {
    super();
    this.#data = data;
    this.#extensions = extensions;
  }

  override async initialSyncFs(): Promise<void> {
    const tree = treeOf(this.pg);
    write(tree, installation, this.#extensions);
    write(tree, PGlite.paths.PGDATA, this.#data);
  }

  override async closeFs(): Promise<void> {
    this.pg?.Module.FS.quit();
  }
}

class DiskFolder extends NodeFS {
  readonly #extensions: readonly ArchiveEntry[];

  constructor(path: string, extensions: readonly ArchiveEntry[]) {
    super(path);
    this.#extensions = extensions;
  }

  override async initialSyncFs(): Promise<void> {
    const tree = treeOf(this.pg);
    write(tree, installation, this.#extensions);
    const isEmpty = !tree.analyzePath(`${PGlite.paths.PGDATA}/PG_VERSION`).exists;
    if (isEmpty) write(tree, PGlite.paths.PGDATA, await unpack(dataArchive));
  }
}

function treeOf(pg: PGlite | undefined): FileTree {
  return pg?.Module.FS as unknown as FileTree;
}

function write(tree: FileTree, folder: string, entries: readonly ArchiveEntry[]): void {
  const made = new Set<string>();
  for (const { path, bytes } of entries) {
    const at = `${folder}/${path}`;
    const above = bytes === undefined ? at : at.slice(0, at.lastIndexOf("/"));
    if (!made.has(above)) tree.mkdirTree(above);
    made.add(above);
    if (bytes !== undefined) tree.writeFile(at, bytes, { canOwn: true });
  }
}

async function open(request: OpenRequest, log: (line: string) => void): Promise<PGlite> {
  // Compiling goes on in threads of its own meanwhile.
  const compiled = Bun.file(program).arrayBuffer().then((bytes) => WebAssembly.compile(bytes));
  const extensions = await unpack(extensionArchive);
  const fsBundle = new Blob([await decompress(fileBundle)]);
  const fs = await folder(request.storage, extensions);
  const module = await compiled;
  const settings = Object.entries(request.settings);
  const pg = new EmbeddedPostgres({
    fs,
    pgliteWasmModule: module,
    // Never run, since the data folder is ready; without one, PGlite would look for its own.
    initdbWasmModule: module,
    fsBundle,
    startParams: [
      ...startParameters,
      ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    onStderr: (line) => {
      log(line);
      return false;
    },
  });
  await pg.waitReady;
  return pg;
}

async function folder(
  storage: EmbeddedStorage,
  extensions: readonly ArchiveEntry[],
): Promise<EmscriptenBuiltinFilesystem> {
  switch (storage.kind) {
    case "memory":
      return new MemoryFolder(await unpack(dataArchive), extensions);
    case "copy":
      return new MemoryFolder(storage.files, extensions);
    case "folder":
      return new DiskFolder(storage.path, extensions);
  }
}

async function unpack(archive: string): Promise<readonly ArchiveEntry[]> {
  return readTar(await decompress(archive));
}

async function decompress(asset: string): Promise<Buffer> {
  return Bun.zstdDecompressSync(await Bun.file(asset).bytes());
}

function tell(message: FromEmbedded): void {
  const transfer = message.kind === "bytes" ? [message.bytes.buffer as ArrayBuffer] : [];
  self.postMessage(message, transfer);
}

async function main(request: OpenRequest): Promise<void> {
  const lines: string[] = [];
  try {
    const pg = await open(request, (line) => lines.push(line));
    tell({ kind: "opened" });
    const frames = new FrameReader(request.port, request.bell, () => tell({ kind: "taken" }));
    const backend = new EmbeddedBackend(pg.Module as unknown as PostgresModule, frames, {
      bytes: (bytes) => tell({ kind: "bytes", bytes }),
      disconnected: () => tell({ kind: "disconnected" }),
    });
    backend.serve();
    await pg.close();
    tell({ kind: "closed" });
  } catch (error) {
    const fatal = lines.findLast((line) => /\b(?:FATAL|PANIC):/.test(line));
    const reason = fatal?.replace(/^.*?\b(?:FATAL|PANIC): */, "") ?? causeOfDeath(error);
    tell({ kind: "died", reason });
  }
}

self.addEventListener("message", (event: MessageEvent<OpenRequest>) => void main(event.data));
