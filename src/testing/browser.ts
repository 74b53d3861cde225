/** Chromium, driven over the DevTools protocol: pages, with all that they ask for and say. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface BrowserEvent {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface BrowserPage {
  /** A command of the protocol and its result. */
  send(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>;
  /** The value of an expression in the page, as JSON; a promise is waited for. */
  evaluate(expression: string): Promise<unknown>;
  /** Opens the address and waits until it is loaded. */
  open(address: string): Promise<void>;
  /** All events of this method so far. */
  events(method: string): readonly BrowserEvent[];
}

const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-dev-shm-usage", "--remote-debugging-port=0",
];
/** Long, since a machine that runs other tests at the same time is slow. */
const answerMs = 60_000;

/** To start one takes seconds, so that tests share it; each gets a page of its own. */
export class Browser {
  readonly #folder: string;
  readonly #process: Bun.Subprocess;
  readonly #connection: Connection;

  private constructor(folder: string, started: Bun.Subprocess, connection: Connection) {
    this.#folder = folder;
    this.#process = started;
    this.#connection = connection;
  }

  static async start(program: string): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), "pgmate-browser-"));
    const started = Bun.spawn([program, ...flags, `--user-data-dir=${folder}`, "about:blank"], {
      stdout: "ignore", stderr: "pipe", stdin: "ignore",
    });
    try {
      const connection = await Connection.to(await devToolsAddress(started.stderr));
      return new Browser(folder, started, connection);
    } catch (error) {
      started.kill("SIGKILL");
      throw error;
    }
  }

  /** What the page had stored or emulated is gone with it. */
  async withPage(run: (page: BrowserPage) => Promise<void>): Promise<void> {
    const { page, close } = await this.#connection.page();
    try {
      await run(page);
    } finally {
      await close();
    }
  }

  /** With all that it wrote. */
  async stop(): Promise<void> {
    await this.#connection.close();
    this.#process.kill("SIGKILL");
    await this.#process.exited;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function devToolsAddress(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let said = "";
  const reader = stderr.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    said += decoder.decode(value, { stream: true });
    const address = /DevTools listening on (ws:\S+)\s/.exec(said)?.[1];
    if (address !== undefined) {
      // A pipe that nobody reads would fill, and the browser would wait for it.
      void (async () => {
        while (!(await reader.read()).done);
      })().catch(() => {});
      return address;
    }
    if (done) throw new Error(`the browser ended: ${said}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Answer = (message: Fields) => void;

class Connection {
  readonly #socket: WebSocket;
  /** By the session that they are of. */
  readonly #events = new Map<string, BrowserEvent[]>();
  readonly #waiting = new Map<number, Answer>();
  #listeners: (() => void)[] = [];
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data));
      if (message.id !== undefined) return this.#waiting.get(message.id)?.(message);
      this.#events.get(message.sessionId)?.push(message);
      for (const listener of this.#listeners) listener();
    });
  }

  static to(address: string): Promise<Connection> {
    const socket = new WebSocket(address);
    return new Promise((resolve, reject) => {
      socket.addEventListener("open", () => resolve(new Connection(socket)));
      socket.addEventListener("error", () => reject(new Error(`no connection to ${address}`)));
    });
  }

  async page(): Promise<{ readonly page: BrowserPage; readonly close: () => Promise<void> }> {
    const browser = (method: string, params: object): Promise<Fields> =>
      this.#send(method, params, undefined);
    const { browserContextId } = await browser("Target.createBrowserContext", {});
    const created = { url: "about:blank", browserContextId };
    const { targetId } = await browser("Target.createTarget", created);
    const attached = await browser("Target.attachToTarget", { targetId, flatten: true });
    const session = String(attached["sessionId"]);
    const all: BrowserEvent[] = [];
    this.#events.set(session, all);
    const page = this.#pageOf(session, all);
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await page.send(`${domain}.enable`);
    return {
      page,
      close: async () => {
        this.#events.delete(session);
        await browser("Target.disposeBrowserContext", { browserContextId });
      },
    };
  }

  #pageOf(session: string, all: readonly BrowserEvent[]): BrowserPage {
    const send: BrowserPage["send"] = (method, params = {}) => this.#send(method, params, session);
    const events: BrowserPage["events"] = (method) => all.filter((one) => one.method === method);
    return {
      send,
      events,
      open: async (address) => {
        const loads = events("Page.loadEventFired").length;
        await send("Page.navigate", { url: address });
        await this.#until(() => events("Page.loadEventFired").length > loads);
      },
      evaluate: async (expression) => {
        const options = { expression, returnByValue: true, awaitPromise: true };
        const answer = await send("Runtime.evaluate", options);
        if (answer["exceptionDetails"] !== undefined) {
          throw new Error(`the page threw: ${JSON.stringify(answer["exceptionDetails"])}`);
        }
        return (answer["result"] as { readonly value?: unknown }).value;
      },
    };
  }

  /** So that the browser can end what it is about before it is killed. */
  async close(): Promise<void> {
    await this.#send("Browser.close", {}, undefined).catch(() => {});
    this.#socket.close();
  }

  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the page did not load")), answerMs);
      const look = (): void => {
        if (!isSo()) return;
        clearTimeout(timer);
        this.#listeners = this.#listeners.filter((listener) => listener !== look);
        resolve();
      };
      this.#listeners.push(look);
      look();
    });
  }

  #send(method: string, params: object, sessionId: string | undefined): Promise<Fields> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), answerMs);
      this.#waiting.set(id, ({ error, result }) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        if (error !== undefined) reject(new Error(`${method}: ${JSON.stringify(error)}`));
        else resolve(result as Fields);
      });
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }
}
