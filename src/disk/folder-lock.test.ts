/** The lock on a folder: within this process, between processes, and after kill -9. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { PgmateError } from "../errors.ts";
import { markFolder, removeFolder } from "./embedded-folder.ts";
import {
  type FolderHolder,
  type FolderLock,
  type FolderLockOptions,
  lockFolder,
  lockFolderForReading,
} from "./folder-lock.ts";

let root: string;
let folder: string;
const children: ChildProcessByStdio<null, Readable, null>[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pgmate-lock-"));
  folder = join(root, "data");
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

const self: FolderHolder = { pid: 1234, command: "pgmate up", since: "2026-01-02T03:04:05Z" };

function options(changes: Partial<FolderLockOptions> = {}): FolderLockOptions {
  return {
    waitMs: 0,
    pollMs: 10,
    clock: { now: () => performance.now(), sleep: (ms) => Bun.sleep(ms) },
    signal: new AbortController().signal,
    onWait: () => undefined,
    ...changes,
  };
}

function take(changes: Partial<FolderLockOptions> = {}): Promise<FolderLock> {
  return lockFolder(folder, "make", self, options(changes));
}

function failureOf(result: Promise<unknown>): Promise<PgmateError> {
  return result.then(() => expect.unreachable(), (error: PgmateError) => error);
}

/** Another process that takes the lock and keeps it until it is killed. */
async function holderProcess(): Promise<ChildProcessByStdio<null, Readable, null>> {
  const script = `
    const { lockFolder } = await import(${JSON.stringify(join(import.meta.dir, "folder-lock.ts"))});
    const clock = { now: () => performance.now(), sleep: (ms) => Bun.sleep(ms) };
    const self = { pid: process.pid, command: "pgmate rollback", since: "then" };
    await lockFolder(${JSON.stringify(folder)}, "make", self, {
      waitMs: 20_000, pollMs: 10, clock, signal: new AbortController().signal, onWait: () => {},
    });
    console.log("locked");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child;
}

test("a second one is refused with the first one's name", async () => {
  const lock = await take();
  const error = await failureOf(take());
  expect(error).toMatchObject({ code: "lock-timeout" });
  expect(error.message).toContain("pgmate up, process 1234, since 2026-01-02T03:04:05Z");
  lock.release();
  lock.release();
  (await take()).release();
});

test("a second one waits until the first is done", async () => {
  const lock = await take();
  const waited: (FolderHolder | undefined)[] = [];
  const second = take({ waitMs: 10_000, onWait: (holder) => waited.push(holder) });
  await Bun.sleep(60);
  lock.release();
  (await second).release();
  expect(waited).toEqual([self]);
});

test("a signal ends the wait", async () => {
  const lock = await take();
  const controller = new AbortController();
  const second = failureOf(take({ waitMs: 10_000, signal: controller.signal }));
  controller.abort("interrupted");
  expect(await second).toMatchObject({ code: "interrupted" });
  lock.release();
});

test("another process is refused, and freed by kill -9 of the holder", async () => {
  const child = await holderProcess();
  const error = await failureOf(take());
  expect(error.message).toContain(`pgmate rollback, process ${child.pid}, since then`);
  const second = take({ waitMs: 10_000 });
  child.kill("SIGKILL");
  (await second).release();
}, 120_000);

test("another process waits for this one", async () => {
  const lock = await take();
  const child = holderProcess();
  await Bun.sleep(200);
  lock.release();
  await child;
  expect(await failureOf(take())).toMatchObject({ code: "lock-timeout" });
}, 120_000);

test("a folder that is removed while another waits is made anew by that one", async () => {
  const lock = await take();
  markFolder(folder, "creating");
  const second = take({ waitMs: 10_000 });
  await Bun.sleep(30);
  removeFolder(folder);
  expect(existsSync(folder)).toBe(false);
  lock.release();
  const held = await second;
  expect(await failureOf(take())).toMatchObject({ code: "lock-timeout" });
  held.release();
});

test("a folder that is not there is told, and not made", async () => {
  const refused = failureOf(lockFolder(folder, "refuse", self, options()));
  expect(await refused).toMatchObject({ code: "database-missing" });
  expect(existsSync(folder)).toBe(false);
});

test("reading locks nothing where no pgmate was, and makes nothing", async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, "PG_VERSION"), "18\n");
  expect(await lockFolderForReading(folder, options())).toBeUndefined();
  expect(await lockFolderForReading(join(root, "nothing"), options())).toBeUndefined();
  expect(readdirSync(root, { recursive: true }).toSorted()).toEqual(["data", "data/PG_VERSION"]);
});

test("readers keep writers out, and not each other", async () => {
  (await take()).release();
  const before = readdirSync(folder);
  const first = await lockFolderForReading(folder, options());
  const second = await lockFolderForReading(folder, options());
  expect(await failureOf(take())).toMatchObject({ code: "lock-timeout" });
  first?.release();
  second?.release();
  expect(readdirSync(folder)).toEqual(before);
  const lock = await take();
  expect(await failureOf(lockFolderForReading(folder, options()))).toMatchObject({
    code: "lock-timeout",
  });
  lock.release();
});

test("a folder that cannot be written is told with the reason", async () => {
  writeFileSync(folder, "");
  expect(await failureOf(take())).toMatchObject({ code: "embedded-folder" });
});
