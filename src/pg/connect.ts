/** Connects to a server: host by host until one lets us in and is of the kind that is wanted. */

import { askedSettings } from "../core/asked-settings.ts";
import { describeHost, type ServerTarget } from "../core/database-url.ts";
import { quoteLiteral } from "../core/identifier.ts";
import { lookUpPassword } from "../core/passfile.ts";
import type { ServerHost } from "../core/server-host.ts";
import { PgmateError, type ServerMessage } from "../errors.ts";
import { combinedFailure, connectionFailure, serverFailure } from "./failure.ts";
import type { Embedded } from "./embedded.ts";
import { requestCancel } from "./cancel.ts";
import { type Row, Session } from "./session.ts";
import { refuseSharedBackend } from "./proxy.ts";
import { serverRefusal } from "./server-refusal.ts";
import {
  type Attempt,
  connectionAttempts,
  isEncryptionRefusal,
  type OpenedSocket,
  openSocketTo,
} from "./socket.ts";
import type { TlsFiles } from "./tls-socket.ts";

export interface Connection {
  readonly session: Session;
  readonly facts: ServerFacts;
  /** To be sent again after each `reset all`. */
  readonly settingsSql: readonly string[];
  /** How it was reached, for a program that is to go the same way; undefined inside pgmate. */
  readonly way: ConnectionWay | undefined;
}

export interface ConnectionWay {
  readonly host: ServerHost;
  /** The IP address that answered, or the path of the Unix socket. */
  readonly address: string;
  /** The one that was sent if one was asked for, be it from the passfile. */
  readonly password: string | undefined;
  readonly by: "server" | "pooler";
}

/** "dump" is a read in several messages, for which the session must be nobody else's meanwhile. */
export type Purpose = "read" | "dump" | "write";

export interface ConnectOptions {
  readonly target: ServerTarget;
  readonly tlsFiles: TlsFiles;
  /** The passfile's text, undefined where there is none. */
  readonly passfile: string | undefined;
  readonly applicationName: string;
  /** What a command needs of a server, unless the URL says otherwise. */
  readonly purpose: Purpose;
  readonly signal: AbortSignal;
  readonly onNotice: (notice: ServerMessage) => void;
}

/** What is known of the server once we are in. */
export interface ServerFacts {
  /** As it calls itself: `15.18`. */
  readonly serverVersion: string;
  readonly user: string;
  readonly database: string;
  readonly host: string;
  /** The schemas on the search path that exist; what has no schema is made in the first. */
  readonly schemas: readonly string[];
  readonly backendPid: number;
  /** What the URL, the role or the database set; 0 where nobody did. */
  readonly lockTimeoutMs: number;
  readonly encrypted: boolean;
  readonly local: boolean;
}

/** Without casts, which a new session would look up one by one. */
const factsSql = `
  select pg_catalog.current_setting('server_version') as version,
         session_user as session_user,
         pg_catalog.current_database() as database,
         pg_catalog.array_to_json(pg_catalog.current_schemas(false)) as schemas,
         pg_catalog.pg_backend_pid() as pid,
         pg_catalog.pg_is_in_recovery() as in_recovery,
         pg_catalog.current_setting('lock_timeout') as lock_timeout,
         pg_catalog.current_setting('default_transaction_read_only') as read_only`;

/**
 * What outlives a killed pgmate, and what would end a run that waits: each set only where the
 * server knows it. Without the first, an orphaned statement keeps the lock for hours.
 */
const wantedSettings: readonly (readonly [string, string])[] = [
  ["client_connection_check_interval", "2s"],
  ["idle_session_timeout", "0"],
  ["idle_in_transaction_session_timeout", "0"],
  // A machine that has vanished would keep the run lock for the two hours of its system.
  ["tcp_keepalives_idle", "30"],
  ["tcp_keepalives_interval", "10"],
  ["tcp_keepalives_count", "3"],
  ["tcp_user_timeout", "60s"],
];

/** Throws `connect-…` or `database-missing`, telling of every host that was tried. */
export async function connectServer(options: ConnectOptions): Promise<Connection> {
  const failures: PgmateError[] = [];
  let answered: ServerHost | undefined;
  for (const attempt of connectionAttempts(options.target)) {
    const last = failures.at(-1);
    // A server that let nobody in has spoken for the others too, as in libpq; it may still be
    // asked in another way.
    if (answered !== undefined && attempt.host !== answered) break;
    if (attempt.after === "refusal" && (last === undefined || !isEncryptionRefusal(last))) continue;
    try {
      return await connectTo(attempt, options);
    } catch (error) {
      if (options.signal.aborted) {
        throw new PgmateError("interrupted", "interrupted while connecting", { cause: error });
      }
      const tried = { ...options.target, password: passwordFor(attempt.host, options) };
      const failure = connectionFailure(error, tried, attempt.host);
      failures.push(failure);
      const isStarting = failure.server?.code === "57P03";
      if (failure.server !== undefined && !isStarting) answered = attempt.host;
    }
  }
  throw combinedFailure(failures);
}

async function connectTo(attempt: Attempt, options: ConnectOptions): Promise<Connection> {
  const opened = await openSocketTo(options.target, attempt, options.tlsFiles, {
    signal: options.signal,
  });
  const session = startSession(opened, options);
  try {
    const [row] = await session.open(factsSql);
    if (row === undefined) throw new PgmateError("connect", "the server answered nothing");
    refuseWrongKind(row, attempt.host, options);
    const by = session.backendKey?.pid === Number(row["pid"]) ? "server" : "pooler";
    const { host, address, encrypted, local } = opened;
    const way = { host, address, password: passwordFor(host, options), by } as const;
    const asked = by === "pooler" ? await settlePooled({ session, opened }, options) : undefined;
    const where = { host: describeHost(host), encrypted, local };
    const facts = factsOf(asked?.row ?? row, where);
    if (options.purpose !== "write") return { session, facts, settingsSql: [], way };
    const own = await applySettings(session);
    return { session, facts, settingsSql: [...(asked?.settingsSql ?? []), ...own], way };
  } catch (error) {
    await session.end();
    const said = session.lastError;
    // The driver drops a server's last words when the end of the connection comes with them.
    const isKnown = error instanceof PgmateError || serverFailure(error) !== undefined;
    if (isKnown || said === undefined) throw error;
    const password = passwordFor(opened.host, options);
    throw serverRefusal(said, { ...options.target, password }, opened.host);
  }
}

interface Pooled {
  readonly settingsSql: readonly string[];
  /** The facts once more, under the settings that were asked for. */
  readonly row: Row | undefined;
}

/**
 * A pooler may have dropped the start-up settings in silence (ignore_startup_parameters), and what
 * is in force may be another client's. Whoever may share the backend gets the search path for the
 * length of one message.
 */
async function settlePooled(
  { session, opened }: { readonly session: Session; readonly opened: OpenedSocket },
  options: ConnectOptions,
): Promise<Pooled> {
  const settings = askedSettings(options.target);
  if (options.purpose === "read") {
    const paths = settings.filter(([name]) => name.toLowerCase() === "search_path");
    const local = paths.map((path) => settingSql(path, "transaction"));
    const message = ["begin", ...local, factsSql, "commit"].join("; ");
    const [row] = paths.length === 0 ? [] : await session.rowsWithin(message);
    return { settingsSql: [], row };
  }
  // The probe goes the same way, to the same address: another may lead past the pooler.
  await refuseSharedBackend(session, async () => {
    const again = await opened.reopen({ signal: options.signal }, "session");
    return startSession(again, { ...options, onNotice: () => {} });
  });
  if (settings.length === 0) return { settingsSql: [], row: undefined };
  const settingsSql = settings.map((setting) => settingSql(setting, "session"));
  const sent = await session.send(settingsSql.join("; "));
  if (sent.kind === "failed") throw serverRefusal(sent.message, options.target, opened.host);
  const [row] = await session.rowsWithin(factsSql);
  return { settingsSql, row };
}

/** What the URL or the environment says, else what the passfile holds for this host. */
function passwordFor(host: ServerHost, options: ConnectOptions): string | undefined {
  const { target, passfile } = options;
  if (target.password !== undefined || passfile === undefined) return target.password;
  return lookUpPassword(passfile, {
    host: host.kind === "socket" ? host.folder : host.name,
    port: host.port,
    database: target.database,
    user: target.user,
  });
}

function startSession(opened: OpenedSocket, options: ConnectOptions): Session {
  const { target } = options;
  return new Session(opened.socket, {
    user: target.user,
    password: passwordFor(opened.host, options),
    database: target.database,
    startup: {
      ...target.startup,
      ...(target.options === undefined ? {} : { options: target.options }),
      application_name: target.applicationName ?? options.applicationName,
    },
    connectTimeoutMs: target.connectTimeoutMs,
    onNotice: options.onNotice,
    signal: options.signal,
    cancel: (key) => requestCancel(opened, key),
  });
}

/** An embedded Postgres is in this process: nobody listens in, and nobody else is there. */
export async function connectEmbedded(
  embedded: Embedded,
  options: Pick<ConnectOptions, "onNotice" | "signal">,
): Promise<Connection> {
  const session = new Session(embedded.socket(), {
    user: "postgres",
    password: undefined,
    database: "postgres",
    startup: {},
    connectTimeoutMs: undefined,
    onNotice: options.onNotice,
    signal: options.signal,
    cancel: async () => {
      embedded.terminate();
      return "heard";
    },
  });
  const [row] = await session.open(factsSql);
  if (row === undefined) throw new PgmateError("embedded", "the embedded Postgres is silent");
  const where = { host: "this process", encrypted: false, local: true };
  return { session, facts: factsOf(row, where), settingsSql: [], way: undefined };
}

function factsOf(
  row: Row,
  where: Pick<ServerFacts, "host" | "encrypted" | "local">,
): ServerFacts {
  return {
    ...where,
    serverVersion: String(row["version"]).split(" ")[0] ?? "",
    user: String(row["session_user"]),
    database: String(row["database"]),
    schemas: row["schemas"] as readonly string[],
    backendPid: Number(row["pid"]),
    lockTimeoutMs: settingMs(String(row["lock_timeout"])),
  };
}

/** A time as the server shows a setting: `7s`, `1min`, `0`. */
function settingMs(text: string): number {
  const [, amount = "0", unit = "ms"] = /^(\d+)(\w*)$/.exec(text) ?? [];
  const factors: Readonly<Record<string, number>> = {
    ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000,
  };
  return Number(amount) * (factors[unit] ?? 1);
}

function refuseWrongKind(row: Row, host: ServerHost, options: ConnectOptions): void {
  const wanted =
    options.target.sessionAttributes ?? (options.purpose === "write" ? "read-write" : "any");
  const standby = row["in_recovery"] === true;
  const readOnly = standby || row["read_only"] === "on";
  const fits = {
    "any": true,
    "read-write": !readOnly,
    "read-only": readOnly,
    "primary": !standby,
    "standby": standby,
    "prefer-standby": true,
  }[wanted];
  if (fits) return;
  const what = standby ? "a standby (it is in recovery)" : readOnly ? "read-only" : "a primary";
  throw new PgmateError("connect-read-only", `${describeHost(host)} is ${what}`, {
    hint:
      wanted === "read-write"
        ? standby
          ? "name the primary; or both hosts, of which pgmate takes the one that can write"
          : "default_transaction_read_only is on: unset it for this role or database"
        : `target_session_attrs=${wanted} wants another server`,
    state: "nothing was changed",
  });
}

/** Unlike SET it reads a value as a start-up packet does: a search path may be a list. */
function settingSql(
  [name, value]: readonly [name: string, value: string],
  length: "session" | "transaction",
): string {
  const isLocal = length === "transaction";
  return `select pg_catalog.set_config(${quoteLiteral(name)}, ${quoteLiteral(value)}, ${isLocal})`;
}

/** What the server took, as SQL to send again after a reset: looking it up each time is slow. */
async function applySettings(session: Session): Promise<readonly string[]> {
  const known = await session.rows(
    `select name from pg_catalog.pg_settings where name in (${wantedSettings
      .map(([name]) => `'${name}'`)
      .join(", ")})`,
  );
  const names = new Set(known.map((row) => row["name"]));
  const statements = wantedSettings
    .filter(([name]) => names.has(name))
    .map(([name, value]) => `set ${name} = '${value}'`);
  const taken: string[] = [];
  // Together they cost one round trip. A server on a platform that cannot check its connections
  // refuses the first; then each is tried alone.
  if ((await session.send(statements.join("; "))).kind === "done") return statements;
  for (const statement of statements) {
    if ((await session.send(statement)).kind === "done") taken.push(statement);
  }
  return taken;
}
