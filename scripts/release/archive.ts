// Writes archives whose bytes depend on nothing but what is in them: no times, no owners.
import { deflateRawSync } from "node:zlib";
import { type ArchiveEntry, writeTar } from "../../src/pg/tar.ts";

/** The first day that a zip archive can name. */
const firstDay = (1 << 5) | 1;
const unix = 3;
const madeBy = (unix << 8) | 20;
const needed = 20;
const deflated = 8;
const inUtf8 = 1 << 11;
const regularFile = 0o100000;

export function tarGz(entries: readonly ArchiveEntry[]): Uint8Array {
  return Bun.gzipSync(Buffer.from(writeTar(entries)), { level: 9 });
}

/** Files only: programs make the folders that the paths name. Under 4 GB. */
export function zip(entries: readonly ArchiveEntry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { path, bytes = Buffer.alloc(0), mode = 0o644 } of entries) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(bytes, { level: 9 });
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(needed, 0);
    facts.writeUInt16LE(inUtf8, 2);
    facts.writeUInt16LE(deflated, 4);
    facts.writeUInt16LE(firstDay, 8);
    facts.writeUInt32LE(Bun.hash.crc32(bytes), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), facts, name, packed]);
    parts.push(local);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((regularFile | mode) << 16) >>> 0, 6);
    rest.writeUInt32LE(at, 10);
    const maker = Buffer.alloc(2);
    maker.writeUInt16LE(madeBy);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), maker, facts, rest, name]));
    at += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, index, Buffer.from("PK\u0005\u0006"), end]);
}
