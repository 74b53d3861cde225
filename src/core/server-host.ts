/** The places where a server may be: hosts, sockets and ports of a URL, by libpq's rules. */

import { PgmateError } from "../errors.ts";
import type { ConnectionSettings, Said } from "./connection-settings.ts";
import { isAtLeastAsNear } from "./connection-settings.ts";
import { urlForm } from "./url-text.ts";

const defaultPort = 5432;

/** One place to try. The port of a socket is part of its file: `folder/.s.PGSQL.port`. */
export type ServerHost =
  | {
      readonly kind: "tcp";
      readonly name: string;
      /** `hostaddr=`: connect there, without asking DNS; `name` stays for TLS and passfile. */
      readonly address: string | undefined;
      readonly port: number;
    }
  | { readonly kind: "socket"; readonly folder: string; readonly port: number };

/** At least one host; throws `url` when ports or addresses do not go with the hosts. */
export function serverHosts(
  settings: ConnectionSettings,
  platform: string,
): readonly [ServerHost, ...ServerHost[]] {
  const host = settings.said("host");
  const address = addressFor(host, settings.said("hostaddr"));
  const names = host === undefined ? [] : list(host);
  const addresses = address === undefined ? [] : list(address);
  const count = Math.max(names.length, addresses.length, 1);
  if (address !== undefined && names.length > 0 && addresses.length !== count) {
    throw mismatch(address, names.length, "addresses (hostaddr)");
  }
  const ports = portNumbers(settings.said("port"), count);
  const placeAt = (index: number): ServerHost =>
    place(names[index] ?? "", addresses[index] ?? "", ports[index] ?? defaultPort, platform);
  return [placeAt(0), ...Array.from({ length: count - 1 }, (_, index) => placeAt(index + 1))];
}

/**
 * libpq would go to the address in PGHOSTADDR even for a URL that names another host. Here an
 * address counts only beside a host that is said no nearer to the command.
 */
function addressFor(host: Said | undefined, address: Said | undefined): Said | undefined {
  return address !== undefined && isAtLeastAsNear(address, host) ? address : undefined;
}

function list(said: Said): readonly string[] {
  return said.value.split(",").map((each) => each.trim());
}

/** One port is for all hosts, else each host has its own, as in libpq. */
function portNumbers(said: Said | undefined, count: number): readonly number[] {
  if (said === undefined) return [];
  const ports = list(said).map((text) => portNumber(text, said));
  if (ports.length === 1) return Array.from({ length: count }, () => ports[0] ?? defaultPort);
  if (ports.length !== count) throw mismatch(said, count, "ports");
  return ports;
}

function mismatch(said: Said, hosts: number, what: string): PgmateError {
  const counted = `${list(said).length} ${what} for ${hosts} ${hosts === 1 ? "host" : "hosts"}`;
  return new PgmateError("url", `${said.where} has ${counted}`, {
    hint: "give one for each host, separated by commas",
  });
}

/** The port is not shown: with a password that is not escaped it can be a part of that. */
function portNumber(text: string, said: Said): number {
  if (text === "") return defaultPort;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new PgmateError("url", `the port in ${said.where} is not a number from 1 to 65535`, {
    hint: said.by === "url" ? urlForm : `give a number, or unset ${said.where}`,
  });
}

function place(name: string, address: string, port: number, platform: string): ServerHost {
  const host = name === "" && address === "" ? defaultHost(platform) : name;
  if (host.startsWith("@")) {
    throw new PgmateError("url", "a socket in the abstract namespace (@name) is not supported", {
      hint: "give the folder of the server's socket, or its host",
    });
  }
  const windowsFolder = platform === "win32" && /^[A-Za-z]:[\\/]/.test(host);
  if (address === "" && (host.startsWith("/") || windowsFolder)) {
    return { kind: "socket", folder: host, port };
  }
  const bare = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  return {
    kind: "tcp",
    name: bare === "" ? address : bare,
    address: address === "" ? undefined : address,
    port,
  };
}

function defaultHost(platform: string): string {
  if (platform === "win32") return "localhost";
  return platform === "linux" ? "/var/run/postgresql" : "/tmp";
}
