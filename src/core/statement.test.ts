/** What is told of a statement, case by case. */

import { expect, test } from "bun:test";
import type { Statement } from "./split.ts";
import { split } from "./split.ts";
import type { Control } from "./statement.ts";
import { traits } from "./statement.ts";

function only(text: string): Statement {
  const found = split(text).find((piece) => piece.kind === "statement");
  if (found === undefined) throw new Error(`no statement in ${text}`);
  return found;
}

const controls: readonly (readonly [text: string, control: Control | undefined])[] = [
  ["begin", "begin"],
  ["BEGIN;", "begin"],
  ["begin work", "begin"],
  ["begin transaction isolation level serializable", "begin"],
  ["/* c */ -- c\n Begin /* c */;", "begin"],
  ["start transaction", "begin"],
  ["start transaction read only", "begin"],
  ["start", undefined],
  ["commit", "commit"],
  ["commit work", "commit"],
  ["commit and chain", "commit"],
  ["end", "commit"],
  ["END transaction", "commit"],
  ["abort", "rollback"],
  ["rollback", "rollback"],
  ["rollback work and no chain", "rollback"],
  ["rollback to a", "rollback-to"],
  ["rollback to savepoint a", "rollback-to"],
  ["rollback transaction to savepoint a", "rollback-to"],
  ["rollback work to a", "rollback-to"],
  ["savepoint a", "savepoint"],
  ["release a", "release"],
  ["release savepoint a", "release"],
  ["prepare transaction 'x'", "prepare-transaction"],
  ["prepare transaction as select 1", undefined],
  ["prepare transaction (int) as select $1", undefined],
  ["prepare p as select 1", undefined],
  ["commit prepared 'x'", "commit-prepared"],
  ["rollback prepared 'x'", "rollback-prepared"],
  ["\"begin\"", undefined],
  ["\"commit\" and chain", undefined],
  ["beginning", undefined],
  ["do $$ begin commit; end $$", undefined],
  ["create function f() returns int begin atomic select 1; end", undefined],
  ["set transaction read only", undefined],
  ["select 'commit'", undefined],
];

test.each(controls)("transaction control: %s", (text, control) => {
  expect(traits(only(text)).control).toBe(control as Control);
});

test.each([
  ["commit and chain", true],
  ["commit work and chain", true],
  ["end and chain", true],
  ["rollback and chain", true],
  ["abort transaction and chain", true],
  ["commit and no chain", false],
  ["commit", false],
  ["select 1 and chain", false],
] as const)("chains: %s", (text, chain) => {
  expect(traits(only(text)).chain).toBe(chain);
});

test.each([
  ["select 1", "SELECT"],
  ["(select 1)", "SELECT"],
  ["with a as (select 1) select 1", "WITH"],
  ["-- c\ninsert into t values (1)", "INSERT"],
  ["copy t from stdin", "COPY"],
  ["create table t ()", "CREATE TABLE"],
  ["create temp table t ()", "CREATE TABLE"],
  ["create unlogged table t ()", "CREATE TABLE"],
  ["create or replace function f() returns int return 1", "CREATE FUNCTION"],
  ["create unique index i on t (a)", "CREATE INDEX"],
  ["create index concurrently i on t (a)", "CREATE INDEX CONCURRENTLY"],
  ["CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY"],
  ["drop index concurrently i", "DROP INDEX CONCURRENTLY"],
  ["drop materialized view v", "DROP MATERIALIZED VIEW"],
  ["create or replace recursive view v as select 1", "CREATE VIEW"],
  ["create constraint trigger t after insert on t", "CREATE TRIGGER"],
  ["create event trigger t on ddl_command_end", "CREATE EVENT TRIGGER"],
  ["create foreign data wrapper w", "CREATE FOREIGN DATA WRAPPER"],
  ["create text search configuration c (copy = d)", "CREATE TEXT SEARCH CONFIGURATION"],
  ["create operator class c for type int using btree as storage int", "CREATE OPERATOR CLASS"],
  ["create operator + (function = f)", "CREATE OPERATOR"],
  ["create user mapping for x server y", "CREATE USER MAPPING"],
  ["alter default privileges grant select on tables to x", "ALTER DEFAULT PRIVILEGES"],
  ["alter table t add a int", "ALTER TABLE"],
  ["alter \"table\" t", "ALTER"],
  ["refresh materialized view concurrently v", "REFRESH MATERIALIZED VIEW"],
  ["reindex (verbose) table t", "REINDEX TABLE"],
  ["reindex index concurrently i", "REINDEX INDEX"],
  ["start transaction", "START TRANSACTION"],
  ["comment on table t is 'x'", "COMMENT ON"],
  ["security label on table t is 'x'", "SECURITY LABEL"],
  ["set local x = 1", "SET LOCAL"],
  ["set x = 1", "SET"],
  ["vacuum", "VACUUM"],
  ["frobnicate t", "FROBNICATE"],
  ["\"select\" 1", ""],
  ["'x'", ""],
  ["= 1", ""],
] as const)("command: %s", (text, command) => {
  expect(traits(only(text)).command).toBe(command);
});

test.each([
  ["set local lock_timeout = '2s'", true],
  ["SET LOCAL x TO 1", true],
  ["set local session authorization x", true],
  ["set transaction isolation level serializable", true],
  ["set transaction snapshot 'x'", true],
  ["set constraints all deferred", true],
  ["set session characteristics as transaction read only", false],
  ["set search_path = x", false],
  ["set local.x = 1", false],
  ["set transaction.x = 1", false],
  ["set \"local\" x", false],
  ["reset all", false],
  ["update t set local = 1", false],
] as const)("sets something for the transaction only: %s", (text, expected) => {
  expect(traits(only(text)).setsLocal).toBe(expected);
});

test.each([
  ["set lock_timeout = '2s'", true],
  ["SET LOCK_TIMEOUT TO 0", true],
  ["set local lock_timeout to default", true],
  ["set session /* c */ lock_timeout = 1", true],
  ["set \"lock_timeout\" = 1", true],
  ["select set_config('lock_timeout', '2s', false)", true],
  ["select pg_catalog.set_config('lock_timeout', '2s', true)", true],
  ["select set_config('search_path', '', false), set_config ('LOCK_TIMEOUT', '0', false)", true],
  ["set statement_timeout = 0", false],
  ["set lock_timeout.x = 1", false],
  ["reset lock_timeout", false],
  ["select 'set_config(''lock_timeout'')'", false],
  ["select set_config('search_path', 'lock_timeout', false)", false],
  ["do $$ begin perform set_config('lock_timeout', '0', false); end $$", false],
  ["alter role x set lock_timeout = 1", false],
  ["show lock_timeout", false],
] as const)("sets lock_timeout: %s", (text, expected) => {
  expect(traits(only(text)).setsLockTimeout).toBe(expected);
});

test.each([
  ["set statement_timeout = '2s'", true],
  ["SET LOCAL Statement_Timeout TO 0", true],
  ["set session \"statement_timeout\" = 1", true],
  ["select set_config('a.b', '0', false), set_config('statement_timeout', '0', true)", true],
  ["set lock_timeout = 0", false],
  ["set statement_timeout.x = 1", false],
  ["reset statement_timeout", false],
  ["select set_config('search_path', 'statement_timeout', false)", false],
] as const)("sets statement_timeout: %s", (text, expected) => {
  expect(traits(only(text)).setsStatementTimeout).toBe(expected);
});

test.each([
  ["alter table t validate constraint c", true],
  ["ALTER TABLE IF EXISTS ONLY a.\"B\".c VALIDATE CONSTRAINT \"d e\"", true],
  ["alter table only (a . b) validate constraint c", true],
  ["alter table t * validate /* c */ constraint c", true],
  ["alter table \"if\" validate constraint c", true],
  ["alter table validate validate constraint validate", true],
  ["alter table t validate constraint a, validate constraint b", true],
  ["alter table t add check (a in (1, 2)) not valid, validate constraint c", true],
  ["alter table t add column a text default 'x, y',\n-- c\nvalidate constraint c, drop b", true],
  ["alter domain a.d validate constraint c", true],
  ["alter table t add constraint c check (a > 0) not valid", false],
  ["alter table t alter constraint c deferrable", false],
  ["alter table t add column a validate constraint c not null", false],
  ["alter table t add column a int collate validate constraint c not null", false],
  ["alter table t drop validate", false],
  ["alter table t rename constraint validate to c", false],
  ["alter table t add check (a <> 'x, validate constraint c')", false],
  ["alter table t alter a set default $$, validate constraint c$$", false],
  ["alter table \"t, validate constraint c\" drop a", false],
  ["alter table t drop a -- , validate constraint c", false],
  ["alter table t add \"validate\" int, drop constraint c", false],
  ["alter table t \"validate\" constraint c", false],
  ["alter table", false],
  ["alter domain d add constraint c check (value > 0) not valid", false],
  ["alter domain validate drop constraint c", false],
  ["alter index t validate constraint c", false],
  ["select 1, validate constraint", false],
  ["comment on constraint c on t is 'alter table t validate constraint c'", false],
  ["do $$ begin alter table t validate constraint c; end $$", false],
] as const)("validates: %s", (text, expected) => {
  expect(traits(only(text)).validates).toBe(expected);
});
