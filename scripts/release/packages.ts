// The npm packages whose code is in the binary, with the words of their licences.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

export interface Package {
  readonly name: string;
  readonly version: string;
  /** An SPDX identifier. */
  readonly licence: string;
  /** SHA-512 of what npm gives out, in hexadecimal. */
  readonly sha512: string;
  /** What its licence file says, or else the text that its licence is known by. */
  readonly text: string;
  /** Names of packages. */
  readonly needs: readonly string[];
}

interface Dependencies {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly workspaces: { readonly "": Dependencies };
  readonly packages: Readonly<Record<string, readonly [string, string, Dependencies, string]>>;
}

/** What bun.lock names for running, and what that needs in turn, by name. */
export async function runtimePackages(): Promise<readonly Package[]> {
  const lock = Bun.JSONC.parse(await readFile(join(root, "bun.lock"), "utf8")) as LockFile;
  const found = new Map<string, Package>();
  const open = needsOf(lock.workspaces[""]);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const locked = lock.packages[name];
    if (locked === undefined) throw new Error(`bun.lock does not name ${name}`);
    const [, , wanted, integrity] = locked;
    const needs = needsOf(wanted);
    found.set(name, { ...(await installed(name)), sha512: hexadecimal(integrity), needs });
    open.push(...needs);
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function needsOf({ dependencies, peerDependencies }: Dependencies): string[] {
  return Object.keys({ ...dependencies, ...peerDependencies });
}

function hexadecimal(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
}

async function installed(name: string): Promise<Omit<Package, "sha512" | "needs">> {
  const folder = join(root, "node_modules", name);
  const facts = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
    readonly version: string;
    readonly license: string;
  };
  const file = (await readdir(folder)).find((one) => /^(?:licen[cs]e|copying)\b/i.test(one));
  const text = file === undefined
    ? await licenceText(facts.license)
    : await readFile(join(folder, file), "utf8");
  return { name, version: facts.version, licence: facts.license, text };
}

/** By its SPDX identifier. */
export async function licenceText(id: string): Promise<string> {
  const path = join(root, "node_modules/spdx-license-list/licenses", `${id}.json`);
  const { licenseText } = JSON.parse(await readFile(path, "utf8")) as {
    readonly licenseText: string;
  };
  return licenseText;
}

/** ICU's licence, with those of what it took over, which PGlite carries among its files. */
export async function icuLicence(): Promise<string> {
  const folder = join(root, "node_modules/@electric-sql/pglite/dist");
  for (const name of (await readdir(folder)).filter((one) => /^chunk-.*\.js$/.test(one))) {
    const place = /filename:"[^"]*\/icu\/LICENSE",start:(\d+),end:(\d+)/.exec(
      await readFile(join(folder, name), "utf8"),
    );
    if (place === null) continue;
    const bundle = await readFile(join(folder, "pglite.data"));
    return bundle.subarray(Number(place[1]), Number(place[2])).toString("utf8");
  }
  throw new Error("PGlite does not carry the licence of ICU any more");
}
