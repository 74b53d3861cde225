// Runs pgmate and measures what it took: time, and the peak of its memory as the kernel counted it.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const pgmate = process.env["PGMATE_BINARY"] ?? join(import.meta.dir, "../../dist/pgmate");
const pollMs = 5;

export interface Measured {
  readonly seconds: number;
  readonly peakMiB: number;
  readonly status: number;
  /** Its stderr. */
  readonly said: string;
}

/** The peak (VmHWM) is read while the program runs, since getrusage counts its parent's too. */
export async function measure(args: readonly string[], cwd: string): Promise<Measured> {
  const began = performance.now();
  const env = { PATH: "/usr/bin:/bin", HOME: cwd };
  const child = Bun.spawn([pgmate, ...args], { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let peakMiB = 0;
  const timer = setInterval(() => {
    peakMiB = Math.max(peakMiB, highWaterMiB(child.pid));
  }, pollMs);
  const [status, said] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  clearInterval(timer);
  return { seconds: (performance.now() - began) / 1000, peakMiB, status, said };
}

function highWaterMiB(pid: number): number {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(found?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
