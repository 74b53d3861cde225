/** The image of the Dockerfile, laid out in a folder and run as an engine would, without one. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, chown, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { rootCertificates } from "node:tls";
import { PgmateError } from "../errors.ts";
import { type Image, readImage } from "./dockerfile.ts";
import { binary, type ProgramResult, type RunningProgram, startProgram } from "./program.ts";

/** Place in the container → folder or file of this machine. */
type Volumes = Readonly<Record<string, string>>;
type Environment = Readonly<Record<string, string>>;

export interface ContainerOptions {
  readonly env?: Environment;
  /** Without it the image's own command. */
  readonly args?: readonly string[];
  readonly volumes?: Volumes;
  readonly writable?: Volumes;
  /** Another than the image's. */
  readonly user?: string;
}

/** An image that is laid out. Nothing in it can be written but what is mounted as writable. */
export interface LaidOutImage extends AsyncDisposable {
  /** As `docker run --rm --read-only`: pgmate is process 1. */
  run(options?: ContainerOptions): Promise<ProgramResult>;
  start(options?: ContainerOptions): RunningProgram;
}

const baseImage = "gcr.io/distroless/base-nossl-debian13:nonroot";
/** What is in it of Debian's package libc6. */
const cLibrary: readonly string[] = [
  "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libc.so.6", "libdl.so.2", "libm.so.6",
  "libpthread.so.0", "libresolv.so.2", "librt.so.1",
];
const authorities = "/etc/ssl/certs/ca-certificates.crt";
/** The variables of the base image; HOME is what an engine finds in its /etc/passwd. */
const baseEnvironment: Environment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  SSL_CERT_FILE: authorities,
  HOME: "/home/nonroot",
};

/**
 * Runs as process 1 of new namespaces, and becomes the program. Mounts are seen in there only, and
 * go with it. An engine mounts /proc always, and the root file system read-only when it is told to.
 */
const enter = `
set -e
root=$1 user=$2
shift 2
mount --bind "$root" "$root"
while [ "$1" != -- ]; do
  mount --bind "$1" "$root$2"
  mount -o "remount,bind,$3" "$root$2"
  shift 3
done
shift
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" --groups= "$root" "$@"
`;
/**
 * Two process namespaces: when the first program is killed, the outer one takes all with it. A
 * program that changes its user, as this one does, would outlive the one that started it.
 */
const unshare = ["--mount", "--pid", "--fork", "--kill-child", "unshare", "--pid", "--fork"];

/** Why no container can be run here; undefined where one can. */
export function containerLack(): string | undefined {
  if (process.platform !== "linux") return "it takes Linux";
  if (process.getuid?.() !== 0) return "only root may chroot";
  const { status, stderr, error } = spawnSync(
    "unshare",
    [...unshare, "sh", "-c", "mount -t proc proc /proc && exec chroot / true"],
    { encoding: "utf8" },
  );
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** Lays out the base image, what the Dockerfile copies into it, and what an engine adds. */
export async function layOutImage(): Promise<LaidOutImage> {
  const image = readImage();
  if (image.base !== baseImage) {
    throw new PgmateError("tool", `what is laid out is ${baseImage}, not ${image.base}`);
  }
  const root = await mkdtemp(join(tmpdir(), "pgmate-image-"));
  await chmod(root, 0o755);
  await layOutBase(root, image.user);
  for (const { sources, destination } of image.copied) {
    for (const source of sources) {
      await copyFile(builtFile(source), join(root, destination));
    }
  }
  await write(root, "/etc/hosts", "127.0.0.1 localhost\n");
  await mkdir(join(root, "proc"));
  for (const place of ["db", "ca", "out"]) await mkdir(join(root, place));
  const start: LaidOutImage["start"] = (options = {}) => startIn(root, image, options);
  return {
    start,
    run: (options) => start(options).result,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

function startIn(root: string, image: Image, options: ContainerOptions): RunningProgram {
  const mounts = [
    ...Object.entries(options.volumes ?? {}).flatMap(([at, from]) => [from, at, "ro"]),
    ...Object.entries(options.writable ?? {}).flatMap(([at, from]) => [from, at, "rw"]),
  ];
  const command = [...image.entrypoint, ...(options.args ?? image.command)];
  const setUp = ["enter", root, options.user ?? image.user, ...mounts, "--", ...command];
  const env = { ...baseEnvironment, ...options.env };
  const started = startProgram("unshare", [...unshare, "sh", "-c", enter, ...setUp], {
    cwd: root, env,
  });
  const { pid } = started;
  return {
    ...started,
    // From outside, as an engine sends it; unshare itself would keep it.
    signal(name) {
      process.kill(onlyChild(onlyChild(pid)), name);
    },
  };
}

function onlyChild(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"));
}

/** Where this machine has what the build stage made. */
function builtFile(source: string): string {
  if (source.endsWith("/dist/pgmate")) return binary;
  throw new PgmateError("tool", `the Dockerfile copies ${source}, which no test knows`);
}

async function layOutBase(root: string, user: string): Promise<void> {
  for (const library of linkedLibraries()) {
    if (!cLibrary.includes(basename(library))) {
      throw new PgmateError("tool", `the base image has no ${library}, which pgmate needs`);
    }
    await mkdir(join(root, dirname(library)), { recursive: true });
    await copyFile(library, join(root, library));
  }
  await write(root, authorities, rootCertificates.join("\n"));
  const [userId = 0, groupId = 0] = user.split(":").map(Number);
  await write(root, "/etc/passwd", [
    "root:x:0:0:root:/root:/sbin/nologin\n",
    `nonroot:x:${userId}:${groupId}:nonroot:/home/nonroot:/sbin/nologin\n`,
  ].join(""));
  await mkdir(join(root, "home/nonroot"), { recursive: true });
  await chown(join(root, "home/nonroot"), userId, groupId);
  await mkdir(join(root, "tmp"));
  await chmod(join(root, "tmp"), 0o1777);
}

/** The loader and the libraries, by the paths that they have on this machine. */
function linkedLibraries(): readonly string[] {
  const { stdout } = spawnSync("ldd", [binary], { encoding: "utf8" });
  return [...stdout.matchAll(/(?:^|=>)\s*(\/\S+) \(/gm)].map(([, path = ""]) => path);
}

async function write(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text, { mode: 0o644 });
}
