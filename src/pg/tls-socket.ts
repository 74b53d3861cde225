/** Does the handshake of TLS with a Postgres server, trusting whom libpq would trust. */

import { Socket, type SocketConstructorOpts } from "node:net";
import type { ConnectionOptions, PeerCertificate, TLSSocket } from "node:tls";
import { checkServerIdentity, connect, getCACertificates } from "node:tls";

import { isIpAddress } from "../core/ip-address.ts";
import type { ServerHost } from "../core/server-host.ts";
import type { TlsSettings } from "../core/tls-settings.ts";
import { PgmateError } from "../errors.ts";
import type { PlainSocket } from "./plain-socket.ts";
import { eventOf, SocketFailure } from "./socket-event.ts";
import { notPostgres, sentTooEarly } from "./tls-request.ts";

/** What the files named in `target.tls` hold (PEM); undefined where one does not exist. */
export interface TlsFiles {
  readonly rootCertificates: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly revocations: string | undefined;
}

export interface TlsRequest {
  readonly settings: TlsSettings;
  readonly files: TlsFiles;
  readonly host: ServerHost;
  readonly signal: AbortSignal;
}

/**
 * The server's name and authority have been checked as far as the settings say. The plain socket
 * is used up, whatever comes of it.
 */
export async function encrypt(plain: PlainSocket, request: TlsRequest): Promise<Socket> {
  const options = tlsOptions(request);
  const raw = nodeSocket(plain, request);
  // Both may fail once more, when nobody waits any longer.
  raw.on("error", () => {});
  let socket: TLSSocket | undefined;
  try {
    socket = connect({ ...options, socket: raw });
    socket.on("error", () => {});
    await eventOf(socket, "secureConnect", request.signal);
  } catch (error) {
    socket?.destroy();
    raw.destroy();
    throw error;
  }
  if (request.settings.negotiation === "direct" && socket.alpnProtocol !== "postgresql") {
    socket.destroy();
    throw notPostgres(request.host);
  }
  return socket;
}

/** The same connection: asked anew, a server that let one go would write that into its log. */
function nodeSocket(plain: PlainSocket, { host }: TlsRequest): Socket {
  if (plain.hasUnread) throw sentTooEarly(host);
  const handle = plain.release();
  if (handle === undefined) throw plain.errored ?? new SocketFailure("SOCKET_CLOSED");
  // As Node's own servers make theirs; the types know of another kind of handle only.
  return new Socket({ handle } as unknown as SocketConstructorOpts);
}

/** As in libpq, a root certificate makes `require` check it. */
function verifiedMode(settings: TlsSettings, files: TlsFiles): "none" | "authority" | "name" {
  const hasRoot = files.rootCertificates !== undefined && settings.rootCertificates !== "system";
  switch (settings.mode) {
    case "verify-full":
      return "name";
    // Anybody can buy a certificate of a public authority, so that alone would prove nothing.
    case "verify-ca":
      return hasRoot ? "authority" : "name";
    case "require":
      return hasRoot ? "authority" : "none";
    default:
      return "none";
  }
}

function tlsOptions(request: TlsRequest): ConnectionOptions {
  const { settings, files, host } = request;
  const verified = verifiedMode(settings, files);
  const name = settings.serverName ?? (host.kind === "tcp" ? host.name : "");
  const roots = verified === "none" ? undefined : rootCertificates(settings, files);
  return {
    minVersion: settings.lowestVersion,
    maxVersion: settings.highestVersion,
    rejectUnauthorized: verified !== "none",
    checkServerIdentity: (_host, certificate) =>
      verified === "name" ? nameFailure(name, certificate) : undefined,
    ...(settings.sendServerName && !isIpAddress(name) && name !== "" ? { servername: name } : {}),
    ...(roots === undefined ? {} : { ca: [...roots] }),
    ...(roots === undefined || files.revocations === undefined ? {} : { crl: files.revocations }),
    ...clientCertificate(settings, files),
    ...(settings.negotiation === "direct" ? { ALPNProtocols: ["postgresql"] } : {}),
  };
}

/** libpq looks for the system's authorities only when told; lib/pq, as here, where no file is. */
function rootCertificates(settings: TlsSettings, files: TlsFiles): readonly string[] {
  if (settings.rootCertificates !== "system" && files.rootCertificates !== undefined) {
    const found = certificates(files.rootCertificates);
    if (found.length > 0) return found;
    throw new PgmateError("connect-certificate", "the file of authorities holds no certificate", {
      hint: `check ${settings.rootCertificates.path}: it is to hold certificates in PEM form`,
    });
  }
  // A container built from nothing has no authorities of its own.
  const system = getCACertificates("system");
  return system.length > 0 ? system : getCACertificates("bundled");
}

function certificates(pem: string): readonly string[] {
  return pem.match(/-----BEGIN [^-]*CERTIFICATE-----.*?-----END [^-]*CERTIFICATE-----/gs) ?? [];
}

function clientCertificate(settings: TlsSettings, files: TlsFiles): ConnectionOptions {
  if (files.certificate === undefined) return {};
  if (files.key === undefined) {
    throw new PgmateError("connect-certificate", "the client certificate has no key with it", {
      hint: `put the key into ${settings.key?.path ?? "a file"}, or name its file with sslkey=`,
    });
  }
  return {
    cert: files.certificate,
    key: files.key,
    ...(settings.keyPassword === undefined ? {} : { passphrase: settings.keyPassword }),
  };
}

function nameFailure(name: string, certificate: PeerCertificate): PgmateError | undefined {
  if (checkServerIdentity(name, certificate) === undefined) return undefined;
  const listed = certificate.subjectaltname?.replace(/\b(DNS|IP Address):/g, "");
  const names = listed ?? [certificate.subject?.CN ?? "nobody"].flat().join(", ");
  return new PgmateError(
    "connect-certificate",
    `the server's certificate is for ${names}, not for ${name}`,
    {
      hint: "connect by a name that is in the certificate, say which with sslservername=NAME, or "
        + "check the authority alone with sslmode=verify-ca and sslrootcert=FILE",
    },
  );
}
