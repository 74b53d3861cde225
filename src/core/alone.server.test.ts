/** Measures on real servers 15 to 18 which forms a transaction block refuses (SQLSTATE 25001). */

import { describe, expect, test } from "bun:test";
import type { FreshDatabase, ServerVersion } from "../testing/servers.ts";
import { server, serverVersions } from "../testing/servers.ts";
import type { Statement } from "./split.ts";
import { split } from "./split.ts";
import { traits } from "./statement.ts";

/** What the forms below need; the subscriptions never connect to anything. */
const objects = `
create schema s;
create table t (id int primary key, v text);
create index i on t (v);
create table p (id int) partition by list (id);
create table p1 partition of p for values in (1);
create table "p""2" partition of p for values in (2);
create type e as enum ('a');
create materialized view mv as select 1 as id;
create unique index on mv (id);
cluster t using t_pkey;
create procedure pr() language sql as 'select 1';
create subscription sub connection 'host=/nowhere' publication x with (connect = false);
create subscription sub_on connection 'host=/nowhere' publication x, w with (connect = false);
alter subscription sub_on enable;
create subscription sub_none connection 'host=/nowhere' publication x with (connect = false);
alter subscription sub_none set (slot_name = none);
`;

/** Refused on every version that knows the form. */
const aloneForms: readonly (readonly [form: string, since?: ServerVersion])[] = [
  ["create index concurrently on t (v)"],
  ["create index concurrently i2 on t (v)"],
  ["create index concurrently if not exists i on t (v)"],
  ["create unique index concurrently i2 on t (v)"],
  ["CREATE /* c */ UNIQUE INDEX -- c\n Concurrently ON t (v)"],
  ["drop index concurrently i"],
  ["drop index concurrently if exists i"],
  ["reindex index concurrently i"],
  ["reindex table concurrently t"],
  ["reindex (concurrently) index i"],
  ["reindex (concurrently) table t"],
  ["reindex (verbose, concurrently on) table t"],
  ["reindex (concurrently true, verbose) index i"],
  ["reindex (concurrently 1) index i"],
  ["reindex (concurrently 'ON') index i"],
  ["reindex (\"concurrently\") index i"],
  ["reindex (verbose) table concurrently t"],
  ["reindex schema s"],
  ["reindex schema concurrently s"],
  ["reindex (concurrently) schema s"],
  ["reindex (concurrently off) schema s"],
  ["reindex (verbose) schema s"],
  ["reindex database DATABASE"],
  ["reindex database concurrently DATABASE"],
  ["reindex system DATABASE"],
  ["reindex database", 16],
  ["reindex system", 16],
  ["vacuum"],
  ["vacuum t"],
  ["vacuum (analyze) t"],
  ["vacuum full t"],
  ["vacuum freeze analyze t"],
  ["cluster"],
  ["cluster verbose"],
  ["cluster (verbose)", 17],
  ["alter system set work_mem = '4MB'"],
  ["alter system reset work_mem"],
  ["create database d2"],
  ["create database d2 template template0"],
  ["drop database if exists d2"],
  ["drop database DATABASE"],
  ["create tablespace ts location '/nowhere'"],
  ["drop tablespace ts"],
  ["drop tablespace if exists ts"],
  ["alter database DATABASE set tablespace pg_default"],
  ["alter database \"DATABASE\" set tablespace pg_default"],
  ["alter table p detach partition p1 concurrently"],
  ["alter table if exists p detach partition p1 concurrently"],
  ["alter table only public.p detach partition public.\"p\"\"2\" concurrently"],
  ["alter table p * detach partition p1 concurrently"],
  ["create subscription n connection 'host=/nowhere' publication x"],
  ["create subscription n connection 'host=/nowhere' publication x with (enabled = false)"],
  ["create subscription n connection 'host=/nowhere' publication x with (create_slot = true)"],
  ["create subscription n connection 'host=/nowhere' publication x with (create_slot)"],
  ["create subscription n connection 'host=/nowhere' publication x with (connect = true)"],
  ["alter subscription sub_on refresh publication"],
  ["alter subscription sub_on refresh publication with (copy_data = false)"],
  ["alter subscription sub_on set publication y"],
  ["alter subscription sub_on add publication y"],
  ["alter subscription sub_on drop publication x"],
  ["alter subscription sub_on set publication y, z with (copy_data = false)"],
  ["alter subscription sub_on set publication y with (refresh = true)"],
  ["alter subscription sub set (failover = true)", 17],
  ["alter subscription sub set (two_phase = false)", 18],
  ["discard all"],
  ["commit prepared 'x'"],
  ["rollback prepared 'x'"],
];

/** Done in a transaction block. */
const togetherForms: readonly (readonly [form: string, since?: ServerVersion])[] = [
  ["create index on t (v)"],
  ["create unique index \"concurrently\" on t (v)"],
  ["drop index i"],
  ["create index concurrently2 on t (v)"],
  ["reindex index i"],
  ["reindex table t"],
  ["reindex (concurrently off) table t"],
  ["reindex (concurrently false, verbose) index i"],
  ["reindex (concurrently 0) index i"],
  ["reindex (verbose) index i"],
  ["cluster t"],
  ["cluster verbose t"],
  ["cluster (verbose) t"],
  ["cluster t using t_pkey"],
  ["analyze"],
  ["analyze t"],
  ["refresh materialized view mv"],
  ["refresh materialized view concurrently mv"],
  ["alter type e add value 'b'"],
  ["alter type e add value if not exists 'b' before 'a'"],
  ["alter table p detach partition p1"],
  ["alter table t add column concurrently2 int"],
  ["alter database DATABASE set work_mem = '4MB'"],
  ["alter database DATABASE connection limit 5"],
  ["alter table t set tablespace pg_default"],
  ["create subscription n connection 'host=/nowhere' publication x with (connect = false)"],
  ["create subscription n connection 'host=/nowhere' publication x " +
    "with (create_slot = false, enabled = false, slot_name = none, connect = false)"],
  ["alter subscription sub disable"],
  ["alter subscription sub enable"],
  ["alter subscription sub set (slot_name = none)"],
  ["alter subscription sub set publication y with (refresh = false)"],
  ["alter subscription sub add publication y with (refresh = off)"],
  ["alter subscription sub connection 'host=/elsewhere'"],
  ["alter subscription sub rename to sub2"],
  ["drop subscription sub_none"],
  ["drop subscription if exists nothing"],
  ["alter subscription sub set (two_phase = true)", 18],
  ["alter subscription sub set (binary = true)"],
  ["discard plans"],
  ["discard temp"],
  ["discard sequences"],
  ["checkpoint"],
  ["call pr()"],
  ["do 'begin end'"],
  ["listen x"],
  ["lock table t"],
  ["truncate t"],
  ["create role alone_test_role"],
];

/** Depends on what the database holds, so the table says that they may, and the server decides. */
const undecidedForms: readonly string[] = [
  "drop subscription sub",
  "reindex table p",
  "cluster p using px",
];

function only(text: string): Statement {
  const found = split(text).find((piece) => piece.kind === "statement");
  if (found === undefined) throw new Error(`no statement in ${text}`);
  return found;
}

/** The SQLSTATE, or undefined if the form was done. */
async function stateInBlock(database: FreshDatabase, form: string): Promise<string | undefined> {
  const named = form.replaceAll("DATABASE", database.name);
  try {
    await database.query(`begin; ${named}; rollback`);
    return undefined;
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

for (const version of serverVersions) {
  describe(`PostgreSQL ${version}`, () => {
    test("refuses in a transaction block what the table says, and nothing else of it", async () => {
      const running = await server(version);
      const database = await running.freshDatabase();
      for (const statement of split(objects)) {
        if (statement.kind !== "statement") continue;
        await database.query(new TextDecoder().decode(statement.bytes));
      }
      await database.query("create index px on only p (id)");
      const states: Record<string, string | undefined> = {};
      const expected: Record<string, string | undefined> = {};
      for (const [form, since = 15] of aloneForms) {
        if (since > version) continue;
        expected[form] = "25001";
        states[form] = await stateInBlock(database, form);
      }
      for (const [form, since = 15] of togetherForms) {
        if (since > version) continue;
        expected[form] = undefined;
        states[form] = await stateInBlock(database, form);
      }
      for (const form of undecidedForms) {
        expected[form] = "25001";
        states[form] = await stateInBlock(database, form);
      }
      expect(states).toEqual(expected);
    }, 120_000);
  });
}

test.each(aloneForms)("runs alone: %s", (form) => {
  expect(traits(only(form)).alone).toBe(true);
});

test.each(togetherForms)("may run in a transaction: %s", (form) => {
  expect(traits(only(form)).alone).toBe(false);
});

test.each([...undecidedForms])("left to the server: %s", (form) => {
  expect(traits(only(form)).alone).toBe(false);
});
