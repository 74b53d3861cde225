/** A release: its archives, what they hold, their checksums, licences and list of parts. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import Ajv from "ajv";
import packageJson from "../package.json";
import { release } from "../scripts/release.ts";
import { hasValidSignature, signed } from "../scripts/release/mac-signature.ts";
import {
  nativeTarget,
  packageName,
  releaseName,
  type Target,
  targets,
} from "../scripts/release/target.ts";
import { readTar } from "./pg/tar.ts";
import { binary } from "./testing/program.ts";

const root = join(import.meta.dir, "..");
const native = nativeTarget();
const out = mkdtempSync(join(tmpdir(), "release-"));
const folder = join(out, releaseName(native));
const text = (path: string): string => readFileSync(path, "utf8");

/** Its library does not let them be imported; the first one names the others as files beside. */
function schema(name: string): object {
  const folder = join(root, "node_modules/@cyclonedx/cyclonedx-library/res/schema");
  return JSON.parse(text(join(folder, `${name}.SNAPSHOT.schema.json`))) as object;
}

function run(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: out });
  expect({ command, stderr: stderr.toString(), exitCode }).toEqual({
    command, stderr: "", exitCode: 0,
  });
  return stdout.toString();
}

beforeAll(async () => {
  await release([native], out, binary);
  run("tar", "-xzf", `${releaseName(native)}.tar.gz`);
});

afterAll(() => rmSync(out, { recursive: true }));

/** What the bundler says the program is made of. */
async function bundledPackages(): Promise<readonly string[]> {
  const workers = readdirSync(join(root, "src/pg")).filter((name) => name.endsWith("-worker.ts"));
  const { metafile } = await Bun.build({
    entrypoints: ["src/main.ts", ...workers.map((name) => `src/pg/${name}`)]
      .map((path) => join(root, path)),
    target: "bun",
    splitting: true,
    metafile: true,
  });
  const names = Object.keys(metafile?.inputs ?? {}).flatMap((path) => {
    return /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [];
  });
  return [...new Set(names)].toSorted();
}

describe("the archive", () => {
  test("is what the checksums say, and so is the list of parts", () => {
    expect(run("sha256sum", "-c", "SHA256SUMS").trim().split("\n")).toEqual([
      `npm/pgmate-${packageJson.version}.tgz: OK`,
      `npm/${packageName(native).slice(1).replace("/", "-")}-${packageJson.version}.tgz: OK`,
      `${releaseName(native)}.cdx.json: OK`,
      `${releaseName(native)}.tar.gz: OK`,
    ]);
  });

  test("holds one folder, whose program may be run by all, and belongs to nobody", () => {
    const listed = run("tar", "--numeric-owner", "-tvzf", `${releaseName(native)}.tar.gz`);
    expect(listed.trim().split("\n").map((line) => line.replace(/ +\d+ 1970-\S+ \S+/, ""))).toEqual(
      [
        ["drwxr-xr-x", ""],
        ["-rwxr-xr-x", "/pgmate"],
        ["-rw-r--r--", "/README.md"],
        ["-rw-r--r--", "/CHANGELOG.md"],
        ["-rw-r--r--", "/LICENSE"],
        ["-rw-r--r--", "/THIRD-PARTY.txt"],
      ].map(([mode, path]) => `${mode} 0/0 ${releaseName(native)}${path}`),
    );
    expect(run(join(folder, "pgmate"), "--version")).toBe(
      `pgmate version ${packageJson.version}\n`,
    );
  });

  test("does not tell where it was made", () => {
    expect(readFileSync(join(folder, "pgmate")).includes(`${root}/`)).toBe(false);
  });
});

describe("the licences", () => {
  test("of every package that is bundled stand there word for word", async () => {
    const told = text(join(folder, "THIRD-PARTY.txt"));
    const bundled = await bundledPackages();
    expect(bundled).toEqual(Object.keys(packageJson.dependencies).toSorted());
    for (const name of bundled) {
      const at = join(root, "node_modules", name);
      const { version } = JSON.parse(text(join(at, "package.json"))) as { version: string };
      expect(told).toContain(`\n${name} ${version} (`);
      const file = readdirSync(at).find((one) => /^licen[cs]e/i.test(one));
      // This one's package names the Unlicense and leaves its words out.
      if (name === "postgres") expect(told).toContain("released into the public domain");
      else expect(told).toContain(text(join(at, file ?? "LICENSE")).trim());
    }
  });

  test("of the parts: each that is named has its words", () => {
    const told = text(join(folder, "THIRD-PARTY.txt"));
    for (const words of [
      "ICU License - ICU 1.8.1 to ICU 57.1",
      "GNU LIBRARY GENERAL PUBLIC LICENSE",
      "GNU LESSER GENERAL PUBLIC LICENSE",
      "THE UNIVERSITY OF CALIFORNIA SPECIFICALLY DISCLAIMS ANY WARRANTIES",
      "in part on the work of the Independent JPEG Group",
      "Henry Spencer",
    ]) expect(told).toContain(words);
    const list = JSON.parse(text(`${folder}.cdx.json`)) as {
      readonly components: readonly { readonly licenses: readonly [Licence] }[];
    };
    const expressions = list.components.map(({ licenses: [one] }) => {
      return one.expression ?? one.license?.id ?? "";
    });
    const ids = new Set(expressions.flatMap((one) => {
      const words = one.replaceAll(/\S+ WITH GCC-exception-3\.1| WITH \S+/g, "").split(/\W*\s\W*/);
      return words.filter((word) => !/^(?:AND|OR|LicenseRef-.*|)$/.test(word));
    }));
    expect(ids.size).toBeGreaterThan(15);
    for (const id of ids) {
      // The only one of its kind, with the package that is under it.
      if (id !== "Unlicense") expect(told).toContain(`\nLicence: ${id}\n`);
    }
  });
});

interface Licence {
  readonly expression?: string;
  readonly license?: { readonly id: string };
}

describe("the list of parts", () => {
  const document = (): string => text(`${folder}.cdx.json`);

  test("is a CycloneDX document", () => {
    const ajv = new Ajv({
      allErrors: true,
      unknownFormats: ["idn-email", "iri-reference"],
      logger: false,
    });
    for (const name of ["jsf-0.82", "spdx"]) {
      const { $id, ...rest } = schema(name) as { readonly $id: string };
      ajv.addSchema(rest, $id.replace(/[^/]+$/, `${name}.SNAPSHOT.schema.json`));
    }
    const validate = ajv.compile(schema("bom-1.6"));
    validate(JSON.parse(document()));
    expect(validate.errors).toBeNull();
    validate({ ...JSON.parse(document()), serialNumber: "1" });
    expect(validate.errors).not.toBeNull();
  });

  test("names the program by its bytes, its packages, and what each is made of", () => {
    const { metadata, components, dependencies } = JSON.parse(document()) as {
      readonly metadata: { readonly component: Component };
      readonly components: readonly Component[];
      readonly dependencies: readonly { readonly ref: string; readonly dependsOn: string[] }[];
    };
    const bytes = createHash("sha256").update(readFileSync(binary)).digest("hex");
    expect(metadata.component.hashes).toEqual([{ alg: "SHA-256", content: bytes }]);
    const named = components.map(({ name, version }) => `${name} ${version}`);
    const wanted = Object.entries(packageJson.dependencies).map((one) => one.join(" "));
    expect(named).toEqual(expect.arrayContaining([...wanted, `bun ${Bun.version}`]));
    const refs = [metadata.component, ...components].map((one) => one["bom-ref"]);
    expect(new Set(refs).size).toBe(refs.length);
    const reached = new Set(dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]));
    expect(reached).toEqual(new Set(refs));
  });
});

interface Component {
  readonly "bom-ref": string;
  readonly name: string;
  readonly version?: string;
  readonly hashes?: readonly object[];
}

/** Of a small program, since the bytes are all that counts. */
async function releaseTwice(target: Target): Promise<Readonly<Record<string, Buffer>>> {
  const program = join(out, "program");
  writeFileSync(program, "#!/bin/sh\necho pgmate\n".repeat(1_000));
  const [one, other] = await Promise.all(["one", "other"].map(async (name) => {
    const at = join(out, `${name}-${target.name}`);
    await release([target], at, program);
    const names = (await readdir(at, { recursive: true })).filter((file) => file.includes("."));
    const files = [...names, "SHA256SUMS"].toSorted();
    return Object.fromEntries(files.map((file) => [file, readFileSync(join(at, file))]));
  }));
  expect(one).toEqual(other);
  return one ?? {};
}

test.each(targets.map((one) => [one.name, one] as const))("%s twice: the same", async (_, one) => {
  const files = await releaseTwice(one);
  const kind = one.os === "win32" ? "zip" : "tar.gz";
  const name = releaseName(one);
  const number = packageJson.version;
  expect(Object.keys(files)).toEqual([
    "SHA256SUMS",
    `npm/pgmate-${number}.tgz`,
    `npm/${packageName(one).replace("@", "").replace("/", "-")}-${number}.tgz`,
    `${name}.cdx.json`,
    `${name}.${kind}`,
  ].toSorted());
  const program = readFileSync(join(out, "program"));
  const archive = files[`${name}.${kind}`] ?? Buffer.alloc(0);
  const entries = kind === "zip" ? readZip(archive) : readTar(Bun.gunzipSync(Buffer.from(archive)));
  const found = entries.find(({ path }) => /\/pgmate(?:\.exe)?$/.test(path));
  expect(Buffer.from(found?.bytes ?? [])).toEqual(program);
});

/** By its directory, as the programs that unpack do. */
function readZip(zip: Buffer): readonly { path: string; bytes: Buffer }[] {
  const end = zip.length - 22;
  expect(zip.readUInt32LE(end)).toBe(0x06054b50);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    expect(zip.readUInt32LE(at)).toBe(0x02014b50);
    const [crc, packed] = [zip.readUInt32LE(at + 16), zip.readUInt32LE(at + 20)];
    const [nameBytes, local] = [zip.readUInt16LE(at + 28), zip.readUInt32LE(at + 42)];
    const path = zip.toString("utf8", at + 46, at + 46 + nameBytes);
    expect(zip.readUInt32LE(local)).toBe(0x04034b50);
    expect(zip.toString("utf8", local + 30, local + 30 + nameBytes)).toBe(path);
    const start = local + 30 + nameBytes + zip.readUInt16LE(local + 28);
    const bytes = inflateRawSync(zip.subarray(start, start + packed));
    expect(Bun.hash.crc32(bytes)).toBe(crc);
    at += 46 + nameBytes;
    return { path, bytes };
  });
}

test("the embedded Postgres tells neither when it was made nor what chance was", () => {
  const seed = readTar(Bun.gunzipSync(readFileSync(join(root, "dist/embedded-data.tar.gz"))));
  const control = Buffer.from(
    seed.find(({ path }) => path === "global/pg_control")?.bytes ?? [],
  );
  // The system identifier is made of the time in seconds, microseconds and the process.
  const madeAt = Number(control.readBigUInt64LE(0) >> 32n);
  expect(madeAt).toBe(Date.UTC(2026, 0, 1) / 1_000);
  expect(control.includes(Buffer.alloc(32, 7))).toBe(true);
});

describe("the signature of a program for macOS", () => {
  /** A header, two segments and an old signature. */
  function program(): Buffer {
    const made = Buffer.alloc(10_000, 1);
    const commands = [
      [0x19, 72, "__TEXT", 0, 8_192],
      [0x19, 72, "__LINKEDIT", 8_192, 1_808],
      [0x1d, 16, "", 9_008, 992],
    ] as const;
    made.writeUInt32LE(commands.length, 16);
    let at = 32;
    for (const [kind, bytes, name, start, length] of commands) {
      made.fill(0, at, at + bytes);
      made.writeUInt32LE(kind, at);
      made.writeUInt32LE(bytes, at + 4);
      made.write(name, at + 8, "latin1");
      if (name === "") {
        made.writeUInt32LE(start, at + 8);
        made.writeUInt32LE(length, at + 12);
      } else {
        made.writeBigUInt64LE(BigInt(start), at + 40);
        made.writeBigUInt64LE(BigInt(length), at + 48);
      }
      at += bytes;
    }
    return made;
  }

  test("is made anew, and covers all that lies before it", () => {
    expect(hasValidSignature(program())).toBe(false);
    const made = signed(program());
    expect(hasValidSignature(made)).toBe(true);
    expect(signed(made)).toEqual(made);
    for (const place of [300, 5_000, 9_007]) {
      const changed = Buffer.from(made);
      changed.writeUInt8(2, place);
      expect(hasValidSignature(changed)).toBe(false);
    }
    // It ends the file, as the last segment does.
    const [linkEdit, signature] = [32 + 72, 32 + 144];
    expect(made.readUInt32LE(signature + 8) + made.readUInt32LE(signature + 12)).toBe(made.length);
    expect(8_192n + made.readBigUInt64LE(linkEdit + 48)).toBe(BigInt(made.length));
  });

  test("needs a place in the program", () => {
    expect(() => signed(Buffer.alloc(200))).toThrow("no program for macOS");
  });
});
