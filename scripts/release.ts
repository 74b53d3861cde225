// Makes a release: archives and lists of parts for each target, npm packages, and checksums.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { ArchiveEntry } from "../src/pg/tar.ts";
import { build } from "./build.ts";
import { tarGz, zip } from "./release/archive.ts";
import { machinePackage, mainPackage } from "./release/npm-packages.ts";
import { runtimePackages } from "./release/packages.ts";
import { sbom } from "./release/sbom.ts";
import { programName, releaseName, type Target, targets } from "./release/target.ts";
import { thirdPartyText } from "./release/third-party.ts";

const root = join(import.meta.dir, "..");
const usage = `usage: bun scripts/release.ts [--only TARGET]... [--out DIR]

DIR is dist/release unless given; what an earlier release left there goes first.
Targets: ${targets.map(({ name }) => name).join(", ")}`;

/** A program that is there already is taken as it is, where its path is given. */
export async function release(
  wanted: readonly Target[],
  out: string,
  built?: string,
): Promise<void> {
  await mkdir(join(out, "npm"), { recursive: true });
  for (const name of await released(out)) await rm(join(out, name));
  const packages = await runtimePackages();
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    await writeFile(join(out, name), content);
    console.log(`made ${name}: ${(content.length / 1e6).toFixed(1)} MB`);
  };
  for (const target of wanted) {
    const program = await readFile(built ?? (await build(target.compile)));
    const thirdParty = await thirdPartyText(target, packages);
    const name = releaseName(target);
    const archive = await archiveOf(target, program, thirdParty);
    await write(`${name}${target.os === "win32" ? ".zip" : ".tar.gz"}`, archive);
    await write(`${name}.cdx.json`, sbom(target, program, packages));
    const { file, bytes } = await machinePackage(target, program, thirdParty);
    await write(`npm/${file}`, bytes);
  }
  const { file, bytes } = await mainPackage();
  await write(`npm/${file}`, bytes);
  await writeFile(join(out, "SHA256SUMS"), await checksums(out));
}

/** What lies there of a release. */
async function released(out: string): Promise<readonly string[]> {
  const names = await readdir(out, { recursive: true });
  const isOurs = /^(?:pgmate-[\w.-]+\.(?:tar\.gz|zip|cdx\.json)|npm\/pgmate-[\w.-]+\.tgz)$/;
  return names.filter((name) => isOurs.test(name)).toSorted();
}

/** One folder, in which everything lies. */
async function archiveOf(
  target: Target,
  program: Uint8Array,
  thirdParty: string,
): Promise<Uint8Array> {
  const entries: ArchiveEntry[] = [];
  const add = (name: string, bytes: Uint8Array, mode: number): void => {
    entries.push({ path: `${releaseName(target)}/${name}`, bytes, mode });
  };
  add(programName(target), program, 0o755);
  for (const name of ["README.md", "CHANGELOG.md", "LICENSE"]) {
    add(name, await readFile(join(root, name)), 0o644);
  }
  add("THIRD-PARTY.txt", new TextEncoder().encode(thirdParty), 0o644);
  if (target.os === "win32") return zip(entries);
  return tarGz([{ path: releaseName(target), bytes: undefined, mode: 0o755 }, ...entries]);
}

/** As `sha256sum -c` reads them. */
async function checksums(folder: string): Promise<string> {
  const lines = (await released(folder)).map(async (name) => {
    const hash = createHash("sha256").update(await readFile(join(folder, name)));
    return `${hash.digest("hex")}  ${name}\n`;
  });
  return (await Promise.all(lines)).join("");
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: "string", multiple: true }, out: { type: "string" } },
  });
  const only = values.only ?? targets.map(({ name }) => name);
  const unknown = only.find((name) => !targets.some((target) => target.name === name));
  if (unknown !== undefined) {
    console.error(`no such target: ${unknown}\n${usage}`);
    return 2;
  }
  const wanted = targets.filter(({ name }) => only.includes(name));
  await release(wanted, resolve(values.out ?? join(root, "dist/release")));
  return 0;
}

if (import.meta.main) process.exit(await main());
