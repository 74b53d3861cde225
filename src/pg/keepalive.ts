/** How patiently a silent connection is given up: Bun asks ten times, a second apart. */

import { cLibraries } from "../core/c-library.ts";
import type { ByteSocket } from "./byte-socket.ts";

/**
 * Half a minute without a network ends no run, which may have been at work for hours. The server
 * is told the same for its side (connect.ts).
 */
const intervalSeconds = 10;
const count = 3;

/** A run that is over sooner need not load what says it. */
const afterMs = 1_000;

const levelTcp = 6;
const optionNumbers = {
  linux: { interval: 5, count: 6 },
  darwin: { interval: 0x101, count: 0x102 },
} as const;

/**
 * For a connected socket whose keepalives are on, and the system's number for its connection;
 * where it cannot be said, Bun's way stays.
 */
export function askPatiently(socket: ByteSocket, descriptor: number): void {
  const timer = setTimeout(() => {
    if (!socket.destroyed) void setOptions(socket, descriptor).catch(() => {});
  }, afterMs);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
}

async function setOptions(socket: ByteSocket, descriptor: number): Promise<void> {
  const { dlopen, FFIType } = await import("bun:ffi");
  const { i32, u32 } = FFIType;
  const types = { args: [i32, i32, i32, FFIType.ptr, u32], returns: i32 } as const;
  for (const { name, system } of cLibraries) {
    try {
      const { setsockopt } = dlopen(name, { setsockopt: types }).symbols;
      // Somebody else's by now, if this one was closed meanwhile.
      if (socket.destroyed) return;
      const options = optionNumbers[system];
      const settings = [[options.interval, intervalSeconds], [options.count, count]] as const;
      for (const [option, value] of settings) {
        setsockopt(descriptor, levelTcp, option, Int32Array.of(value), 4);
      }
      return;
    } catch {
      // It has another name here.
    }
  }
}
