/** A session beside the run's for looking at it: opened when first needed, missed by nobody. */

import type { ServerTarget } from "../core/database-url.ts";
import { type Activity, readActivity } from "../pg/activity.ts";
import type { Session } from "../pg/session.ts";
import type { Context } from "./context.ts";
import type { OpenTarget } from "./open-target.ts";
import { openServer } from "./target.ts";

/** A pool with one connection lets us in and then keeps us waiting. */
const openLimitMs = 5_000;
const lookLimitMs = 3_000;
/** It is not tried again at once, as on a server that has no connection left. */
const againAfterMs = 30_000;
const closeLimitMs = 200;

/** Whatever fails here is nobody's failure: the run goes on unseen. */
export class Lookout {
  readonly #context: Context;
  readonly #open: OpenTarget;
  #session: Session | undefined;
  #opening: AbortController | undefined;
  #last: Promise<Activity | undefined> = Promise.resolve(undefined);
  #tryAgainAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(context: Context, open: OpenTarget) {
    this.#context = context;
    this.#open = open;
  }

  /** Undefined where the server cannot be asked, after a few seconds at most. Never rejects. */
  look(): Promise<Activity | undefined> {
    // One after the other: a session is not for two queries at a time.
    this.#last = this.#last.then(() => this.#look());
    return this.#last;
  }

  /** Ends the session, which may still do so for a while after the return. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#within(closeLimitMs, this.#dismiss()).catch(() => {});
  }

  async #look(): Promise<Activity | undefined> {
    const { target, connection } = this.#open;
    const { clock } = this.#context;
    if (this.#closed || target.kind === "embedded" || clock.now() < this.#tryAgainAt) {
      return undefined;
    }
    try {
      this.#session ??= await this.#within(openLimitMs, this.#connect(target));
      if (this.#closed) throw tooLate;
      const { backendPid } = connection.facts;
      const activity = await this.#within(lookLimitMs, readActivity(this.#session, backendPid));
      if (activity.wantsToBeAlone) this.#leave();
      return activity;
    } catch {
      this.#leave();
      return undefined;
    }
  }

  #leave(): void {
    void this.#dismiss();
    this.#tryAgainAt = this.#context.clock.now() + againAfterMs;
  }

  async #connect(target: ServerTarget): Promise<Session> {
    const opening = new AbortController();
    this.#opening = opening;
    const context: Context = { ...this.#context, signal: opening.signal, emit: () => {} };
    const { session } = await openServer(context, this.#sameServer(target), "read");
    // To abort it from now on would send the server a request to cancel what the session does.
    if (this.#opening === opening) this.#opening = undefined;
    if (opening.signal.aborted) await session.end();
    return session;
  }

  /** Another host of the URL's is another server, which knows nothing of our session. */
  #sameServer(target: ServerTarget): ServerTarget {
    const { way } = this.#open.connection;
    const hosts = way === undefined ? target.hosts : ([way.host] as const);
    return { ...target, hosts, sessionAttributes: "any" };
  }

  async #dismiss(): Promise<void> {
    this.#opening?.abort();
    const session = this.#session;
    this.#session = undefined;
    await session?.end().catch(() => {});
  }

  /** Rejects when the time is up; what comes of the work later is dropped. */
  async #within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
    const { clock } = this.#context;
    const settled = new AbortController();
    const late = clock.sleep(ms, settled.signal).then(() => Promise.reject(tooLate));
    try {
      return await Promise.race([work, late]);
    } finally {
      settled.abort();
    }
  }
}

const tooLate = Symbol("too late");
