/** A file replaced whole: what it holds, keeps and says, as seen from one process. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  chmodSync, chownSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync,
  readFileSync, readlinkSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PgmateError } from "../errors.ts";
import { replaceFile } from "./replace-file.ts";

const isRoot = process.geteuid?.() === 0;
let root = "";
let folder = "";
let count = 0;
let umask = 0;

beforeAll(() => {
  umask = process.umask(0o022);
  root = mkdtempSync(join(tmpdir(), "pgmate-replace-"));
  chmodSync(root, 0o755);
});
beforeEach(() => {
  folder = join(root, String((count += 1)));
  mkdirSync(folder);
});
afterAll(() => {
  spawnSync("chmod", ["-R", "u+rwX", root]);
  rmSync(root, { recursive: true });
  process.umask(umask);
});

const at = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(at(name), "utf8");
const mode = (name: string): number => statSync(at(name)).mode & 0o7777;
const inode = (name: string): number => statSync(at(name)).ino;
const replace = (name: string, text: string): string => replaceFile(at(name), Buffer.from(text));

/** Everything below the folder, with what no failure may change. */
function picture(below = ""): readonly string[] {
  return readdirSync(at(below)).toSorted().flatMap((entry) => {
    const name = join(below, entry);
    const found = lstatSync(at(name));
    const content = found.isFile() && (found.mode & 0o400) !== 0 ? read(name) : "";
    const seen = [name, found.mode, found.uid, found.gid, found.ino, found.size, content].join(" ");
    const isOpen = found.isDirectory() && (found.mode & 0o500) !== 0;
    return [seen, ...(isOpen ? picture(name) : [])];
  });
}

/** What is said when it cannot be; all files must be as they were, and no other be there. */
function refusal(name: string, text = "new"): PgmateError {
  const before = picture();
  const stood = existsSync(at(name)) && statSync(at(name)).isFile();
  try {
    withoutRights(() => replace(name, text));
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    expect(picture()).toEqual(before);
    expect(error.code).toBe("file-unwritable");
    expect(error.state).toBe(stood ? "the old file is as it was" : "nothing was written");
    expect(error.hint).toBeString();
    return error;
  }
  throw new Error("nothing was refused");
}

/** What rights do not stop root from, they stop another user from. */
function withoutRights<Result>(act: () => Result): Result {
  if (!isRoot) return act();
  process.setegid?.(65_534);
  process.seteuid?.(65_534);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** In what belongs to the user without rights. */
function own(...names: readonly string[]): void {
  if (isRoot) for (const name of names) chownSync(at(name), 65_534, 65_534);
}

/** A test that only root can set the scene for; else says aloud that nothing was proven. */
function testAsRoot(title: string, run: () => void): void {
  if (!isRoot) process.stderr.write(`SKIPPED, only root can try it: ${title}\n`);
  test.skipIf(!isRoot)(title, run);
}

describe("a new file", () => {
  test.each([
    [0o022, 0o644, 0o755],
    [0o077, 0o600, 0o700],
    [0o002, 0o644, 0o755],
  ] as const)("under umask %o its mode is %o, its folders' %o", (mask, file, above) => {
    process.umask(mask);
    expect(replace("a/b/schema.sql", "caf\u00e9\r\n")).toBe("written");
    process.umask(0o022);
    expect(read("a/b/schema.sql")).toBe("caf\u00e9\r\n");
    expect([mode("a/b/schema.sql"), mode("a/b"), mode("a")]).toEqual([file, above, above]);
    expect(readdirSync(at("a/b"))).toEqual(["schema.sql"]);
  });

  test("of no bytes", () => {
    expect(replace("schema.sql", "")).toBe("written");
    expect(read("schema.sql")).toBe("");
    expect(replace("schema.sql", "")).toBe("unchanged");
  });

  test("of 20 MB", () => {
    const bytes = Buffer.alloc(20_000_000, "0123456789abcdef\n");
    for (const [last, result] of [["x", "written"], ["y", "written"], ["y", "unchanged"]]) {
      bytes.write(last ?? "", bytes.length - 1);
      expect(replaceFile(at("schema.sql"), bytes)).toBe(result as "written");
      expect(Buffer.compare(readFileSync(at("schema.sql")), bytes)).toBe(0);
    }
  });

  test("with a path that begins in the working folder", () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      replaceFile("schema.sql", Buffer.from("a"));
      symlinkSync("schema.sql", "link");
      replaceFile("link", Buffer.from("b"));
      replaceFile("./db/schema.sql", Buffer.from("c"));
      expect(() => replaceFile("", Buffer.from("c"))).toThrow('"" cannot be written');
    } finally {
      process.chdir(before);
    }
    expect([read("schema.sql"), read("db/schema.sql")]).toEqual(["b", "c"]);
    expect(readdirSync(folder).toSorted()).toEqual(["db", "link", "schema.sql"]);
  });

  test.each(["x".repeat(255), "\u754c".repeat(85)])("with the longest name: %s", (name) => {
    expect([replace(name, "a"), replace(name, "b"), read(name)]).toEqual(
      ["written", "written", "b"],
    );
    expect(readdirSync(folder)).toEqual([name]);
    own(".");
    expect(refusal(`${name}x`).message).toEndWith("(the name is too long, ENAMETOOLONG)");
  });
});

describe("an old file", () => {
  test.each([0o600, 0o640, 0o644, 0o664, 0o755, 0o200, 0o2664])("keeps mode %o", (bits) => {
    writeFileSync(at("schema.sql"), "old");
    chmodSync(at("schema.sql"), bits);
    for (const mask of [0o077, 0]) {
      const before = inode("schema.sql");
      process.umask(mask);
      expect(replace("schema.sql", `new under ${mask}`)).toBe("written");
      process.umask(0o022);
      expect(mode("schema.sql")).toBe(bits);
      expect(inode("schema.sql")).not.toBe(before);
    }
    expect(readdirSync(folder)).toEqual(["schema.sql"]);
    chmodSync(at("schema.sql"), 0o600);
    expect(read("schema.sql")).toBe("new under 0");
  });

  test.each([["abc", "abd"], ["abc", ""], ["", "abc"], ["abc", "abcd"], ["abc", "ab"]] as const)(
    "%j becomes %j",
    (old, now) => {
      writeFileSync(at("schema.sql"), old);
      expect(replace("schema.sql", now)).toBe("written");
      expect(read("schema.sql")).toBe(now);
    },
  );

  test.each([0o644, 0o444])("that holds the bytes is not touched, mode %o", (bits) => {
    writeFileSync(at("schema.sql"), "same");
    utimesSync(at("schema.sql"), 1_000, 2_000);
    chmodSync(at("schema.sql"), bits);
    linkSync(at("schema.sql"), at("other"));
    chmodSync(folder, 0o555);
    const seen = () => lstatSync(at("schema.sql"), { bigint: true });
    const { ino, ctimeNs, mtimeNs } = seen();
    const above = lstatSync(folder, { bigint: true }).ctimeNs;
    expect(withoutRights(() => replace("schema.sql", "same"))).toBe("unchanged");
    expect(seen()).toMatchObject({ ino, ctimeNs, mtimeNs });
    expect(lstatSync(folder, { bigint: true }).ctimeNs).toBe(above);
  });

  test("that may be written but not read is written, the same bytes too", () => {
    writeFileSync(at("schema.sql"), "same");
    chmodSync(at("schema.sql"), 0o200);
    own("schema.sql", ".");
    expect(withoutRights(() => replace("schema.sql", "same"))).toBe("written");
    expect(withoutRights(() => replace("schema.sql", "longer"))).toBe("written");
    expect(mode("schema.sql")).toBe(0o200);
    linkSync(at("schema.sql"), at("other"));
    expect(withoutRights(() => replace("schema.sql", "in place"))).toBe("written");
    chmodSync(at("schema.sql"), 0o600);
    expect(read("other")).toBe("in place");
  });

  test("what killed runs left behind is in nobody's way, and not used", () => {
    replace("schema.sql", "old");
    writeFileSync(at("precious"), "precious");
    symlinkSync("precious", at(".schema.sql.pgmate-0"));
    mkdirSync(at(".schema.sql.pgmate-1"));
    symlinkSync("nowhere", at(".schema.sql.pgmate-2"));
    writeFileSync(at(".schema.sql.pgmate-3"), "half");
    const others = () => picture().filter((line) => !line.startsWith("schema.sql "));
    const before = others();
    expect(replace("schema.sql", "new")).toBe("written");
    expect(read("schema.sql")).toBe("new");
    expect(others()).toEqual(before);
  });
});

describe("links", () => {
  test.each([
    ["beside", [["schema.sql", "real.sql"]], "real.sql"],
    ["from above", [["schema.sql", "sub/real.sql"]], "sub/real.sql"],
    ["upwards", [["sub/schema.sql", "../real.sql"]], "real.sql"],
    ["a chain", [["schema.sql", "sub/b"], ["sub/b", "../c"], ["c", "sub/real.sql"]],
      "sub/real.sql"],
    ["out of a folder that is a link", [["db", "sub/deep"], ["sub/deep/schema.sql", "../real.sql"]],
      "sub/real.sql"],
    ["a folder that is a link, and back", [["schema.sql", "db/../real.sql"], ["db", "sub/deep"]],
      "sub/real.sql"],
  ] as const)("%s: what they lead to is made and replaced, they stay", (_, links, real) => {
    mkdirSync(at("sub/deep"), { recursive: true });
    for (const [name, to] of links) symlinkSync(to, at(name));
    const given = links[0][0] === "db" ? "db/schema.sql" : links[0][0];
    for (const text of ["made", "replaced"]) {
      expect(replace(given, text)).toBe("written");
      expect(read(real)).toBe(text);
      expect(replace(given, text)).toBe("unchanged");
    }
    for (const [name, to] of links) expect(readlinkSync(at(name))).toBe(to);
    expect(lstatSync(at(real)).isFile()).toBe(true);
    const files = picture().filter((line) => lstatSync(at(line.split(" ")[0] ?? "")).isFile());
    expect(files).toHaveLength(1);
  });

  test("an absolute one, to a folder that lacks", () => {
    symlinkSync(at("a/b/real.sql"), at("schema.sql"));
    replace("schema.sql", "made");
    expect(read("a/b/real.sql")).toBe("made");
    chmodSync(at("a/b/real.sql"), 0o640);
    replace("schema.sql", "replaced");
    expect([read("schema.sql"), mode("a/b/real.sql")]).toEqual(["replaced", 0o640]);
  });

  test("a loop", () => {
    symlinkSync("b", at("a"));
    symlinkSync("a", at("b"));
    own(".");
    expect(refusal("a").message).toEndWith("(its links lead in a circle, ELOOP)");
    expect(refusal("a/schema.sql").message).toEndWith(
      `(${at("a")} is a link that leads nowhere, not a folder)`,
    );
  });

  test.each(["abcdef", "a", ""])("every name of one file has the new content: %j", (text) => {
    writeFileSync(at("schema.sql"), "old");
    linkSync(at("schema.sql"), at("other"));
    const before = inode("other");
    expect(replace("schema.sql", text)).toBe("written");
    expect([read("schema.sql"), read("other")]).toEqual([text, text]);
    expect([inode("schema.sql"), inode("other")]).toEqual([before, before]);
    expect(readdirSync(folder).toSorted()).toEqual(["other", "schema.sql"]);
  });
});

describe("what is no file", () => {
  test("a folder", () => {
    mkdirSync(at("db"));
    symlinkSync("db", at("link"));
    for (const name of ["db", "db/", "db/.", "link", "none/", "none/sub/"]) {
      const error = refusal(name);
      expect(error.message).toEndWith(" is a folder, not a file");
      expect(error.message).toStartWith(at(name));
      expect(error.hint).toContain("--schema-file");
    }
  });

  test("a file or a link to nothing where a folder should be", () => {
    writeFileSync(at("db"), "");
    symlinkSync("nowhere", at("link"));
    for (const name of ["db/schema.sql", "db/sub/schema.sql", "db/"]) {
      const message = `${at(name)} cannot be written (${at("db")} is a file, not a folder)`;
      expect(refusal(name).message).toBe(message);
    }
    for (const name of ["link/schema.sql", "link/sub/schema.sql"]) {
      expect(refusal(name).message).toEndWith(
        `(${at("link")} is a link that leads nowhere, not a folder)`,
      );
    }
  });

  test("a device takes the bytes and stays", () => {
    const before = lstatSync("/dev/null");
    expect(replaceFile("/dev/null", Buffer.from("new"))).toBe("written");
    expect(replaceFile("/dev/null", Buffer.from("new"))).toBe("written");
    expect(lstatSync("/dev/null").ino).toBe(before.ino);
    const act = (): string => replaceFile("/dev/full", Buffer.from("new"));
    expect(act).toThrow("/dev/full cannot be written (no space left on the disk, ENOSPC)");
    expect(act).toThrow(expect.objectContaining({ state: "nothing was written" }));
  });
});

describe("rights", () => {
  test("a folder that may not be written to: its files are written in place", () => {
    writeFileSync(at("schema.sql"), "old");
    writeFileSync(at("locked.sql"), "old");
    own("schema.sql");
    chmodSync(at("locked.sql"), 0o444);
    chmodSync(folder, 0o555);
    const before = inode("schema.sql");
    for (const text of ["new and longer", "short", "", "again"]) {
      expect(withoutRights(() => replace("schema.sql", text))).toBe("written");
      expect([read("schema.sql"), inode("schema.sql")]).toEqual([text, before]);
    }
    const locked = refusal("locked.sql");
    expect(locked.message).toEndWith("locked.sql cannot be written (permission denied, EACCES)");
    expect(locked.hint).toContain(`(ls -ld ${at("locked.sql")})`);
    const fresh = refusal("new.sql");
    expect(fresh.message).toBe(`${at("new.sql")} cannot be written (permission denied, EACCES)`);
    expect(fresh.hint).toContain(`(ls -ld ${folder}), or name another file: --schema-file`);
    expect(refusal("a/b/new.sql").hint).toContain(`(ls -ld ${folder})`);
    symlinkSync(at("new.sql"), join(root, `link-${count}`));
    const link = refusal(`../link-${count}`);
    expect(link.message).toContain(`link-${count} (a link to ${at("new.sql")}) cannot be written`);
  });

  test("a folder that may not be looked into", () => {
    mkdirSync(at("secret/below"), { recursive: true });
    chmodSync(at("secret"), 0o000);
    expect(refusal("secret/below/schema.sql").hint).toContain(`(ls -ld ${at("secret")})`);
    chmodSync(at("secret"), 0o700);
  });

  test("a file that is read-only for its owner stays, though a rename could replace it", () => {
    writeFileSync(at("schema.sql"), "old");
    chmodSync(at("schema.sql"), 0o444);
    own("schema.sql", ".");
    expect(refusal("schema.sql").message).toContain("(permission denied, EACCES)");
  });

  testAsRoot("root keeps owner and group", () => {
    writeFileSync(at("schema.sql"), "old");
    chownSync(at("schema.sql"), 1234, 4321);
    chmodSync(at("schema.sql"), 0o660);
    const before = inode("schema.sql");
    replace("schema.sql", "new");
    expect(statSync(at("schema.sql"))).toMatchObject({ uid: 1234, gid: 4321, mode: 0o100660 });
    expect(inode("schema.sql")).not.toBe(before);
  });

  testAsRoot("another's file, or another group's, is written in place where it may be", () => {
    own(".");
    for (const [uid, gid] of [[1234, 65_534], [65_534, 4321], [1234, 4321]] as const) {
      writeFileSync(at("schema.sql"), "old");
      chmodSync(at("schema.sql"), 0o666);
      chownSync(at("schema.sql"), uid, gid);
      const before = inode("schema.sql");
      expect(withoutRights(() => replace("schema.sql", "new"))).toBe("written");
      expect(read("schema.sql")).toBe("new");
      expect(statSync(at("schema.sql"))).toMatchObject({ uid, gid, ino: before });
      expect(readdirSync(folder)).toEqual(["schema.sql"]);
    }
    // In this folder the new file has the group by itself, but not the bit that goes with it.
    chownSync(folder, 65_534, 4321);
    chmodSync(folder, 0o2755);
    chownSync(at("schema.sql"), 65_534, 4321);
    chmodSync(at("schema.sql"), 0o2664);
    const before = inode("schema.sql");
    expect(withoutRights(() => replace("schema.sql", "newer"))).toBe("written");
    expect(inode("schema.sql")).toBe(before);
    chownSync(at("schema.sql"), 1234, 4321);
    chmodSync(at("schema.sql"), 0o644);
    expect(refusal("schema.sql", "newest").message).toContain("(permission denied, EACCES)");
  });

  testAsRoot("a link that another planted in a folder like /tmp is not followed", () => {
    const guarded = readFileSync("/proc/sys/fs/protected_symlinks", "utf8").trim() === "1";
    mkdirSync(at("tmp"));
    writeFileSync(at("mine"), "mine");
    own("mine");
    symlinkSync("../mine", at("tmp/schema.sql"));
    spawnSync("chown", ["-h", "1234:1234", at("tmp/schema.sql")]);
    chmodSync(at("tmp"), 0o1777);
    if (guarded) expect(refusal("tmp/schema.sql").message).toContain("EACCES");
    else process.stderr.write("SKIPPED, this system follows planted links (protected_symlinks)\n");
  });
});
