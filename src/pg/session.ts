/** One session on one server connection: the only place that knows the driver. */

import postgres from "postgres";
import { lockTimeoutSql } from "../core/step-sql.ts";
import { canBeBlanked, KnownSecrets } from "../core/known-secret.ts";
import { PgmateError, type ServerMessage } from "../errors.ts";
import type { ByteSocket } from "./byte-socket.ts";
import type { CancelAnswer } from "./cancel.ts";
import { serverFailure } from "./failure.ts";
import { type BackendKey, FrameWatcher, messageOfFields } from "./frames.ts";
import type { Sent } from "./sent.ts";
import type { Wire } from "./wire.ts";

export interface SessionOptions {
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  /** Start-up parameters, application_name among them. */
  readonly startup: Readonly<Record<string, string>>;
  /** Seconds until the server must have let us in; undefined is no limit. */
  readonly connectTimeoutMs: number | undefined;
  readonly onNotice: (notice: ServerMessage) => void;
  /** When it is aborted, what runs is stopped; what is sent afterwards is not. */
  readonly signal: AbortSignal;
  /**
   * Makes the server stop the statement that runs: a CancelRequest, or the embedded one's end.
   * Without a key the server has not let us in yet.
   */
  readonly cancel: (key: BackendKey | undefined) => Promise<CancelAnswer>;
}

export type Row = Readonly<Record<string, unknown>>;

/** What one statement of a message yielded. */
export interface Result {
  /** Names and the types' object ids; of a domain that of its base type. */
  readonly columns: readonly { readonly name: string; readonly type: number }[];
  readonly rows: readonly Row[];
}

/** How long a request to stop has to show before it is made again. */
const stopAgainMs = 500;
/** A network that has gone would keep a run for a quarter of an hour after Ctrl-C. */
const unheardLimit = 2;
/** A backend that does not listen, or a pooler that has none for us, would keep it for longer. */
const heardLimit = 20;

/** Not for two calls at a time. Every call throws `connect-lost` once the connection is gone. */
export class Session {
  readonly #sql: postgres.Sql;
  readonly #socket: ByteSocket;
  readonly #options: SessionOptions;
  readonly #watcher = new FrameWatcher();
  readonly #onAbort = (): void => void this.#stop();
  #socketTaken = false;
  #busy = false;
  #opening = false;
  #asking: Promise<CancelAnswer> | undefined;
  #lost = false;
  #ended = false;

  constructor(socket: ByteSocket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (chunk: Uint8Array) => this.#watcher.push(chunk));
    options.signal.addEventListener("abort", this.#onAbort);
    this.#sql = postgres({
      host: "localhost",
      port: 5432,
      user: options.user,
      ...(options.password === undefined ? {} : { pass: options.password }),
      database: options.database,
      connection: { ...options.startup },
      ssl: false,
      max: 1,
      prepare: false,
      fetch_types: false,
      idle_timeout: 0,
      max_lifetime: null,
      // Set where the socket is opened, as the URL says; the driver's own would override it.
      keep_alive: 0,
      connect_timeout: (options.connectTimeoutMs ?? 0) / 1000,
      onnotice: (notice) => options.onNotice(noticeMessage(notice)),
      onclose: () => {
        this.#lost = true;
      },
      // Asked again only to reconnect, which would lose the lock and the transaction unseen.
      socket: () => this.#takeSocket(),
    } as postgres.Options<Record<string, never>>);
  }

  /** Whether the connection has gone, or was ended. */
  get isLost(): boolean {
    return this.#lost || this.#ended;
  }

  get backendKey(): BackendKey | undefined {
    return this.#watcher.key;
  }

  /** `I` idle, `T` in a transaction, `E` in a failed one: as the server said last. */
  get transactionState(): string {
    return this.#watcher.transactionState;
  }

  /** The text without the password that opened the session, for what is kept of it. */
  withoutPassword(text: string): string {
    const { password = "", user, database } = this.#options;
    if (!canBeBlanked(password, `${user} ${database}`)) return text;
    const secrets = new KnownSecrets();
    secrets.add(password);
    return secrets.blank(text);
  }

  /** Sends one message; rows that it yields are dropped as they come. */
  async send(text: string): Promise<Sent> {
    return this.#during(async () => {
      try {
        await this.#sql.unsafe(text).simple().raw().forEach(() => {});
        return { kind: "done", rowCounts: this.#watcher.rowCounts };
      } catch (error) {
        const message = serverFailure(error);
        if (message === undefined || this.#lost) throw this.#loss(error);
        return { kind: "failed", message, completed: this.#watcher.rowCounts.length };
      }
    });
  }

  /**
   * The rows of one query of ours, sent outside of any transaction. It runs with pg_catalog alone
   * on the search path, so that nobody's function or operator can stand in for Postgres' own.
   * With a limit it fails (55P03) when a lock is not to be had in time. Throws `server` with
   * what it said.
   */
  async rows(text: string, lockTimeoutMs?: number): Promise<readonly Row[]> {
    return (await this.results([text], lockTimeoutMs)).at(-1)?.rows ?? [];
  }

  /** The same for several queries: what each of them yields. */
  async results(
    texts: readonly string[],
    lockTimeoutMs?: number,
  ): Promise<readonly Result[]> {
    const guards = [
      "set local search_path = pg_catalog, pg_temp",
      // A policy that hides rows from this role is to be an error, not a table that looks empty.
      "set local row_security = off",
      ...(lockTimeoutMs === undefined ? [] : [lockTimeoutSql(lockTimeoutMs)]),
    ];
    return this.#query(["begin", ...guards, ...texts, "commit"].join(";\n"));
  }

  /**
   * The first query, which is what opens the connection: its error is the driver's own. It only
   * looks, so that whoever stops it need not wait for the server, or for a pooler's queue.
   */
  async open(text: string): Promise<readonly Row[]> {
    this.#opening = true;
    try {
      return await this.#during(async () => [...(await this.#sql.unsafe<Row[]>(text).simple())]);
    } finally {
      this.#opening = false;
    }
  }

  /** The last error that the server told, also where the driver heard only that it closed. */
  get lastError(): ServerMessage | undefined {
    const fields = this.#watcher.lastError;
    return fields === undefined ? undefined : messageOfFields(fields);
  }

  /**
   * Sends COPY … FROM STDIN and its data, read as fast as the server takes it; what reading them
   * throws is thrown when the server has given the COPY up.
   */
  async copyIn(statement: string, data: Iterable<Uint8Array>): Promise<Sent> {
    const { copyOverWire, UnreadData } = await import("./copy.ts");
    return this.#during(async () => {
      try {
        return await copyOverWire(this.#wire(), statement, data);
      } catch (error) {
        throw error instanceof UnreadData ? error.cause : this.#loss(error);
      }
    });
  }

  /** The wire itself, for as long as the work runs; an abort stops on the server what runs then. */
  async lend<Result>(work: (wire: Wire) => Promise<Result>): Promise<Result> {
    return this.#during(async () => {
      try {
        return await work(this.#wire());
      } catch (error) {
        throw this.#socket.destroyed ? this.#loss(error) : error;
      }
    });
  }

  /** The rows of a query in the transaction that is open; the caller sees to the search path. */
  async rowsWithin(text: string): Promise<readonly Row[]> {
    return (await this.#query(text)).at(-1)?.rows ?? [];
  }

  /** Ends the session in good order; one that is lost, or still waits for an answer, at once. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    // The program may end with this, and PgBouncer 1.18 dies of a request that is cut off.
    await this.#asking;
    // The server needs 8 ms to go, for which nobody waits who has told it to.
    const told = new Promise((resolve) => this.#socket.once("finish", resolve));
    const ended = this.#sql.end({ timeout: this.#lost || this.#busy ? 0 : 2 });
    await Promise.race([ended, told]);
    this.#socket.destroy();
  }

  /** Of each statement that yields rows, be it none; an error ends the transaction. */
  async #query(text: string): Promise<readonly Result[]> {
    return this.#during(async () => {
      try {
        return resultsOf(await this.#sql.unsafe(text).simple());
      } catch (error) {
        const message = serverFailure(error);
        if (message === undefined || this.#lost) throw this.#loss(error);
        if (this.transactionState !== "I") await this.send("rollback");
        throw new PgmateError("server", message.message, { server: message, cause: error });
      }
    });
  }

  #wire(): Wire {
    return {
      socket: this.#socket,
      watcher: this.#watcher,
      onNotice: this.#options.onNotice,
    };
  }

  async #during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#begin();
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  /** Again and again until something has stopped: between two messages the server hears nothing. */
  async #stop(): Promise<void> {
    if (this.#opening) this.#socket.destroy();
    let unheard = 0;
    for (let tries = 1; this.#busy && !this.isLost; tries += 1) {
      this.#asking = this.#options.cancel(this.#watcher.key).catch(() => "unheard");
      const answer = await this.#asking;
      unheard = answer === "heard" ? 0 : unheard + 1;
      if (unheard >= unheardLimit || tries >= heardLimit) this.#socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, stopAgainMs));
    }
  }

  #begin(): void {
    if (this.isLost) throw this.#loss(undefined);
    this.#watcher.restart();
  }

  async #takeSocket(): Promise<ByteSocket> {
    if (this.#socketTaken) {
      throw new PgmateError("connect-lost", "the server closed the connection");
    }
    this.#socketTaken = true;
    // A refusal can arrive before the driver listens, which would then wait for ever.
    if (this.#socket.destroyed) {
      throw this.#socket.errored ?? new PgmateError("connect-lost", "the connection was closed");
    }
    return this.#socket;
  }

  #loss(cause: unknown): PgmateError {
    this.#lost = true;
    const last = this.#watcher.lastError?.get("M");
    const said = last === undefined ? "" : `; the server's last words: ${last}`;
    return new PgmateError("connect-lost", `the connection to the server was lost${said}`, {
      cause,
    });
  }
}

/** The driver gives a list of lists, or where only one statement yields rows that list itself. */
function resultsOf(given: unknown): readonly Result[] {
  const all: readonly unknown[] = Array.isArray(given) && !("command" in given) ? given : [given];
  return all.filter(isRowList).map((rows): Result => ({ columns: rows.columns, rows }));
}

/** Statements that come before the first that yields rows share a list without columns. */
function isRowList(list: unknown): list is postgres.RowList<Row[]> {
  return Array.isArray(list) && "columns" in list && Array.isArray(list.columns);
}

function noticeMessage(notice: postgres.Notice): ServerMessage {
  const field = (name: string): string | undefined => notice[name];
  const detail = field("detail");
  const hint = field("hint");
  const where = field("where");
  return {
    severity: field("severity") ?? "NOTICE",
    code: field("code") ?? "00000",
    message: field("message") ?? "",
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(where === undefined ? {} : { where }),
  };
}
