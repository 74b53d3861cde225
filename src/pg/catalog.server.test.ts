/** The catalog of real servers and of the embedded Postgres, read into the facts of a schema. */

import { afterAll, describe, expect, test } from "bun:test";
import { columnType } from "../core/review/action.ts";
import type { Relation } from "../core/review/schema-facts.ts";
import { openSession, sent } from "../testing/measured-server.ts";
import { server, type ServerVersion, serverVersions } from "../testing/servers.ts";
import { type LiveSchema, readSchemaFacts } from "./catalog.ts";
import { connectEmbedded } from "./connect.ts";
import { type Embedded, openEmbedded } from "./embedded.ts";
import type { Session } from "./session.ts";
import { loadSqlParser } from "./sql-parser.ts";

const sessions: Session[] = [];
/** Opening one takes longer than all that is asked of it. */
let embedded: Embedded | undefined;
afterAll(async () => {
  for (const session of sessions) await session.end();
  await embedded?.close();
}, 120_000);

const places = [...serverVersions, "embedded"] as const;
type Place = (typeof places)[number];

async function open(place: Place): Promise<Session> {
  if (place !== "embedded") {
    const { name } = await (await server(place)).freshDatabase();
    return openOn(place, name);
  }
  await sessions.pop()?.end();
  embedded ??= await openEmbedded({ storage: { kind: "memory" } });
  const { session } = await connectEmbedded(embedded, {
    onNotice: () => {}, signal: new AbortController().signal,
  });
  sessions.push(session);
  await sent(session, "drop schema if exists s, \"My Shop\" cascade");
  return session;
}

async function openOn(version: ServerVersion, database: string): Promise<Session> {
  const session = await openSession(version, database);
  sessions.push(session);
  return session;
}

/** Throws where it is not there. */
function relation(facts: LiveSchema, name: string): Relation {
  const found = facts.relations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} was not read`);
  return found;
}

const schemaSql = `
create schema "My Shop";
set search_path = "My Shop";
create domain label as text check (value <> '');
create domain free as text;
create table "Order" (
  id bigint generated always as identity primary key,
  gone int,
  total numeric(10, 2) not null default 0,
  doubled numeric generated always as (total * 2) stored,
  name label, a int, b int, c int, d int,
  check (a is not null), check (b is not null and (c is not null and d > 0)),
  check (d is not null or a > 0)
);
alter table "Order" add constraint late check (d is not null) not valid;
alter table "Order" drop gone;
create table line (
  order_id bigint constraint to_order references "Order" on delete cascade,
  body text, exclude using btree (body with =)
);
create index line_key on line (order_id, lower(body)) include (body) where body <> '';
create table part (at date, k int) partition by range (at, (k + 1));
create table part_1 partition of part for values from ('2025-01-01', 1) to ('2026-01-01', 1);
create table part_rest partition of part default;
create view seen as select body from line join "Order" on true;
create materialized view kept as select body from line;
create rule also as on delete to line do also delete from "Order" where a = old.order_id;
create sequence numbers owned by line.body;
create policy mine on line using (true);
alter table line enable row level security;
create function pick(int) returns int language sql immutable as 'select 1';
create function pick(text) returns int language sql stable as 'select 1';
insert into line (body) values ('x');
analyze line;
`;

describe.each(places)("on %p", (place) => {
  test("everything of a schema is read", async () => {
    const session = await open(place);
    await sent(session, schemaSql);
    const facts = await readSchemaFacts(session, ["My Shop", "public"]);
    const order = relation(facts, '"My Shop"."Order"');
    expect([...order.columns.values()].map(({ name, type }) => `${name} ${type.name}`)).toEqual([
      "id int8", "total numeric", "doubled numeric", "name My Shop.label", "a int4", "b int4",
      "c int4", "d int4",
    ]);
    expect(order.columns.get("id")).toMatchObject({ identity: true, hasDefault: true });
    expect(order.columns.get("total")).toMatchObject({ notNull: true, hasDefault: true });
    expect(order.columns.get("doubled")).toMatchObject({ hasDefault: false, generated: "stored" });
    const proven = [...order.constraints.values()].flatMap((one) =>
      one.provesNotNull.map((column) => `${column} ${one.validated}`),
    );
    expect(proven.toSorted()).toEqual(["a true", "b true", "c true", "d false"]);
    const line = relation(facts, '"My Shop".line');
    expect(line).toMatchObject({ policies: ["mine"], rowSecurity: true, isComplete: true });
    expect(line.constraints.get("to_order")).toEqual({
      name: "to_order", kind: "foreign-key", validated: true, columns: ["order_id"],
      references: '"My Shop"."Order"', referencedColumns: ["id"], provesNotNull: [],
    });
    expect(facts.indexes.find(({ name }) => name === '"My Shop".line_key')).toEqual({
      name: '"My Shop".line_key', table: '"My Shop".line', columns: ["order_id", ""],
      unique: false, valid: true, partial: true,
    });
    const rest = relation(facts, '"My Shop".part_rest');
    expect(rest).toMatchObject({ partitionOf: '"My Shop".part', isDefaultPartition: true });
    expect(relation(facts, '"My Shop".part_1').isDefaultPartition).toBe(false);
    expect(relation(facts, '"My Shop".part').partitionKey).toEqual(["at", ""]);
    const { reads, readsColumns } = relation(facts, '"My Shop".seen');
    expect(reads.toSorted()).toEqual(['"My Shop"."Order"', '"My Shop".line']);
    expect(readsColumns).toEqual(new Map([['"My Shop".line', ["body"]]]));
    // A rule uses columns of its own table too.
    expect(line.readsColumns).toEqual(new Map([
      ['"My Shop".line', ["order_id"]], ['"My Shop"."Order"', ["a"]],
    ]));
    expect(order.readsColumns).toEqual(new Map());
    expect(relation(facts, '"My Shop".numbers').ownedBy).toBe('"My Shop".line');
    expect(facts.domains.map((one) => `${one.name} ${one.hasConstraints}`)).toEqual([
      '"My Shop".free false', '"My Shop".label true',
    ]);
    expect(facts.functions.get("pick")).toBe("stable");
    expect(facts.searchPath).toEqual(["My Shop", "public"]);
    expect(facts.serverMajor).toBe(place === "embedded" ? 18 : place);
  }, 120_000);

  test("types are spelled as the parser spells them", async () => {
    const types = [
      "int", "bigint", "smallint[]", "real", "double precision", "varchar", "varchar(20)[]",
      "character(3)", "char", "\"char\"", "text", "bit(5)", "bit varying(7)", "numeric",
      "numeric(10,2)", "decimal(5, -2)", "timestamp", "timestamp(3)", "timestamptz(2)",
      "timestamp with time zone", "time(1) with time zone", "interval", "interval(3)",
      "interval day to second(2)", "interval year to month", "json", "jsonb[][]", "uuid", "bool",
      "bytea", "daterange", "s.size", "s.size[]", "s.\"odd (3)\"", "inet", "name", "oid",
    ];
    const session = await open(place);
    const columns = types.map((type, at) => `c${at} ${type}`).join(", ");
    const create = `create table s.all_types (${columns})`;
    await sent(session, "create schema s; create type s.size as enum ('s', 'm')");
    await sent(session, "create domain s.\"odd (3)\" as text");
    await sent(session, create);
    const facts = await readSchemaFacts(session, ["s"]);
    const parsed = (await loadSqlParser()).parse(create);
    const [tree] = parsed.kind === "tree" ? parsed.statements : [];
    const elements = tree !== undefined && "CreateStmt" in tree ? tree.CreateStmt.tableElts : [];
    const written = (elements ?? []).flatMap((node) =>
      "ColumnDef" in node ? columnType(node.ColumnDef.typeName) : [],
    );
    const read = [...relation(facts, "s.all_types").columns.values()].map(({ type }) => type);
    expect(read).toEqual(written);
  }, 120_000);

  test("what a transaction has made is seen in it, and its search path stays", async () => {
    const session = await open(place);
    await sent(session, "begin; create schema s; set search_path = s, public");
    await sent(session, "create table made (id int)");
    const facts = await readSchemaFacts(session, ["s"]);
    expect(relation(facts, "s.made").columns.size).toBe(1);
    const [row] = await session.rowsWithin("show search_path");
    expect(row).toEqual({ search_path: "s, public" });
    await sent(session, "commit");
    expect(await session.rowsWithin("show search_path")).toEqual([{ search_path: "s, public" }]);
  }, 120_000);

  test("the size of what nobody has analyzed is that of its files", async () => {
    const session = await open(place);
    await sent(session, "create table small (n int); insert into small values (1)");
    await sent(session, "create table large (n int)");
    await sent(session, "insert into large select generate_series(1, 100000)");
    await sent(session, "create table counted (n int); insert into counted values (1)");
    await sent(session, "analyze counted; create table empty (n int)");
    const facts = await readSchemaFacts(session, ["public"]);
    const sizes = ["small", "large", "counted", "empty"].map((name) =>
      relation(facts, `public.${name}`).bytes,
    );
    expect(sizes[0]).toBeLessThan(100_000);
    expect(sizes[1]).toBeGreaterThan(3_000_000);
    expect(sizes[2]).toBe(8192);
    expect(sizes[3]).toBe(0);
  }, 120_000);
});

test("18 tells of NOT NULL that is not validated: the column may hold nulls", async () => {
  const session = await open(18);
  await sent(session, "create table t (a int, v int generated always as (a) virtual)");
  await sent(session, "alter table t add constraint nn not null a not valid");
  const table = relation(await readSchemaFacts(session, ["public"]), "public.t");
  expect(table.columns.get("a")?.notNull).toBe(false);
  expect(table.columns.get("v")?.generated).toBe("virtual");
  expect(table.constraints.get("nn")).toMatchObject({ kind: "not-null", validated: false });
}, 120_000);

test.each(serverVersions)("on %d nobody's lock is waited for", async (version) => {
  const database = await (await server(version)).freshDatabase();
  const [holder, reader] = [
    await openOn(version, database.name), await openOn(version, database.name),
  ];
  await sent(holder, "create table base (n int check (n is not null), m text default 'x')");
  await sent(holder, "create table free (n int); create index on base ((n + 1)) where n > 0");
  await sent(holder, "create view seen as select n from base");
  await sent(holder, "begin; lock table base in access exclusive mode");
  await sent(reader, "set statement_timeout = '10s'");
  const facts = await readSchemaFacts(reader, ["public"]);
  expect(relation(facts, "public.base").bytes).toBeUndefined();
  expect(relation(facts, "public.free").bytes).toBe(0);
  await sent(holder, "rollback");
}, 120_000);
