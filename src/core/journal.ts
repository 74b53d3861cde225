/** The journal: how far a step without one transaction has come. A table beside the ledger. */

import { quoteLiteral, quoteTable, type TableName } from "./identifier.ts";
import type { Direction } from "./migration.ts";
import { compareNames } from "./version-id.ts";

/** `running` only for what must run alone; it stays where a run was killed in its midst. */
export type UnitState = "running" | "done" | "failed";

/** What is known of one unit of a step that is not finished. */
export interface JournalRow {
  readonly version: string;
  readonly direction: Direction;
  /** From 1, over all sections of the step in the order in which they run. */
  readonly unit: number;
  /** As `Checksum` makes it: comments and blanks do not count. */
  readonly hash: string;
  readonly state: UnitState;
  /** What the server said; literals that may be secrets are blanked. */
  readonly error: string | undefined;
  /** What was noted before a unit that runs alone, to settle afterwards what became of it. */
  readonly note: string | undefined;
}

/** A step that began and has not ended: its version is dirty. */
export interface Unfinished {
  readonly version: string;
  readonly direction: Direction;
  /** By unit. */
  readonly rows: readonly JournalRow[];
}

/** The journal's rows by step, in file order. */
export function unfinishedSteps(rows: readonly JournalRow[]): readonly Unfinished[] {
  const steps = new Map<string, JournalRow[]>();
  for (const row of rows) {
    const key = `${row.direction} ${row.version}`;
    steps.set(key, [...(steps.get(key) ?? []), row]);
  }
  return [...steps.values()]
    .map((units): Unfinished => {
      const [first] = units as [JournalRow, ...JournalRow[]];
      const ordered = units.sort((left, right) => left.unit - right.unit);
      return { version: first.version, direction: first.direction, rows: ordered };
    })
    .sort((left, right) => compareNames(left.version, right.version));
}

/** Whether something of it may have happened: what failed in its transaction left nothing. */
export function isHalfRun({ rows }: Unfinished): boolean {
  return rows.some((row) => row.state !== "failed" || row.note !== undefined);
}

/** PostgreSQL cuts names at 63 bytes; these must not become the ledger's own. */
const longestName = 63;
const suffix = "_progress";

/** Where the journal of a ledger is. */
export function journalName(ledger: TableName): TableName {
  const { table } = ledger;
  if (Buffer.byteLength(table + suffix) <= longestName) {
    return { schema: ledger.schema, table: table + suffix };
  }
  // Two ledgers with the same beginning must not share one.
  const mark = new Bun.CryptoHasher("sha256").update(table).digest("hex").slice(0, 8);
  const end = `_${mark}${suffix}`;
  const letters = [...table];
  while (Buffer.byteLength(letters.join("") + end) > longestName) letters.pop();
  return { schema: ledger.schema, table: letters.join("") + end };
}

/** In their order. */
export const journalColumns = [
  "version", "direction", "unit", "hash", "state", "error", "note", "changed_at", "changed_by",
] as const;

/** The first three are how a journal is known by its ledger's name. */
export function createJournalSql(journal: TableName): string {
  return (
    `create table if not exists ${quoteTable(journal)} (\n` +
    "  version pg_catalog.varchar not null,\n" +
    "  direction pg_catalog.text not null,\n" +
    "  unit pg_catalog.int4 not null,\n" +
    "  hash pg_catalog.text not null,\n" +
    "  state pg_catalog.text not null,\n" +
    "  error pg_catalog.text,\n" +
    "  note pg_catalog.text,\n" +
    "  changed_at pg_catalog.timestamptz default pg_catalog.clock_timestamp(),\n" +
    "  changed_by pg_catalog.text default session_user,\n" +
    "  primary key (version, direction, unit)\n)"
  );
}

/** Writes a unit's row, whatever was there before. */
export function journalRowSql(journal: TableName, row: JournalRow): readonly string[] {
  const text = (value: string | undefined): string =>
    value === undefined ? "null" : quoteLiteral(value);
  const values = [
    quoteLiteral(row.version), quoteLiteral(row.direction), String(row.unit),
    quoteLiteral(row.hash), quoteLiteral(row.state), text(row.error), text(row.note),
  ];
  return [
    `delete from ${quoteTable(journal)} where ${isStep(row)} ` +
      `and unit operator(pg_catalog.=) ${row.unit}`,
    `insert into ${quoteTable(journal)} (version, direction, unit, hash, state, error, note) ` +
      `values (${values.join(", ")})`,
  ];
}

/** Forgets what is known of versions, in both directions: a step of them has ended well. */
export function clearJournalSql(journal: TableName, versions: readonly string[]): string {
  const list = versions.map(quoteLiteral).join(", ");
  return (
    `delete from ${quoteTable(journal)} where version::pg_catalog.text ` +
    `operator(pg_catalog.=) any (array[${list}]::pg_catalog.text[])`
  );
}

function isStep({ version, direction }: Pick<JournalRow, "version" | "direction">): string {
  return `${equals("version", version)} and ${equals("direction", direction)}`;
}

function equals(column: string, value: string): string {
  return `${column} operator(pg_catalog.=) ${quoteLiteral(value)}`;
}

/**
 * Around writes of pgmate's own between the units of a step: the section may have taken on
 * another role, which must not be the one that writes, and must be there again afterwards. To be
 * sent where a transaction begins, when all that is set is set for the session.
 */
export const asOurselvesSql = {
  begin: [
    "select pg_catalog.set_config('pgmate.session_authorization', " +
      "pg_catalog.current_setting('session_authorization'), true), " +
      "pg_catalog.set_config('pgmate.role', pg_catalog.current_setting('role'), true)",
    "reset session authorization",
    "reset role",
  ],
  end: [
    // The embedded Postgres has no name for its user until one is set.
    "select case when pg_catalog.current_setting('pgmate.session_authorization') " +
      "operator(pg_catalog.<>) '' then pg_catalog.set_config('session_authorization', " +
      "pg_catalog.current_setting('pgmate.session_authorization'), false) end",
    "select pg_catalog.set_config('role', " +
      "pg_catalog.current_setting('pgmate.role'), false)",
  ],
} as const;
