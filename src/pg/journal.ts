/** Reads the journal and brings its table to be. */

import { quoteLiteral, quoteTable, type TableName } from "../core/identifier.ts";
import {
  createJournalSql,
  journalName,
  type JournalRow,
  type UnitState,
} from "../core/journal.ts";
import { lockTimeoutSql } from "../core/step-sql.ts";
import { PgmateError } from "../errors.ts";
import type { Row, Session } from "./session.ts";

export interface Journal {
  readonly name: TableName;
  readonly exists: boolean;
  /** In no order; empty where there is no table. */
  readonly rows: readonly JournalRow[];
}

/**
 * One query where there is no table. Somebody's own table of that name, which lacks the journal's
 * columns, is none. Throws `ledger-denied` where the role may not read it.
 */
export async function readJournal(session: Session, ledger: TableName): Promise<Journal> {
  const name = journalName(ledger);
  if (!(await isJournal(session, name))) return { name, exists: false, rows: [] };
  try {
    const rows = await session.rows(
      `select version::text, direction::text, unit::text, hash::text, state::text, error::text,
              note::text
         from ${quoteTable(name)}`,
    );
    return { name, exists: true, rows: rows.map(rowOf) };
  } catch (error) {
    if (!(error instanceof PgmateError) || error.server?.code !== "42501") throw error;
    throw new PgmateError("ledger-denied", `this role may not read ${quoteTable(name)}`, {
      server: error.server,
      hint: `grant select on ${quoteTable(name)} to the role that runs this`,
      state: "nothing was changed",
      cause: error,
    });
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
 * Makes the table where it lacks. Throws `ledger-denied` where it cannot be made: without it a
 * step outside of one transaction must not begin.
 */
export async function ensureJournal(
  session: Session,
  journal: Journal,
  lockTimeoutMs: number,
): Promise<Journal> {
  if (journal.exists) return journal;
  const sql = createJournalSql(journal.name);
  const statements = ["begin", lockTimeoutSql(lockTimeoutMs), sql, "commit"];
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

/** Whether it is pgmate's own by more than its name, which may be anybody's. */
export async function isJournal(session: Session, table: TableName): Promise<boolean> {
  const rows = await session.rows(
    `select 1 as found from pg_catalog.pg_attribute a
       join pg_catalog.pg_class c on c.oid = a.attrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${quoteLiteral(table.schema)} and c.relname = ${quoteLiteral(table.table)}
        and a.attname in ('version', 'direction', 'unit') and not a.attisdropped
     having pg_catalog.count(*) = 3`,
  );
  return rows.length > 0;
}
