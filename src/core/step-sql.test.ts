/** The SQL around sections, text by text; that it does what it says is tried on servers. */

import { expect, test } from "bun:test";
import { split } from "./split.ts";
import {
  beginRowSql, checkRowSql, closeSectionSql, createLedgerSql, createSchemaSql, deleteRowSql,
  insertRowSql, ledgerColumns, liftStatementTimeoutSql, lockTimeoutSql, resetSessionSql,
  restoreStatementTimeoutSql, statementTimeoutSql, timeoutSetting, unkeptRowText, upgradeLedgerSql,
} from "./step-sql.ts";

const table = { schema: 'my"schema', table: "schema_migrations" };
const quoted = '"my""schema"."schema_migrations"';

test("the ledger is dbmate's table with columns that its inserts leave out", () => {
  expect(createLedgerSql(table)).toBe(
    [
      `create table if not exists ${quoted} (`,
      "  version pg_catalog.varchar primary key,",
      "  description pg_catalog.text,",
      "  checksum pg_catalog.text,",
      "  applied_at pg_catalog.timestamptz default pg_catalog.now(),",
      "  applied_by pg_catalog.text default session_user,",
      "  execution_ms pg_catalog.int8",
      ")",
    ].join("\n"),
  );
});

test("its schema", () => {
  expect(createSchemaSql('a"b')).toBe('create schema if not exists "a""b"');
});

test("columns are added without a default, which follows, so that old rows claim no time", () => {
  const all = ledgerColumns.map(({ name }) => name);
  const [add, set, ...more] = upgradeLedgerSql(table, all);
  expect(add).toStartWith(`alter table ${quoted} add column description pg_catalog.text, `);
  const names = [...(add ?? "").matchAll(/add column (\w+)/g)].map(([, name]) => name);
  expect(names).toEqual([...all]);
  expect(add).not.toContain("default");
  expect(set).toBe(
    `alter table ${quoted} alter column applied_at set default pg_catalog.now(), ` +
      "alter column applied_by set default session_user",
  );
  expect(more).toEqual([]);
});

test("only what is missing is added, and its default set", () => {
  expect(upgradeLedgerSql(table, ["checksum"])).toEqual([
    `alter table ${quoted} add column checksum pg_catalog.text`,
  ]);
  expect(upgradeLedgerSql(table, ["applied_by"])).toEqual([
    `alter table ${quoted} add column applied_by pg_catalog.text`,
    `alter table ${quoted} alter column applied_by set default session_user`,
  ]);
});

test("a row holds what the table has columns for", () => {
  const row = { version: "1", description: "it's", checksum: "v1:x", executionMs: 5 };
  expect(insertRowSql(table, row, new Set(["description", "execution_ms"]))).toBe(
    `insert into ${quoted} (version, description, execution_ms) values ('1', 'it''s', 5)`,
  );
  expect(insertRowSql(table, { version: "1\\'" }, new Set())).toBe(
    `insert into ${quoted} (version) values (E'1\\\\''')`,
  );
});

const evil = "1'; drop table x; --";

test("a row is found by its version, whatever that holds", () => {
  const isIt = "version operator(pg_catalog.=) '1''; drop table x; --'";
  expect(deleteRowSql(table, evil)).toBe(`delete from ${quoted} where ${isIt}`);
  expect(checkRowSql(table, evil, "present")).toContain(
    `case when exists (select from ${quoted} where ${isIt} and version::pg_catalog.text ` +
      "operator(pg_catalog.=) any (array['1''; drop table x; --'])) then",
  );
  expect(checkRowSql(table, evil, "absent")).toContain(
    `case when not exists (select from ${quoted} where ${isIt}) then`,
  );
  expect(checkRowSql(table, "007", "present")).toContain("any (array['007', '7'])");
  expect(checkRowSql(table, "1", "absent")).toContain(`else '${unkeptRowText}' end`);
});

test.each([
  [2_000, 2_000],
  [0, 0],
  [-5, 0],
  [1.4, 1],
  [1.5, 2],
  [0.4, 1],
  [0.000001, 1],
  [2 ** 31 - 1, 2_147_483_647],
  [2 ** 31, 2_147_483_647],
  [1e15, 2_147_483_647],
] as const)("a timeout of %d ms is set as %d", (ms, setting) => {
  expect(timeoutSetting(ms)).toBe(setting);
  expect(lockTimeoutSql(ms)).toBe(`set local lock_timeout = ${setting}`);
  expect(statementTimeoutSql(ms)).toBe(`set local statement_timeout = ${setting}`);
});

test("a role that the section took on writes no row, a deferred check is the section's", () => {
  expect(closeSectionSql).toEqual([
    "set constraints all immediate",
    "reset session authorization",
    "reset role",
  ]);
});

test("the session is reset in a transaction of its own, and the run lock is not let go", () => {
  expect(resetSessionSql[0]).toBe("begin");
  expect(resetSessionSql.at(-1)).toBe("commit");
  expect(resetSessionSql).toContain("reset all");
  expect(resetSessionSql).toContain("discard temp");
  expect(resetSessionSql.join(" ")).not.toMatch(/discard all|unlock/);
});

const columns = new Set(ledgerColumns.map(({ name }) => name));
const own: readonly string[] = [
  createLedgerSql(table),
  createSchemaSql("a;b"),
  ...upgradeLedgerSql(table, [...columns]),
  insertRowSql(table, { version: "a;b", description: "c;--d" }, columns),
  deleteRowSql(table, "a;b"),
  checkRowSql(table, "a;b", "present"),
  lockTimeoutSql(1),
  statementTimeoutSql(1),
  ...liftStatementTimeoutSql,
  ...restoreStatementTimeoutSql,
  beginRowSql,
  ...closeSectionSql,
  ...resetSessionSql,
];

test.each(own)("one statement, without its semicolon: %j", (sql) => {
  expect(split(sql).map(({ kind }) => kind)).toEqual(["statement"]);
  expect(sql).not.toMatch(/;\s*$/);
});

test.each(own)("no search path puts another function, operator or type in place: %j", (sql) => {
  const bare = sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "''");
  for (const [, name] of bare.matchAll(/(?<![.\w])(\w+)\(/g)) expect(name).toBe("operator");
  for (const [, type] of bare.matchAll(/::(\S+?)[\s,)]/g)) expect(type).toStartWith("pg_catalog.");
  for (const { name } of ledgerColumns) {
    const [, type] = new RegExp(`\\b${name} (?!set)(\\S+)`).exec(bare) ?? [];
    if (type !== undefined && type !== "''") expect(type).toStartWith("pg_catalog.");
  }
});
