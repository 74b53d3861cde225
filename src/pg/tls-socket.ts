/** Asks a Postgres server for TLS and does the handshake, trusting whom libpq would trust. */

import type { Socket } from "node:net";
import { isIP } from "node:net";
import type { ConnectionOptions, PeerCertificate } from "node:tls";
import { checkServerIdentity, connect, getCACertificates } from "node:tls";

import { describeHost } from "../core/database-url.ts";
import type { ServerHost } from "../core/server-host.ts";
import type { TlsSettings } from "../core/tls-settings.ts";
import { PgmateError } from "../errors.ts";
import { eventOf } from "./socket-event.ts";

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

const sslRequest = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

/**
 * Whether the server wants to speak TLS. Anything that comes along with its one byte was not
 * sent by a server that waits for a handshake: somebody put it in between (CVE-2021-23222).
 */
export async function isTlsOffered(raw: Socket, request: TlsRequest): Promise<boolean> {
  const where = describeHost(request.host);
  const answer = eventOf<Uint8Array>(raw, "data", request.signal);
  raw.write(sslRequest);
  const bytes = await answer;
  const letter = String.fromCharCode(bytes[0] ?? 0);
  if (bytes.length === 1 && letter === "S") return true;
  if (bytes.length === 1 && letter === "N") return false;
  if (letter === "S" || letter === "N") {
    throw new PgmateError("connect", `${where} sent data before the TLS handshake`, {
      hint: "something between here and the server changes what is sent: do not trust this network",
    });
  }
  throw letter === "E"
    ? new PgmateError("connect-no-tls", `${where} answered the request for TLS with an error`, {
        hint: "look into the server's log; sslmode=disable connects without TLS",
      })
    : notPostgres(request.host);
}

export function notPostgres(host: ServerHost): PgmateError {
  return new PgmateError("connect", `what answers at ${describeHost(host)} is not Postgres`, {
    hint: "check host and port: 5432 is Postgres' usual port, 6432 PgBouncer's",
  });
}

/** The server's name and authority have been checked as far as the settings say. */
export async function encrypt(raw: Socket, request: TlsRequest): Promise<Socket> {
  const socket = connect({ ...tlsOptions(request), socket: raw });
  try {
    await eventOf(socket, "secureConnect", request.signal);
  } catch (error) {
    socket.on("error", () => {});
    socket.destroy();
    throw error;
  }
  if (request.settings.negotiation === "direct" && socket.alpnProtocol !== "postgresql") {
    socket.destroy();
    throw notPostgres(request.host);
  }
  return socket;
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
    ...(settings.sendServerName && isIP(name) === 0 && name !== "" ? { servername: name } : {}),
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
