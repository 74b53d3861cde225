/** Reads and writes tar archives in memory: the form in which the embedded Postgres is carried. */
import { PgmateError } from "../errors.ts";

/** A path with `/`, relative; a folder has no bytes. */
export interface ArchiveEntry {
  readonly path: string;
  readonly bytes: Uint8Array | undefined;
  /** Who may do what with it, as chmod counts; without one its owner may, and nobody else. */
  readonly mode?: number;
  /** The path of an entry before it that has these bytes; they are not stored again. */
  readonly sameAs?: string;
}

const blockBytes = 512;
const nameBytes = 100;
const regularFile = "0";
const hardLink = "1";
const folder = "5";

/**
 * The entries in their order; their bytes are views of the archive, not copies, but where two
 * entries have the same ones: whoever alters one does not alter the other.
 */
export function readTar(archive: Uint8Array): readonly ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + blockBytes <= archive.length;) {
    const header = archive.subarray(at, at + blockBytes);
    const name = textAt(header, 0, nameBytes);
    if (name === "") break;
    const prefix = textAt(header, 257, 5) === "ustar" ? textAt(header, 345, 155) : "";
    const size = Number.parseInt(textAt(header, 124, 12).trim() || "0", 8);
    const type = textAt(header, 156, 1) || regularFile;
    const path = relative(prefix === "" ? name : `${prefix}/${name}`);
    at += blockBytes;
    if (type === folder) {
      entries.push({ path: path.replace(/\/$/, ""), bytes: undefined });
    } else if (type === regularFile) {
      const bytes = archive.subarray(at, at + size);
      files.set(path, bytes);
      entries.push({ path, bytes });
    } else if (type === hardLink) {
      const same = files.get(relative(textAt(header, 157, nameBytes)));
      if (same === undefined) throw new PgmateError("internal", `nothing is linked at ${path}`);
      entries.push({ path, bytes: same.slice() });
    } else {
      throw new PgmateError("internal", `a tar entry of type ${type} at ${path}`);
    }
    at += Math.ceil(size / blockBytes) * blockBytes;
  }
  return entries;
}

function relative(path: string): string {
  return path.replace(/^\.?\/+/, "");
}

/** The same entries give the same bytes: no times, no owners. */
export function writeTar(entries: readonly ArchiveEntry[]): Uint8Array {
  const sizes = entries.map((entry) => Math.ceil(storedBytes(entry).length / blockBytes));
  const blocks = sizes.reduce((sum, size) => sum + 1 + size, 2);
  const archive = new Uint8Array(blocks * blockBytes);
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    writeHeader(archive.subarray(at, at + blockBytes), entry);
    archive.set(storedBytes(entry), at + blockBytes);
    at += (1 + (sizes[index] ?? 0)) * blockBytes;
  }
  return archive;
}

function storedBytes({ bytes, sameAs }: ArchiveEntry): Uint8Array {
  return sameAs === undefined && bytes !== undefined ? bytes : new Uint8Array(0);
}

function writeHeader(header: Uint8Array, entry: ArchiveEntry): void {
  const { path, bytes, mode, sameAs = "" } = entry;
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
  write(124, storedBytes(entry).length.toString(8).padStart(11, "0"));
  write(136, "00000000000");
  // The checksum counts its own field as spaces.
  write(148, " ".repeat(8));
  write(156, bytes === undefined ? folder : sameAs === "" ? regularFile : hardLink);
  write(157, sameAs);
  write(257, "ustar\u000000");
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(148, `${sum.toString(8).padStart(6, "0")}\u0000 `);
}

function textAt(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end));
}
