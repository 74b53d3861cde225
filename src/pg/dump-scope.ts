/** What of a database goes into the schema file where a search path names its schemas. */

import type { DumpScope } from "../core/dump-options.ts";
import { quoteLiteral, quoteTable, type TableName } from "../core/identifier.ts";
import { PgmateError } from "../errors.ts";
import type { Session } from "./session.ts";

/**
 * The schemas that are there and the extensions that live in them: without their types and
 * functions the tables could not be loaded. `$user` is the session's role. The ledger's schema
 * comes too, for its rows. Whole where a path names nothing but the server's own schemas; throws
 * `dump` where it names none that is there.
 */
export async function readNamedScope(
  session: Session,
  items: readonly string[],
  { user, ledger }: { readonly user: string; readonly ledger: string | undefined },
): Promise<Pick<DumpScope, "schemas" | "extensions">> {
  const named = [...new Set(items.map((item) => (item === "$user" ? user : item)))]
    .filter((name) => !/^(?:pg_|information_schema$)/.test(name));
  if (named.length === 0) return { schemas: undefined, extensions: [] };
  const [found] = await session.rows(
    `with named as (select oid, nspname from pg_catalog.pg_namespace
                     where nspname in (${named.map(quoteLiteral).join(", ")}))
     select (select pg_catalog.json_agg(nspname)::text from named) as schemas,
            (select pg_catalog.json_agg(e.extname order by e.extname collate "C")::text
               from pg_catalog.pg_extension e
              where e.extname <> 'plpgsql'
                and (e.extnamespace in (select oid from named)
                     or e.extnamespace = 'pg_catalog'::regnamespace
                     or e.extnamespace = ${ledgerSpace(ledger)})) as extensions`,
  );
  const there = textsIn(found?.["schemas"]);
  if (there.length === 0) {
    throw new PgmateError("dump", `no schema of the search path is there: ${named.join(", ")}`, {
      hint: "look at search_path in the URL",
    });
  }
  const schemas = named.filter((name) => there.includes(name));
  const all = ledger === undefined || there.includes(ledger) ? schemas : [...schemas, ledger];
  return { schemas: all, extensions: textsIn(found?.["extensions"]) };
}

function ledgerSpace(ledger: string | undefined): string {
  const name = ledger === undefined ? "null" : quoteLiteral(ledger);
  return `(select oid from pg_catalog.pg_namespace where nspname = ${name})`;
}

function textsIn(list: unknown): readonly string[] {
  return typeof list === "string" ? (JSON.parse(list) as readonly string[]) : [];
}

export interface RecordedVersions {
  /** The ledger's table as the server writes it. */
  readonly table: string;
  /** As SQL literals, in order. */
  readonly versions: readonly string[];
}

/**
 * Reads in the transaction that is open, which is pg_dump's own: both are then of one moment.
 * pg_dump forbids itself views that are not the server's; a ledger may be one.
 * The order is that of the bytes, since a server's collation would show in the file.
 */
export async function readVersionsWithin(
  session: Session,
  table: TableName,
  versionKind: "text" | "numeric",
): Promise<RecordedVersions> {
  const [schema, name] = [quoteLiteral(table.schema), quoteLiteral(table.table)];
  const order = versionKind === "text" ? "version::pg_catalog.text collate \"C\"" : "version";
  const [row] = await session.rowsWithin(
    `select pg_catalog.set_config(name, '', true) from pg_catalog.pg_settings
      where name = 'restrict_nonsystem_relation_kind';
     select pg_catalog.quote_ident(${schema}) || '.' || pg_catalog.quote_ident(${name}) as name,
            (select pg_catalog.json_agg(pg_catalog.quote_literal(version::pg_catalog.text)
                                        order by ${order})
               from ${quoteTable(table)})::pg_catalog.text as versions`,
  );
  return { table: String(row?.["name"]), versions: textsIn(row?.["versions"]) };
}
