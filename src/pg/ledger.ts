/** Reads the ledger and brings its table to be; what a step writes is in its own message. */

import { quoteLiteral, quoteTable, type TableName } from "../core/identifier.ts";
import { journalName } from "../core/journal.ts";
import type { LedgerRow } from "../core/migration.ts";
import {
  createLedgerSql,
  createSchemaSql,
  type LedgerColumn,
  ledgerColumns,
  lockTimeoutSql,
  upgradeLedgerSql,
} from "../core/step-sql.ts";
import { PgmateError } from "../errors.ts";
import { isJournalSql } from "./journal.ts";
import { type Glance, glanceAtLedger } from "./ledger-glance.ts";
import { isLockTimeout, type Patience, readPatiently } from "./patient-read.ts";
import { readDenied } from "./read-denied.ts";
import type { Row, Session } from "./session.ts";

/** What was asked for: a schema may be given by the option or by the URL's search_path. */
export interface LedgerRequest {
  readonly schema: string | undefined;
  readonly table: string;
  /** The first item of the URL's search_path, by PostgreSQL's rules; undefined for `$user`. */
  readonly firstOfPath: string | undefined;
  /** Its first item as it is written: where dbmate would have put its table. */
  readonly literalSchema: string | undefined;
}

export interface Ledger {
  readonly name: TableName;
  readonly schemaExists: boolean;
  readonly exists: boolean;
  /** Of pgmate's columns those that are there with a type that fits. */
  readonly columns: ReadonlySet<LedgerColumn>;
  /** Columns to add: not there under any type. */
  readonly absent: readonly LedgerColumn[];
  /** Whether `version` is a number, so that leading zeros are lost in it. */
  readonly versionKind: "text" | "numeric";
  readonly rows: readonly LedgerRow[];
  /** Whether its journal's table is there. */
  readonly hasJournal: boolean;
}

/** For a question that the run can go on without. */
const obstaclesWaitMs = 2_000;

/** Versions are all that it takes to know what is pending. */
export type LedgerDetail = "versions" | "whole";

/**
 * Two queries, one when there is no table. Throws `ledger-foreign`, `ledger-denied`, and
 * `lock-timeout` where somebody keeps the table locked.
 */
export async function readLedger(
  session: Session,
  table: string,
  places: readonly [string, ...string[]],
  { detail, patience }: { readonly detail: LedgerDetail; readonly patience: Patience },
): Promise<Ledger> {
  if (detail === "versions") {
    const glance = await glanceAtLedger(session, table, places, patience);
    if (glance !== undefined) return ledgerAtGlance(glance);
  }
  const shapes = await session.rows(shapeSql(table, places));
  // In the order in which they were asked for; a new table goes to the first place.
  const shape = shapes.find((row) => typeof row["kind"] === "string") ?? shapes[0];
  const name: TableName = { schema: String(shape?.["schema"]), table };
  const types = columnTypes(shape);
  if (typeof shape?.["kind"] !== "string") {
    const schemaExists = shape?.["schema_exists"] === true;
    const columns = new Set(ledgerColumns.map((column) => column.name));
    return {
      name, schemaExists, exists: false, columns, absent: [], versionKind: "text", rows: [],
      hasJournal: shape?.["has_journal"] === true,
    };
  }
  refuseForeign(name, types, shape["kind"]);
  const columns = new Set<LedgerColumn>();
  for (const { name: column, accepts } of ledgerColumns) {
    const type = types.get(column);
    if (accepts.some((accepted) => accepted === type)) columns.add(column);
  }
  return {
    name,
    schemaExists: true,
    exists: true,
    columns,
    absent: ledgerColumns.map((column) => column.name).filter((column) => !types.has(column)),
    versionKind: /char|text|name/.test(types.get("version") ?? "") ? "text" : "numeric",
    rows: await readRows(session, name, columns, patience),
    hasJournal: shape["has_journal"] === true,
  };
}

function ledgerAtGlance({ versions, ...glance }: Glance): Ledger {
  const rows = versions.map((version) => ({ version }));
  return { ...glance, schemaExists: true, exists: true, rows, hasJournal: false };
}

/**
 * Makes the schema and the table, or adds what dbmate's table lacks. What may not be added is
 * left out with a notice; a table that cannot be made is an error.
 */
export async function ensureLedger(
  session: Session,
  ledger: Ledger,
  options: {
    readonly lockTimeoutMs: number;
    /** `named` where somebody said in which schema it is to be. */
    readonly place: "named" | "found";
    readonly onSchema: (schema: string) => void;
    readonly onNotice: (message: string) => void;
  },
): Promise<Ledger> {
  if (!ledger.exists) {
    const others = options.place === "found" ? await otherLedgers(session, ledger.name) : [];
    if (others.length > 0) options.onNotice(newBeside(ledger.name, others));
    if (!ledger.schemaExists) options.onSchema(ledger.name.schema);
    await createLedger(session, ledger, options.lockTimeoutMs);
    return { ...ledger, exists: true, schemaExists: true };
  }
  if (ledger.absent.length === 0) return ledger;
  const reason = await whyColumnsStayOut(session, ledger);
  if (reason !== undefined) {
    options.onNotice(reason);
    return ledger;
  }
  const sent = await session.send(
    inTransaction(upgradeLedgerSql(ledger.name, ledger.absent), options.lockTimeoutMs),
  );
  if (sent.kind === "done") {
    return { ...ledger, absent: [], columns: new Set([...ledger.columns, ...ledger.absent]) };
  }
  if (session.transactionState !== "I") await session.send("rollback");
  options.onNotice(stayOut(ledger, sent.message.message));
  return ledger;
}

/** Schemas in which a table of that name looks like a ledger. */
async function otherLedgers(session: Session, { table }: TableName): Promise<readonly string[]> {
  const rows = await session.rows(
    `select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname = ${quoteLiteral(table)} and c.relkind in ('r', 'p')
        and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'version')
      order by 1`,
  );
  return rows.map((row) => String(row["schema"]));
}

/** A search path that has changed would else have every file run again without a word. */
function newBeside({ schema, table }: TableName, others: readonly string[]): string {
  const [first = ""] = others;
  const more = others.length === 1 ? "" : ` and ${others.length - 1} more schemas`;
  return (
    `a new ledger is made in schema ${schema}, where the search path leads; ${first}${more} ` +
    `holds a table ${table} too: if that one is meant, --migrations-table ${first}.${table}`
  );
}

/** Why columns that lack must not be added, or cannot be; undefined where nothing is known. */
export async function whyColumnsStayOut(
  session: Session,
  ledger: Ledger,
): Promise<string | undefined> {
  const row = await columnObstacles(session, ledger.name);
  if (row === "locked") {
    return stayOut(ledger, "a published table is locked: whether this one is one cannot be seen");
  }
  if (row?.["is_published"] === true) {
    return (
      `${quoteTable(ledger.name)} is in a publication: its columns ${ledger.absent.join(", ")} ` +
      "are not added, since a new column stops replication to subscribers that lack it"
    );
  }
  if (row?.["fits"] === false) return stayOut(ledger, "it is a view or a foreign table");
  return row?.["is_owner"] === false ? stayOut(ledger, "this role is not its owner") : undefined;
}

/** Postgres opens every published table to list them. */
async function columnObstacles(
  session: Session,
  { schema, table }: TableName,
): Promise<Row | undefined | "locked"> {
  try {
    const [row] = await session.rows(
      `select pg_catalog.pg_has_role(c.relowner, 'USAGE') as is_owner,
              c.relkind in ('r', 'p') as fits,
              exists (select from pg_catalog.pg_publication_tables p
                       where p.schemaname = n.nspname and p.tablename = c.relname) as is_published
         from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = ${quoteLiteral(schema)} and c.relname = ${quoteLiteral(table)}`,
      obstaclesWaitMs,
    );
    return row;
  } catch (error) {
    if (isLockTimeout(error)) return "locked";
    throw error;
  }
}

function stayOut(ledger: Ledger, reason: string): string {
  return (
    `${quoteTable(ledger.name)} stays without ${ledger.absent.join(", ")} (${reason}); ` +
    "history is kept without them"
  );
}

/** The statements that `ensureLedger` would send, for the dry run. */
export function ensureLedgerSql(ledger: Ledger): readonly string[] {
  if (ledger.exists) {
    return ledger.absent.length === 0 ? [] : upgradeLedgerSql(ledger.name, ledger.absent);
  }
  const schema = ledger.schemaExists ? [] : [createSchemaSql(ledger.name.schema)];
  return [...schema, createLedgerSql(ledger.name)];
}

async function createLedger(
  session: Session,
  ledger: Ledger,
  lockTimeoutMs: number,
): Promise<void> {
  const sent = await session.send(inTransaction(ensureLedgerSql(ledger), lockTimeoutMs));
  if (sent.kind === "done") return;
  if (session.transactionState !== "I") await session.send("rollback");
  const { message } = sent;
  throw new PgmateError(
    "ledger-denied",
    `the ledger ${quoteTable(ledger.name)} could not be made: ${message.message}`,
    {
      server: message,
      hint: "let a role that may create it run once, or choose another: --migrations-table",
      state: "nothing was changed",
    },
  );
}

function inTransaction(statements: readonly string[], lockTimeoutMs: number): string {
  const all = ["begin", lockTimeoutSql(lockTimeoutMs), ...statements, "commit"];
  return all.map((sql) => `${sql};`).join("\n");
}

/**
 * Where the table may be; it is made in the first. By the option, else by the URL's search_path
 * as dbmate has it, else anywhere on the session's path: a schema that was put in front of it
 * since must not hide the table, or everything would run again.
 */
export function ledgerPlaces(
  request: LedgerRequest,
  path: readonly string[],
): readonly [string, ...string[]] {
  if (request.schema !== undefined) return [request.schema];
  const literal = request.literalSchema === undefined ? [] : [request.literalSchema];
  if (request.firstOfPath !== undefined) return [request.firstOfPath, ...literal];
  const [first = "public", ...others] = path;
  return [first, ...others, ...literal];
}

/** Catalog look-ups by name, which need no right on the schema or the table. */
function shapeSql(table: string, places: readonly string[]): string {
  const values = places.map((schema, index) => `(${index}, ${quoteLiteral(schema)})`);
  return `
    select p.schema, n.oid is not null as schema_exists, c.relkind::text as kind,
           (select pg_catalog.string_agg(
                     a.attname || '=' || pg_catalog.format_type(a.atttypid, null), E'\\n')
              from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
           ${isJournalSql("n.oid", quoteLiteral(journalName({ schema: "", table }).table))}
             as has_journal
      from (values ${values.join(", ")}) p(place, schema)
      left join pg_catalog.pg_namespace n on n.nspname = p.schema
      left join pg_catalog.pg_class c
             on c.relnamespace = n.oid and c.relname = ${quoteLiteral(table)}
     order by p.place`;
}

function columnTypes(shape: Row | undefined): ReadonlyMap<string, string> {
  const text = shape?.["columns"];
  if (typeof text !== "string") return new Map();
  return new Map(
    text.split("\n").map((line): [string, string] => {
      const at = line.lastIndexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function refuseForeign(
  name: TableName,
  types: ReadonlyMap<string, string>,
  kind: string,
): void {
  const table = quoteTable(name);
  // Tables, partitioned or foreign too, and views; not an index, a sequence, a materialized view.
  if (!["r", "p", "f", "v"].includes(kind)) {
    throw new PgmateError("ledger-foreign", `${table} is no table`, {
      hint: "something else has that name; choose another: --migrations-table NAME",
      state: "nothing was changed",
    });
  }
  if (types.has("version") && types.has("dirty")) {
    throw new PgmateError("ledger-foreign", `${table} is golang-migrate's table, not pgmate's`, {
      hint: "leave it to golang-migrate and choose another: --migrations-table pgmate_migrations",
      state: "nothing was changed",
    });
  }
  if (!types.has("version")) {
    throw new PgmateError("ledger-foreign", `${table} has no column "version"`, {
      hint: "it belongs to something else; choose another: --migrations-table NAME",
      state: "nothing was changed",
    });
  }
}

async function readRows(
  session: Session,
  name: TableName,
  columns: ReadonlySet<LedgerColumn>,
  patience: Patience,
): Promise<readonly LedgerRow[]> {
  const utc = "YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"";
  const expressions: Readonly<Record<LedgerColumn, string>> = {
    description: "description::text",
    checksum: "checksum::text",
    applied_at: `pg_catalog.to_char(pg_catalog.timezone('UTC', applied_at), '${utc}')`,
    applied_by: "applied_by::text",
    execution_ms: "execution_ms::float8",
  };
  const selected = [...columns].map((column) => `${expressions[column]} as ${column}`);
  const list = ["version::text as version", ...selected].join(", ");
  try {
    const text = `select ${list} from ${quoteTable(name)}`;
    const [result] = await readPatiently(session, name, [text], patience);
    return (result?.rows ?? []).map((row) => ledgerRow(row, name));
  } catch (error) {
    throw readDenied(name, error);
  }
}

function ledgerRow(row: Row, name: TableName): LedgerRow {
  const text = (column: string): string | undefined => {
    const value = row[column];
    return typeof value === "string" ? value : undefined;
  };
  const version = text("version");
  if (version === undefined) {
    throw new PgmateError("ledger-row", `${quoteTable(name)} holds a row without a version`, {
      hint: `delete from ${quoteTable(name)} where version is null`,
      state: "nothing was changed",
    });
  }
  const [description, checksum] = [text("description"), text("checksum")];
  const [appliedAt, appliedBy] = [text("applied_at"), text("applied_by")];
  const executionMs = row["execution_ms"];
  return {
    version,
    ...(description === undefined ? {} : { description }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(appliedAt === undefined ? {} : { appliedAt }),
    ...(appliedBy === undefined ? {} : { appliedBy }),
    ...(typeof executionMs === "number" ? { executionMs } : {}),
  };
}
