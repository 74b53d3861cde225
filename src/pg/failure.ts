/** Turns what the driver, the socket and the server throw into errors that say what to do. */

import { describeHost, type ServerTarget } from "../core/database-url.ts";
import type { ServerHost } from "../core/server-host.ts";
import { PgmateError } from "../errors.ts";
import type { ErrorCode, ServerMessage } from "../errors.ts";
import { networkFailure } from "./network-failure.ts";
import { serverRefusal } from "./server-refusal.ts";

/**
 * For whatever was thrown between opening the socket and the first answered query. `target` is
 * to hold the password that was sent, be it from the passfile; `host` is the one that was tried
 * (default: the first). A PgmateError comes back as it is.
 */
export function connectionFailure(
  error: unknown,
  target: ServerTarget,
  host: ServerHost = target.hosts[0],
): PgmateError {
  if (error instanceof PgmateError) return error;
  const server = serverFailure(error);
  if (server !== undefined) return serverRefusal(server, target, host);
  const known = networkFailure(codeOf(error), { target, host }, error);
  if (known !== undefined) return known;
  if (codeOf(error) === "SASL_SIGNATURE_MISMATCH") {
    const message = `${describeHost(host)} does not itself know the password of "${target.user}"`;
    return new PgmateError("connect-rejected", message, {
      hint: "do not trust it: something else than the right server may have answered",
      cause: error,
    });
  }
  return new PgmateError("connect", `could not connect to ${describeHost(host)}`, {
    hint: "look into the server's log",
    cause: error,
  });
}

/** One error for all the places that were tried; each of its messages names one. */
export function combinedFailure(failures: readonly PgmateError[]): PgmateError {
  const [first] = failures;
  if (first === undefined) {
    return new PgmateError("connect-host-unknown", "the host has no address");
  }
  const messages = [...new Set(failures.map(({ message }) => message))];
  if (messages.length === 1) return first;
  const codes = new Set<ErrorCode>(failures.map(({ code }) => code));
  const hints = [...new Set(failures.flatMap(({ hint }) => (hint === undefined ? [] : [hint])))];
  return new PgmateError(codes.size === 1 ? first.code : "connect", messages.join("; "), {
    ...(hints.length === 0 ? {} : { hint: hints.join("\n") }),
    cause: failures,
  });
}

/**
 * The fields of the driver's PostgresError; undefined for any other value. That is known by its
 * fields, since its name is the class's, which a minified binary has shortened.
 */
export function serverFailure(error: unknown): ServerMessage | undefined {
  if (!(error instanceof Error) || !/^[0-9A-Z]{5}$/.test(codeOf(error))) return undefined;
  if (!("severity" in error) && !("severity_local" in error)) return undefined;
  const fields = new Map<string, unknown>(Object.entries(error));
  const text = (field: string): string | undefined => {
    const value = fields.get(field);
    return typeof value === "string" ? value : undefined;
  };
  const number = (field: string): number | undefined => {
    const value = Number(text(field) ?? Number.NaN);
    return Number.isNaN(value) ? undefined : value;
  };
  return {
    severity: text("severity") ?? text("severity_local") ?? "ERROR",
    code: text("code") ?? "XX000",
    message: error.message,
    ...present({
      detail: text("detail"),
      hint: text("hint"),
      where: text("where"),
      position: number("position"),
      internalPosition: number("internal_position"),
      internalQuery: text("internal_query"),
      constraint: text("constraint_name"),
    }),
  };
}

type Present<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Leaves out what is undefined, since an optional field may be absent but not undefined. */
function present<Fields extends object>(fields: Fields): Present<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Present<Fields>;
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
