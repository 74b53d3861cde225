/** What a schema leans on that no dump of it holds: roles, extensions, settings of its session. */

import { quoteIdentifier, quoteLiteral, searchPathItems } from "../core/identifier.ts";
import { PgmateError } from "../errors.ts";
import type { Session } from "./session.ts";

export interface Surroundings {
  /** The server's number, such as 15. */
  readonly serverMajor: number;
  /** Names of roles that somebody made. */
  readonly roles: readonly string[];
  /** Names of extensions that somebody installed. */
  readonly extensions: readonly string[];
  /** Statements that give another session the settings by which SQL means something else. */
  readonly settingsSql: readonly string[];
}

/** How constants are read and shown, and where names are looked for. */
const settingNames = ["TimeZone", "DateStyle", "IntervalStyle"] as const;

/** Of the session's own settings; nobody else may have the session meanwhile. */
export async function readSurroundings(session: Session): Promise<Surroundings> {
  const settings = settingNames.map((name) =>
    `pg_catalog.current_setting('${name}') as "${name}"`,
  );
  // As one query, which runs with the search path that it asks for.
  const [row] = await session.rowsWithin(`
    select ${settings.join(", ")},
           pg_catalog.current_setting('search_path') as search_path,
           session_user::pg_catalog.text as session_user,
           pg_catalog.current_setting('server_version_num') as version,
           (select pg_catalog.json_agg(rolname)::pg_catalog.text
              from pg_catalog.pg_roles
             where rolname operator(pg_catalog.!~) '^pg_') as roles,
           (select pg_catalog.json_agg(extname)::pg_catalog.text
              from pg_catalog.pg_extension
             where extname operator(pg_catalog.<>) 'plpgsql') as extensions`);
  if (row === undefined) throw new PgmateError("internal", "the server tells no settings");
  const user = String(row["session_user"]);
  return {
    serverMajor: Math.floor(Number(row["version"]) / 10_000),
    roles: textsIn(row["roles"]),
    extensions: textsIn(row["extensions"]),
    settingsSql: [
      ...settingNames.map((name) => `set ${name} = ${quoteLiteral(String(row[name]))}`),
      searchPathSql(String(row["search_path"]), user),
    ],
  };
}

/** `$user` is the role of the session that is read, whoever the other one's is. */
function searchPathSql(setting: string, user: string): string {
  const items = searchPathItems(setting).map((item) => (item === "$user" ? user : item));
  const list = items.length === 0 ? "''" : items.map(quoteIdentifier).join(", ");
  return `set search_path = ${list}`;
}

function textsIn(list: unknown): readonly string[] {
  return typeof list === "string" ? (JSON.parse(list) as readonly string[]) : [];
}

/** Which of these the session's server could not install. */
export async function unavailableExtensions(
  session: Session,
  extensions: readonly string[],
): Promise<readonly string[]> {
  if (extensions.length === 0) return [];
  const rows = await session.rows("select name from pg_available_extensions()");
  const available = new Set(rows.map(({ name }) => String(name)));
  return extensions.filter((name) => !available.has(name));
}

/**
 * Makes those of the roles that are missing. A dump holds no rights, so that what runs under one
 * of these names may do everything; nobody can log in as one.
 */
export async function makeRoles(session: Session, roles: readonly string[]): Promise<void> {
  const rows = await session.rows("select rolname from pg_roles");
  const known = new Set(rows.map(({ rolname }) => String(rolname)));
  const missing = roles.filter((role) => !known.has(role));
  if (missing.length === 0) return;
  const statements = missing.map((role) =>
    `create role ${quoteIdentifier(role)} nologin superuser`,
  );
  const sent = await session.send(statements.join(";\n"));
  if (sent.kind === "done") return;
  const { message } = sent;
  throw new PgmateError("server", `a role could not be made: ${message.message}`, {
    server: message,
  });
}
