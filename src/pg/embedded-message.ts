/** What the embedded Postgres' thread and ours say to each other. */
import type { MessagePort } from "node:worker_threads";
import type { ArchiveEntry } from "./tar.ts";

/** Where the data lives. */
export type EmbeddedStorage =
  /** As long as the thread. */
  | { readonly kind: "memory" }
  /** In a data folder on disk, which is filled where it holds no database yet. */
  | { readonly kind: "folder"; readonly path: string }
  /** In memory, begun with the files of a data folder. */
  | { readonly kind: "copy"; readonly files: readonly ArchiveEntry[] };

export interface OpenRequest {
  readonly storage: EmbeddedStorage;
  readonly settings: Readonly<Record<string, string>>;
  /** Brings `ToEmbedded`, read without returning to the event loop. */
  readonly port: MessagePort;
  /** Counts what was sent to the port; the thread sleeps until it changes. */
  readonly bell: SharedArrayBuffer;
}

/** Bytes of the frontend protocol, or the end of a connection, or of everything. */
export type ToEmbedded = Uint8Array | "disconnect" | "close";

export type FromEmbedded =
  | { readonly kind: "opened" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** One `Uint8Array` has been read. */
  | { readonly kind: "taken" }
  /** What belongs to the connection before has all been said. */
  | { readonly kind: "disconnected" }
  /** It could not start, or is gone in the midst of work. */
  | { readonly kind: "died"; readonly reason: string }
  | { readonly kind: "closed" };
