// The machines that there is a release for, and what each is called where.
import packageJson from "../../package.json";

export interface Target {
  /** As its archive is named. */
  readonly name: string;
  /** As `bun build --compile --target` names it. */
  readonly compile: string;
  /** The three as npm writes them. */
  readonly os: "linux" | "darwin" | "win32";
  readonly cpu: "x64" | "arm64";
  readonly libc?: "glibc" | "musl";
}

/**
 * Bun's runtime for x64 has no baseline apart: it asks for what processors have since 2008
 * (SSE4.2), and looks for more while it runs.
 */
export const targets: readonly Target[] = [
  { name: "linux-x64", compile: "bun-linux-x64", os: "linux", cpu: "x64", libc: "glibc" },
  { name: "linux-x64-musl", compile: "bun-linux-x64-musl", os: "linux", cpu: "x64", libc: "musl" },
  { name: "linux-arm64", compile: "bun-linux-arm64", os: "linux", cpu: "arm64", libc: "glibc" },
  {
    name: "linux-arm64-musl",
    compile: "bun-linux-arm64-musl",
    os: "linux",
    cpu: "arm64",
    libc: "musl",
  },
  { name: "macos-x64", compile: "bun-darwin-x64", os: "darwin", cpu: "x64" },
  { name: "macos-arm64", compile: "bun-darwin-arm64", os: "darwin", cpu: "arm64" },
  { name: "windows-x64", compile: "bun-windows-x64", os: "win32", cpu: "x64" },
];

export const { version } = packageJson;

/** The one that this machine runs. */
export function nativeTarget(): Target {
  const isMusl = process.platform === "linux" && !("glibcVersionRuntime" in systemReport());
  const found = targets.find(({ os, cpu, libc }) => {
    const isLibc = libc === undefined || (libc === "musl") === isMusl;
    return os === process.platform && cpu === process.arch && isLibc;
  });
  if (found === undefined) throw new Error(`no release for ${process.platform} ${process.arch}`);
  return found;
}

function systemReport(): object {
  const report = process.report.getReport() as { readonly header?: object };
  return report.header ?? {};
}

/** Of the folder in the archive, and of all files that belong to it. */
export function releaseName(target: Target): string {
  return `pgmate-${version}-${target.name}`;
}

export function programName(target: Target): string {
  return target.os === "win32" ? "pgmate.exe" : "pgmate";
}

/** The package that holds this machine's binary; the wrapper looks for it by this name. */
export function packageName({ os, cpu, libc }: Target): string {
  return `@pgmate/${os}-${cpu}${libc === "musl" ? "-musl" : ""}`;
}
