/** Writes what `force` decided into the ledger and clears the journal, in one transaction. */

import { quoteLiteral, quoteTable, type TableName } from "../core/identifier.ts";
import type { LedgerRow } from "../core/migration.ts";
import {
  beginRowSql,
  checkKeptSql,
  type LedgerColumn,
  lockTimeoutSql,
  unkeptRowText,
} from "../core/step-sql.ts";
import { PgmateError } from "../errors.ts";
import { lostLockText, type RunLock } from "./lock.ts";
import type { Session } from "./session.ts";

export interface ForceWrite {
  readonly table: TableName;
  /** Those that the table has. */
  readonly columns: ReadonlySet<LedgerColumn>;
  /** In the order in which they count as applied; when and by whom is said by the server. */
  readonly inserted: readonly Pick<LedgerRow, "version" | "description" | "checksum">[];
  /** As the table spells them. */
  readonly deleted: readonly string[];
  readonly journal: TableName;
  /** Versions that the journal forgets, as it spells them; none where there is no journal. */
  readonly forgotten: readonly string[];
  readonly lockTimeoutMs: number;
}

/**
 * A few statements in one message, however many versions there are. Throws `server` and
 * `ledger-denied` when nothing was kept, `lock-lost`, and `connect-lost`, which leaves open what
 * was committed.
 */
export async function writeForced(
  session: Session,
  lock: Pick<RunLock, "checkSql">,
  write: ForceWrite,
): Promise<void> {
  const statements = [
    beginRowSql, lock.checkSql, lockTimeoutSql(write.lockTimeoutMs),
    ...ledgerSql(write), ...journalSql(write), "commit",
  ];
  const sent = await session.send(statements.map((sql) => `${sql};`).join("\n"));
  if (sent.kind === "done") return;
  if (session.transactionState !== "I") await session.send("rollback");
  const { message } = sent;
  const table = quoteTable(write.table);
  if (message.message.includes(lostLockText)) {
    throw new PgmateError("lock-lost", "the run lock is no longer held by this session", {
      hint: "look with `pgmate status`, then run again; behind a pooler, connect directly",
      state: "nothing was changed",
    });
  }
  if (message.message.includes(unkeptRowText)) {
    throw new PgmateError("ledger-denied", `${table} did not keep what was written to it`, {
      hint: "look at the triggers, rules and policies of the ledger's table",
      state: "nothing was changed",
    });
  }
  throw new PgmateError("server", `${table} could not be changed: ${message.message}`, {
    server: message,
    state: "nothing was changed",
  });
}

function ledgerSql({ table, columns, inserted, deleted }: ForceWrite): readonly string[] {
  const statements: string[] = [];
  if (deleted.length > 0) {
    statements.push(
      `delete from ${quoteTable(table)} where ${isOneOf(deleted)}`,
      checkKeptSql(`not exists (select from ${quoteTable(table)} where ${isOneOf(deleted)})`),
    );
  }
  if (inserted.length > 0) {
    const versions = inserted.map(({ version }) => version);
    const found =
      `(select pg_catalog.count(distinct version) from ${quoteTable(table)} ` +
      `where ${isOneOf(versions)})`;
    statements.push(
      insertSql(table, inserted, columns),
      checkKeptSql(`${found} operator(pg_catalog.=) ${versions.length}`),
    );
  }
  return statements;
}

function journalSql({ journal, forgotten }: ForceWrite): readonly string[] {
  if (forgotten.length === 0) return [];
  return [`delete from ${quoteTable(journal)} where ${isOneOf(forgotten)}`];
}

/** Nothing was run, so that no row says how long it took. */
function insertSql(
  table: TableName,
  rows: ForceWrite["inserted"],
  present: ReadonlySet<LedgerColumn>,
): string {
  const text = (value: string | undefined): string =>
    value === undefined ? "null" : quoteLiteral(value);
  const known: readonly LedgerColumn[] = ["description", "checksum", "applied_at", "applied_by"];
  const names = known.filter((name) => present.has(name));
  const tuples = rows.map(({ version, description, checksum }) => {
    const values: Readonly<Partial<Record<LedgerColumn, string>>> = {
      description: text(description),
      checksum: text(checksum),
      applied_at: "pg_catalog.clock_timestamp()",
      applied_by: "session_user",
    };
    return `(${[quoteLiteral(version), ...names.map((name) => values[name])].join(", ")})`;
  });
  const columns = ["version", ...names].join(", ");
  return `insert into ${quoteTable(table)} (${columns}) values\n  ${tuples.join(",\n  ")}`;
}

/** An array's text, which takes the type of the column, be it a number. */
function isOneOf(versions: readonly string[]): string {
  const items = versions.map((version) => `"${version.replace(/["\\]/g, "\\$&")}"`);
  return `version operator(pg_catalog.=) any (${quoteLiteral(`{${items.join(",")}}`)})`;
}
