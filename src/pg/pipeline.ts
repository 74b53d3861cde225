/** Sends messages over the wire one behind the other, without waiting for what comes of them. */

import type { ServerMessage } from "../errors.ts";
import { errorFields, frame, messageOfFields, onlyText } from "./frames.ts";
import type { Sent } from "./sent.ts";
import type { Session } from "./session.ts";
import { borrowWire, waiter, type Wire } from "./wire.ts";

/** Of the text of a query. */
const end = Uint8Array.of(0);
/** Longer ones hold no figure. */
const longestRow = 64;

export interface Answer {
  readonly sent: Sent;
  /** The row that came last, where it is one short column. */
  readonly lastText: string | undefined;
}

interface Flight {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  readonly onNotice: (notice: ServerMessage) => void;
}

/**
 * Takes the session's wire while something is on its way, and nobody else may use the session
 * then. The server works on one message after the other and answers each by itself: one that fails
 * keeps those behind it from nothing.
 */
export class Pipeline {
  readonly #session: Session;
  readonly #flights: Flight[] = [];
  #lastText: string | undefined;
  #wire: Wire | undefined;
  /** Until the wire is given back; set while it is lent. */
  #held: Promise<void> | undefined;
  #land: () => void = () => {};

  constructor(session: Session) {
    this.#session = session;
  }

  /** Resolves when the server has answered it; rejects with `connect-lost`. */
  async send(text: Uint8Array, onNotice: Flight["onNotice"]): Promise<Answer> {
    // The wire is just being given back.
    if (this.#wire === undefined) await this.#held;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#flights.push({ resolve, reject, onNotice });
    if (this.#wire === undefined) this.#hold();
    this.#wire?.socket.write(frame("Q", Buffer.concat([text, end])));
    return promise;
  }

  /** When all is answered, or lost, and the session is anybody's again; never rejects. */
  async drain(): Promise<void> {
    await this.#held?.catch(() => {});
  }

  #hold(): void {
    const landed = Promise.withResolvers<void>();
    this.#land = landed.resolve;
    const held = this.#session.lend((wire) =>
      borrowWire(wire, undefined, async () => {
        this.#wire = wire;
        wire.watcher.onFrame = (type, body) => this.#frame(wire, type, body);
        wire.watcher.onRow = (body) => {
          this.#lastText = body.length > longestRow ? undefined : onlyText(body);
        };
        const gone = waiter(wire.socket);
        try {
          await Promise.race([landed.promise, gone.wait()]);
        } finally {
          gone.stop();
          this.#wire = undefined;
        }
      }),
    );
    this.#held = held;
    held.catch((error: unknown) => {
      for (const flight of this.#flights.splice(0)) flight.reject(error);
    });
  }

  #frame({ watcher }: Wire, type: string, body: Uint8Array): void {
    const [first] = this.#flights;
    if (type === "N") first?.onNotice(messageOfFields(errorFields(body)));
    if (type !== "Z" || first === undefined) return;
    const { rowCounts, lastError } = watcher;
    const sent: Sent = lastError === undefined
      ? { kind: "done", rowCounts }
      : { kind: "failed", message: messageOfFields(lastError), completed: rowCounts.length };
    first.resolve({ sent, lastText: this.#lastText });
    this.#lastText = undefined;
    watcher.restart();
    this.#flights.shift();
    if (this.#flights.length > 0) return;
    this.#wire = undefined;
    this.#land();
  }
}
