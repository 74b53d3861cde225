/** The parts of a `postgres://` URL, taken apart as generously as is safe. */

import { PgmateError } from "../errors.ts";

/** For hints. */
export const urlForm = "a URL is postgres://user:password@host:port/name; in a user name or "
  + "password, write / ? # @ : % as %2F %3F %23 %40 %3A %25";

interface HostAndPort {
  readonly host: string;
  readonly port: string;
}

/**
 * What follows `postgres://` as libpq's parameters (host, port, user, password, dbname and those
 * of the query), percent-decoded, the empty ones left out. Several hosts or ports are one value
 * with commas. The query comes before the other parts, and of a repeated name the first value
 * counts, as in dbmate. No error repeats anything of the text, because a password with
 * unescaped characters in it may have ended up in any part.
 */
export function urlParameters(text: string): ReadonlyMap<string, string> {
  // Else the password, or a part of it, would be the name of a database and be shown.
  if (/^\/[^/?#]*:.*@/s.test(text)) {
    throw new PgmateError("url", "the database URL has a slash before the user name", {
      hint: `two slashes, not three, come before the user; ${urlForm}`,
    });
  }
  const at = userEnd(text);
  const userInfo = at === -1 ? "" : text.slice(0, at);
  const [, authority = "", path = "", query = "", fragment = ""] =
    /^([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(?:#(.*))?/s.exec(text.slice(at + 1)) ?? [];
  // Then the password began with digits and a slash, and what stands before the # is of it too.
  if (holdsPlace(fragment)) {
    throw new PgmateError("url", "what follows a # in the database URL looks like a host", {
      hint: urlForm,
    });
  }
  const colon = userInfo.indexOf(":");
  const hosts = authority === "" ? [] : authority.split(",").map(splitHost);
  const parameters = splitQuery(query);
  const socket = parameters.get("socket") ?? "";
  const parts: readonly (readonly [string, string])[] = [
    ["host", socket === "" ? joined(hosts.map((each) => each.host)) : socket],
    ["port", joined(hosts.map((each) => each.port))],
    ["user", decode(colon === -1 ? userInfo : userInfo.slice(0, colon), "user name")],
    ["password", colon === -1 ? "" : decode(userInfo.slice(colon + 1), "password")],
    ["dbname", decode(path, "database name")],
  ];
  for (const [name, value] of parts) {
    if ((parameters.get(name) ?? "") === "") parameters.set(name, value);
  }
  // `ssl=true` is JDBC's; libpq reads it so.
  if (parameters.get("ssl") === "true") {
    parameters.delete("ssl");
    if (!parameters.has("sslmode")) parameters.set("sslmode", "require");
  }
  return parameters;
}

function joined(values: readonly string[]): string {
  return values.every((value) => value === "") ? "" : values.join(",");
}

/**
 * The `@` before the host is the last one that is not in the query, and it may have `/`, `?`
 * and `#` before it when they follow a `:`: generated passwords hold such characters, and a
 * path that holds an `@` hardly exists.
 */
function userEnd(text: string): number {
  const query = /\?[A-Za-z_][\w.]*=/.exec(text);
  const beforeQuery = query === null ? text : text.slice(0, query.index);
  const at = beforeQuery.lastIndexOf("@");
  if (/^[^/?#:]*(:|$)/.test(beforeQuery.slice(0, Math.max(at, 0)))) return at;
  return /^[^/?#]*/.exec(text)?.[0].lastIndexOf("@") ?? -1;
}

function splitHost(text: string): HostAndPort {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(text);
  if (bracketed !== null) {
    return { host: decode(bracketed[1] ?? "", "host"), port: decode(bracketed[2] ?? "", "port") };
  }
  const [host = "", port = "", ...more] = text.split(":");
  if (more.length > 0 || /[[\]]/.test(text)) {
    throw new PgmateError("url", "the database URL has a host with more than one colon", {
      hint: `put an IPv6 address in brackets: postgres://user@[::1]:5432/name; ${urlForm}`,
    });
  }
  return { host: decode(host, "host"), port: decode(port, "port") };
}

function splitQuery(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const [rawName = "", ...rawValue] = pair.split("=");
    const name = decode(rawName, "name of a parameter");
    if (rawValue.length === 0 || name === "") {
      throw new PgmateError("url", "the query of the database URL has a part without name=value", {
        hint: `parameters are ?name=value&name=value; ${urlForm}`,
      });
    }
    if (holdsPlace(rawValue.join("=")) && !freeTexts.includes(name)) {
      throw new PgmateError("url", "the query of the database URL holds what looks like a host", {
        hint: `write an @ as %40 there; ${urlForm}`,
      });
    }
    const value = decode(rawValue.join("="), `value of "${printable(name)}"`);
    if (!parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}

/** Parameters of which anything may be the value. */
const freeTexts: readonly string[] = ["application_name", "password", "sslpassword"];

/** After `?name=` in a password, its rest and the host behind it come as a parameter's value. */
function holdsPlace(value: string): boolean {
  // The path of a file may hold an @.
  return !/^[/.~]/.test(value) && /@[^@/]*\//.test(value);
}

/** Whether a path or a name is more likely `user:password@host`, which must not be shown. */
export function holdsPassword(text: string): boolean {
  return /:.*@/s.test(text.replace(/^[a-z]:[\\/]/i, ""));
}

/** Whether somebody may have meant a URL, or it is a piece of one that the shell has divided. */
export function mayBeUrl(word: string): boolean {
  return /@|:.*:|\/\/|^(?:postgres(?:ql)?|pglite|jdbc):/is.test(word);
}

/** A word that somebody typed, in quotes, as a message may repeat it. */
export function quotedWord(word: string): string {
  return mayBeUrl(word) ? '"…"' : JSON.stringify(word);
}

/** A name or choice from the URL as a message may show it: only if it is a plain word. */
export function printable(word: string): string {
  return /^[\w.-]{1,40}$/.test(word) ? word : "…";
}

function decode(text: string, part: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) {
    throw new PgmateError("url", `the ${part} in the database URL has a % that escapes nothing`, {
      hint: "write a percent sign as %25",
    });
  }
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw new PgmateError("url", `the ${part} in the database URL is not UTF-8`, {
      hint: "percent escapes stand for the bytes of UTF-8: ü is %C3%BC",
    });
  }
  if (decoded.includes("\0")) {
    throw new PgmateError("url", `the ${part} in the database URL holds a NUL character`);
  }
  return decoded;
}
