/** Node's own socket is the oracle: the same peer, the same work, the same events. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlainSocket } from "./plain-socket.ts";

setDefaultTimeout(30_000);

/** The part of a socket that both have. */
type Either = PlainSocket | Socket;
type Place = { readonly port: number } | { readonly path: string };

const servers: Server[] = [];
const folder = mkdtempSync(join(tmpdir(), "plain-"));

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

async function listen(peer: (socket: Socket) => void, path?: string): Promise<Place> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    peer(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, "127.0.0.1", resolve);
    else server.listen(path, resolve);
  });
  return path === undefined ? { port: (server.address() as AddressInfo).port } : { path };
}

function plain(place: Place): PlainSocket {
  return new PlainSocket("path" in place ? place : { address: "127.0.0.1", port: place.port });
}

function node(place: Place): Socket {
  return "path" in place ? connect(place) : connect({ host: "127.0.0.1", ...place });
}

/** Its events until some time after the last; data that come one after the other are one. */
async function seen(
  socket: Either,
  work: (socket: Either) => void,
  heard: "data" | "nothing" = "data",
): Promise<readonly string[]> {
  const events: string[] = [];
  let bytes = 0;
  let lastMs = performance.now();
  const note = (event: string): void => {
    lastMs = performance.now();
    if (bytes > 0) events.push(`data ${bytes}`);
    bytes = 0;
    events.push(event);
  };
  if (heard === "data") {
    socket.on("data", (chunk: Uint8Array) => {
      lastMs = performance.now();
      bytes += chunk.length;
    });
  }
  for (const event of ["connect", "drain", "finish"]) socket.on(event, () => note(event));
  // Bun's tells of an end where it was destroyed, which Node's own does not.
  socket.on("end", () => (socket.destroyed ? undefined : note("end")));
  socket.on("error", (error: NodeJS.ErrnoException) => note(`error ${error.code}`));
  let idleMs = 1_000;
  socket.on("close", (hadError: unknown) => {
    note(`close ${hadError}`);
    idleMs = 50;
  });
  work(socket);
  while (performance.now() - lastMs < idleMs) await Bun.sleep(10);
  note(`destroyed ${socket.destroyed}, errored ${errorCode(socket.errored)}`);
  socket.destroy();
  return events;
}

function errorCode(error: unknown): string {
  if (error === null || error === undefined) return "not";
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function onConnect(work: (socket: Either) => void): (socket: Either) => void {
  return (socket) => socket.once("connect", () => work(socket));
}

const nothing = (): void => {};
const greeting = Buffer.from("hello");
const large = Buffer.alloc(6_000_000, "abcdefghijk");

const cases: readonly {
  readonly name: string;
  readonly peer: (socket: Socket) => void;
  readonly work: (socket: Either) => void;
  readonly heard?: "nothing";
}[] = [
  { name: "the other side speaks and goes", peer: (it) => it.end("bye"), work: nothing },
  { name: "nobody listens", peer: (it) => it.end("bye"), work: nothing, heard: "nothing" },
  {
    name: "what came before anybody listened",
    peer: (it) => it.end("bye"),
    work: (socket) => setTimeout(() => socket.on("data", nothing), 50),
    heard: "nothing",
  },
  {
    name: "what nobody wants to hear",
    peer: (it) => it.end("bye"),
    work: (socket) => socket.resume(),
    heard: "nothing",
  },
  {
    name: "the other side resets",
    peer: (it) => it.on("data", () => it.resetAndDestroy()),
    work: onConnect((socket) => socket.write(greeting)),
  },
  {
    name: "our end, its last words",
    peer: (it) => it.resume().on("end", () => it.end("bye")),
    work: onConnect((socket) => socket.end(greeting)),
  },
  {
    name: "our end, and it stays",
    peer: (it) => it.resume(),
    work: onConnect((socket) => socket.end(greeting)),
  },
  {
    name: "ended before it stood",
    peer: (it) => it.resume().on("end", () => it.end("bye")),
    work: (socket) => socket.end(greeting),
  },
  { name: "destroyed", peer: nothing, work: onConnect((socket) => socket.destroy()) },
  {
    name: "destroyed with a reason",
    peer: nothing,
    work: onConnect((socket) => {
      socket.destroy(Object.assign(new Error("no"), { code: "REASON" }));
      socket.destroy(Object.assign(new Error("no"), { code: "ANOTHER" }));
    }),
  },
  { name: "destroyed before it stood", peer: nothing, work: (socket) => socket.destroy() },
  {
    name: "a reader that is slow",
    peer: (it) => {
      it.pause().on("end", () => it.end("bye"));
      setTimeout(() => it.resume(), 100);
    },
    work: onConnect((socket) => {
      expect(socket.write(large)).toBe(false);
      socket.once("drain", () => socket.end());
    }),
  },
  {
    name: "ended with much that waits",
    peer: (it) => {
      it.pause().on("end", () => it.end("bye"));
      setTimeout(() => it.resume(), 100);
    },
    work: onConnect((socket) => socket.end(large)),
  },
  {
    name: "paused, then not",
    peer: (it) => it.end(large),
    work: (socket) => {
      socket.pause();
      setTimeout(() => socket.resume(), 100);
    },
  },
  {
    name: "paused in the midst",
    peer: (it) => it.end(large),
    work: (socket) => {
      socket.once("data", () => {
        socket.pause();
        setTimeout(() => socket.resume(), 100);
      });
    },
  },
];

for (const { name, peer, work, heard } of cases) {
  for (const kind of ["TCP", "Unix"]) {
    test(`${name} (${kind})`, async () => {
      const path = join(folder, `${servers.length}.sock`);
      const place = await listen(peer, kind === "Unix" ? path : undefined);
      const expected = await seen(node(place), work, heard);
      expect(await seen(plain(place), work, heard)).toEqual([...expected]);
    });
  }
}

test("nobody is there", async () => {
  const place = await listen(nothing);
  servers.at(-1)?.close();
  const missing = { path: join(folder, "missing.sock") };
  const file = { path: import.meta.path };
  const long = { path: `/tmp/${"x".repeat(200)}` };
  for (const none of [place, missing, file, long]) {
    const expected = await seen(node(none), nothing);
    expect(await seen(plain(none), nothing)).toEqual([...expected]);
  }
});

test("what is written arrives whole and in order, however slow its reader", async () => {
  const came: Uint8Array[] = [];
  const place = await listen((it) => {
    it.on("data", (chunk: Uint8Array) => {
      came.push(chunk);
      it.pause();
      setTimeout(() => it.resume(), 1);
    });
    it.on("end", () => it.end("thanks"));
  });
  const socket = plain(place);
  const sent: Uint8Array[] = [];
  socket.on("error", (error) => {
    throw error;
  });
  for (let piece = 0; piece < 400; piece += 1) {
    const bytes = Buffer.alloc((piece * 7919) % 50_000, `${piece}.`);
    sent.push(bytes);
    // Whether there is room or not, and before it stands.
    const room = socket.write(bytes);
    if (!room && piece % 3 === 0) await new Promise((resolve) => socket.once("drain", resolve));
  }
  const answer: Uint8Array[] = [];
  socket.on("data", (chunk: Uint8Array) => answer.push(chunk));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.end();
  expect(await closed).toBe(false);
  expect(Buffer.concat(answer).toString()).toBe("thanks");
  expect(Buffer.concat(came).equals(Buffer.concat(sent))).toBe(true);
});

test("a connection that has ended cannot be given away", async () => {
  const place = await listen((it) => it.end());
  const socket = plain(place);
  await new Promise((resolve) => socket.once("connect", resolve));
  await Bun.sleep(50);
  expect(socket.release()).toBeUndefined();
  socket.destroy();
  expect(socket.release()).toBeUndefined();
});

test("a fault of a listener is the program's, and not lost in the socket", async () => {
  const script = `
    import { createServer } from "node:net";
    import { PlainSocket } from "${join(import.meta.dir, "plain-socket.ts")}";
    process.on("uncaughtException", (error) => { console.log(error.message); process.exit(7); });
    const server = createServer((it) => it.write("x")).listen(0, "127.0.0.1", () => {
      const socket = new PlainSocket({ address: "127.0.0.1", port: server.address().port });
      socket.on("data", () => { throw new Error("a fault"); });
    });`;
  const run = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  expect(await new Response(run.stdout).text()).toBe("a fault\n");
  expect(await run.exited).toBe(7);
});
