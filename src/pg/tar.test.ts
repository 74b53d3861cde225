/** Tar archives: what is written is read again, and other programs agree. */
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTar, writeTar } from "./tar.ts";

const entries = [
  { path: "base", bytes: undefined },
  { path: "base/empty", bytes: new Uint8Array(0) },
  { path: "base/block", bytes: new Uint8Array(512).fill(7) },
  { path: "base/one-more", bytes: new Uint8Array(513).fill(8) },
  { path: "base/same", bytes: new Uint8Array(513).fill(8), sameAs: "base/one-more" },
  { path: `${"d".repeat(40)}/${"ü".repeat(29)}`, bytes: new TextEncoder().encode("text\n") },
];

test("an archive is read as it was written", () => {
  const read = entries.map(({ path, bytes }) => ({ path, bytes }));
  expect(readTar(writeTar(entries))).toEqual(read);
  expect(writeTar(entries)).toEqual(writeTar(entries));
});

test("bytes that stand there already are stored once, and read as one's own", () => {
  const bytes = new Uint8Array(5_000).fill(7);
  const linked = [{ path: "one", bytes }, { path: "other", bytes, sameAs: "one" }];
  const archive = writeTar(linked);
  expect(archive.length).toBeLessThan(2 * bytes.length);
  const [one, other] = readTar(archive);
  expect([one, other]).toEqual([{ path: "one", bytes }, { path: "other", bytes }]);
  one?.bytes?.fill(8);
  expect(other?.bytes).toEqual(bytes);
});

test("a name that does not fit is refused", () => {
  expect(() => writeTar([{ path: "x".repeat(101), bytes: undefined }])).toThrow("too long");
});

test("the system's tar reads it, and is read", () => {
  const folder = mkdtempSync(join(tmpdir(), "tar-"));
  try {
    writeFileSync(join(folder, "ours.tar"), writeTar(entries));
    const unpacked = Bun.spawnSync(["tar", "-xf", "ours.tar"], { cwd: folder });
    expect(unpacked.stderr.toString()).toBe("");
    expect(readFileSync(join(folder, "base/one-more"))).toEqual(Buffer.alloc(513, 8));
    expect(readFileSync(join(folder, "base/same"))).toEqual(Buffer.alloc(513, 8));
    Bun.spawnSync(["tar", "--format=ustar", "-cf", "theirs.tar", "./base"], { cwd: folder });
    const read = readTar(readFileSync(join(folder, "theirs.tar")));
    const byPath = new Map(read.map(({ path, bytes }) => [path, bytes && [...bytes]]));
    expect(byPath.get("base")).toBeUndefined();
    expect(byPath.get("base/block")).toEqual(Array.from({ length: 512 }, () => 7));
    const packed = entries.slice(0, 3).map(({ path }) => path);
    expect([...byPath.keys()].toSorted()).toEqual(
      [...packed, "base/one-more", "base/same"].toSorted(),
    );
    expect(byPath.get("base/same")).toEqual(byPath.get("base/one-more"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
