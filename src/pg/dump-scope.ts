/** What of a database goes into the schema file where a search path names its schemas. */

import type { DumpScope } from "../core/dump-options.ts";
import { quoteLiteral, quoteTable, type TableName } from "../core/identifier.ts";
import type { Session } from "./session.ts";

/**
 * The schemas and the extensions that live in them: without their types and functions the tables
 * could not be loaded. `$user` is the session's role.
 */
export async function readNamedScope(
  session: Session,
  items: readonly string[],
  user: string,
): Promise<Pick<DumpScope, "schemas" | "extensions">> {
  const schemas = [...new Set(items.map((item) => (item === "$user" ? user : item)))];
  const rows = await session.rows(
    `select e.extname::text as name
       from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
      where e.extname <> 'plpgsql'
        and n.nspname in ('pg_catalog', ${schemas.map(quoteLiteral).join(", ")})
      order by e.extname collate "C"`,
  );
  return { schemas, extensions: rows.map((row) => String(row["name"])) };
}

export interface RecordedVersions {
  /** The ledger's table as the server writes it. */
  readonly table: string;
  /** As SQL literals, in order. */
  readonly versions: readonly string[];
}

/**
 * Reads in the transaction that is open, which is pg_dump's own: both are then of one moment.
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
    `select pg_catalog.quote_ident(${schema}) || '.' || pg_catalog.quote_ident(${name}) as name,
            (select pg_catalog.json_agg(pg_catalog.quote_literal(version::pg_catalog.text)
                                        order by ${order})
               from ${quoteTable(table)})::pg_catalog.text as versions`,
  );
  const versions = row?.["versions"];
  return {
    table: String(row?.["name"]),
    versions: typeof versions === "string" ? (JSON.parse(versions) as readonly string[]) : [],
  };
}
