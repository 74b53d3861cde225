/**
 * The SQL that stands around a section: one text for the run and for the dry run. Every name in
 * it has its schema, since it runs under whatever search path the section left: one of ours would
 * be the one of the ledger's triggers too.
 */

import { quoteIdentifier, quoteLiteral, quoteTable, type TableName } from "./identifier.ts";
import type { LedgerRow } from "./migration.ts";

/** Columns that pgmate adds to dbmate's, with the types it takes as its own. */
export const ledgerColumns = [
  { name: "description", type: "pg_catalog.text", accepts: ["text", "character varying"] },
  { name: "checksum", type: "pg_catalog.text", accepts: ["text", "character varying"] },
  { name: "applied_at", type: "pg_catalog.timestamptz", accepts: ["timestamp with time zone"] },
  { name: "applied_by", type: "pg_catalog.text", accepts: ["text", "character varying", "name"] },
  { name: "execution_ms", type: "pg_catalog.int8", accepts: ["bigint", "integer"] },
] as const;

export type LedgerColumn = (typeof ledgerColumns)[number]["name"];

const columnDefaults: Readonly<Partial<Record<LedgerColumn, string>>> = {
  applied_at: "pg_catalog.now()",
  applied_by: "session_user",
};

/** dbmate's table and the columns that its own inserts leave out. */
export function createLedgerSql(table: TableName): string {
  const columns = ledgerColumns.map(({ name, type }) => {
    const value = columnDefaults[name];
    return `  ${name} ${type}${value === undefined ? "" : ` default ${value}`}`;
  });
  return (
    `create table if not exists ${quoteTable(table)} (\n` +
    `  version pg_catalog.varchar primary key,\n${columns.join(",\n")}\n)`
  );
}

export function createSchemaSql(schema: string): string {
  return `create schema if not exists ${quoteIdentifier(schema)}`;
}

/**
 * The columns that an older table lacks. Defaults come in statements of their own: with the
 * column they would fill the rows that are there, and old migrations would claim today.
 */
export function upgradeLedgerSql(table: TableName, missing: readonly LedgerColumn[]): string[] {
  const added = ledgerColumns.filter(({ name }) => missing.includes(name));
  const adds = added.map(({ name, type }) => `add column ${name} ${type}`).join(", ");
  const defaults = added.flatMap(({ name }) => {
    const value = columnDefaults[name];
    return value === undefined ? [] : [`alter column ${name} set default ${value}`];
  });
  const statements = [`alter table ${quoteTable(table)} ${adds}`];
  if (defaults.length > 0) {
    statements.push(`alter table ${quoteTable(table)} ${defaults.join(", ")}`);
  }
  return statements;
}

/** How long the transaction took so far, since its message came; null outside of one. */
const elapsed =
  "(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() operator(pg_catalog.-) " +
  "pg_catalog.transaction_timestamp()) operator(pg_catalog.*) 1000)";
const elapsedMs = `${elapsed}::pg_catalog.int8`;

/**
 * The row that says "applied". Only the columns that the table has are named; `executionMs` is
 * asked of the transaction itself where the row lacks it.
 */
export function insertRowSql(
  table: TableName,
  row: LedgerRow,
  present: ReadonlySet<LedgerColumn>,
): string {
  const values: readonly (readonly [LedgerColumn, string])[] = [
    ["description", quoteLiteral(row.description ?? "")],
    ["checksum", quoteLiteral(row.checksum ?? "")],
    ["applied_at", "pg_catalog.clock_timestamp()"],
    ["applied_by", "session_user"],
    ["execution_ms", row.executionMs === undefined ? elapsedMs : String(row.executionMs)],
  ];
  const known = values.filter(([name]) => present.has(name));
  const names = ["version", ...known.map(([name]) => name)].join(", ");
  const texts = [quoteLiteral(row.version), ...known.map(([, text]) => text)].join(", ");
  return `insert into ${quoteTable(table)} (${names}) values (${texts})`;
}

export function deleteRowSql(table: TableName, version: string): string {
  return `delete from ${quoteTable(table)} where ${isVersion(version)}`;
}

/** What the server's message holds when the ledger did not do as it was told. */
export const unkeptRowText = "pgmate: the ledger did not keep what was written";

/**
 * A statement that fails (22023, with `unkeptRowText`) unless the row is there, or gone, as it
 * must be. A trigger or rule of somebody's can undo the statement before without a word, and the
 * number of rows that it tells does not: views and triggers may tell 0 rightly.
 */
export function checkRowSql(
  table: TableName,
  version: string,
  expected: "present" | "absent",
): string {
  const rows = `select from ${quoteTable(table)} where ${isVersion(version)}`;
  if (expected === "absent") return checkKeptSql(`not exists (${rows})`);
  return checkKeptSql(`exists (${rows} and ${readsAs(version)})`);
}

/** The same for any condition on the ledger. */
export function checkKeptSql(condition: string): string {
  return (
    `select pg_catalog.set_config('lock_timeout', case when ${condition} ` +
    `then pg_catalog.current_setting('lock_timeout') else '${unkeptRowText}' end, true)`
  );
}

/** What the server's message holds when the step in front did not go through. */
export const notRunText = "pgmate: not run, since what was to run before it did not";

/**
 * Tells the session which step of the run it is that commits; a rollback takes it back. Answers
 * with how long the step took, in milliseconds.
 */
export function markStepSql(number: number): string {
  return `select ${elapsed} from pg_catalog.set_config('pgmate.step', '${number}', false)`;
}

/** A statement that fails (22023, with `notRunText`) unless that step has committed last. */
export function checkStepSql(number: number): string {
  return (
    "select pg_catalog.set_config('lock_timeout', case " +
    `when pg_catalog.current_setting('pgmate.step', true) operator(pg_catalog.=) '${number}' ` +
    `then pg_catalog.current_setting('lock_timeout') else '${notRunText}' end, true)`
  );
}

function isVersion(version: string): string {
  return `version operator(pg_catalog.=) ${quoteLiteral(version)}`;
}

/**
 * The column's type may have cut the version (`"char"` keeps one character, `name` 63), as it
 * cuts whatever that is compared with; the next run would take the file for pending. A number
 * has lost its zeros, which is known where rows are read.
 */
function readsAs(version: string): string {
  const texts = [...new Set([version, version.replace(/^0+(?=.)/, "")])].map(quoteLiteral);
  return `version::pg_catalog.text operator(pg_catalog.=) any (array[${texts.join(", ")}])`;
}

/** Bounds each wait in a lock queue; the value is milliseconds, 0 is no bound. */
export function lockTimeoutSql(lockTimeoutMs: number): string {
  return `set local lock_timeout = ${timeoutSetting(lockTimeoutMs)}`;
}

/** Bounds each statement; the value is milliseconds, 0 is no bound. */
export function statementTimeoutSql(statementTimeoutMs: number): string {
  return `set local statement_timeout = ${timeoutSetting(statementTimeoutMs)}`;
}

/**
 * What stands around a VALIDATE in a transaction: it reads all rows, and locks nobody out. Whether
 * the section had set its statement_timeout for the session or for the transaction, the value is
 * there again behind it, and what the session had is there again behind the commit.
 */
export const liftStatementTimeoutSql: readonly string[] = [
  "select pg_catalog.set_config('pgmate.statement_timeout', " +
    "pg_catalog.current_setting('statement_timeout'), true)",
  "set local statement_timeout = 0",
];

export const restoreStatementTimeoutSql: readonly string[] = [
  "select pg_catalog.set_config('statement_timeout', " +
    "pg_catalog.current_setting('pgmate.statement_timeout'), true)",
];

/** Of the server's settings that count milliseconds: 596 hours and a half. */
export const longestTimeoutMs = 2 ** 31 - 1;

/** What the server's timeouts take: whole milliseconds; what is short is not made boundless. */
export function timeoutSetting(ms: number): number {
  if (ms <= 0) return 0;
  return Math.min(longestTimeoutMs, Math.max(1, Math.round(ms)));
}

/**
 * What follows a section before its row: a deferred check that fails is the section's fault, and
 * a role that the section took on must not be the one that writes the ledger.
 */
export const closeSectionSql: readonly string[] = [
  "set constraints all immediate",
  "reset session authorization",
  "reset role",
];

/** For a row alone: a section before may have made the session read only, or serializable. */
export const beginRowSql = "begin isolation level read committed read write";

/**
 * Puts the session back as it was when it began, in a transaction of its own: together with the
 * step a failing reset would undo the step. Not `discard all`, which lets the run lock go.
 */
export const resetSessionSql: readonly string[] = [
  "begin",
  "reset session authorization",
  "reset role",
  "reset all",
  "close all",
  "unlisten *",
  "deallocate all",
  "discard sequences",
  "discard temp",
  "commit",
];
