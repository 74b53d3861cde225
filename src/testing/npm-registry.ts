/** A registry of npm packages on this machine, so that package managers install for real. */
import { createHash } from "node:crypto";
import type { NpmPackage } from "../../scripts/release/npm-packages.ts";

export interface NpmRegistry {
  readonly url: string;
  /** The files that were fetched, in their order. */
  readonly fetched: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a package without bytes is known by; whoever fetches it is told that it is not there. */
export type Published = Pick<NpmPackage, "file" | "manifest"> & Partial<NpmPackage>;

export function npmRegistry(packages: readonly Published[]): NpmRegistry {
  const fetched: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request): Response {
      const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
      const known = packages.find(({ manifest }) => manifest["name"] === path);
      const url = new URL("/", request.url).href;
      if (known !== undefined) return Response.json(packument(url, known));
      const asked = packages.find(({ file }) => path === `files/${file}`);
      if (asked === undefined) return new Response("not found", { status: 404 });
      fetched.push(asked.file);
      return asked.bytes === undefined
        ? new Response("not there", { status: 404 })
        : new Response(Buffer.from(asked.bytes));
    },
  });
  return {
    url: server.url.href,
    fetched,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** What a registry tells of a package: here there is one version. */
function packument(url: string, { manifest, file, bytes }: Published): object {
  const version = String(manifest["version"]);
  const scripts = manifest["scripts"] === undefined ? {} : { hasInstallScript: true };
  const dist = {
    tarball: `${url}files/${file}`,
    integrity: `sha512-${createHash("sha512").update(bytes ?? "").digest("base64")}`,
    shasum: createHash("sha1").update(bytes ?? "").digest("hex"),
  };
  return {
    name: manifest["name"],
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, ...scripts, dist } },
  };
}
