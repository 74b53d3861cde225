/** From the configured URL to an open session: reads what files it needs and says where we are. */

import {
  describeTarget,
  parseDatabaseUrl,
  type ServerTarget,
  serviceFile,
  type Target,
  withDatabase,
} from "../core/database-url.ts";
import { searchPathItems } from "../core/identifier.ts";
import { canBeBlanked } from "../core/known-secret.ts";
import type { Timeouts } from "../core/timeouts.ts";
import type { FileReference } from "../core/tls-settings.ts";
import { mayBeUrl } from "../core/url-text.ts";
import { isPrivate, readIfThere } from "../disk/project-files.ts";
import { PgmateError } from "../errors.ts";
import { drivers } from "../options.ts";
import { type Connection, connectServer, type Purpose } from "../pg/connect.ts";
import type { LedgerRequest } from "../pg/ledger.ts";
import type { TlsFiles } from "../pg/tls-socket.ts";
import type { Context } from "./context.ts";

/** Throws `url-missing`, `url`, `url-no-database`, and `usage` for another driver. */
export function resolveTarget(context: Context): Target {
  const { config, identity } = context;
  const url = withDriver(config.url, config.driver);
  if (url.trim() === "") {
    throw new PgmateError("url-missing", "no database URL is given", {
      hint:
        `export ${config.urlVariable}=postgres://user@host:5432/name ` +
        "(or give it with --url; --url pglite: needs no server)",
    });
  }
  const defaults = { user: identity.user, home: identity.home, platform: identity.platform };
  const services = serviceFile(url, config.environment, defaults);
  const serviceText = services === undefined ? undefined : readReference(services);
  return parseDatabaseUrl(url, config.environment, {
    ...defaults,
    ...(serviceText === undefined ? {} : { serviceText }),
  });
}

/** dbmate's --driver takes any scheme; here there is one driver to force. */
function withDriver(url: string, driver: string): string {
  if (driver === "") return url;
  if (!drivers.some((known) => known === driver)) {
    throw new PgmateError("usage", `unsupported driver: ${mayBeUrl(driver) ? "…" : driver}`, {
      hint: "pgmate is for PostgreSQL only; leave --driver out",
    });
  }
  return /^(pglite|postgres|postgresql):/i.test(url)
    ? url
    : url.replace(/^[a-z][a-z0-9+.-]*:/i, "postgres:");
}

/** Opens a session on a server. `database` names another one than the URL's. */
export async function openServer(
  context: Context,
  target: ServerTarget,
  purpose: Purpose,
  database?: string,
): Promise<Connection> {
  const chosen = database === undefined ? target : withDatabase(target, database);
  hideSecret(context, chosen, chosen.password);
  hideSecret(context, chosen, chosen.tls.keyPassword);
  const connection = await connectServer({
    target: chosen,
    tlsFiles: readTlsFiles(chosen),
    passfile: chosen.password === undefined ? readPassfile(context, chosen) : undefined,
    applicationName: applicationName(context),
    purpose,
    signal: context.signal,
    onNotice: (notice) => context.emit({ kind: "server-notice", notice }),
  });
  // It may be the passfile's.
  hideSecret(context, chosen, connection.way?.password);
  return connection;
}

function hideSecret(context: Context, target: ServerTarget, secret: string | undefined): void {
  if (secret === undefined || !canBeBlanked(secret, describeTarget(target))) return;
  context.emit({ kind: "secret", text: secret });
}

/** Says where the run will work, before it changes anything; the database may not exist yet. */
export function announce(context: Context, target: Target, connection: Connection): void {
  const { facts } = connection;
  const description =
    target.kind === "embedded"
      ? describeTarget(target)
      : `${facts.user}@${facts.host}/${target.database}`;
  context.emit({ kind: "target", description, server: `PostgreSQL ${facts.serverVersion}` });
  const asked = target.kind === "server" && target.tls.mode === "prefer";
  if (asked && !facts.encrypted && !facts.local) {
    context.emit({
      kind: "warning",
      message:
        `the connection to ${facts.host} is not encrypted (the server offers no TLS); ` +
        "say sslmode=require to refuse that, sslmode=disable to accept it",
    });
  }
}

/** The bound on waits for table locks: as asked for, else the session's own, else the default. */
export function lockTimeoutOf(context: Context, connection: Connection | undefined): number {
  const { lockTimeoutMs, lockTimeoutIsDefault } = context.config;
  const own = connection?.facts.lockTimeoutMs ?? 0;
  return lockTimeoutIsDefault && own > 0 ? own : lockTimeoutMs;
}

/** What holds where a section says nothing else. */
export function timeoutsOf(context: Context, connection: Connection | undefined): Timeouts {
  return {
    lockTimeoutMs: lockTimeoutOf(context, connection),
    statementTimeoutMs: context.config.statementTimeoutMs,
  };
}

/** Where the ledger is to be, by the option or by the URL's search_path. */
export function ledgerRequest(context: Context, target: Target): LedgerRequest {
  const { schema, table } = context.config.migrationsTable;
  const setting = target.kind === "server" ? target.searchPath : undefined;
  const literal = setting?.split(",")[0]?.trim();
  const first = setting === undefined ? undefined : searchPathItems(setting)[0];
  return {
    schema,
    table,
    firstOfPath: first === "$user" ? undefined : first,
    literalSchema: literal === "" ? undefined : literal,
  };
}

/** Whether somebody said in which schema the ledger is, or only the server's settings do. */
export function ledgerPlace(context: Context, target: Target): "named" | "found" {
  const isNamed = target.kind === "server" && target.searchPath !== undefined;
  return isNamed || context.config.migrationsTable.schema !== undefined ? "named" : "found";
}

export function applicationName(context: Context): string {
  const { version, command, host, pid } = context.identity;
  // The server cuts it at 63 bytes, so that the part that matters most comes first.
  return `pgmate ${version} ${command} ${pid}@${host}`;
}

export function readTlsFiles(target: ServerTarget): TlsFiles {
  const { tls } = target;
  const read = (reference: FileReference | undefined): string | undefined =>
    reference === undefined || tls.mode === "disable" ? undefined : readReference(reference);
  return {
    rootCertificates:
      tls.rootCertificates === "system" ? undefined : read(tls.rootCertificates),
    certificate: read(tls.certificate),
    key: read(tls.key),
    revocations: read(tls.revocations),
  };
}

/** libpq's rule: what others may read is no secret, and is not used. */
function readPassfile(context: Context, target: ServerTarget): string | undefined {
  const text = readReference(target.passfile);
  if (text === undefined || isPrivate(target.passfile.path, context.identity.platform)) return text;
  context.emit({
    kind: "warning",
    message: `${target.passfile.path} can be read by others and is ignored (chmod 600 mends it)`,
  });
  return undefined;
}

function readReference(reference: FileReference): string | undefined {
  const text = readIfThere(reference.path);
  if (text === undefined && reference.mustExist) {
    throw new PgmateError("file-unreadable", `${reference.path} does not exist`, {
      hint: "the URL or a PG… variable names this file; correct the path",
    });
  }
  return text;
}
