/** Reads the journal and brings its table to be. */

import { quoteLiteral, quoteTable, type TableName } from "../core/identifier.ts";
import {
  clearJournalSql,
  createJournalSql,
  journalColumns,
  journalName,
  type JournalRow,
  type UnitState,
} from "../core/journal.ts";
import { beginRowSql, checkKeptSql, lockTimeoutSql } from "../core/step-sql.ts";
import { PgmateError } from "../errors.ts";
import type { RunLock } from "./lock.ts";
import { type Patience, readPatiently } from "./patient-read.ts";
import { readDenied } from "./read-denied.ts";
import type { Row, Session } from "./session.ts";

export interface Journal {
  readonly name: TableName;
  readonly exists: boolean;
  /** In no order; empty where there is no table. */
  readonly rows: readonly JournalRow[];
}

/**
 * No query where the ledger was seen to have none. Throws `ledger-denied` where the role may not
 * read it, and `lock-timeout` where somebody keeps it locked.
 */
export async function readJournal(
  session: Session,
  ledger: { readonly name: TableName; readonly hasJournal: boolean },
  patience: Patience,
): Promise<Journal> {
  const name = journalName(ledger.name);
  if (!ledger.hasJournal) return { name, exists: false, rows: [] };
  const text = `
    select version::text, direction::text, unit::text, hash::text, state::text, error::text,
           note::text
      from ${quoteTable(name)}`;
  try {
    const [result] = await readPatiently(session, name, [text], patience);
    return { name, exists: true, rows: (result?.rows ?? []).map(rowOf) };
  } catch (error) {
    throw readDenied(name, error);
  }
}

function rowOf(row: Row): JournalRow {
  const text = (column: string): string | undefined => {
    const value = row[column];
    return typeof value === "string" ? value : undefined;
  };
  return {
    version: text("version") ?? "",
    direction: text("direction") === "down" ? "down" : "up",
    unit: Number(text("unit")),
    hash: text("hash") ?? "",
    state: stateOf(text("state")),
    error: text("error"),
    note: text("note"),
  };
}

/** What nobody of ours wrote is the state of which least is known. */
function stateOf(text: string | undefined): UnitState {
  return text === "done" || text === "failed" ? text : "running";
}

/**
 * Makes the table where it lacks, with the rights that others have on the ledger. Throws
 * `ledger-denied` where it cannot be made, or would stop replication: without it a step outside
 * of one transaction must not begin.
 */
export async function ensureJournal(
  session: Session,
  journal: Journal,
  { ledger, lockTimeoutMs }: { readonly ledger: TableName; readonly lockTimeoutMs: number },
): Promise<Journal> {
  if (journal.exists) return journal;
  await refusePublished(session, journal.name);
  const grants = await grantsLike(session, ledger, journal.name);
  // A step before may have made the session read only.
  const begin = [beginRowSql, lockTimeoutSql(lockTimeoutMs)];
  const statements = [...begin, createJournalSql(journal.name), ...grants, "commit"];
  const sent = await session.send(statements.map((one) => `${one};`).join("\n"));
  if (sent.kind === "done" && (await isJournal(session, journal.name))) {
    return { ...journal, exists: true };
  }
  if (session.transactionState !== "I") await session.send("rollback");
  const table = quoteTable(journal.name);
  const reason =
    sent.kind === "failed" ? `could not be made: ${sent.message.message}` : "is something else";
  throw new PgmateError("ledger-denied", `the journal ${table} ${reason}`, {
    ...(sent.kind === "failed" ? { server: sent.message } : {}),
    hint:
      "transaction:false keeps its progress there: let a role that may create it run once, or " +
      "choose another place: --migrations-table",
  });
}

/** A new table in a publication of all tables stops replication to subscribers that lack it. */
async function refusePublished(session: Session, { schema, table }: TableName): Promise<void> {
  const [found] = await session.rows(
    `select p.pubname from pg_publication p
      where p.puballtables
         or p.oid in (select n.pnpubid from pg_publication_namespace n
                       join pg_namespace s on s.oid = n.pnnspid
                      where s.nspname = ${quoteLiteral(schema)})
      limit 1`,
  );
  if (found === undefined) return;
  const name = quoteTable({ schema, table });
  const sql = createJournalSql({ schema, table }).replace(/\s+/g, " ");
  throw new PgmateError(
    "ledger-denied",
    `the journal ${name} would be in the publication ${String(found["pubname"])}, whose ` +
      "subscribers lack it: replication would stop",
    { hint: `make it on the subscribers, then here, and run again: ${sql}` },
  );
}

/** Whoever may use the ledger runs migrations, and must be able to see what is half run. */
async function grantsLike(
  session: Session,
  ledger: TableName,
  journal: TableName,
): Promise<readonly string[]> {
  const rows = await session.rows(
    `select string_agg(lower(a.privilege_type), ', ') as privileges,
            case a.grantee when 0 then 'public' else quote_ident(r.rolname) end as grantee
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
       left join pg_roles r on r.oid = a.grantee
      where n.nspname = ${quoteLiteral(ledger.schema)} and c.relname = ${quoteLiteral(ledger.table)}
        and a.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
        and (a.grantee = 0 or r.rolname is not null)
      group by a.grantee, r.rolname`,
  );
  const table = quoteTable(journal);
  return rows.map((row) => `grant ${row["privileges"]} on ${table} to ${row["grantee"]}`);
}

/** Under the run lock; with no version there is nothing to do. Throws `lock-lost`, `server`. */
export async function forgetVersions(
  session: Session,
  lock: RunLock,
  journal: TableName,
  versions: readonly string[],
): Promise<void> {
  const statements = [beginRowSql, lock.checkSql, clearJournalSql(journal, versions), "commit"];
  const sent = await session.send(statements.join(";\n"));
  if (sent.kind === "done") return;
  if (session.transactionState !== "I") await session.send("rollback");
  throw new PgmateError("server", sent.message.message, {
    server: sent.message,
    hint: `look at the rights on ${quoteTable(journal)}`,
    state: "nothing was changed",
  });
}

/** A statement that fails unless the row is there as it was written. */
export function checkJournalSql(journal: TableName, row: JournalRow): string {
  const is = (column: string, value: string): string =>
    `${column} operator(pg_catalog.=) ${value}`;
  const conditions = [
    is("version", quoteLiteral(row.version)), is("direction", quoteLiteral(row.direction)),
    is("unit", String(row.unit)), is("state", quoteLiteral(row.state)),
  ];
  const rows = `select from ${quoteTable(journal)} where ${conditions.join(" and ")}`;
  return checkKeptSql(`exists (${rows})`);
}

/** One that fails where the table is gone; any role may ask. */
export function checkJournalThereSql({ schema, table }: TableName): string {
  return checkKeptSql(
    "exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n " +
      "on n.oid operator(pg_catalog.=) c.relnamespace " +
      `where n.nspname operator(pg_catalog.=) ${quoteLiteral(schema)} ` +
      `and c.relname operator(pg_catalog.=) ${quoteLiteral(table)})`,
  );
}

/** Whether it is pgmate's own by more than its name, which may be anybody's. */
export async function isJournal(session: Session, { schema, table }: TableName): Promise<boolean> {
  const space = `(select oid from pg_namespace where nspname = ${quoteLiteral(schema)})`;
  const [row] = await session.rows(`select ${isJournalSql(space, quoteLiteral(table))} as found`);
  return row?.["found"] === true;
}

/** All journals of this database, those of other ledgers too: they have exactly its columns. */
export async function findJournals(session: Session): Promise<readonly TableName[]> {
  const rows = await session.rows(
    `select n.nspname as schema, c.relname as table
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and c.relname like '%\\_progress'
        and (select string_agg(a.attname, ' ' order by a.attnum) from pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
            = '${journalColumns.join(" ")}'`,
  );
  return rows.map((row) => ({ schema: String(row["schema"]), table: String(row["table"]) }));
}

/** The same as a condition; both are SQL. A table without the journal's columns is none. */
export function isJournalSql(space: string, table: string): string {
  return `exists (
    select from pg_catalog.pg_class j join pg_catalog.pg_attribute a on a.attrelid = j.oid
     where j.relnamespace = ${space} and j.relname = ${table} and not a.attisdropped
       and a.attname in ('version', 'direction', 'unit')
    having pg_catalog.count(*) = 3)`;
}
