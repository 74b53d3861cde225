/** How a connection is to be encrypted and whom it is to trust: libpq's ssl* parameters. */

import { PgmateError } from "../errors.ts";
import type { ConnectionSettings, Parameter, Said } from "./connection-settings.ts";
import { printable } from "./url-text.ts";

export const sslModes = [
  "disable",
  "allow",
  "prefer",
  "require",
  "verify-ca",
  "verify-full",
] as const;

export type SslMode = (typeof sslModes)[number];

const tlsVersions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

export type TlsVersion = (typeof tlsVersions)[number];

/** A file that the engine reads; `mustExist` when a person named it and it will be used. */
export interface FileReference {
  readonly path: string;
  readonly mustExist: boolean;
}

export interface TlsSettings {
  readonly mode: SslMode;
  /** The parameter that made the mode stricter than sslmode says, for messages. */
  readonly raisedBy: "channel_binding" | undefined;
  /** "system": the authorities that the machine trusts (`sslrootcert=system`). */
  readonly rootCertificates: FileReference | "system";
  /** Both undefined under `sslcertmode=disable`. */
  readonly certificate: FileReference | undefined;
  readonly key: FileReference | undefined;
  readonly keyPassword: string | undefined;
  readonly revocations: FileReference;
  /** The name for SNI and for the check under verify-full, where it is not the host's. */
  readonly serverName: string | undefined;
  readonly sendServerName: boolean;
  readonly negotiation: "postgres" | "direct";
  readonly lowestVersion: TlsVersion;
  readonly highestVersion: TlsVersion;
}

/** `folder` is where libpq looks for certificates that nobody named: `~/.postgresql`. */
export function tlsSettings(settings: ConnectionSettings, folder: string): TlsSettings {
  const { mode, raisedBy } = sslMode(settings);
  const root = settings.said("sslrootcert");
  const certificateMode = choice(settings, "sslcertmode", ["disable", "allow"]) ?? "allow";
  const negotiation = choice(settings, "sslnegotiation", ["postgres", "direct"]) ?? "postgres";
  if (negotiation === "direct" && !isRequired(mode)) {
    throw weakMode("sslnegotiation=direct", mode, "require");
  }
  const file = (parameter: Parameter, name: string): FileReference => {
    const said = settings.said(parameter);
    if (said === undefined) return { path: `${folder}/${name}`, mustExist: false };
    return { path: said.value, mustExist: mode !== "disable" };
  };
  const withCertificate = certificateMode === "allow";
  return {
    mode,
    raisedBy,
    rootCertificates: root?.value === "system" ? "system" : file("sslrootcert", "root.crt"),
    certificate: withCertificate ? file("sslcert", "postgresql.crt") : undefined,
    key: withCertificate ? file("sslkey", "postgresql.key") : undefined,
    keyPassword: settings.said("sslpassword")?.value,
    revocations: file("sslcrl", "root.crl"),
    serverName: settings.said("sslservername")?.value,
    sendServerName: choice(settings, "sslsni", ["0", "1"]) !== "0",
    negotiation,
    lowestVersion: choice(settings, "ssl_min_protocol_version", tlsVersions) ?? "TLSv1.2",
    highestVersion: choice(settings, "ssl_max_protocol_version", tlsVersions) ?? "TLSv1.3",
  };
}

/** The value of a parameter that knows a few words only; throws `url` for any other. */
export function choice<Word extends string>(
  settings: ConnectionSettings,
  parameter: Parameter,
  words: readonly Word[],
): Word | undefined {
  const said = settings.said(parameter);
  if (said === undefined) return undefined;
  const found = words.find((word) => word.toLowerCase() === said.value.toLowerCase());
  if (found !== undefined) return found;
  throw unknownWord(parameter, said, words);
}

function unknownWord(parameter: string, said: Said, words: readonly string[]): PgmateError {
  const value = `${parameter} "${printable(said.value)}" in ${said.where}`;
  return new PgmateError("url", `${value} is not one of ${words.join(", ")}`, {
    hint: said.by === "environment" ? `change or unset ${said.where}` : `change ${parameter}=`,
  });
}

function sslMode(settings: ConnectionSettings): Pick<TlsSettings, "mode" | "raisedBy"> {
  const given = choice(settings, "sslmode", sslModes);
  if (settings.said("sslrootcert")?.value === "system") {
    const mode = given ?? "verify-full";
    if (mode !== "verify-full") throw weakMode("sslrootcert=system", mode, "verify-full");
    return { mode, raisedBy: undefined };
  }
  const mode = given ?? "prefer";
  if (choice(settings, "channel_binding", ["disable", "prefer", "require"]) !== "require") {
    return { mode, raisedBy: undefined };
  }
  // The driver cannot bind its password exchange to the TLS channel. What the binding proves,
  // that nobody sits in between, a checked certificate proves as well.
  if (mode === "disable") throw weakMode("channel_binding=require", mode, "verify-full");
  return mode.startsWith("verify-")
    ? { mode, raisedBy: undefined }
    : { mode: "verify-full", raisedBy: "channel_binding" };
}

function isRequired(mode: SslMode): boolean {
  return mode === "require" || mode === "verify-ca" || mode === "verify-full";
}

function weakMode(parameter: string, mode: SslMode, needed: SslMode): PgmateError {
  return new PgmateError("url", `${parameter} does not go with sslmode=${mode}`, {
    hint: `write sslmode=${needed}`,
  });
}
