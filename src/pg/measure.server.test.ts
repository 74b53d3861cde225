/** What is seen of statements on real servers and on the embedded Postgres. */

import { afterAll, describe, expect, test } from "bun:test";
import { openSession, sent } from "../testing/measured-server.ts";
import { server } from "../testing/servers.ts";
import { connectEmbedded } from "./connect.ts";
import { type Embedded, openEmbedded } from "./embedded.ts";
import { effectsBetween, lockModeOf, type SeenEffects, takeSnapshot } from "./measure.ts";
import type { Session } from "./session.ts";

const nothing = { locks: [], rewrites: [], scans: [] };

const schemaSql = `
create schema "S x";
create table "S x".a (id int primary key, n int);
create table b (a_id int);
create sequence numbers;
insert into "S x".a values (1, 1)`;

let embedded: Embedded | undefined;
let session: Session | undefined;
afterAll(async () => {
  await session?.end();
  await embedded?.close();
}, 120_000);

/** One session for all tests of a place; each rolls back what it does. */
async function sessionOn(place: 15 | 18 | "embedded"): Promise<Session> {
  await session?.end();
  await embedded?.close();
  embedded = undefined;
  if (place === "embedded") {
    embedded = await openEmbedded({ storage: { kind: "memory" } });
    const quiet = { onNotice: () => {}, signal: new AbortController().signal };
    ({ session } = await connectEmbedded(embedded, quiet));
  } else session = await openSession(place, (await (await server(place)).freshDatabase()).name);
  await sent(session, schemaSql);
  return session;
}

async function seenWithin(own: Session, ...statements: readonly string[]): Promise<SeenEffects> {
  await sent(own, "begin");
  try {
    for (const sql of statements.slice(0, -1)) await sent(own, sql);
    const before = await takeSnapshot(own);
    await sent(own, statements.at(-1) ?? "");
    return effectsBetween(before, await takeSnapshot(own));
  } finally {
    await sent(own, "rollback");
  }
}

describe.each([15, 18, "embedded"] as const)("on %p", (place) => {
  test("locks, rewrites and scans of what was there", async () => {
    const own = await sessionOn(place);
    const name = '"S x".a';
    const a = `"S x".a`;
    expect(await seenWithin(own, `select from ${a}`)).toEqual({
      locks: [{ relation: name, mode: "ACCESS SHARE" }], rewrites: [], scans: [name],
      onIndexes: { ...nothing, locks: [{ relation: '"S x".a_pkey', mode: "ACCESS SHARE" }] },
    });
    expect(await seenWithin(own, `alter table ${a} alter n type bigint`)).toMatchObject({
      locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }], rewrites: [name], scans: [name],
    });
    const references = `alter table b add foreign key (a_id) references ${a}`;
    expect((await seenWithin(own, references)).locks).toEqual(expect.arrayContaining([
      { relation: name, mode: "SHARE ROW EXCLUSIVE" },
      { relation: "public.b", mode: "SHARE ROW EXCLUSIVE" },
    ]));
    expect(await seenWithin(own, "create table c (id int primary key)")).toEqual({
      ...nothing, onIndexes: nothing,
    });
    // Under the names that they had before; of what was done before only what is more now.
    const renamed = await seenWithin(own, `select from ${a}`, `alter table ${a} rename to z`);
    expect(renamed.locks).toEqual([{ relation: name, mode: "ACCESS EXCLUSIVE" }]);
    expect(renamed.scans).toEqual([]);
    expect((await seenWithin(own, `lock ${a}`, `drop table ${a}`)).locks).toEqual([]);
    expect((await seenWithin(own, "alter sequence numbers restart")).rewrites).toEqual([
      "public.numbers",
    ]);
    expect((await seenWithin(own, `reindex table ${a}`)).onIndexes.rewrites).toEqual([
      '"S x".a_pkey',
    ]);
  }, 120_000);

  test("it looks without a trace, whatever the search path is", async () => {
    const own = await sessionOn(place);
    await sent(own, "create table pg_class (oid int); set search_path = public, pg_catalog");
    const seen = await seenWithin(own, "select 1");
    expect(seen).toEqual({ ...nothing, onIndexes: nothing });
    const [row] = await own.rowsWithin("show search_path");
    expect(row).toEqual({ search_path: "public, pg_catalog" });
  }, 120_000);

  test("outside of a transaction rewrites and scans are seen", async () => {
    const own = await sessionOn(place);
    const before = await takeSnapshot(own);
    await sent(own, 'vacuum full "S x".a');
    const seen = effectsBetween(before, await takeSnapshot(own));
    expect(seen).toMatchObject({ locks: [], rewrites: ['"S x".a'], scans: ['"S x".a'] });
  }, 120_000);
});

test.each([
  ["AccessExclusiveLock", "ACCESS EXCLUSIVE"], ["RowShareLock", "ROW SHARE"],
  ["ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"], ["SIReadLock", undefined],
])("pg_locks says %s", (name, mode) => {
  expect(lockModeOf(name)).toBe(mode as never);
});
