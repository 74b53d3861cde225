/** A glance at a ledger says what the long look at the catalogs says, or leaves it to that. */

import { expect, test } from "bun:test";
import { openTarget, readTargetLedger } from "../engine/open-target.ts";
import { PgmateError } from "../errors.ts";
import { engineContext } from "../testing/engine-context.ts";
import { server } from "../testing/servers.ts";
import { glanceAtLedger } from "./ledger-glance.ts";
import type { Ledger, LedgerDetail } from "./ledger.ts";

const pgmates = `create table schema_migrations (version varchar primary key, description text,
  checksum text, applied_at timestamptz default now(), applied_by text default session_user,
  execution_ms bigint)`;
const rows = "insert into schema_migrations values ('1'), ('002'), ('x')";

/** Tables as people have them, and whether a glance is enough for them. */
const ledgers: readonly (readonly [what: string, sql: string, enough: boolean])[] = [
  ["dbmate's", `create table schema_migrations (version varchar primary key); ${rows}`, true],
  ["pgmate's", `${pgmates}; ${rows}`, true],
  ["an empty one", pgmates, true],
  ["one with some columns", `create table schema_migrations (version text, checksum varchar);
    ${rows}`, true],
  ["columns of other types", `create table schema_migrations (version character(3), checksum
    bytea, applied_at timestamp, execution_ms int, applied_by name); ${rows}`, true],
  ["an empty version", `${pgmates}; insert into schema_migrations values ('')`, true],
  ["numbers", `create table schema_migrations (version bigint); insert into schema_migrations
    values (1), (2)`, true],
  ["a partitioned one", `create table schema_migrations (version text) partition by list (version);
    create table p partition of schema_migrations default; ${rows}`, true],
  ["a version of two lines", `${pgmates}; insert into schema_migrations values (E'1\\n2')`, false],
  ["a row without a version", `create table schema_migrations (version text);
    insert into schema_migrations values (null), ('1')`, false],
  ["an unlogged one", `create unlogged table schema_migrations (version text); ${rows}`, false],
  ["a view", `create table t (version text); create view schema_migrations as table t`, false],
  ["a materialized view", `create materialized view schema_migrations as select '1' as version`,
    false],
  ["a sequence", "create sequence schema_migrations", false],
  ["golang-migrate's", "create table schema_migrations (version bigint, dirty boolean)", false],
  ["somebody's", "create table schema_migrations (id int)", false],
  ["with a journal", `${pgmates}; ${rows}; create table schema_migrations_progress (version text,
    direction text, unit int)`, false],
  ["none", "select 1", false],
  ["versions of a kind of their own", `create domain v as text; create type e as enum ('1');
    create table schema_migrations (version e); insert into schema_migrations values ('1')`, false],
  ["one in another schema", `create schema other; alter role postgres in database DATABASE
    set search_path = public, other; create table other.schema_migrations (version text);
    insert into other.schema_migrations values ('7')`, true],
];

test.concurrent.each(ledgers)("%s", async (_what, sql, enough) => {
  const database = await (await server(17)).freshDatabase();
  const script = sql.replace("DATABASE", database.name);
  for (const statement of script.split(";")) await database.query(statement);
  const context = engineContext({ url: database.url });
  const open = await openTarget(context, { purpose: "read", missing: "refuse" });
  const { session, facts } = open.connection;
  const patience = {
    lockTimeoutMs: 0, retries: 0, clock: context.clock, signal: context.signal, onWait: () => {},
  };
  const glance = await glanceAtLedger(session, "schema_migrations", facts.schemas, patience);
  expect(glance !== undefined).toBe(enough);
  const look = async (detail: LedgerDetail): Promise<unknown> => {
    const said = await readTargetLedger(context, open, detail).catch((error: unknown) => error);
    if (said instanceof PgmateError) return [said.code, said.message, said.hint];
    const ledger = said as Ledger;
    const versions = ledger.rows.map(({ version }) => version).toSorted();
    return { ...ledger, rows: versions };
  };
  expect(await look("versions")).toEqual(await look("whole"));
  expect(session.transactionState).toBe("I");
  await open.close();
});

test("a role that may not look is told so as ever", async () => {
  const on = await server(17);
  const database = await on.freshDatabase();
  await database.query(pgmates);
  await database.query(`create role glancer login password 'g'`);
  await using _role = {
    async [Symbol.asyncDispose]() {
      await on.query("postgres", "drop role glancer");
    },
  };
  const url = new URL(database.url);
  [url.username, url.password] = ["glancer", "g"];
  const context = engineContext({ url: url.href });
  const open = await openTarget(context, { purpose: "read", missing: "refuse" });
  const refused = await readTargetLedger(context, open, "versions").catch((error) => error);
  expect(refused).toBeInstanceOf(PgmateError);
  expect(refused.code).toBe("ledger-denied");
  await open.close();
});
