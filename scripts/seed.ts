// Makes what the embedded Postgres starts from: a fresh data folder and the contrib extensions.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { type ArchiveEntry, readTar, writeTar } from "../src/pg/tar.ts";
import { atStandstill } from "./standstill.ts";

/** To be raised when this script makes something else of the same PGlite. */
const format = 2;
const root = join(import.meta.dir, "..");
const dist = join(root, "dist");
const stampFile = join(dist, "embedded.stamp");

/** Skips what is there already for the installed version of PGlite. */
export async function makeSeed(): Promise<void> {
  const library = join(root, "node_modules/@electric-sql/pglite");
  const { version } = JSON.parse(await readFile(join(library, "package.json"), "utf8")) as {
    readonly version: string;
  };
  const stamp = `PGlite ${version}, format ${format}\n`;
  const found = await readFile(stampFile, "utf8").catch(() => "");
  if (found === stamp) return;
  const startedMs = performance.now();
  await mkdir(dist, { recursive: true });
  // Two seeds made at two times are the same bytes, and so are two binaries.
  await publish("embedded-data.tar.gz", await atStandstill(dataFolder));
  await publish("embedded-extensions.tar.gz", await extensions(join(library, "dist")));
  // Last, so that a run that was killed halfway is made good by the next one.
  await writeFile(stampFile, stamp);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`prepared the embedded Postgres of PGlite ${version} in ${seconds} s`);
}

/** Replaced whole, since another build may be reading it. */
async function publish(name: string, entries: readonly ArchiveEntry[]): Promise<void> {
  const made = join(dist, `${name}.${process.pid}`);
  await writeFile(made, Bun.gzipSync(Buffer.from(writeTar(entries)), { level: 9 }));
  await rename(made, join(dist, name));
}

async function dataFolder(): Promise<readonly ArchiveEntry[]> {
  const folder = await mkdtemp(join(tmpdir(), "pgmate-seed-"));
  try {
    // Segments of 1 MB instead of 16 keep a new database small, in memory and on disk.
    const pg = await PGlite.create({
      dataDir: join(folder, "data"),
      initDbStartParams: ["--wal-segsize=1"],
    });
    const { rows } = await pg.query<{ segment: string }>(
      "select pg_walfile_name(pg_current_wal_insert_lsn()) as segment",
    );
    // Closing makes the last checkpoint, so that nothing has to be recovered at the start.
    await pg.close();
    const spare = await spareSegments(join(folder, "data/pg_wal"), rows[0]?.segment ?? "");
    return await readFolder(join(folder, "data"), new Set(spare.map((name) => `pg_wal/${name}`)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Segments kept for later use, but for one, in case closing has just begun the next. */
async function spareSegments(folder: string, current: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => /^[0-9A-F]{24}$/.test(name));
  return names.filter((name) => name > current).toSorted().slice(1);
}

async function readFolder(
  folder: string,
  left: ReadonlySet<string>,
): Promise<readonly ArchiveEntry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const entries: ArchiveEntry[] = [];
  for (const one of found) {
    const absolute = join(one.parentPath, one.name);
    const path = relative(folder, absolute);
    if (left.has(path)) continue;
    entries.push({ path, bytes: one.isDirectory() ? undefined : await readFile(absolute) });
  }
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** All of contrib in one archive: PGlite carries an archive for each extension. */
async function extensions(folder: string): Promise<readonly ArchiveEntry[]> {
  const entries = new Map<string, ArchiveEntry>();
  const names = (await readdir(folder)).filter((name) => name.endsWith(".tar.gz")).toSorted();
  for (const name of names) {
    const archive = Bun.gunzipSync(await readFile(join(folder, name)));
    for (const entry of readTar(archive)) {
      const isNeeded = entry.bytes !== undefined && !entry.path.startsWith("share/doc/");
      if (isNeeded) entries.set(entry.path, entry);
    }
  }
  return [...entries.values()];
}

if (import.meta.main) await makeSeed();
