/** Opens the wire to a Postgres server: TCP or Unix socket, encrypted by libpq's rules. */

import { describeHost, type ServerTarget } from "../core/database-url.ts";
import { isIpAddress } from "../core/ip-address.ts";
import type { ServerHost } from "../core/server-host.ts";
import { PgmateError } from "../errors.ts";
import type { ByteSocket } from "./byte-socket.ts";
import { combinedFailure, connectionFailure } from "./failure.ts";
import { askPatiently } from "./keepalive.ts";
import { PlainSocket } from "./plain-socket.ts";
import { eventOf, expectPostgres, SocketFailure } from "./socket-event.ts";
import { isTlsOffered, notPostgres } from "./tls-request.ts";
import type { TlsFiles, TlsRequest } from "./tls-socket.ts";

export interface SocketOptions {
  /** Its reason is thrown, as it is if it is a PgmateError. */
  readonly signal?: AbortSignal;
}

/** One host and one way to speak to it; `sslmode=allow` and `prefer` know two ways. */
export interface Attempt {
  readonly host: ServerHost;
  readonly encryption: "none" | "if-offered" | "required";
  /** "refusal": to be made only when the attempt before it met an `isEncryptionRefusal`. */
  readonly after: "anything" | "refusal";
}

export interface OpenedSocket {
  /** Ready for the driver's `socket` option (with its `ssl: false`). */
  readonly socket: ByteSocket;
  readonly host: ServerHost;
  /** The IP address that answered, or the path of the Unix socket. */
  readonly address: string;
  readonly encrypted: boolean;
  /** True for a Unix socket and a loopback address: nobody else's network lies in between. */
  readonly local: boolean;
  /** The very same address in the same way again: for a cancel request, or another session. */
  reopen(options: SocketOptions, purpose?: Endpoint["purpose"]): Promise<OpenedSocket>;
}

/** Where a host's name has led, and how to speak there. */
interface Endpoint {
  readonly host: ServerHost;
  readonly address: string;
  readonly encryption: Attempt["encryption"];
  /** The server closes a cancel request without a word, which is no failure there. */
  readonly purpose: "session" | "cancel";
}

/** What to try, in order. TLS is never spoken over a Unix socket, whatever sslmode says. */
export function connectionAttempts(target: ServerTarget): readonly Attempt[] {
  return target.hosts.flatMap((host): readonly Attempt[] => {
    const only = (encryption: Attempt["encryption"]): Attempt => {
      return { host, encryption, after: "anything" };
    };
    if (host.kind === "socket") return [only("none")];
    switch (target.tls.mode) {
      case "disable":
        return [only("none")];
      case "allow":
        return [only("none"), { ...only("required"), after: "refusal" }];
      case "prefer":
        return [only("if-offered"), { ...only("none"), after: "refusal" }];
      default:
        return [only("required")];
    }
  });
}

/**
 * Whether to try the other way of a host that knows two: the server has no rule for this one in
 * pg_hba.conf, or the TLS handshake failed. A wrong password is none: libpq would send it again
 * unencrypted.
 */
export function isEncryptionRefusal(failure: PgmateError): boolean {
  return failure.code === "connect-no-tls" || failure.code === "connect-certificate"
    || (failure.code === "connect-rejected" && failure.server?.code === "28000");
}

/** One attempt: each address that the host's name has, in turn. */
export async function openSocketTo(
  target: ServerTarget,
  attempt: Attempt,
  files: TlsFiles,
  options: SocketOptions,
): Promise<OpenedSocket> {
  const { host, encryption } = attempt;
  const failures: PgmateError[] = [];
  const failed = (error: unknown): PgmateError => openingFailure(error, target, host, options);
  const addresses = await addressesOf(target, host, options).catch((error: unknown) => {
    throw failed(error);
  });
  for (const address of addresses) {
    try {
      const endpoint = { host, address, encryption, purpose: "session" } as const;
      return await openEndpoint(target, endpoint, files, options);
    } catch (error) {
      const failure = failed(error);
      if (options.signal?.aborted === true) throw failure;
      failures.push(failure);
    }
  }
  throw combinedFailure(failures);
}

function openingFailure(
  error: unknown,
  target: ServerTarget,
  host: ServerHost,
  { signal }: SocketOptions,
): PgmateError {
  if (signal?.aborted !== true) return connectionFailure(error, target, host);
  if (signal.reason instanceof PgmateError) return signal.reason;
  return new PgmateError("interrupted", "interrupted while connecting", { cause: signal.reason });
}

async function addressesOf(
  target: ServerTarget,
  host: ServerHost,
  options: SocketOptions,
): Promise<readonly string[]> {
  if (host.kind === "socket") return [`${host.folder}/.s.PGSQL.${host.port}`];
  const given = host.address ?? host.name;
  if (isIpAddress(given)) return [given];
  const { lookup } = await import("node:dns/promises");
  const found = await withinTime(target, options, "ETIMEOUT", (signal) => {
    return Promise.race([lookup(given, { all: true }), rejection(signal)]);
  });
  return [...new Set(found.map(({ address }) => address))];
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
}

/** Ends what it is given when the caller's signal or the connect timeout says so. */
async function withinTime<Value>(
  target: ServerTarget,
  options: SocketOptions,
  late: SocketFailure["code"],
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", stop);
  if (options.signal?.aborted === true) stop();
  const timer = target.connectTimeoutMs === undefined
    ? undefined
    : setTimeout(() => controller.abort(new SocketFailure(late)), target.connectTimeoutMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", stop);
  }
}

async function openEndpoint(
  target: ServerTarget,
  endpoint: Endpoint,
  files: TlsFiles,
  options: SocketOptions,
): Promise<OpenedSocket> {
  const { host, address, encryption } = endpoint;
  const raw = new PlainSocket(
    host.kind === "socket" ? { path: address } : { address, port: host.port },
  );
  // A socket that fails while nobody listens must not end the program.
  raw.on("error", () => {});
  try {
    const { socket, encrypted } = await withinTime(target, options, "ETIMEDOUT", async (signal) => {
      await eventOf(raw, "connect", signal);
      raw.sendAtOnce();
      const isKeptAlive = target.keepaliveIdleMs !== undefined;
      if (isKeptAlive) raw.keepAlive(target.keepaliveIdleMs);
      const { descriptor } = raw;
      const wire = await secure(raw, encryption, { settings: target.tls, files, host, signal });
      const isPatient = isKeptAlive && host.kind !== "socket" && descriptor !== undefined;
      if (isPatient) askPatiently(wire.socket, descriptor);
      return wire;
    });
    socket.on("error", () => {});
    if (endpoint.purpose === "session") expectPostgres(socket, () => notPostgres(host));
    const settled = { host, address, encryption: encrypted ? "required" : "none" } as const;
    return {
      socket,
      host,
      address,
      encrypted,
      local: host.kind === "socket" || /^(127\.|::1$|::ffff:127\.)/.test(address),
      reopen: async (again, purpose = "cancel") => {
        try {
          return await openEndpoint(target, { ...settled, purpose }, files, again);
        } catch (error) {
          throw openingFailure(error, target, host, again);
        }
      },
    };
  } catch (error) {
    raw.destroy();
    throw error;
  }
}

interface Wire {
  readonly socket: ByteSocket;
  readonly encrypted: boolean;
}

async function secure(
  raw: PlainSocket,
  encryption: Attempt["encryption"],
  request: TlsRequest,
): Promise<Wire> {
  if (encryption === "none") return { socket: raw, encrypted: false };
  if (request.settings.negotiation === "postgres" && !await isTlsOffered(raw, request)) {
    if (encryption === "if-offered") return { socket: raw, encrypted: false };
    throw new PgmateError("connect-no-tls", `${describeHost(request.host)} does not speak TLS`, {
      hint: "turn on ssl in postgresql.conf, or say sslmode=prefer if this network can be trusted",
    });
  }
  const { encrypt } = await import("./tls-socket.ts");
  const socket = await encrypt(raw, request);
  return { socket, encrypted: true };
}
