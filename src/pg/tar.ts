/** Reads and writes tar archives in memory: the form in which the embedded Postgres is carried. */
import { PgmateError } from "../errors.ts";

/** A path with `/`, relative; a folder has no bytes. */
export interface ArchiveEntry {
  readonly path: string;
  readonly bytes: Uint8Array | undefined;
  /** Who may do what with it, as chmod counts; without one its owner may, and nobody else. */
  readonly mode?: number;
}

const blockBytes = 512;
const nameBytes = 100;
const regularFile = "0";
const folder = "5";

/** The entries in their order; their bytes are views of the archive, not copies. */
export function readTar(archive: Uint8Array): readonly ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  for (let at = 0; at + blockBytes <= archive.length;) {
    const header = archive.subarray(at, at + blockBytes);
    const name = textAt(header, 0, nameBytes);
    if (name === "") break;
    const prefix = textAt(header, 257, 5) === "ustar" ? textAt(header, 345, 155) : "";
    const size = Number.parseInt(textAt(header, 124, 12).trim() || "0", 8);
    const type = textAt(header, 156, 1) || regularFile;
    const path = (prefix === "" ? name : `${prefix}/${name}`).replace(/^\.?\/+/, "");
    at += blockBytes;
    if (type === folder) {
      entries.push({ path: path.replace(/\/$/, ""), bytes: undefined });
    } else if (type === regularFile) {
      entries.push({ path, bytes: archive.subarray(at, at + size) });
    } else {
      throw new PgmateError("internal", `a tar entry of type ${type} at ${path}`);
    }
    at += Math.ceil(size / blockBytes) * blockBytes;
  }
  return entries;
}

/** The same entries give the same bytes: no times, no owners. */
export function writeTar(entries: readonly ArchiveEntry[]): Uint8Array {
  const sizes = entries.map(({ bytes }) => Math.ceil((bytes?.length ?? 0) / blockBytes));
  const blocks = sizes.reduce((sum, size) => sum + 1 + size, 2);
  const archive = new Uint8Array(blocks * blockBytes);
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    const { bytes } = entry;
    writeHeader(archive.subarray(at, at + blockBytes), entry);
    if (bytes !== undefined) archive.set(bytes, at + blockBytes);
    at += (1 + (sizes[index] ?? 0)) * blockBytes;
  }
  return archive;
}

function writeHeader(header: Uint8Array, { path, bytes, mode }: ArchiveEntry): void {
  const name = new TextEncoder().encode(path);
  if (name.length > nameBytes) {
    throw new PgmateError("internal", `${path} is too long a name for a tar archive`);
  }
  const write = (at: number, text: string): void => {
    new TextEncoder().encodeInto(text, header.subarray(at));
  };
  header.set(name);
  write(100, (mode ?? (bytes === undefined ? 0o700 : 0o600)).toString(8).padStart(7, "0"));
  write(108, "0000000\u00000000000\u0000");
  write(124, (bytes?.length ?? 0).toString(8).padStart(11, "0"));
  write(136, "00000000000");
  // The checksum counts its own field as spaces.
  write(148, " ".repeat(8));
  write(156, bytes === undefined ? folder : regularFile);
  write(257, "ustar\u000000");
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(148, `${sum.toString(8).padStart(6, "0")}\u0000 `);
}

function textAt(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end));
}
