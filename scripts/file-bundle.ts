// Reads the one file in which PGlite carries those of its installation, and leaves some out.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const library = join(import.meta.dir, "../node_modules/@electric-sql/pglite/dist");

/** What only initdb reads, and what extensions are compiled with: there is no need for either. */
const unneeded = /^\/pglite\/(?:share\/postgresql\/[^/]+$|lib\/postgresql\/pgxs\/)/;

/**
 * Conversions that PGlite does not survive (tried with each encoding); of those to and from UTF-8
 * it is all but LATIN1's. Without them the statement fails, and Postgres goes on.
 */
const deadly =
  /\/lib\/postgresql\/(?:utf8_and_(?!iso8859_1\.)|(?:cyrillic|latin)_and_mic|latin2_and_win)/;

interface BundledFile {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** The bundle as PGlite takes it; what is not needed is as long as it was, and empty. */
export async function fileBundle(): Promise<Uint8Array> {
  const bundle = await readFile(join(library, "pglite.data"));
  const all = await bundledFiles();
  const left = [unneeded, deadly].map((kind) => all.filter(({ path }) => kind.test(path)));
  if (left.some((found) => found.length === 0)) {
    throw new Error("PGlite lays its files out in another way");
  }
  for (const { start, end } of left.flat()) bundle.fill(0, start, end);
  return bundle;
}

/** The text of a file whose path ends so. */
export async function bundledText(ending: string): Promise<string> {
  const found = (await bundledFiles()).find(({ path }) => path.endsWith(ending));
  if (found === undefined) throw new Error(`PGlite carries no ${ending} any more`);
  const bundle = await readFile(join(library, "pglite.data"));
  return bundle.subarray(found.start, found.end).toString("utf8");
}

/** Its module has the list of what lies where. */
async function bundledFiles(): Promise<readonly BundledFile[]> {
  const modules = (await readdir(library)).filter((name) => name.endsWith(".js")).toSorted();
  for (const name of modules) {
    const text = await readFile(join(library, name), "utf8");
    const entries = [...text.matchAll(/\{filename:"([^"]+)",start:([\de]+),end:([\de]+)/g)];
    if (entries.length === 0) continue;
    return entries.map(([, path = "", start, end]) => {
      return { path, start: Number(start), end: Number(end) };
    });
  }
  throw new Error("PGlite does not list its files any more");
}
