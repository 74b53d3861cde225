/** The programs and the first data folder of a PostgreSQL version, where its user can read. */
import { spawn } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import {
  chmod, cp, lchown, mkdir, mkdtemp, rename, rm, symlink, writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PgmateError } from "../errors.ts";

/** Every version that pgmate supports, oldest first. */
export const serverVersions = [15, 16, 17, 18] as const;

export type ServerVersion = (typeof serverVersions)[number];

/**
 * The oldest and the newest, for what pgmate does by itself and servers do not do each in its own
 * way. With PGMATE_TEST_SERVERS=all it is all of them, which takes half as long again.
 */
export const edgeVersions: readonly ServerVersion[] =
  process.env["PGMATE_TEST_SERVERS"] === "all" ? serverVersions : [15, 18];

export interface ServerFiles {
  readonly postgres: string;
  /** A data folder as initdb leaves it, to be copied. */
  readonly data: string;
}

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

export const superuser = "postgres";
export const superuserPassword = "test password: ü/@?%";

/** What the programs see; nothing of the test's own environment changes how a server behaves. */
export const serverEnvironment: Readonly<Record<string, string>> = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  LC_ALL: "C",
  TZ: "UTC",
};

/** Postgres refuses to run as root, so root hands its servers to `nobody`; others keep them. */
export function serverUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((l) => l.startsWith("nobody:"));
  const [, , uid, gid] = (line ?? "nobody:x:65534:65534").split(":");
  return { uid: Number(uid), gid: Number(gid) };
}

/** Gives a file or a whole folder to the user that the server runs as. */
export async function giveToServerUser(path: string): Promise<void> {
  const owner = serverUser();
  if (owner === undefined) return;
  const below = lstatSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: "utf8" })
    : [];
  for (const name of [...below, ""]) await lchown(join(path, name), owner.uid, owner.gid);
}

/** Runs a program as the server's user and fails with what it printed. */
export async function runAsServerUser(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, [...args], {
    ...serverUser(),
    cwd: "/",
    env: { ...serverEnvironment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const status = await new Promise<number | string | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  if (status !== 0) {
    throw new PgmateError("tool", `${command} failed with ${status}`, { state: output });
  }
}

/**
 * A temporary folder that the server's user can enter, short enough for a Unix socket below it
 * (the system allows 107 bytes).
 */
export function serverTempFolder(): string {
  const own = realpathSync(tmpdir());
  if (own.length > 60) return "/tmp";
  if (serverUser() === undefined) return own;
  for (let folder = own; folder !== "/"; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return "/tmp";
  }
  return own;
}

/**
 * The files of a version, copied and initialised once per machine and user, then kept: the
 * checkout may lie where the server's user cannot read, and initdb costs half a second.
 */
export async function serverFiles(version: ServerVersion): Promise<ServerFiles> {
  const source = join(import.meta.dir, "../../node_modules", `pg${version}`);
  const { version: release } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as {
    readonly version: string;
  };
  const cache = await cacheFolder();
  const kept = join(cache, release);
  if (!isComplete(kept)) {
    const made = await mkdtemp(join(cache, "making-"));
    try {
      await makeFiles(source, made);
      await putInPlace(made, kept);
    } finally {
      await rm(made, { recursive: true, force: true });
    }
  }
  return { postgres: join(kept, "native/bin/postgres"), data: join(kept, "data") };
}

/** Programs that root starts from a shared folder must be nobody's but root's to replace. */
async function cacheFolder(): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const folder = join(serverTempFolder(), `pgmate-test-servers-${uid}`);
  await mkdir(folder, { mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new PgmateError("tool", `${folder} belongs to someone else`, { hint: "remove it" });
  }
  return folder;
}

async function makeFiles(source: string, folder: string): Promise<void> {
  const native = join(folder, "native");
  await chmod(folder, 0o755);
  await cp(join(source, "native"), native, { recursive: true, verbatimSymlinks: true });
  await makeLinks(source, folder);
  await giveToServerUser(folder);
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, `${superuserPassword}\n`);
  await giveToServerUser(passwordFile);
  await runAsServerUser(join(native, "bin/initdb"), [
    "--pgdata", join(folder, "data"), "--username", superuser, "--pwfile", passwordFile,
    "--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C",
    "--no-sync", "--no-instructions",
  ]);
  await writeFile(join(folder, "complete"), String(countEntries(folder)));
}

/** npm makes the links in a script of the package, which package managers may not run. */
async function makeLinks(source: string, folder: string): Promise<void> {
  const list = readFileSync(join(source, "native/pg-symlinks.json"), "utf8");
  const links = JSON.parse(list) as readonly { readonly source: string; readonly target: string }[];
  for (const link of links) {
    const path = join(folder, link.target);
    await rm(path, { force: true });
    await symlink(join(folder, link.source).slice(dirname(path).length + 1), path);
  }
}

function countEntries(folder: string): number {
  const parts = ["native", "data"].map((part) => join(folder, part));
  return parts.reduce((sum, part) => sum + readdirSync(part, { recursive: true }).length, 0);
}

/** Sweepers of temporary folders take single old files, so the entries are counted again. */
function isComplete(folder: string): boolean {
  try {
    return readFileSync(join(folder, "complete"), "utf8") === String(countEntries(folder));
  } catch {
    return false;
  }
}

/** Renaming is the one step that another process sees; who comes second keeps the first one's. */
async function putInPlace(made: string, kept: string): Promise<void> {
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      await rename(made, kept);
      return;
    } catch (error) {
      if (isComplete(kept)) return;
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
      const damaged = await mkdtemp(join(dirname(kept), "damaged-"));
      await rename(kept, join(damaged, "files")).catch(() => undefined);
      await rm(damaged, { recursive: true, force: true });
    }
  }
  throw new PgmateError("tool", `cannot put the PostgreSQL files at ${kept}`);
}
