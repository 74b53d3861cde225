/** The folder of a kept embedded Postgres: states, marks, removal, copies. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  clearFolder,
  inspectFolder,
  isMarked,
  makeFolder,
  markFolder,
  readFolder,
  removeFolder,
} from "./embedded-folder.ts";

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pgmate-folder-"));
  folder = join(root, "above/data");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** As much of a data folder as matters here. */
function fill(): void {
  mkdirSync(join(folder, "base/1"), { recursive: true });
  mkdirSync(join(folder, "pg_notify"));
  writeFileSync(join(folder, "base/1/1255"), "table");
  writeFileSync(join(folder, "PG_VERSION"), "18\n");
  writeFileSync(join(folder, "postmaster.pid"), "42\n");
}

test("a folder's life, from nothing to nothing", () => {
  expect(inspectFolder(folder)).toEqual({ kind: "missing" });
  expect(existsSync(join(root, "above"))).toBe(false);
  makeFolder(folder);
  expect(inspectFolder(folder)).toEqual({ kind: "empty" });
  expect(isMarked(folder)).toBe(false);
  markFolder(folder, "creating");
  expect(inspectFolder(folder)).toEqual({ kind: "unfinished" });
  fill();
  expect(inspectFolder(folder)).toEqual({ kind: "unfinished" });
  markFolder(folder, "ready");
  const database = { kind: "database", majorVersion: "18", owner: "pgmate" } as const;
  expect(inspectFolder(folder)).toEqual(database);
  expect(isMarked(folder)).toBe(true);
  removeFolder(folder);
  expect(inspectFolder(folder)).toEqual({ kind: "missing" });
});

test("a new folder is for nobody else to read", () => {
  makeFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("one that was there already becomes so when pgmate takes it", () => {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  makeFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o755);
  markFolder(folder, "creating");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("an app's own folder is a database, and is never removed", () => {
  makeFolder(folder);
  fill();
  const database = { kind: "database", majorVersion: "18", owner: "other" } as const;
  expect(inspectFolder(folder)).toEqual(database);
  expect(() => removeFolder(folder)).toThrow("pgmate did not make");
  expect(() => clearFolder(folder)).toThrow("pgmate did not make");
  expect(readFileSync(join(folder, "base/1/1255"), "utf8")).toBe("table");
});

test("a folder with other things in it is foreign, also where pgmate had begun", () => {
  makeFolder(folder);
  writeFileSync(join(folder, "letter.txt"), "dear");
  expect(inspectFolder(folder)).toEqual({ kind: "foreign" });
  markFolder(folder, "creating");
  expect(inspectFolder(folder)).toEqual({ kind: "foreign" });
});

test("a half-made folder is emptied and still ours", () => {
  makeFolder(folder);
  markFolder(folder, "creating");
  fill();
  writeFileSync(join(folder, "pgmate.lock"), "");
  clearFolder(folder);
  expect(readdirSync(folder).toSorted()).toEqual(["pgmate.folder", "pgmate.lock"]);
  expect(inspectFolder(folder)).toEqual({ kind: "unfinished" });
});

test("a removal that was killed halfway is finished by the next", () => {
  makeFolder(folder);
  fill();
  markFolder(folder, "ready");
  markFolder(folder, "creating");
  rmSync(join(folder, "PG_VERSION"));
  expect(inspectFolder(folder)).toEqual({ kind: "unfinished" });
  removeFolder(folder);
  expect(existsSync(folder)).toBe(false);
});

test("what a link leads to is emptied, and the link stays usable", () => {
  makeFolder(folder);
  const link = join(root, "link");
  symlinkSync(folder, link);
  markFolder(link, "creating");
  fill();
  markFolder(link, "ready");
  removeFolder(link);
  expect(inspectFolder(link)).toEqual({ kind: "empty" });
});

test("a file is refused as what it is", () => {
  writeFileSync(join(root, "file"), "");
  expect(() => inspectFolder(join(root, "file"))).toThrow("is not a folder");
  expect(() => makeFolder(join(root, "file/below"))).toThrow("cannot be used");
});

test("a copy holds what Postgres needs and nothing of ours, and changes nothing", async () => {
  makeFolder(folder);
  markFolder(folder, "creating");
  fill();
  markFolder(folder, "ready");
  writeFileSync(join(folder, "pgmate.lock"), "");
  const before = readdirSync(folder, { recursive: true });
  const files = await readFolder(folder);
  const byPath = new Map(files.map(({ path, bytes }) => [path, bytes && String(bytes)]));
  expect(Object.fromEntries([...byPath].toSorted())).toEqual({
    "PG_VERSION": "18\n",
    "base": undefined,
    "base/1": undefined,
    "base/1/1255": "table",
    "pg_notify": undefined,
  });
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
});

test("a folder too large for memory is refused", async () => {
  makeFolder(folder);
  fill();
  const failed = await readFolder(folder, 6).then(() => "", (error: Error) => error.message);
  expect(failed).toContain("copied into memory");
});

test("several processes may make the same folder at once", async () => {
  const module = JSON.stringify(join(import.meta.dir, "embedded-folder.ts"));
  const script = `
    const { makeFolder } = await import(${module});
    while (Date.now() < ${Date.now() + 1_500}) {}
    for (let i = 0; i < 2_000; i += 1) makeFolder(${JSON.stringify(root)} + "/" + i);
  `;
  const processes = [1, 2, 3].map(() =>
    Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "ignore", "pipe"] }),
  );
  const said = await Promise.all(processes.map(({ stderr }) => new Response(stderr).text()));
  expect(said).toEqual(["", "", ""]);
  expect(readdirSync(root)).toHaveLength(2_000);
  expect(statSync(join(root, "0")).mode & 0o777).toBe(0o700);
});

test("a folder that another process is making is never taken for a foreign one", async () => {
  const folders = 2_000;
  const module = JSON.stringify(join(import.meta.dir, "embedded-folder.ts"));
  const script = `
    const { makeFolder, markFolder } = await import(${module});
    const { writeFileSync } = await import("node:fs");
    for (let i = 0; i < ${folders}; i += 1) {
      const folder = ${JSON.stringify(root)} + "/" + i;
      makeFolder(folder);
      markFolder(folder, "creating");
      writeFileSync(folder + "/postgresql.conf", "");
      writeFileSync(folder + "/PG_VERSION", "18");
      markFolder(folder, "ready");
    }
  `;
  const other = Bun.spawn([process.execPath, "-e", script]);
  const seen = new Set<string>();
  for (let i = 0; i < folders && other.exitCode === null; i += 1) {
    let kind = "";
    while (kind !== "database" && other.exitCode === null) {
      ({ kind } = inspectFolder(join(root, String(i))));
      seen.add(kind);
    }
  }
  expect(await other.exited).toBe(0);
  expect(seen).toContain("database");
  expect([...seen]).not.toContain("foreign");
});
