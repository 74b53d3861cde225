/** Runs the built program and measures it: its time, and the peak of its memory. */
import { readFileSync } from "node:fs";
import { binary } from "./program.ts";

/** Where the kernel counts it. */
export const canMeasurePeak = process.platform === "linux";

export interface Measured {
  readonly seconds: number;
  readonly peakMiB: number;
  readonly status: number;
  readonly stderr: string;
}

const pollMs = 5;

/** The peak (VmHWM) is read while the program runs, since getrusage counts its parent's too. */
export async function measure(args: readonly string[], cwd: string): Promise<Measured> {
  const began = performance.now();
  const env = { PATH: "/usr/bin:/bin", HOME: cwd };
  const child = Bun.spawn([binary, ...args], { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let peakMiB = 0;
  const timer = setInterval(() => {
    peakMiB = Math.max(peakMiB, highWaterMiB(child.pid));
  }, pollMs);
  const [status, stderr] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  clearInterval(timer);
  return { seconds: (performance.now() - began) / 1000, peakMiB, status, stderr };
}

function highWaterMiB(pid: number): number {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(found?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
