/** A proxy that knows where the messages of Postgres' protocol begin and harms one of them. */
import { connect, createServer, type Socket } from "node:net";
import type { TestServer } from "./servers.ts";

/** `at` counts messages of both directions and of all connections, from 0. */
export type Fault =
  | { readonly kind: "none" }
  /** The connection is cut before the message. */
  | { readonly kind: "drop"; readonly at: number }
  /** Half of the message arrives, then the connection is cut. */
  | { readonly kind: "truncate"; readonly at: number }
  /** From this message on nothing arrives anywhere, on new connections neither. */
  | { readonly kind: "silence"; readonly at: number }
  /** Every message comes so much later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Every byte comes by itself. */
  | { readonly kind: "bytes" };

export interface HarmProxy {
  url(database: string, parameters?: Readonly<Record<string, string>>): string;
  /** Those that came by, as `> Q` from the client and `< Z` from the server. */
  readonly messages: readonly string[];
  /** Whether the fault has come to pass. */
  readonly hasStruck: boolean;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startHarmProxy(server: TestServer, fault: Fault): Promise<HarmProxy> {
  const line = new Line(fault);
  const open = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect(server.port, server.host);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => open.delete(socket));
    }
    line.join(client, upstream);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url(database, parameters = {}) {
      const plain = server.url(database, { sslmode: "disable", ...parameters });
      return plain.replace(`:${server.port}/`, `:${port}/`);
    },
    messages: line.messages,
    get hasStruck() {
      return line.hasStruck;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** All that goes through one proxy. */
class Line {
  readonly messages: string[] = [];
  hasStruck = false;
  readonly #fault: Fault;
  #silent = false;

  constructor(fault: Fault) {
    this.#fault = fault;
  }

  join(client: Socket, upstream: Socket): void {
    this.#pump(client, upstream, ">");
    this.#pump(upstream, client, "<");
  }

  #pump(from: Socket, to: Socket, arrow: ">" | "<"): void {
    const cutter = new MessageCutter(arrow === ">" ? "start-up" : "typed");
    let sent = Promise.resolve();
    from.on("data", (chunk: Buffer) => {
      for (const message of cutter.push(chunk)) {
        if (this.#silent || to.destroyed) return;
        const number = this.messages.push(`${arrow} ${message.type}`) - 1;
        const { bytes, cuts } = this.#harm(message.bytes, number);
        sent = sent.then(() => this.#send(to, bytes));
        if (!cuts) continue;
        // What came before the cut arrives, as it does on a real line.
        void sent.then(() => to.end());
        from.destroy();
        return;
      }
    });
    from.on("close", () => {
      // Who is cut off by silence is not told that the other side has gone.
      if (!this.#silent) void sent.then(() => to.destroy());
    });
  }

  /** What is to arrive of the message, and whether the connection ends there. */
  #harm(bytes: Buffer, number: number): { readonly bytes: Buffer; readonly cuts: boolean } {
    const fault = this.#fault;
    if (!("at" in fault) || fault.at !== number) return { bytes, cuts: false };
    this.hasStruck = true;
    if (fault.kind === "truncate") {
      return { bytes: bytes.subarray(0, Math.floor(bytes.length / 2)), cuts: true };
    }
    this.#silent = fault.kind === "silence";
    return { bytes: Buffer.alloc(0), cuts: fault.kind === "drop" };
  }

  async #send(to: Socket, bytes: Buffer): Promise<void> {
    const fault = this.#fault;
    if (to.destroyed) return;
    switch (fault.kind) {
      case "delay":
        await Bun.sleep(fault.ms);
        to.write(bytes);
        return;
      case "bytes":
        for (const byte of bytes) {
          to.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
        return;
      default:
        to.write(bytes);
    }
  }
}

interface Message {
  readonly type: string;
  readonly bytes: Buffer;
}

/** The first message of a client has no letter, and no other message lacks it. */
class MessageCutter {
  #form: "start-up" | "typed";
  #held: Buffer = Buffer.alloc(0);

  constructor(form: "start-up" | "typed") {
    this.#form = form;
  }

  push(chunk: Buffer): readonly Message[] {
    this.#held = Buffer.concat([this.#held, chunk]);
    const found: Message[] = [];
    for (;;) {
      const lead = this.#form === "typed" ? 1 : 0;
      if (this.#held.length < lead + 4) return found;
      const length = lead + this.#held.readUInt32BE(lead);
      if (this.#held.length < length) return found;
      const type = this.#form === "typed" ? String.fromCharCode(this.#held[0] ?? 0) : "start-up";
      found.push({ type, bytes: this.#held.subarray(0, length) });
      this.#held = this.#held.subarray(length);
      this.#form = "typed";
    }
  }
}
