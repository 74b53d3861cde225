/** Small files: made without writing over any, read where they are there. */

import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import {
  chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PgmateError } from "../errors.ts";
import { createFile, isPrivate, readIfThere } from "./project-files.ts";

let root = "";
let folder = "";
let count = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "pgmate-project-"));
  chmodSync(root, 0o755);
});
beforeEach(() => {
  folder = join(root, String((count += 1)));
  mkdirSync(folder);
});
afterAll(() => rmSync(root, { recursive: true }));

function refusal(act: () => unknown): PgmateError {
  try {
    act();
  } catch (error) {
    if (error instanceof PgmateError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** What rights do not stop root from, they stop another user from. */
function withoutRights(act: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    act();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

test("a file is made with the folders that lack", () => {
  const path = join(folder, "a/b/1.sql");
  createFile(path, "caf\u00e9\r\n");
  expect(readFileSync(path, "utf8")).toBe("caf\u00e9\r\n");
  expect(statSync(path).mode & 0o111).toBe(0);
});

test.each([
  ["a file", (path: string) => writeFileSync(path, "old")],
  ["a folder", (path: string) => mkdirSync(path)],
  ["a link to nothing", (path: string) => symlinkSync("nowhere", path)],
] as const)("nothing is written over: %s", (_, make) => {
  const path = join(folder, "1.sql");
  make(path);
  const error = refusal(() => createFile(path, "new"));
  expect(error.code).toBe("file-exists");
  expect(error.message).toBe(`${path} exists already`);
  expect(error.state).toBe("nothing was written");
  expect(refusal(() => createFile(path, "new")).code).toBe("file-exists");
});

test.each([
  ["the folder is a file", "1.sql"],
  ["the folder's folder is a file", "b/1.sql"],
] as const)("%s", (_, name) => {
  writeFileSync(join(folder, "a"), "");
  const error = refusal(() => createFile(join(folder, "a", name), ""));
  expect(error.code).toBe("file-unwritable");
  expect(error.message).toMatch(/\/a(?:\/b)? cannot be made \((?:EEXIST|ENOTDIR)\)$/);
  expect(error.hint).toMatch(/a file stands where the folder should/);
});

test("a name that the file system does not take", () => {
  const error = refusal(() => createFile(join(folder, "x".repeat(300)), ""));
  expect(error.code).toBe("file-unwritable");
  expect(error.message).toEndWith(" cannot be written (ENAMETOOLONG)");
});

test("a folder that this user may not write to", () => {
  chmodSync(folder, 0o555);
  withoutRights(() => {
    const file = refusal(() => createFile(join(folder, "1.sql"), ""));
    expect(file.code).toBe("file-unwritable");
    expect(file.message).toEndWith("1.sql cannot be written (EACCES)");
    expect(file.hint).toMatch(/may this user write to it/);
    const below = refusal(() => createFile(join(folder, "a/1.sql"), ""));
    expect(below.message).toEndWith("/a cannot be made (EACCES)");
  });
});

test.each([
  ["", ""],
  ["a\n", "a\n"],
  ["\ufeffa", "\ufeffa"],
] as const)("what is there is read: %j", (text, expected) => {
  writeFileSync(join(folder, ".env"), text);
  expect(readIfThere(join(folder, ".env"))).toBe(expected);
});

test("what is not there is none", () => {
  writeFileSync(join(folder, "file"), "");
  symlinkSync("nowhere", join(folder, "link"));
  for (const name of ["none", "no/where", "file/below", "link"]) {
    expect(readIfThere(join(folder, name))).toBeUndefined();
  }
  expect(readIfThere("")).toBeUndefined();
});

test("a folder is no file", () => {
  const error = refusal(() => readIfThere(folder));
  expect(error.code).toBe("file-unreadable");
  expect(error.message).toBe(`${folder} cannot be read (EISDIR)`);
});

test("a file that this user may not read", () => {
  const path = join(folder, ".env");
  writeFileSync(path, "A=b");
  chmodSync(path, 0o000);
  withoutRights(() => {
    const error = refusal(() => readIfThere(path));
    expect(error.code).toBe("file-unreadable");
    expect(error.message).toBe(`${path} may not be read by this user`);
  });
});

test.each([
  [0o600, "linux", true],
  [0o400, "darwin", true],
  [0o640, "linux", false],
  [0o604, "linux", false],
  [0o644, "win32", true],
] as const)("private: mode %d on %s", (mode, platform, expected) => {
  const path = join(folder, "pgpass");
  writeFileSync(path, "");
  chmodSync(path, mode);
  expect(isPrivate(path, platform)).toBe(expected);
});

test("what never ends is refused, and a pipe is read to its end", () => {
  expect(refusal(() => readIfThere("/dev/zero")).message).toBe("/dev/zero is larger than 16 MiB");
  expect(readIfThere("/dev/null")).toBe("");
  const pipe = join(folder, "pipe");
  Bun.spawnSync(["mkfifo", pipe]);
  const text = "A=b\n".repeat(50_000);
  writeFileSync(join(folder, "source"), text);
  // Another process, since reading waits for it.
  Bun.spawn(["sh", "-c", 'cat source >"$0"', pipe], { cwd: folder });
  expect(readIfThere(pipe)).toBe(text);
});
