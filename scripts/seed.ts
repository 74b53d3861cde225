// Makes what the embedded Postgres starts from: a data folder, its files, contrib's extensions.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { type ArchiveEntry, readTar, writeTar } from "../src/pg/tar.ts";
import { fileBundle } from "./file-bundle.ts";
import { atStandstill } from "./standstill.ts";

/** To be raised when this script makes something else of the same PGlite. */
const format = 3;
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
  await publish("embedded-data.tar.zst", writeTar(sharing(await atStandstill(dataFolder))));
  await publish("embedded-extensions.tar.zst", writeTar(await extensions(join(library, "dist"))));
  await publish("embedded-files.zst", await fileBundle());
  // Last, so that a run that was killed halfway is made good by the next one.
  await writeFile(stampFile, stamp);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`prepared the embedded Postgres of PGlite ${version} in ${seconds} s`);
}

/** Replaced whole, since another build may be reading it. */
async function publish(name: string, bytes: Uint8Array): Promise<void> {
  const made = join(dist, `${name}.${process.pid}`);
  await writeFile(made, Bun.zstdCompressSync(Buffer.from(bytes), { level: 19 }));
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
    // A segment that begins here, and is not one that held something before.
    await pg.exec("set wal_recycle = off; checkpoint; select pg_switch_wal(); checkpoint");
    const { rows } = await pg.query<{ segment: string }>(
      "select pg_walfile_name(pg_current_wal_insert_lsn()) as segment",
    );
    // Closing makes the last checkpoint, so that nothing has to be recovered at the start.
    await pg.close();
    const spare = await otherSegments(join(folder, "data/pg_wal"), rows[0]?.segment ?? "");
    return await readFolder(join(folder, "data"), new Set(spare.map((name) => `pg_wal/${name}`)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Without those before the last checkpoint, and those kept for later use. */
async function otherSegments(folder: string, current: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => /^[0-9A-F]{24}$/.test(name));
  if (!names.includes(current)) throw new Error(`the log has no segment ${current}`);
  return names.filter((name) => name !== current);
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

/** A data folder holds three databases that are almost the same. */
function sharing(entries: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  const stored = new Map<string, string>();
  return entries.map((entry) => {
    const { path, bytes } = entry;
    if (bytes === undefined || bytes.length === 0) return entry;
    const key = Bun.SHA256.hash(bytes, "hex");
    const sameAs = stored.get(key);
    if (sameAs === undefined) stored.set(key, path);
    return sameAs === undefined ? entry : { ...entry, sameAs };
  });
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
