/** Whether anybody still reads what a stream writes: asked of the system, which says it by poll. */

import { cLibraries } from "../core/c-library.ts";

/** struct pollfd: the descriptor, what is asked (nothing), and what the system has to say. */
const pollfdBytes = 8;
const answerOffset = 6;
/** POLLERR: a pipe without a reader. POLLHUP: a terminal or a connection that has gone. */
const goneBits = 0x08 | 0x10;

export type ReaderWatch = () => "there" | "gone";

/**
 * A look that costs a microsecond. Nothing is written for it, so that a run hears of it while the
 * server works. Undefined where the system cannot be asked.
 */
export async function readerWatch(descriptor: number): Promise<ReaderWatch | undefined> {
  const { dlopen, FFIType } = await import("bun:ffi");
  const types = { args: [FFIType.ptr, FFIType.u64, FFIType.i32], returns: FFIType.i32 } as const;
  const pollfd = new Uint8Array(pollfdBytes);
  const asked = new DataView(pollfd.buffer);
  const isLittleEndian = true;
  asked.setInt32(0, descriptor, isLittleEndian);
  for (const { name } of cLibraries) {
    try {
      const { poll } = dlopen(name, { poll: types }).symbols;
      return () => {
        poll(pollfd, 1, 0);
        const answer = asked.getInt16(answerOffset, isLittleEndian);
        return (answer & goneBits) === 0 ? "there" : "gone";
      };
    } catch {
      // It has another name here.
    }
  }
  return undefined;
}
