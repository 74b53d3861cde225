/** The environment in which a program that uses libpq connects where and how pgmate did. */

import type { Environment } from "./connection-settings.ts";
import { dumpSessionSettings } from "./dump-options.ts";
import type { ServerTarget } from "./database-url.ts";
import type { ServerHost } from "./server-host.ts";
import type { FileReference, TlsSettings } from "./tls-settings.ts";

/** A connection that stands, as far as libpq has to know it. */
export interface LibpqConnection {
  readonly target: ServerTarget;
  /** The one of the target's hosts that let pgmate in. */
  readonly host: ServerHost;
  /** The IP address that answered there; undefined for a socket, and where it is not known. */
  readonly address: string | undefined;
  /** The one that was used, be it from the passfile. */
  readonly password: string | undefined;
  /** For the server's list of sessions, where the target names none. */
  readonly applicationName: string;
  /** What the files that the target's TLS settings name hold; undefined where one is not there. */
  readonly tlsFiles: {
    readonly rootCertificates: string | undefined;
    readonly certificate: string | undefined;
    readonly key: string | undefined;
    readonly revocations: string | undefined;
  };
  /** A pooler takes few start-up settings, and lets nobody in who sends another. */
  readonly by: "server" | "pooler";
}

export type LibpqEnvironment =
  | { readonly kind: "environment"; readonly environment: Readonly<Record<string, string>> }
  | { readonly kind: "impossible"; readonly reason: string };

type Variables = Readonly<Record<string, string>>;

/**
 * Where nothing is or can be. libpq takes an empty value for its default, and complains about a
 * passfile that is not a plain file, as `/dev/null` is none.
 */
const nowhere = "/dev/null/none";

/** They come last, so that nothing else sets them. */
const dumpSettings = dumpSessionSettings.filter(([name]) => name !== "timezone");

/** pg_dump sets the first and the last, PGTZ the second. */
const settingsSaidElsewhere: ReadonlySet<string> = new Set([
  "search_path", "timezone",
  // pg_dump lifts it, but only after it has asked a few things already.
  "statement_timeout",
]);

/**
 * The whole environment for the child: all of `base` but what libpq, pg_dump and its messages'
 * language depend on. Everything stands in variables, the password too, because each user of
 * the machine can read a command line. `impossible`: what libpq has no variable for.
 */
export function libpqEnvironment(connection: LibpqConnection, base: Environment): LibpqEnvironment {
  const { target, host, password } = connection;
  const reason = reasonAgainst(connection);
  if (reason !== undefined) return { kind: "impossible", reason };
  const options = startupOptions(connection);
  const variables: Variables = {
    ...hostVariables(connection),
    PGPORT: String(host.port),
    PGUSER: target.user,
    ...(password === undefined ? {} : { PGPASSWORD: password }),
    PGPASSFILE: nowhere,
    // Unlike pg_dump's argument, this is never read as a connection string.
    PGDATABASE: target.database,
    ...(encrypts(connection) ? tlsVariables(connection) : { PGSSLMODE: "disable" }),
    PGGSSENCMODE: "disable",
    PGCONNECT_TIMEOUT: String(Math.ceil((target.connectTimeoutMs ?? 0) / 1000)),
    PGTARGETSESSIONATTRS: "any",
    PGAPPNAME: target.applicationName ?? connection.applicationName,
    ...(options === "" ? {} : { PGOPTIONS: options }),
    // Bounds of partitions and defaults are written in the session's time zone.
    PGTZ: "UTC",
    LC_ALL: "C",
    LC_MESSAGES: "C",
  };
  const split = Object.entries(variables).find(([, value]) => value.includes("\0"));
  if (split !== undefined) {
    return { kind: "impossible", reason: `${split[0]} would hold a NUL, as no variable can` };
  }
  return { kind: "environment", environment: { ...kept(base), ...variables } };
}

/** Names are not told apart by case on Windows; PG_COLOR and the like are pg_dump's own. */
function kept(base: Environment): Variables {
  const entries = Object.entries(base).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    return value !== undefined && !/^(PG|LC_|LANG$|LANGUAGE$)/i.test(name);
  });
  return Object.fromEntries(entries);
}

/** TLS is never spoken over a Unix socket, whatever the mode. */
function encrypts({ target, host }: LibpqConnection): boolean {
  return host.kind === "tcp" && target.tls.mode !== "disable";
}

function reasonAgainst(connection: LibpqConnection): string | undefined {
  const { PGHOST = "", PGHOSTADDR } = hostVariables(connection);
  if (PGHOST.includes(",")) return `libpq takes the comma in "${PGHOST}" for the end of a host`;
  if (!encrypts(connection)) return undefined;
  const { target: { tls }, tlsFiles } = connection;
  if (tls.serverName !== undefined && PGHOSTADDR === undefined) {
    return "libpq knows no sslservername: it can do without only where the server's IP address"
      + " is known";
  }
  if (tlsFiles.revocations !== undefined && trusted(connection) === "system") {
    return "libpq does not look into a list of revoked certificates (sslcrl) where it trusts the"
      + " system's authorities: name theirs with sslrootcert=FILE";
  }
  if (tlsFiles.certificate === undefined) return undefined;
  if (tls.keyPassword !== undefined && tlsFiles.key?.includes("ENCRYPTED") === true) {
    return "libpq takes the password of the client's key (sslpassword) from a connection string"
      + " alone, which every user of this machine could read";
  }
  const key = tls.key?.path ?? "";
  if (key.includes(":") && !/^[a-z]:[\\/][^:]*$/i.test(key)) {
    return `libpq takes "${key}" for a key in an engine of OpenSSL's, because of its colon`;
  }
  return undefined;
}

/**
 * PGHOST is always set: where it is not, Debian's pg_dump looks for a local server by itself.
 * libpq checks the certificate for PGHOST's name, wherever PGHOSTADDR leads it.
 */
function hostVariables(connection: LibpqConnection): Variables {
  const { target, host } = connection;
  if (host.kind === "socket") return { PGHOST: host.folder };
  const isAddress = /^\d+\.\d+\.\d+\.\d+$|:/.test(host.name);
  const address = host.address ?? connection.address ?? (isAddress ? host.name : undefined);
  return {
    PGHOST: (encrypts(connection) ? target.tls.serverName : undefined) ?? host.name,
    ...(address === undefined ? {} : { PGHOSTADDR: address }),
  };
}

type Authority = FileReference | "system" | "anybody";

/** Whom pgmate trusted to vouch for the server; "anybody" where it did not ask. */
function trusted({ target, tlsFiles }: LibpqConnection): Authority {
  const { mode, rootCertificates } = target.tls;
  if (mode !== "require" && mode !== "verify-ca" && mode !== "verify-full") return "anybody";
  if (rootCertificates !== "system" && tlsFiles.rootCertificates !== undefined) {
    return rootCertificates;
  }
  return mode === "require" ? "anybody" : "system";
}

/** libpq would check what it finds under `prefer` as well, and then not encrypt. */
function tlsVariables(connection: LibpqConnection): Variables {
  const { target: { tls }, tlsFiles } = connection;
  const authority = trusted(connection);
  const file = (reference: FileReference | undefined, text: string | undefined): string =>
    text === undefined ? nowhere : (reference?.path ?? nowhere);
  const named = typeof authority === "string" ? authority : authority.path;
  return {
    // For whoever trusts all the system's authorities, libpq allows no other mode.
    PGSSLMODE: authority === "system" ? "verify-full" : tls.mode,
    PGSSLROOTCERT: authority === "anybody" ? nowhere : named,
    PGSSLCRL: authority === "anybody" ? nowhere : file(tls.revocations, tlsFiles.revocations),
    PGSSLCERT: file(tls.certificate, tlsFiles.certificate),
    PGSSLKEY: file(tls.key, tlsFiles.key),
    PGSSLMINPROTOCOLVERSION: tls.lowestVersion,
    ...rareTlsVariables(tls),
  };
}

/** What is as libpq has it anyway is left out: libraries of old do not know all of it. */
function rareTlsVariables(tls: TlsSettings): Variables {
  return {
    ...(tls.highestVersion === "TLSv1.3" ? {} : { PGSSLMAXPROTOCOLVERSION: tls.highestVersion }),
    ...(tls.sendServerName ? {} : { PGSSLSNI: "0" }),
    ...(tls.negotiation === "direct" ? { PGSSLNEGOTIATION: "direct" } : {}),
    ...(tls.raisedBy === "channel_binding" ? { PGCHANNELBINDING: "require" } : {}),
  };
}

/** The server takes the last of several values, and start-up settings before its options. */
function startupOptions({ target, by }: LibpqConnection): string {
  const own = Object.entries(target.startup)
    .filter(([name]) => !settingsSaidElsewhere.has(name.toLowerCase()));
  const settings = [...own, ...(by === "pooler" ? [] : dumpSettings)]
    .map(([name, value]) => `-c ${`${name}=${value}`.replace(/[\s\\]/g, "\\$&")}`);
  // A backslash at the end escapes nothing, but would escape the blank that comes behind it.
  const given = (target.options ?? "").replace(/(^|[^\\])((?:\\\\)*)\\$/, "$1$2");
  return [...(given.trim() === "" ? [] : [given]), ...settings].join(" ");
}

/** As a setting of a connection string, so that no name can be taken for one. */
export function connectionWord(database: string): string {
  return `dbname='${database.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
