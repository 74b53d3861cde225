/** A file replaced whole: killed, raced, on full and mounted disks, on disks that fail. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync,
  statSync, symlinkSync, writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "../testing/seeded.ts";
import { replaceFile } from "./replace-file.ts";

let root = "";
let folder = "";
let count = 0;
const children: ChildProcess[] = [];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "pgmate-replace-"));
});
beforeEach(() => {
  folder = join(root, String((count += 1)));
  mkdirSync(folder);
});
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(at(name), "utf8");

const prelude = `
  const fs = await import("node:fs");
  const { replaceFile } = await import(${JSON.stringify(join(import.meta.dir, "replace-file.ts"))});
  const replace = (path, content) => {
    try {
      return replaceFile(path, Buffer.from(content));
    } catch ({ code, message, hint, state }) {
      return { code, message, hint, state };
    }
  };
  const read = (path) => fs.readFileSync(path, "utf8");
  const names = (path) => fs.readdirSync(path, { recursive: true }).toSorted();
`;

/**
 * What an expression comes to in another process, which a shell starts as "$@" in the test's
 * folder, after it has set the scene. What it prints is the shell's.
 */
function elsewhere(
  expression: string,
  scene = 'exec "$@"',
  shell: readonly string[] = ["sh"],
): unknown {
  const answer = join(root, `answer-${count}`);
  const script = `${prelude}
    const answer = await (async () => { ${expression} })();
    fs.writeFileSync(${JSON.stringify(answer)}, JSON.stringify(answer));`;
  const [program = "", ...before] = shell;
  const args = [...before, "-euc", scene, "sh", process.execPath, "-e", script];
  const { stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8", timeout: 120_000 });
  expect(stderr).toBe("");
  return JSON.parse(readFileSync(answer, "utf8"));
}

const works = (program: string, ...args: readonly string[]): boolean => {
  return spawnSync(program, [...args]).status === 0;
};

function testWhere(can: boolean, lack: string): typeof testIfCan {
  function testIfCan(title: string, run: () => void): void {
    if (!can) process.stderr.write(`SKIPPED, ${lack}: ${title}\n`);
    test.skipIf(!can)(title, run);
  }
  return testIfCan;
}

/** A shell whose mounts only it sees, and which are gone when it ends. */
const mountShell = [["unshare", "-m", "sh"], ["unshare", "-rm", "sh"]].find(
  ([program = "", ...args]) => works(program, ...args, "-c", "mount -t tmpfs none /mnt"),
);
const testWithMounts = testWhere(mountShell !== undefined, "this user may not mount");

/** The words of a refusal, as far as they tell one from another. */
function refused(words: string, state: string): unknown {
  return expect.objectContaining({
    code: "file-unwritable",
    message: expect.stringContaining(`cannot be written (${words})`),
    state,
  });
}
const stands = "the old file is as it was";
const noRoom = "no space left on the disk, ENOSPC";

describe("a full disk", () => {
  const tiny = `
    mkdir disk; mount -t tmpfs -o size=64k,nr_inodes=5 none disk; cd disk; "$@"`;

  testWithMounts("a new file is not begun, an old one stays", () => {
    expect(elsewhere(`
      const made = replace("new/schema.sql", "n".repeat(100_000));
      fs.writeFileSync("schema.sql", "o".repeat(40_000));
      const replaced = replace("schema.sql", "n".repeat(40_000));
      const old = read("schema.sql") === "o".repeat(40_000);
      return { made, replaced, old, names: names(".") };
    `, tiny, mountShell)).toEqual({
      made: refused(noRoom, "nothing was written"),
      replaced: refused(noRoom, stands),
      old: true,
      names: ["new", "schema.sql"],
    });
  });

  testWithMounts("no room for one more file", () => {
    expect(elsewhere(`
      for (const name of "abcd") fs.writeFileSync(name, "old");
      const replaced = replace("a", "new");
      return { replaced, made: replace("e", "new"), old: read("a"), names: names(".") };
    `, tiny, mountShell)).toEqual({
      replaced: refused(noRoom, stands),
      made: refused(noRoom, "nothing was written"),
      old: "old",
      names: ["a", "b", "c", "d"],
    });
  });

  testWithMounts("in place, nothing of the old is lost: neither by more nor in a hole", () => {
    expect(elsewhere(`
      fs.writeFileSync("schema.sql", "o".repeat(40_000));
      fs.linkSync("schema.sql", "other");
      const longer = replace("schema.sql", "n".repeat(100_000));
      const old = read("schema.sql") === "o".repeat(40_000);
      const shorter = replace("schema.sql", "n".repeat(100));
      const now = read("other");
      fs.writeFileSync("hole", "o");
      fs.truncateSync("hole", 150_000);
      fs.linkSync("hole", "hole too");
      const hole = replace("hole", "n".repeat(140_000));
      const whole = read("hole") === "o" + "\\0".repeat(149_999);
      return { longer, old, shorter, now, hole, whole, names: names(".").length };
    `, tiny, mountShell)).toEqual({
      longer: refused(noRoom, stands),
      old: true,
      shorter: "written",
      now: "n".repeat(100),
      hole: refused(noRoom, stands),
      whole: true,
      names: 4,
    });
  });
});

describe("mounts", () => {
  const readOnly = "mount -o remount,ro none disk";

  testWithMounts("a file system that is read-only", () => {
    expect(elsewhere(`
      const same = replace("disk/schema.sql", "old");
      return [same, ...["schema.sql", "new", "a/b/new"].map((name) => replace("disk/" + name, ""))];
    `, `mkdir disk; mount -t tmpfs none disk; printf old > disk/schema.sql; ${readOnly}; "$@"`,
    mountShell)).toEqual([
      "unchanged",
      refused("the file system is read-only, EROFS", stands),
      refused("the file system is read-only, EROFS", "nothing was written"),
      refused("the file system is read-only, EROFS", "nothing was written"),
    ]);
  });

  testWithMounts("a file that is mounted by itself is written in place", () => {
    for (const [name, then] of [["writable", ""], ["read-only", `${readOnly};`]] as const) {
      writeFileSync(at("outside"), "old");
      const before = statSync(at("outside")).ino;
      expect(elsewhere(`
        return [
          replace("disk/schema.sql", "new and longer"), replace("disk/schema.sql", "${name}"),
          names("disk"),
        ];
      `, `mkdir -p disk; mount -t tmpfs none disk; touch disk/schema.sql
          mount --bind outside disk/schema.sql; ${then} "$@"`, mountShell))
        .toEqual(["written", "written", ["schema.sql"]]);
      expect([read("outside"), statSync(at("outside")).ino]).toEqual([name, before]);
    }
  });
});

describe("a disk that fails", () => {
  const hasTracer = works("strace", "-o", "/dev/null", "true");
  const testWithFaults = testWhere(hasTracer, "strace cannot run here (apt-get install strace)");
  const failed = "the disk failed, EIO";
  const damaged = (why: string) => `the old file is damaged and could not be put back (${why})`;
  interface Fault {
    readonly faults: readonly string[];
    readonly names?: 1 | 2;
    readonly now?: string;
    readonly result: unknown;
    readonly content: string;
    readonly moved?: true;
  }
  const cases: Readonly<Record<string, Fault>> = {
    "no fault, renamed": { faults: [], result: "written", content: "new", moved: true },
    "no fault, in place": { faults: [], names: 2, result: "written", content: "new" },
    "another file system": { faults: ["/^rename:error=EXDEV"], result: "written", content: "new" },
    "a mounted file": { faults: ["/^rename:error=EBUSY"], result: "written", content: "new" },
    "a rename": { faults: ["/^rename:error=EIO"], result: refused(failed, stands), content: "old" },
    "the mode cannot be kept": {
      faults: ["fchmod:error=EPERM"], result: "written", content: "new",
    },
    "nothing to sync with": {
      faults: ["fsync:error=EINVAL"], result: "written", content: "new", moved: true,
    },
    "a sync": { faults: ["fsync:error=EIO"], result: refused(failed, stands), content: "old" },
    "a quota": {
      faults: ["pwrite64:error=EDQUOT"],
      result: refused("the disk quota is used up, EDQUOT", stands),
      content: "old",
    },
    "in place: a quota met only by the sync of what is beyond the old end": {
      faults: ["fsync:error=EDQUOT:when=1"], names: 2, now: "new and longer",
      result: refused("the disk quota is used up, EDQUOT", stands), content: "old",
    },
    "in place: the cut back too": {
      faults: ["fsync:error=EIO", "ftruncate:error=EIO"], names: 2, now: "newer",
      result: refused(failed, `the old file has a piece of the new one at its end (${failed})`),
      content: "older",
    },
    "in place: what is written over": {
      faults: ["pwrite64:error=EIO:when=2+"], names: 2, now: "newer",
      result: refused(failed, stands), content: "old",
    },
    "in place: a sync of what is written over": {
      faults: ["fsync:error=EIO:when=1"], names: 2, result: refused(failed, stands), content: "old",
    },
    "in place: a sync of what is written over, with more at its end": {
      faults: ["fsync:error=EIO:when=2"], names: 2, now: "newer",
      result: refused(failed, stands), content: "old",
    },
    "in place: a sync after the end was cut off": {
      faults: ["fsync:error=EIO:when=2"], names: 2, now: "n",
      result: refused(failed, stands), content: "old",
    },
    "in place: what is put back": {
      faults: ["fsync:error=EIO:when=1", "pwrite64:error=ENOSPC:when=2+"], names: 2,
      result: refused(failed, damaged(noRoom)), content: "new",
    },
  };
  for (const [title, { faults, names = 1, now = "new", result, content, moved }] of
    Object.entries(cases)) {
    testWithFaults(title, () => {
      writeFileSync(at("schema.sql"), "old");
      if (names === 2) linkSync(at("schema.sql"), at("other"));
      const before = statSync(at("schema.sql")).ino;
      const inject = faults.map((fault) => `-e inject=${fault}`).join(" ");
      const traced = "-e trace=fsync,pwrite64,ftruncate,fchmod,/^rename";
      const scene = `exec strace -qq -o /dev/null ${traced} ${inject} "$@"`;
      expect(elsewhere(`return replace("schema.sql", "${now}");`, scene)).toEqual(result);
      expect(read("schema.sql")).toBe(content);
      expect(statSync(at("schema.sql")).ino !== before).toBe(moved === true);
      expect(readdirSync(folder)).toHaveLength(names);
    });
  }
});

describe("streams", () => {
  const print = (path: string): string => `return replace("${path}", "p".repeat(1_000_000));`;

  test.each([
    ["a redirected file", "/dev/stdout", '"$@" > out'],
    ["a redirected file, through a link", "link", '"$@" > out'],
    ["a pipe that nobody reads", "/dev/stdout", '"$@" | sleep 0.2'],
    ["another descriptor", "/dev/fd/3", '"$@" 3> out'],
    ["an error stream", "/proc/self/fd/2", '"$@" 2> out'],
    ["a pipe with a name", "pipe", 'mkfifo pipe; exec 4<>pipe; "$@"'],
    ["a pipe with a name that nothing reads from", "pipe", 'mkfifo pipe; exec "$@"'],
  ])("%s is refused at once", (_, path, scene) => {
    symlinkSync("/dev/stdout", at("link"));
    expect(elsewhere(print(path), scene)).toMatchObject({
      message: expect.stringMatching(/^.* is a stream, not a file$/), state: "nothing was written",
    });
  });
});

describe("together", () => {
  /** Each writer's version, by its first letter; all of another length. */
  const version = (letter: string): string => {
    return letter.repeat(2_000_000 + 10_000 * letter.charCodeAt(0));
  };

  function startWriter(rounds: string, letters: readonly string[]): ChildProcess {
    const script = `${prelude}
      const versions = ${JSON.stringify(letters)}.map((letter) =>
        Buffer.alloc(2_000_000 + 10_000 * letter.charCodeAt(0), letter));
      fs.writeSync(1, "ready");
      for (let round = 0; round < ${rounds}; round += 1) {
        for (const bytes of versions) replaceFile("schema.sql", bytes);
      }`;
    const child = spawn(process.execPath, ["-e", script], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    return child;
  }

  function isWhole(content: string): boolean {
    return content !== "" && content === version(content.slice(0, 1));
  }

  test("a kill leaves the old or the new, whole", async () => {
    // As long as two pairs of writes take here, so that kills meet each part of them.
    const start = performance.now();
    for (const letter of "abab") replaceFile(at("schema.sql"), Buffer.from(version(letter)));
    const longestMs = Math.ceil(performance.now() - start);
    rmSync(at("schema.sql"));
    const random = seeded(7);
    const found = new Set<string>();
    for (let round = 0; round < 60; round += 1) {
      const child = startWriter("Infinity", ["a", "b"]);
      await once(child.stdout ?? child, "data");
      await Bun.sleep(random.below(longestMs));
      child.kill("SIGKILL");
      await once(child, "exit");
      if (!existsSync(at("schema.sql"))) continue;
      const content = read("schema.sql");
      expect(isWhole(content)).toBe(true);
      found.add(content.slice(0, 1));
    }
    expect([...found].toSorted()).toEqual(["a", "b"]);
    // They were killed in the middle, then: what they left behind shows it.
    const left = readdirSync(folder).filter((name) => name !== "schema.sql");
    expect(left.length).toBeGreaterThan(3);
    expect(elsewhere('return replace("schema.sql", "new");')).toBe("written");
    expect(read("schema.sql")).toBe("new");
    expect(readdirSync(folder)).toHaveLength(left.length + 1);
  }, 120_000);

  test("writers at once leave one whole version, and a reader sees no other", async () => {
    const running = ["ab", "cd", "ef", "gh"].map((pair) => startWriter("25", [...pair]));
    let left = running.length;
    const ends = running.map((child) => once(child, "exit").then(([status]) => {
      left -= 1;
      return status as number;
    }));
    const seen = new Set<string>();
    while (left > 0) {
      await Bun.sleep(1);
      if (!existsSync(at("schema.sql"))) continue;
      const content = read("schema.sql");
      expect(isWhole(content)).toBe(true);
      seen.add(content.slice(0, 1));
    }
    expect(await Promise.all(ends)).toEqual([0, 0, 0, 0]);
    expect(seen.size).toBeGreaterThan(1);
    expect(readdirSync(folder)).toEqual(["schema.sql"]);
  }, 120_000);
});
