/** The ledger at a glance: a new session needs longer for its catalogs than for the rows. */

import { quoteLiteral, quoteTable, type TableName } from "../core/identifier.ts";
import { journalName } from "../core/journal.ts";
import { type LedgerColumn, ledgerColumns } from "../core/step-sql.ts";
import { PgmateError } from "../errors.ts";
import { isLockTimeout, type Patience, readPatiently } from "./patient-read.ts";
import type { Row, Session } from "./session.ts";

export interface Glance {
  readonly name: TableName;
  readonly columns: ReadonlySet<LedgerColumn>;
  readonly absent: readonly LedgerColumn[];
  readonly versionKind: "text" | "numeric";
  readonly versions: readonly string[];
}

/** Object ids of built-in types, which are the same in every Postgres. */
const typeNames: ReadonlyMap<number, string> = new Map([
  [19, "name"], [20, "bigint"], [21, "smallint"], [23, "integer"], [25, "text"],
  [1042, "character"], [1043, "character varying"], [1184, "timestamp with time zone"],
  [1700, "numeric"],
]);
const textual = ["name", "text", "character", "character varying"];

/**
 * Undefined where there is more to it than a table of our kind with a column `version` and no
 * journal: then the catalogs are to be asked, which also know what is wrong. Throws `lock-timeout`
 * where somebody keeps the table locked.
 */
export async function glanceAtLedger(
  session: Session,
  table: string,
  places: readonly string[],
  patience: Patience,
): Promise<Glance | undefined> {
  const name = await placeOf(session, table, places);
  if (name === undefined) return undefined;
  const quoted = quoteTable(name);
  const texts = [
    `select * from ${quoted} limit 0`,
    `select string_agg(version::text, E'\\n') as versions, count(*)::int4 as rows from ${quoted}`,
  ];
  const [shape, all] = await readPatiently(session, name, texts, patience).catch(unlessRefused);
  const versions = versionsOf(all?.rows[0]);
  if (shape === undefined || versions === undefined) return undefined;
  const types = new Map(shape.columns.map((one) => [one.name, typeNames.get(one.type)]));
  const kind = types.get("version");
  if (kind === undefined || types.has("dirty")) return undefined;
  const fits = ledgerColumns.filter(({ name: column, accepts }) =>
    accepts.some((accepted) => accepted === types.get(column)));
  return {
    name,
    columns: new Set(fits.map((column) => column.name)),
    absent: ledgerColumns.map((column) => column.name).filter((column) => !types.has(column)),
    versionKind: textual.includes(kind) ? "text" : "numeric",
    versions,
  };
}

/** Undefined where a row has none, or one of several lines. */
function versionsOf(row: Row | undefined): readonly string[] | undefined {
  const text = row?.["versions"];
  const versions = typeof text === "string" ? text.split("\n") : [];
  return row?.["rows"] === versions.length ? versions : undefined;
}

/** The first place that holds it, if that is an ordinary table without a journal beside it. */
async function placeOf(
  session: Session,
  table: string,
  places: readonly string[],
): Promise<TableName | undefined> {
  const found = (name: TableName): string =>
    `pg_catalog.to_regclass(${quoteLiteral(quoteTable(name))})`;
  const looks = places.map((schema, place) => {
    const name = { schema, table };
    // Of all that has columns only logged tables, partitioned ones too, can be published.
    return `${found(name)} is not null as is_there_${place},
            pg_catalog.pg_relation_is_publishable(${found(name)}) as is_table_${place},
            ${found(journalName(name))} is null as is_clear_${place}`;
  });
  const [row] = await session.rows(`select ${looks.join(", ")}`).catch(unlessRefused);
  const first = places.findIndex((_schema, place) => row?.[`is_there_${place}`] === true);
  const schema = places[first];
  const fits = row?.[`is_table_${first}`] === true && row[`is_clear_${first}`] === true;
  return schema !== undefined && fits ? { schema, table } : undefined;
}

/** What the server says against a glance is found again, and told better, by a longer look. */
function unlessRefused(error: unknown): readonly never[] {
  if (error instanceof PgmateError && error.code === "server" && !isLockTimeout(error)) return [];
  throw error;
}
