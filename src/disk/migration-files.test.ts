/** Folders and files as they come: links, pipes, rights, files that change, large ones. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  appendFileSync, chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync,
  utimesSync, writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PgmateError } from "../errors.ts";
import { errorCode, findMigrations, openMigration } from "./migration-files.ts";

let root = "";
let folder = "";
let count = 0;
const home = process.cwd();

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "pgmate-files-"));
  chmodSync(root, 0o755);
});
beforeEach(() => {
  folder = join(root, String((count += 1)));
  mkdirSync(folder);
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  // What nobody may enter, only root may remove.
  spawnSync("chmod", ["-R", "u+rwx", root]);
  rmSync(root, { recursive: true });
});

function write(...names: readonly string[]): void {
  for (const name of names) writeFileSync(name, `-- ${name}\n`);
}

function namesIn(...folders: readonly string[]): readonly string[] {
  return findMigrations(folders).files.map((file) => file.path).toSorted();
}

/** Acts on the file 1.sql. */
type Deed = () => unknown;

function refusal(act: Deed): PgmateError {
  try {
    act();
  } catch (error) {
    if (error instanceof PgmateError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

function textOf(path: string): string {
  return Buffer.concat([...openMigration(path).read()]).toString();
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

describe("folders", () => {
  test("what is a migration by its name, and what looks as if it should be one", () => {
    write(
      "1.sql", "2a.sql", "3-dash.sql", "4 space.sql", "5.up.sql", "15_\u00e9.sql", "16.foo.sql",
      "a10.sql", "_9.sql", "6_x.SQL", ".12_hidden.sql", "7_x.sql.bak", "13.sql~", "14.txt", "17",
      ".sql", "README.md",
    );
    mkdirSync("18_dir.sql");
    mkdirSync("sub");
    write("sub/19.sql");
    const { files, ignored } = findMigrations([""]);
    expect(files.map((file) => file.name).toSorted()).toEqual([
      "15_\u00e9.sql", "16.foo.sql", "1.sql", "2a.sql", "3-dash.sql", "4 space.sql", "5.up.sql",
    ].toSorted());
    expect(ignored.toSorted()).toEqual(["6_x.SQL", "_9.sql", "a10.sql"]);
  });

  test("each file says its version, description and path", () => {
    mkdirSync("db");
    write("db/001_add_users.sql");
    expect(findMigrations(["./db"]).files).toEqual([
      { version: "001", description: "add_users", name: "001_add_users.sql",
        path: "db/001_add_users.sql" },
    ]);
  });

  test.each([
    ["", "1.sql"],
    [".", "1.sql"],
    ["./", "1.sql"],
    ["db/..", "1.sql"],
    ["db", "db/2.sql"],
    ["./db", "db/2.sql"],
    ["db/", "db/2.sql"],
    ["db//", "db/2.sql"],
    ["db/../db", "db/2.sql"],
  ] as const)("paths are shown as a person would type them: %j", (given, path) => {
    mkdirSync("db");
    write("1.sql", "db/2.sql");
    expect(namesIn(given)).toEqual([path]);
  });

  test("absolute paths stay so", () => {
    write("1.sql");
    expect(namesIn(folder)).toEqual([join(folder, "1.sql")]);
  });

  test("several folders, in any order, the same names too", () => {
    mkdirSync("a");
    mkdirSync("b");
    write("a/1.sql", "b/1.sql", "b/2.sql");
    expect(namesIn("b", "a")).toEqual(["a/1.sql", "b/1.sql", "b/2.sql"]);
  });

  test("the same folder twice holds its files once, however it is spelled", () => {
    mkdirSync("db");
    symlinkSync("db", "link");
    write("db/1.sql");
    for (const other of ["db", "./db", "db/", "db/../db", join(folder, "db"), "link"]) {
      expect(namesIn("db", other)).toEqual(["db/1.sql"]);
    }
    expect(namesIn("link")).toEqual(["link/1.sql"]);
  });

  test("an empty folder has no files", () => {
    expect(findMigrations(["."])).toEqual({ files: [], ignored: [] });
  });

  test("links to files are taken, and links to nothing until they are read", () => {
    write("real.txt");
    symlinkSync("real.txt", "1.sql");
    symlinkSync("nowhere", "2.sql");
    symlinkSync(".", "3.sql");
    expect(namesIn("")).toEqual(["1.sql", "2.sql", "3.sql"]);
  });

  test.each([
    ["nope", "could not find migrations directory `nope`", /pgmate new NAME/],
    ["./nope/", "could not find migrations directory `nope/`", /pgmate new NAME/],
    ["file.sql", "could not find migrations directory `file.sql`", /this is a file/],
    ["dangling", "could not find migrations directory `dangling`", /pgmate new NAME/],
  ] as const)("no folder: %s", (given, message, hint) => {
    write("file.sql");
    symlinkSync("nowhere", "dangling");
    const error = refusal(() => findMigrations([given]));
    expect(error.code).toBe("directory-missing");
    expect(error.message).toBe(message);
    expect(error.hint).toMatch(hint);
  });

  test("a missing folder beside a good one is refused", () => {
    write("1.sql");
    expect(refusal(() => findMigrations([".", "nope"])).code).toBe("directory-missing");
  });

  test("a folder that this user may not read", () => {
    mkdirSync("secret");
    chmodSync("secret", 0o000);
    withoutRights(() => {
      const error = refusal(() => findMigrations(["secret"]));
      expect(error.code).toBe("file-unreadable");
      expect(error.message).toBe("secret may not be read by this user");
      expect(error.hint).toBe("chmod a+rx secret");
    });
  });
});

describe("files", () => {
  test.each([
    ["", ""],
    ["a", "a"],
    ["\ufeffa\r\n\u0000\u00e9", "\ufeffa\r\n\u0000\u00e9"],
  ] as const)("byte for byte: %j", (text, expected) => {
    writeFileSync("1.sql", text);
    expect(textOf("1.sql")).toBe(expected);
  });

  test("through a link", () => {
    write("real.txt");
    symlinkSync("real.txt", "1.sql");
    expect(textOf("1.sql")).toBe("-- real.txt\n");
  });

  test("a part of it", () => {
    writeFileSync("1.sql", "0123456789");
    const part = [...openMigration("1.sql").read({ start: 3, end: 7 })];
    expect(Buffer.concat(part).toString()).toBe("3456");
  });

  test("a small file is kept: what happens to it later does not matter", () => {
    write("1.sql");
    const snapshot = openMigration("1.sql");
    rmSync("1.sql");
    expect(Buffer.concat([...snapshot.read()]).toString()).toBe("-- 1.sql\n");
  });

  const unreadable: readonly (readonly [string, Deed, message: string, hint: RegExp])[] = [
    ["a link to nothing", () => symlinkSync("nowhere", "1.sql"), "1.sql does not exist",
      /link whose target is gone/],
    ["a link to a folder", () => symlinkSync(".", "1.sql"), "1.sql is a folder, not a file",
      /remove the link/],
    ["a link to itself", () => symlinkSync("1.sql", "1.sql"), "1.sql cannot be read (ELOOP)",
      /ls -l/],
    ["nothing", () => undefined, "1.sql does not exist", /link whose target is gone/],
    ["a pipe, which would hang", () => spawnSync("mkfifo", ["1.sql"]),
      "1.sql is not a regular file", /put the SQL into a file/],
    ["a device", () => symlinkSync("/dev/zero", "1.sql"), "1.sql is not a regular file",
      /put the SQL into a file/],
  ];

  test.each(unreadable)("%s", (_, make, message, hint) => {
    make();
    const error = refusal(() => openMigration("1.sql"));
    expect(error.code).toBe("file-unreadable");
    expect(error.message).toBe(message);
    expect(error.hint).toMatch(hint);
  });

  test("a file that this user may not read", () => {
    write("1.sql");
    chmodSync("1.sql", 0o000);
    withoutRights(() => {
      const error = refusal(() => openMigration("1.sql"));
      expect(error.code).toBe("file-unreadable");
      expect(error.message).toBe("1.sql may not be read by this user");
      expect(error.hint).toBe("chmod a+r 1.sql");
    });
  });
});

describe("large files", () => {
  const mebibyte = 1024 * 1024;
  const size = 2 * mebibyte + 12_345;

  function writeLarge(): Buffer {
    const bytes = Buffer.alloc(size);
    for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(at, at);
    writeFileSync("1.sql", bytes);
    // Not now: a change within the same tick of the clock must be seen by more than the time.
    utimesSync("1.sql", 1_000, 1_000);
    return bytes;
  }

  test("come in chunks that are the file", () => {
    const bytes = writeLarge();
    const snapshot = openMigration("1.sql");
    const chunks = [...snapshot.read()];
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(mebibyte);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    // Each has bytes of its own: a chunk that was kept does not change with the next.
    expect(chunks.length).toBeGreaterThan(2);
    expect(new Set(chunks.map((chunk) => chunk.buffer)).size).toBe(chunks.length);
  });

  test.each([
    [0, 0],
    [0, 1],
    [mebibyte - 1, mebibyte + 1],
    [5, 2 * mebibyte],
    [size - 1, size],
    [0, size],
  ] as const)("from %d to %d", (start, end) => {
    const bytes = writeLarge();
    const part = Buffer.concat([...openMigration("1.sql").read({ start, end })]);
    expect(part.equals(bytes.subarray(start, end))).toBe(true);
  });

  test("are read as often as is asked", () => {
    const bytes = writeLarge();
    const { read } = openMigration("1.sql");
    for (const _ of [1, 2]) expect(Buffer.concat([...read()]).equals(bytes)).toBe(true);
  });

  const changes: readonly (readonly [string, Deed])[] = [
    ["more text", () => appendFileSync("1.sql", "x")],
    ["more text, and a clock that was put back", () => {
      appendFileSync("1.sql", "x");
      utimesSync("1.sql", 1_000, 1_000);
    }],
    ["less text", () => truncateSync("1.sql", size - 1)],
    ["other text of the same length", () => writeFileSync("1.sql", Buffer.alloc(size, "x"))],
    ["another file in its place", () => {
      writeFileSync("2.sql", Buffer.alloc(size));
      utimesSync("2.sql", 1_000, 1_000);
      renameSync("2.sql", "1.sql");
    }],
  ];

  test.each(changes)("must not change between two reads: %s", (_, change) => {
    writeLarge();
    const snapshot = openMigration("1.sql");
    change();
    const error = refusal(() => [...snapshot.read()]);
    expect(error.code).toBe("file-changed");
    expect(error.message).toBe("1.sql was changed while the run was using it");
  });

  test("nor while they are read", () => {
    writeLarge();
    const chunks = openMigration("1.sql").read()[Symbol.iterator]();
    expect(chunks.next().done).toBe(false);
    appendFileSync("1.sql", "x");
    expect(refusal(() => chunks.next()).code).toBe("file-changed");
  });

  test("nor be gone", () => {
    writeLarge();
    const snapshot = openMigration("1.sql");
    rmSync("1.sql");
    expect(refusal(() => [...snapshot.read()]).code).toBe("file-unreadable");
  });
});

test("the code of a system error, and of nothing else", () => {
  expect(errorCode(Object.assign(new Error("x"), { code: "ENOENT" }))).toBe("ENOENT");
  for (const other of [new Error("x"), { code: 5 }, null, "ENOENT"]) {
    expect(errorCode(other)).toBeUndefined();
  }
});

test("a name with a line break is told of", () => {
  write("1_a\nb.sql", "2_c\rd.sql");
  const { files, ignored } = findMigrations(["."]);
  expect(ignored).toEqual(["1_a\nb.sql"]);
  expect(files.map(({ name }) => name)).toEqual(["2_c\rd.sql"]);
});

// Other systems make no such names.
test.skipIf(process.platform !== "linux")("a name that is no UTF-8 is told as that", () => {
  writeFileSync(Buffer.from("3_caf\u00e9.sql", "latin1"), "");
  expect(namesIn(".")).toEqual(["3_caf\ufffd.sql"]);
  expect(refusal(() => openMigration("3_caf\ufffd.sql")).hint).toContain("not UTF-8");
});
