/** COPY … FROM STDIN over the wire, past the driver, whose stream loses the server's errors. */

import type { ServerMessage } from "../errors.ts";
import type { ByteSocket } from "./byte-socket.ts";
import { errorFields, frame, frameHeader, messageOfFields } from "./frames.ts";
import type { Sent } from "./sent.ts";
import { borrowWire, type Waiter, waiter, type Wire } from "./wire.ts";

/** Data up to so many bytes are copied behind their header, which saves a call to the system. */
const copiedBytes = 16 * 1024;

/** Thrown where the data could not be read; its cause is what reading them threw. */
export class UnreadData extends Error {}

/** What a COPY … TO STDOUT writes is dropped. Throws `UnreadData`, and what ended the socket. */
export async function copyOverWire(
  wire: Wire,
  statement: string,
  data: Iterable<Uint8Array>,
): Promise<Sent> {
  return borrowWire(wire, undefined, () => converse(wire, statement, data));
}

interface Answers {
  ready: boolean;
  accepted: boolean;
  failure: ServerMessage | undefined;
}

async function converse(
  { socket, watcher, onNotice }: Wire,
  statement: string,
  data: Iterable<Uint8Array>,
): Promise<Sent> {
  const answers: Answers = { ready: false, accepted: false, failure: undefined };
  const changed = waiter(socket);
  watcher.onFrame = (type, body) => {
    if (type === "N") onNotice(messageOfFields(errorFields(body)));
    if (type === "Z") answers.ready = true;
    if (type === "G") answers.accepted = true;
    if (type === "E" && watcher.lastError !== undefined) {
      answers.failure ??= messageOfFields(watcher.lastError);
    }
    changed.wake();
  };
  let unread: UnreadData | undefined;
  try {
    const query = new TextEncoder().encode(`${statement}\0`);
    await write(socket, frame("Q", query), changed);
    while (!answers.accepted && !answers.ready) await changed.wait();
    if (answers.accepted) unread = await writeData(socket, data, answers, changed);
    while (!answers.ready) await changed.wait();
  } finally {
    changed.stop();
  }
  if (unread !== undefined) throw unread;
  const { failure } = answers;
  if (failure === undefined) return { kind: "done", rowCounts: watcher.rowCounts };
  return { kind: "failed", message: failure, completed: watcher.rowCounts.length };
}

/** Whatever comes of reading the data, the server is told that they end, and answers. */
async function writeData(
  socket: ByteSocket,
  data: Iterable<Uint8Array>,
  answers: Answers,
  changed: Waiter,
): Promise<UnreadData | undefined> {
  const chunks = data[Symbol.iterator]();
  for (;;) {
    const next = nextOf(chunks);
    if (next instanceof UnreadData) {
      await write(socket, frame("f", new TextEncoder().encode("unread\0")), changed);
      return next;
    }
    if (next.done === true || answers.failure !== undefined) break;
    if (next.value.length === 0) continue;
    if (next.value.length <= copiedBytes) await write(socket, frame("d", next.value), changed);
    else {
      // By itself: to copy so much behind its header takes longer than another call to the system.
      socket.write(frameHeader("d", next.value.length));
      await write(socket, next.value, changed);
    }
  }
  // After an error the server ignores what is left of the data, CopyDone included.
  await write(socket, frame("c", new Uint8Array(0)), changed);
  return undefined;
}

function nextOf(chunks: Iterator<Uint8Array>): IteratorResult<Uint8Array> | UnreadData {
  try {
    return chunks.next();
  } catch (cause) {
    return new UnreadData("the data of a COPY could not be read", { cause });
  }
}

/** Waits for the socket to take more before it resolves, so that memory stays bounded. */
async function write(socket: ByteSocket, bytes: Uint8Array, changed: Waiter): Promise<void> {
  if (socket.write(bytes)) return;
  let drained = false;
  socket.once("drain", () => {
    drained = true;
    changed.wake();
  });
  while (!drained) await changed.wait();
}
