// Signs a program for macOS ad hoc, as its linker does: a Mac kills one whose signature is wrong.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";

const segment64 = 0x19;
const codeSignature = 0x1d;
const superBlob = 0xfade0cc0;
const codeDirectory = 0xfade0c02;
const pageBits = 12;
const pageBytes = 2 ** pageBits;
/** What memory is mapped in on Apple's own processors; a multiple of Intel's. */
const mappedBytes = 0x4000;
const hashBytes = 32;
const sha256 = 2;
const headBytes = 88;
/** Of version 2.4, the first one that tells where the code is. */
const version = 0x20400;
/** Ad hoc, and made by a linker: codesign replaces such a one without being forced. */
const flags = 0x20002;
const mainProgram = 1n;
const identifier = Buffer.from("pgmate\0");

/**
 * Makes it anew only where it is wrong. Bun 1.4.5 signs what it compiles for Apple's processors;
 * for Intel it leaves the signature of its own runtime, which the program does not match any more.
 */
export async function signForMac(path: string): Promise<void> {
  const program = await readFile(path);
  if (!hasValidSignature(program)) await writeFile(path, signed(program));
}

/** The program with another signature; throws where it has none. */
export function signed(given: Uint8Array): Buffer {
  const { signature, linkEdit, text } = commands(Buffer.from(given));
  const limit = at(given, signature + 8);
  const pages = Math.ceil(limit / pageBytes);
  const directoryBytes = headBytes + identifier.length + pages * hashBytes;
  const bytes = 20 + directoryBytes;
  const program = Buffer.concat([given.subarray(0, limit), Buffer.alloc(bytes)]);
  program.writeUInt32LE(bytes, signature + 12);
  const linked = BigInt(program.length) - program.readBigUInt64LE(linkEdit + 40);
  const mapped = BigInt(mappedBytes);
  program.writeBigUInt64LE((linked + mapped - 1n) / mapped * mapped, linkEdit + 32);
  program.writeBigUInt64LE(linked, linkEdit + 48);

  const blob = program.subarray(limit);
  [superBlob, bytes, 1, 0, 20].forEach((word, index) => blob.writeUInt32BE(word, 4 * index));
  const directory = blob.subarray(20);
  const hashesAt = headBytes + identifier.length;
  [codeDirectory, directoryBytes, version, flags, hashesAt, headBytes, 0, pages, limit]
    .forEach((word, index) => directory.writeUInt32BE(word, 4 * index));
  directory.set([hashBytes, sha256, 0, pageBits], 36);
  directory.writeBigUInt64BE(program.readBigUInt64LE(text + 40), 64);
  directory.writeBigUInt64BE(program.readBigUInt64LE(text + 48), 72);
  directory.writeBigUInt64BE(mainProgram, 80);
  identifier.copy(directory, headBytes);
  for (let page = 0; page < pages; page += 1) {
    pageHash(program, page, limit).copy(directory, hashesAt + page * hashBytes);
  }
  return program;
}

/** Whether the hashes in it are those of the program's pages, and none is left out. */
export function hasValidSignature(given: Uint8Array): boolean {
  const program = Buffer.from(given);
  const { signature } = commands(program);
  const start = at(program, signature + 8);
  const blob = program.subarray(start, start + at(program, signature + 12));
  if (blob.readUInt32BE(0) !== superBlob) return false;
  const directory = blob.subarray(blob.readUInt32BE(16));
  const [hashesAt, pages, limit] = [16, 28, 32].map((offset) => directory.readUInt32BE(offset));
  if (hashesAt === undefined || pages === undefined || limit !== start) return false;
  if (directory.readUInt32BE(0) !== codeDirectory || directory[37] !== sha256) return false;
  for (let page = 0; page < Math.ceil(limit / pageBytes); page += 1) {
    const told = directory.subarray(hashesAt + page * hashBytes, hashesAt + (page + 1) * hashBytes);
    if (!pageHash(program, page, limit).equals(told)) return false;
  }
  return pages === Math.ceil(limit / pageBytes);
}

interface Commands {
  readonly signature: number;
  readonly linkEdit: number;
  readonly text: number;
}

/** Where the load commands stand that are about the signature and what it covers. */
function commands(program: Buffer): Commands {
  const found = new Map<string, number>();
  let offset = 32;
  for (let left = at(program, 16); left > 0; left -= 1) {
    const kind = at(program, offset);
    const name = program.toString("latin1", offset + 8, offset + 24).replaceAll("\0", "");
    if (kind === codeSignature) found.set("signature", offset);
    if (kind === segment64) found.set(name, offset);
    offset += at(program, offset + 4);
  }
  const [signature, linkEdit, text] = ["signature", "__LINKEDIT", "__TEXT"].map((name) => {
    return found.get(name);
  });
  if (signature === undefined || linkEdit === undefined || text === undefined) {
    throw new Error("no program for macOS, or one without a signature");
  }
  return { signature, linkEdit, text };
}

function at(program: Uint8Array, offset: number): number {
  return Buffer.from(program.buffer, program.byteOffset).readUInt32LE(offset);
}

/** Of the last page, what the signature follows upon. */
function pageHash(program: Buffer, page: number, limit: number): Buffer {
  const end = Math.min((page + 1) * pageBytes, limit);
  return createHash("sha256").update(program.subarray(page * pageBytes, end)).digest();
}
