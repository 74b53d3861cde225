// Makes the npm packages: one for each machine with its program, and pgmate, which takes its own.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import packageJson from "../../package.json";
import type { ArchiveEntry } from "../../src/pg/tar.ts";
import { tarGz } from "./archive.ts";
import { packageName, programName, type Target, targets, version } from "./target.ts";

const root = join(import.meta.dir, "../..");
const { description, license } = packageJson;

/** A package as it is published: `npm publish FILE` takes it as it is. */
export interface NpmPackage {
  /** As `npm pack` would name it. */
  readonly file: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly bytes: Uint8Array;
}

/** The one whose command is pgmate; those for the machines are published before it. */
export async function mainPackage(): Promise<NpmPackage> {
  const manifest = {
    name: "pgmate",
    version,
    description,
    license,
    keywords: ["postgres", "postgresql", "migrations", "dbmate", "sql"],
    bin: { pgmate: "bin/pgmate" },
    scripts: { postinstall: "node install.js" },
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(targets.map((one) => [packageName(one), version])),
  };
  return packed(manifest, [
    { path: "bin/pgmate", bytes: await compiled("npm-wrapper.ts"), mode: 0o755 },
    { path: "install.js", bytes: await compiled("npm-postinstall.ts"), mode: 0o644 },
    ...(await copied(["README.md", "CHANGELOG.md", "LICENSE"])),
  ]);
}

/** With the licences of what is inside of it. */
export async function machinePackage(
  target: Target,
  program: Uint8Array,
  thirdParty: string,
): Promise<NpmPackage> {
  const { os, cpu, libc } = target;
  const manifest = {
    name: packageName(target),
    version,
    description: `pgmate's program for ${target.name}; install pgmate, which takes it`,
    license,
    os: [os],
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
    // Yarn would keep it in an archive, out of which nothing can be run.
    preferUnplugged: true,
  };
  return packed(manifest, [
    { path: `bin/${programName(target)}`, bytes: program, mode: 0o755 },
    { path: "THIRD-PARTY.txt", bytes: Buffer.from(thirdParty), mode: 0o644 },
    ...(await copied(["LICENSE"])),
  ]);
}

function packed(
  manifest: { readonly name: string },
  entries: readonly ArchiveEntry[],
): NpmPackage {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const all = [{ path: "package.json", bytes: Buffer.from(text), mode: 0o644 }, ...entries];
  return {
    file: `${manifest.name.replace("@", "").replace("/", "-")}-${version}.tgz`,
    manifest,
    bytes: tarGz(all.map((entry) => ({ ...entry, path: `package/${entry.path}` }))),
  };
}

async function copied(names: readonly string[]): Promise<readonly ArchiveEntry[]> {
  return Promise.all(names.map(async (path) => {
    return { path, bytes: await readFile(join(root, path)), mode: 0o644 };
  }));
}

/** For Node, in one file, with the modules that Node loads fastest. */
async function compiled(name: string): Promise<Uint8Array> {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dir, name)],
    target: "node",
    format: "cjs",
  });
  return Buffer.from(`#!/usr/bin/env node\n${await outputs[0]?.text()}`);
}
