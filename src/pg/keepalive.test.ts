/** What is set on a socket for a network that goes silent, read back from the system. */
import { dlopen, FFIType } from "bun:ffi";
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { cLibraries } from "../core/c-library.ts";
import { parseDatabaseUrl } from "../core/database-url.ts";
import { startServer } from "../testing/servers.ts";
import { connectionAttempts, openSocketTo } from "./socket.ts";

const options = { keepalive: [1, 9], idle: [6, 4], interval: [6, 5], count: [6, 6] } as const;

function read(descriptor: number, [level, option]: readonly [number, number]): number {
  const { i32, ptr } = FFIType;
  const types = { args: [i32, i32, i32, ptr, ptr], returns: i32 } as const;
  const { getsockopt } = dlopen(cLibraries[0].name, { getsockopt: types }).symbols;
  const value = new Int32Array(1);
  getsockopt(descriptor, level, option, value, Int32Array.of(4));
  return value[0] ?? 0;
}

function sockets(): ReadonlySet<number> {
  const found = new Set<number>();
  for (const name of readdirSync("/proc/self/fd")) {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`).startsWith("socket:")) found.add(Number(name));
    } catch {
      // The listing's own descriptor is closed by now.
    }
  }
  return found;
}

const certificates = join(import.meta.dir, "../testing/certificates");
const file = (name: string): string => readFileSync(join(certificates, name), "utf8");

const cases: readonly (readonly [string, string, readonly number[]])[] = [
  ["without TLS", "sslmode=disable", [1, 60, 10, 3]],
  ["under TLS", "sslmode=require", [1, 60, 10, 3]],
  ["with a time of its own", "keepalives_idle=20", [1, 20, 10, 3]],
  ["turned off", "keepalives=0", [0]],
];

// Musl names its library otherwise, and other systems their options.
const onLinux = test.skipIf(process.platform !== "linux");

onLinux("a silent network is noticed in a minute and a half", async () => {
  const at = await startServer({
    version: 17,
    settings: { ssl: "on" },
    files: { "server.crt": file("localhost.crt"), "server.key": file("localhost.key") },
  });
  for (const [title, parameters, expected] of cases) {
    const defaults = { user: "u", home: "/nowhere", platform: "linux" };
    const target = parseDatabaseUrl(`${at.url("postgres")}?${parameters}`, {}, defaults);
    if (target.kind !== "server") throw new Error("it is a server");
    const [attempt] = connectionAttempts(target);
    if (attempt === undefined) throw new Error("there is one way at least");
    const before = sockets();
    const none = undefined;
    const files = { rootCertificates: none, certificate: none, key: none, revocations: none };
    const opened = await openSocketTo(target, attempt, files, {});
    await Bun.sleep(1_500);
    const [descriptor] = [...sockets()].filter((one) => !before.has(one));
    const found = Object.values(options).map((option) => read(descriptor ?? -1, option));
    expect([title, ...found.slice(0, expected.length)]).toEqual([title, ...expected]);
    opened.socket.destroy();
    await Bun.sleep(50);
  }
  await at.stop();
});
