/** What a database URL and the PG* variables say, as one value: where to connect, as whom, how. */

import { PgmateError } from "../errors.ts";
import { connectionSettings, serviceName } from "./connection-settings.ts";
import type { ConnectionSettings, Environment, Parameter } from "./connection-settings.ts";
import type { ServerHost } from "./server-host.ts";
import { serverHosts } from "./server-host.ts";
import { choice, tlsSettings } from "./tls-settings.ts";
import type { FileReference, TlsSettings } from "./tls-settings.ts";
import { holdsPassword, urlForm, urlParameters } from "./url-text.ts";

export const sessionAttributes = [
  "any",
  "read-write",
  "read-only",
  "primary",
  "standby",
  "prefer-standby",
] as const;
export type SessionAttributes = (typeof sessionAttributes)[number];

export interface ServerTarget {
  readonly kind: "server";
  /** At least one, in the order in which to try them. */
  readonly hosts: readonly [ServerHost, ...ServerHost[]];
  readonly user: string;
  /** Undefined: look in the passfile. */
  readonly password: string | undefined;
  readonly passfile: FileReference;
  readonly database: string;
  readonly tls: TlsSettings;
  /** For each address tried; undefined is no limit (`connect_timeout=0`). */
  readonly connectTimeoutMs: number | undefined;
  /** Undefined: not said, so the command decides. */
  readonly sessionAttributes: SessionAttributes | undefined;
  readonly applicationName: string | undefined;
  /** Undefined: `keepalives=0`. */
  readonly keepaliveIdleMs: number | undefined;
  /** Sent as the start-up parameter `options` (`-c name=value …`). */
  readonly options: string | undefined;
  /** Every other parameter: a server setting sent when the session starts. */
  readonly startup: Readonly<Record<string, string>>;
  /** The search_path among them, as written; undefined where none was given. */
  readonly searchPath: string | undefined;
}

/** A Postgres inside this program; `folder` undefined: it lives as long as the command. */
export interface EmbeddedTarget {
  readonly kind: "embedded";
  readonly folder: string | undefined;
}

export type Target = ServerTarget | EmbeddedTarget;

export interface UrlDefaults {
  /** The operating system's name for who runs this. */
  readonly user: string;
  readonly home: string;
  /** As in `process.platform`. */
  readonly platform: string;
  /** What the file of `serviceFile` holds; only needed where that gives one. */
  readonly serviceText?: string;
}

/** Where nothing is said. Connecting to an address that swallows packets takes minutes else. */
const defaultConnectTimeoutMs = 15_000;
const defaultKeepaliveIdleMs = 60_000;

/**
 * Throws `url-missing`, `url`, `url-no-database`; no message holds anything of the URL that may
 * be a password. What the URL leaves open comes from the service that it or PGSERVICE names,
 * then from libpq's variables, but for the database: that is never taken from PGDATABASE.
 */
export function parseDatabaseUrl(
  text: string,
  environment: Environment,
  defaults: UrlDefaults,
): Target {
  const { scheme, rest } = splitScheme(text);
  if (scheme === "pglite") return embeddedTarget(rest, defaults.home);
  const parameters = urlParameters(rest);
  const settings = connectionSettings(parameters, environment, defaults.serviceText);
  refuseWhatCannotBeKept(settings);
  const certificates = folderOfSettings(environment, defaults);
  const passfile = settings.said("passfile");
  const target = {
    kind: "server",
    hosts: serverHosts(settings, defaults.platform),
    user: userName(settings, defaults),
    password: settings.said("password")?.value,
    passfile: passfile === undefined
      ? { path: passfilePath(certificates, defaults), mustExist: false }
      : { path: passfile.value, mustExist: false },
    database: databaseName(settings, parameters),
    tls: tlsSettings(settings, certificates),
    connectTimeoutMs: connectTimeout(settings),
    sessionAttributes: choice(settings, "target_session_attrs", sessionAttributes),
    applicationName: settings.said("application_name")?.value,
    keepaliveIdleMs: keepaliveIdle(settings),
    options: startupOptions(settings),
    startup: settings.startup,
  } as const;
  return { ...target, searchPath: searchPath(target) };
}

/**
 * The pg_service.conf to read and hand to `parseDatabaseUrl` as `serviceText`; undefined when
 * neither the URL nor PGSERVICE asks for a service.
 */
export function serviceFile(
  text: string,
  environment: Environment,
  defaults: UrlDefaults,
): FileReference | undefined {
  const { scheme, rest } = splitScheme(text);
  if (scheme === "pglite") return undefined;
  const parameters = urlParameters(rest);
  if (serviceName(parameters, environment) === undefined) return undefined;
  const named = parameters.get("servicefile") || environment["PGSERVICEFILE"];
  if (named !== undefined && named !== "") return { path: named, mustExist: true };
  const path = defaults.platform === "win32"
    ? `${folderOfSettings(environment, defaults)}/.pg_service.conf`
    : `${defaults.home}/.pg_service.conf`;
  return { path, mustExist: false };
}

/** `user@host:port/database`, or `pglite:DIR`: for messages, so without any password. */
export function describeTarget(target: Target): string {
  if (target.kind === "embedded") return `pglite:${target.folder ?? ""}`;
  return `${target.user}@${target.hosts.map(describeHost).join(",")}/${target.database}`;
}

/** `host:port`; a socket by its folder. */
export function describeHost(host: ServerHost): string {
  if (host.kind === "socket") return `${host.folder}:${host.port}`;
  return host.name.includes(":") ? `[${host.name}]:${host.port}` : `${host.name}:${host.port}`;
}

/** The same server, another database: for create, drop and scratch databases. */
export function withDatabase(target: ServerTarget, database: string): ServerTarget {
  return { ...target, database };
}

function splitScheme(text: string): { readonly scheme: string; readonly rest: string } {
  // A secret kept in a file often ends in a line break.
  const url = text.replace(/[\r\n]+$/, "");
  if (url.trim() === "") {
    throw new PgmateError("url-missing", "no database URL is given", {
      hint: "set DATABASE_URL or give --url: postgres://user@host:port/name",
    });
  }
  const [, scheme = "", rest = ""] = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(url) ?? [];
  const lower = scheme.toLowerCase();
  if (/^\s|\s$/.test(url)) throw badUrl("has blanks around it", "remove them");
  if (lower === "pglite") return { scheme: "pglite", rest };
  if (lower === "postgres" || lower === "postgresql") {
    if (rest.startsWith("//")) return { scheme: "postgres", rest: rest.slice(2) };
    throw badUrl(`has no // after ${lower}:`, urlForm);
  }
  throw unknownScheme(url, lower, rest);
}

function badUrl(problem: string, hint: string): PgmateError {
  return new PgmateError("url", `the database URL ${problem}`, { hint });
}

/** The scheme is shown only before `://`, else it can be any part of a text that is no URL. */
function unknownScheme(url: string, scheme: string, rest: string): PgmateError {
  if (/^["'`]/.test(url)) {
    return badUrl("is in quotes", "remove the quotes, or let the shell take them away");
  }
  if (/^\w+\s*=/.test(url)) {
    return badUrl(
      "is a string of name=value parts, which is not supported",
      "write host=H port=P dbname=D user=U as postgres://U@H:P/D",
    );
  }
  if (scheme === "jdbc") return badUrl("begins with jdbc:", "leave out jdbc:");
  if (/^postgres(ql)?\+/.test(scheme)) {
    return badUrl(`has the scheme "${scheme}"`, "leave out the plus sign and what follows it");
  }
  if (/^prisma/.test(scheme)) {
    return badUrl(`has the scheme "${scheme}"`, "give the address of the Postgres server itself");
  }
  if (rest.startsWith("//")) {
    return badUrl(
      `has the scheme "${scheme}", and pgmate speaks to PostgreSQL only`,
      "a URL begins with postgres://, postgresql:// or pglite:",
    );
  }
  return badUrl("does not begin with postgres://", urlForm);
}

function embeddedTarget(rest: string, home: string): EmbeddedTarget {
  const folder = rest.startsWith("//") ? rest.slice(2) : rest;
  if (rest === ":memory:" || rest === "memory://" || folder === "") {
    return { kind: "embedded", folder: undefined };
  }
  if (folder.includes("?") || folder.includes("\0")) {
    throw badUrl("has parameters, which pglite: does not take", "write pglite:FOLDER");
  }
  if (holdsPassword(folder)) {
    throw badUrl("has a user and a password, which pglite: does not take", "write pglite:FOLDER");
  }
  return { kind: "embedded", folder: folder.replace(/^~(?=\/|$)/, home) };
}

function folderOfSettings(environment: Environment, defaults: UrlDefaults): string {
  if (defaults.platform !== "win32") return `${defaults.home}/.postgresql`;
  return `${environment["APPDATA"] ?? `${defaults.home}/AppData/Roaming`}/postgresql`;
}

function passfilePath(folder: string, defaults: UrlDefaults): string {
  return defaults.platform === "win32" ? `${folder}/pgpass.conf` : `${defaults.home}/.pgpass`;
}

function userName(settings: ConnectionSettings, defaults: UrlDefaults): string {
  const user = settings.said("user")?.value ?? defaults.user;
  if (user !== "") return user;
  throw badUrl("names no user, and the system does not say who runs this", urlForm);
}

/** A PGSERVICE of the environment is no more a wish for a database than PGDATABASE is. */
function databaseName(
  settings: ConnectionSettings,
  parameters: ReadonlyMap<string, string>,
): string {
  const said = settings.said("dbname");
  if (said?.by === "url" && holdsPassword(said.value)) {
    throw badUrl("has a user and a password where the name of the database stands", urlForm);
  }
  if (said?.by === "url" || (said !== undefined && parameters.has("service"))) return said.value;
  throw new PgmateError("url-no-database", "the database URL does not name a database", {
    hint: `put its name after the host, as in postgres://user@host:5432/name; ${urlForm}`,
  });
}

function wholeNumber(settings: ConnectionSettings, parameter: Parameter): number | undefined {
  const said = settings.said(parameter);
  if (said === undefined) return undefined;
  if (/^\s*[+-]?\d{1,6}\s*$/.test(said.value)) return Number(said.value);
  throw new PgmateError("url", `${parameter} in ${said.where} is not a whole number`, {
    hint: `write ${parameter}=10, for example`,
  });
}

function connectTimeout(settings: ConnectionSettings): number | undefined {
  const seconds = wholeNumber(settings, "connect_timeout");
  if (seconds === undefined) return defaultConnectTimeoutMs;
  return seconds <= 0 ? undefined : seconds * 1000;
}

function keepaliveIdle(settings: ConnectionSettings): number | undefined {
  if (wholeNumber(settings, "keepalives") === 0) return undefined;
  const seconds = wholeNumber(settings, "keepalives_idle");
  return seconds === undefined || seconds <= 0 ? defaultKeepaliveIdleMs : seconds * 1000;
}

/**
 * A plus sign is a plus sign, as in libpq; but `options=-c+name=value` is common where URLs are
 * written for Go programs, and nothing else can be meant by it.
 */
function startupOptions(settings: ConnectionSettings): string | undefined {
  return settings.said("options")?.value.replace(/^-c\+/, "-c ").replace(/\+-c[+ ]/g, " -c ");
}

/** Of the URL's own parameter alone: what `options` set, dbmate asks the server for. */
function searchPath(target: Pick<ServerTarget, "startup">): string | undefined {
  const names = Object.entries(target.startup);
  return names.find(([name]) => name.toLowerCase() === "search_path")?.[1];
}

/** What asks for a guarantee that this program cannot give is refused, not dropped. */
function refuseWhatCannotBeKept(settings: ConnectionSettings): void {
  const refuse = (parameter: Parameter, isHarmless: (value: string) => boolean): void => {
    const said = settings.said(parameter);
    if (said === undefined || isHarmless(said.value)) return;
    throw new PgmateError("url", `${parameter} in ${said.where} is not supported`, {
      hint: said.by === "environment" ? `unset ${said.where}` : `remove ${parameter}`,
    });
  };
  refuse("gssencmode", (value) => value !== "require");
  refuse("client_encoding", (value) => /^(utf-?8|auto)$/i.test(value));
  refuse("min_protocol_version", (value) => value === "3.0");
  refuse("replication", (value) => /^(false|off|no|0)$/i.test(value));
  refuse("sslinline", (value) => value === "false");
  refuse("requirepeer", () => false);
  refuse("require_auth", () => false);
  refuse("sslcrldir", () => false);
}
