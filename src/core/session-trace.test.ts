/** What statements leave in the session: settings to make again, state that cannot be, nothing. */

import { expect, test } from "bun:test";
import { statementOf } from "../testing/parsed.ts";
import { sessionTrace } from "./session-trace.ts";

/** `name` for a setting, `? name` for one that has no single name, `! what` for state, `-`. */
const cases: readonly (readonly [sql: string, expected: string])[] = [
  ["set work_mem = '64kB'", "work_mem"],
  ["SET Work_Mem TO '64kB'", "work_mem"],
  ["set session work_mem to '64kB'", "work_mem"],
  ["set \"work_mem\" = 1", "work_mem"],
  ["set app.tenant = 'x'", "app.tenant"],
  ["set search_path = a, b", "search_path"],
  ["set schema 'a'", "search_path"],
  ["set time zone 'UTC'", "timezone"],
  ["set session time zone 'UTC'", "timezone"],
  ["set timezone = 'UTC'", "timezone"],
  ["set names 'UTF8'", "client_encoding"],
  ["set role app", "role"],
  ["set session role app", "role"],
  ["set role none", "role"],
  ["set session authorization app", "session_authorization"],
  ["set session session authorization app", "session_authorization"],
  ["reset session authorization", "session_authorization"],
  ["set session characteristics as transaction read only", "?"],
  ["reset work_mem", "work_mem"],
  ["reset app.tenant", "app.tenant"],
  ["reset time zone", "timezone"],
  ["reset role", "role"],
  ["reset all", "all"],
  ["load 'auto_explain'", "?"],
  ["/* now */ set -- this\nwork_mem = 1", "work_mem"],
  ["set local work_mem = 1", "-"],
  ["set transaction isolation level serializable", "-"],
  ["set constraints all deferred", "-"],
  ["set local.x = 1", "local.x"],
  ["set transaction.x to 1", "transaction.x"],

  ["select set_config('work_mem', '64kB', false)", "work_mem"],
  ["SELECT pg_catalog.set_config('search_path', '', false)", "search_path"],
  ["select set_config('work_mem', '64kB', true)", "-"],
  ["select set_config('work_mem', '64kB', false), 1", "! a setting by set_config"],
  ["select 1, set_config('work_mem', '64kB', false)", "! a setting by set_config"],
  ["select set_config(name, '64kB', false) from t", "! a setting by set_config"],
  ["select set_config('work_mem', '64' || 'kB', false)", "! a setting by set_config"],
  ["select set_config('a.b', f(1, (2)), true)", "-"],
  ["select set_config('a.b', 'x', is_local) from t", "! a setting by set_config"],
  ["with a as (select set_config('a.b', 'x', false)) select 1", "! a setting by set_config"],
  ["values (set_config('a.b', 'x', false))", "! a setting by set_config"],
  ["insert into t select set_config('a.b', 'x', false)", "! a setting by set_config"],
  ["explain analyze select set_config('a.b', 'x', false)", "! a setting by set_config"],
  ["copy (select set_config('a.b', 'x', false)) to stdout", "! a setting by set_config"],
  ["select 'set_config(1, 2, false)'", "-"],
  ["select \"set_config\" from t", "-"],
  ["create view v as select set_config('a.b', 'x', false)", "-"],

  ["select pg_advisory_lock(1)", "! an advisory lock"],
  ["select 1 from t where pg_catalog.pg_try_advisory_lock_shared(1, 2)", "! an advisory lock"],
  ["select pg_advisory_xact_lock(1)", "-"],
  ["select pg_advisory_unlock(1)", "-"],

  ["create temp table t (i int)", "! a temporary object"],
  ["CREATE TEMPORARY TABLE IF NOT EXISTS t AS SELECT 1", "! a temporary object"],
  ["create local temp table t ()", "! a temporary object"],
  ["create global temporary table t ()", "! a temporary object"],
  ["create or replace temp view v as select 1", "! a temporary object"],
  ["create temp sequence s", "! a temporary object"],
  ["create table pg_temp.t (i int)", "! a temporary object"],
  ["create table if not exists \"pg_temp\".t (i int)", "! a temporary object"],
  ["create or replace function pg_temp.f() returns int return 1", "! a temporary object"],
  ["create temp table t (i int) on commit preserve rows", "! a temporary object"],
  ["create temp table t on commit drop as select 1", "-"],
  ["create temp table t (a int, b text) ON COMMIT DROP", "-"],
  ["create table pg_temp.t (a int) on commit drop", "-"],
  ["create table temp (i int)", "-"],
  ["create table t (temp int)", "-"],
  ["create unlogged table t ()", "-"],
  ["select 1 into temp t", "! a temporary table"],
  ["select 1 as a into temporary table t from x", "! a temporary table"],
  ["select 1 into local temp t", "! a temporary table"],
  ["select 1 into pg_temp.t", "! a temporary table"],
  ["select 1 into t", "-"],
  ["insert into temp (a) values (1)", "-"],
  ["insert into pg_temp.t values (1)", "-"],

  ["prepare p as select 1", "! a prepared statement"],
  ["prepare p (int) as select $1", "! a prepared statement"],
  ["prepare transaction as select 1", "! a prepared statement"],
  ["prepare transaction 'x'", "-"],
  ["declare c cursor with hold for select 1", "! a cursor with hold"],
  ["declare c binary insensitive no scroll cursor with hold for select 1",
    "! a cursor with hold"],
  ["declare c cursor for select 1", "-"],
  ["declare c cursor without hold for select 1", "-"],

  ["do $$ begin set work_mem = 1; end $$", "-"],
  ["create table t (i int)", "-"],
  ["update t set role = 'x'", "-"],
  ["vacuum", "-"],
];

test.each(cases)("%s: %s", (sql, expected) => {
  const trace = sessionTrace(statementOf(sql));
  switch (trace.kind) {
    case "none":
      expect("-").toBe(expected);
      return;
    case "state":
      expect(`! ${trace.what}`).toBe(expected);
      return;
    case "setting":
      expect(trace.name ?? "?").toBe(expected);
      expect(trace.sql).toBe(sql.replace(/^\/\*.*?\*\/ /, ""));
  }
});

test("the terminator and what stands around are no part of the setting", () => {
  const trace = sessionTrace(statementOf("  -- a\n set a.b = 'x;y' ; "));
  expect(trace).toEqual({ kind: "setting", sql: "set a.b = 'x;y'", name: "a.b" });
});
