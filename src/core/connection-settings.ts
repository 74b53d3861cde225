/** Who says each of libpq's connection parameters: the URL, a service or the environment. */

import { PgmateError } from "../errors.ts";
import { lookUpService } from "./service-file.ts";
import { printable } from "./url-text.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** libpq's parameters that pgmate acts on, each with its variable. */
const variableByParameter = {
  host: "PGHOST",
  hostaddr: "PGHOSTADDR",
  port: "PGPORT",
  user: "PGUSER",
  password: "PGPASSWORD",
  dbname: undefined,
  socket: undefined,
  passfile: "PGPASSFILE",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  sslpassword: undefined,
  sslcrl: "PGSSLCRL",
  sslcrldir: "PGSSLCRLDIR",
  sslsni: "PGSSLSNI",
  sslcertmode: "PGSSLCERTMODE",
  sslnegotiation: "PGSSLNEGOTIATION",
  sslservername: "DATABASE_TLS_SERVER_NAME",
  ssl_min_protocol_version: "PGSSLMINPROTOCOLVERSION",
  ssl_max_protocol_version: "PGSSLMAXPROTOCOLVERSION",
  channel_binding: "PGCHANNELBINDING",
  connect_timeout: "PGCONNECT_TIMEOUT",
  target_session_attrs: "PGTARGETSESSIONATTRS",
  application_name: "PGAPPNAME",
  options: "PGOPTIONS",
  keepalives: undefined,
  keepalives_idle: undefined,
  client_encoding: undefined,
  gssencmode: "PGGSSENCMODE",
  require_auth: "PGREQUIREAUTH",
  requirepeer: "PGREQUIREPEER",
  min_protocol_version: "PGMINPROTOCOLVERSION",
  replication: undefined,
  sslinline: undefined,
} as const;

export type Parameter = keyof typeof variableByParameter;

/**
 * Parameters that change nothing for one short-lived session of this program: those of libpq's
 * that concern Kerberos, compression and the load on replicas, and those of lib/pq's that
 * dbmate drops as well.
 */
const withoutEffect: ReadonlySet<string> = new Set([
  "service",
  "servicefile",
  "binary_parameters",
  "disable_prepared_binary_result",
  "fallback_application_name",
  "keepalives_interval",
  "keepalives_count",
  "tcp_user_timeout",
  "load_balance_hosts",
  "krbsrvname",
  "krbspn",
  "gsslib",
  "gssdelegation",
  "sslcompression",
  "sslkeylogfile",
  "max_protocol_version",
]);

/** Settings of the server's that libpq takes from a variable. */
const variableByStartupName: ReadonlyMap<string, string> = new Map([
  ["TimeZone", "PGTZ"],
  ["DateStyle", "PGDATESTYLE"],
  ["geqo", "PGGEQO"],
]);

const layerNames = ["url", "service", "environment"] as const;

export interface Said {
  readonly value: string;
  readonly by: (typeof layerNames)[number];
  /** The same for messages. */
  readonly where: string;
}

/** The URL before the service, the service before the environment, as in libpq. */
export interface ConnectionSettings {
  /** Undefined when nobody says anything or what is said is empty. */
  said(parameter: Parameter): Said | undefined;
  /** What is left for the server. */
  readonly startup: Readonly<Record<string, string>>;
}

/** True when `one` was said at least as near to the command as `other`. */
export function isAtLeastAsNear(one: Said, other: Said | undefined): boolean {
  return other === undefined || layerNames.indexOf(one.by) <= layerNames.indexOf(other.by);
}

/** `parameters` is all that the URL says, its host, port, user and so on among them. */
export function connectionSettings(
  parameters: ReadonlyMap<string, string>,
  environment: Environment,
  serviceText: string | undefined,
): ConnectionSettings {
  const service = requestedService(parameters, environment, serviceText);
  return {
    said: (parameter) => {
      const variable = variableByParameter[parameter];
      const found: readonly (Omit<Said, "value"> & { readonly value: string | undefined })[] = [
        { by: "url", where: "the database URL", value: parameters.get(parameter) },
        { by: "service", where: "pg_service.conf", value: service.get(parameter) },
        variable === undefined
          ? { by: "environment", where: "", value: undefined }
          : { by: "environment", where: variable, value: environment[variable] },
      ];
      for (const { by, where, value } of found) {
        if (value !== undefined && value !== "") return { by, where, value };
      }
      return undefined;
    },
    startup: startupSettings([parameters, service], environment),
  };
}

function requestedService(
  parameters: ReadonlyMap<string, string>,
  environment: Environment,
  serviceText: string | undefined,
): ReadonlyMap<string, string> {
  const name = serviceName(parameters, environment);
  if (name === undefined) return new Map();
  const found = serviceText === undefined ? undefined : lookUpService(serviceText, name);
  if (found !== undefined) return found;
  const problem = serviceText === undefined
    ? "there is no pg_service.conf to look it up in"
    : "pg_service.conf has no such section";
  throw new PgmateError("url", `service "${printable(name)}" is asked for, but ${problem}`, {
    hint: "PGSERVICEFILE names the file (default: ~/.pg_service.conf); a service is a section "
      + "[name] in it; PGSERVICE or service= in the URL asks for one",
  });
}

/** `service=` of the URL, else PGSERVICE. */
export function serviceName(
  parameters: ReadonlyMap<string, string>,
  environment: Environment,
): string | undefined {
  const name = parameters.get("service") ?? environment["PGSERVICE"];
  return name === "" ? undefined : name;
}

/** What other tools' URLs carry that no server knows, with the way to say it to Postgres. */
const curesByForeignName: ReadonlyMap<string, string> = new Map([
  ["schema", "to work in another schema than public, write search_path=NAME"],
  ["currentSchema", "to work in another schema than public, write search_path=NAME"],
  ["pgbouncer", "remove it, and connect to Postgres directly: a pooler cannot keep a run's lock"],
  ["connection_limit", "remove it: a run uses one connection"],
  ["pool_max_conns", "remove it: a run uses one connection"],
  ["pool_timeout", "remove it: a run uses one connection"],
  ["pool_size", "remove it: a run uses one connection"],
  ["socket_timeout", "remove it, or write statement_timeout=MILLISECONDS"],
  ["sslaccept", "write sslmode=require, or sslmode=verify-full with sslrootcert=FILE"],
  ["sslidentity", "write sslcert=FILE and sslkey=FILE"],
  ["ssl", "write sslmode=require, or another of libpq's modes"],
  ["ssl-mode", "write sslmode=require"],
  ["uselibpqcompat", "remove it: sslmode here means what it means to libpq"],
  ["charset", "remove it: the encoding is always UTF-8"],
  ["encoding", "remove it: the encoding is always UTF-8"],
]);

function startupSettings(
  layers: readonly ReadonlyMap<string, string>[],
  environment: Environment,
): Readonly<Record<string, string>> {
  const startup = new Map<string, string>();
  const lowerCase = new Set<string>();
  const add = (name: string, value: string): void => {
    if (value === "" || lowerCase.has(name.toLowerCase())) return;
    lowerCase.add(name.toLowerCase());
    startup.set(name, value);
  };
  for (const layer of layers) {
    for (const [name, value] of layer) {
      if (Object.hasOwn(variableByParameter, name) || withoutEffect.has(name)) continue;
      const cure = curesByForeignName.get(name);
      if (cure !== undefined) {
        throw new PgmateError("url", `"${name}" in the database URL is no setting of Postgres`, {
          hint: cure,
        });
      }
      add(name, value);
    }
  }
  for (const [name, variable] of variableByStartupName) add(name, environment[variable] ?? "");
  return Object.fromEntries(startup);
}
