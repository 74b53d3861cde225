/** The first stage of the Dockerfile, run without an engine on what a build gets to see. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import {
  contextFiles,
  type Instruction,
  readCopied,
  readImage,
  readStages,
} from "./testing/dockerfile.ts";

const project = join(import.meta.dir, "..");

test("its RUN lines make the binary out of what .dockerignore lets through", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pgmate-build-"));
  try {
    await mkdir(join(folder, "bin"));
    await symlink(process.execPath, join(folder, "bin/bun"));
    await mkdir(join(folder, "root"));
    const [stage] = readStages();
    for (const instruction of stage?.instructions ?? []) await obey(instruction, folder);

    const [copied] = readImage().copied;
    const made = join(folder, copied?.sources[0] ?? "");
    const args = ["--migrations-dir", join(project, "db/migrations"), "--no-dump-schema"];
    // Beside nothing that it was made of.
    await rm(join(folder, "build/node_modules"), { recursive: true });
    await rm(join(folder, "build/src"), { recursive: true });
    const ran = spawnSync(made, [...args, "--url", "pglite:", "up"], {
      cwd: folder, env: {}, encoding: "utf8",
    });
    expect(ran.stderr).toStartWith("Target: pglite: (PostgreSQL 18");
    expect(ran.stdout).toContain("Applied: ");
    expect(ran.status).toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 300_000);

async function obey(instruction: Instruction, folder: string): Promise<void> {
  const workingFolder = join(folder, "build");
  if (instruction.word === "WORKDIR") {
    expect(instruction.text).toBe("/build");
    await mkdir(workingFolder);
  } else if (instruction.word === "COPY") {
    const { from, sources, destination } = readCopied(instruction);
    expect(from).toBe("");
    for (const source of sources) await copy(source, join(workingFolder, destination));
  } else {
    expect(instruction.word).toBe("RUN");
    const { status, stdout, stderr } = spawnSync("sh", ["-c", instruction.text], {
      cwd: workingFolder, env: environment(folder), encoding: "utf8",
    });
    expect(status === 0 ? "" : stdout + stderr).toBe("");
  }
}

/** As COPY does: a file into the folder, of a folder what is in it. */
async function copy(source: string, destination: string): Promise<void> {
  for (const path of contextFiles()) {
    if (path === source) await cp(join(project, path), join(destination, basename(path)));
    if (!path.startsWith(`${source}/`)) continue;
    const place = join(destination, path.slice(source.length + 1));
    await mkdir(dirname(place), { recursive: true });
    await cp(join(project, path), place);
  }
}

/** An empty home; only packages are not fetched again that are on this machine. */
function environment(folder: string): Readonly<Record<string, string>> {
  const path = `${join(folder, "bin")}:/usr/local/bin:/usr/bin:/bin`;
  const network = Object.entries(process.env).flatMap(([name, value = ""]) => {
    return /^(?:npm_config_|bun_config_|.*_proxy$|node_extra_ca_certs$)/i.test(name)
      ? [[name, value] as const]
      : [];
  });
  const cache = process.env["BUN_INSTALL_CACHE_DIR"] ?? join(homedir(), ".bun/install/cache");
  return {
    ...Object.fromEntries(network),
    ...(existsSync(cache) ? { BUN_INSTALL_CACHE_DIR: cache } : {}),
    PATH: path,
    HOME: join(folder, "root"),
    TMPDIR: tmpdir(),
  };
}
