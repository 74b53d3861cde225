/** What real servers tell of a session that works or waits, to a role of any rank. */

import { afterAll, describe, expect, test } from "bun:test";
import type { Blocker } from "../core/blocker.ts";
import { endingSql } from "../core/blocker.ts";
import { parseDatabaseUrl } from "../core/database-url.ts";
import { progressViews } from "../core/server-work.ts";
import type { FreshDatabase } from "../testing/servers.ts";
import { server, serverVersions, startServer } from "../testing/servers.ts";
import { type Activity, readActivity, readLockers } from "./activity.ts";
import { connectServer } from "./connect.ts";
import type { Session } from "./session.ts";

interface Opened {
  readonly session: Session;
  readonly pid: number;
}

const opened: Session[] = [];
afterAll(async () => {
  for (const session of opened) await session.end();
});

async function open(url: string, applicationName = "pgmate test"): Promise<Opened> {
  const target = parseDatabaseUrl(url, {}, { user: "x", home: "/", platform: "linux" });
  if (target.kind !== "server") throw new Error("a server's URL is needed");
  const { session, facts } = await connectServer({
    target,
    tlsFiles: {
      rootCertificates: undefined, certificate: undefined, key: undefined, revocations: undefined,
    },
    passfile: undefined,
    applicationName,
    purpose: "read",
    signal: new AbortController().signal,
    onNotice: () => {},
  });
  opened.push(session);
  return { session, pid: facts.backendPid };
}

function asRole(url: string, role: string): string {
  return url.replace(/\/\/[^@]*@/, `//${role}:x@`);
}

/** Asks until the answer fits; the last one if none does. */
async function until(
  watcher: Opened,
  pid: number,
  fits: (activity: Activity) => boolean,
): Promise<Activity> {
  const end = performance.now() + 10_000;
  for (;;) {
    const activity = await readActivity(watcher.session, pid);
    if (fits(activity) || performance.now() > end) return activity;
    await Bun.sleep(20);
  }
}

const isBlocked = ({ blockers }: Activity): boolean => blockers.length > 0;

/** The server takes its own picture of the sessions a moment before it looks who blocks whom. */
const isAtGate = ({ blockers, work }: Activity): boolean =>
  blockers.length > 0 && (work?.done ?? 0) > 90;

/** A table of some 200 pages, and a function that waits on row 100 while somebody holds 4711. */
async function widePages(database: FreshDatabase): Promise<void> {
  await database.query("create table wide (i int, filler char(7000))");
  await database.query("alter table wide alter filler set storage plain");
  await database.query("insert into wide select i, 'x' from generate_series(1, 200) i");
  await database.query(
    "create function gate(i int) returns int immutable language plpgsql as $$ begin " +
      "if i = 100 then perform pg_advisory_xact_lock(4711); end if; return i; end $$",
  );
}

describe.concurrent.each([15, 18] as const)("on PostgreSQL %d", (version) => {
  test("a session that works or idles is in nobody's way and has no progress", async () => {
    const database = await (await server(version)).freshDatabase();
    const [watcher, run] = [await open(database.url), await open(database.url)];
    const nothing = { blockers: [], work: undefined, wantsToBeAlone: false };
    expect(await readActivity(watcher.session, run.pid)).toEqual(nothing);
    const sleeping = run.session.send("select pg_sleep(0.3)");
    await Bun.sleep(100);
    expect(await readActivity(watcher.session, run.pid)).toEqual(nothing);
    await sleeping;
    expect(await readActivity(watcher.session, 999_999_999)).toEqual(nothing);
  });

  test("an ALTER waits for a reader", async () => {
    const database = await (await server(version)).freshDatabase();
    await database.query("create table t (i int)");
    const [watcher, run] = [await open(database.url), await open(database.url)];
    const other = await open(database.url, "the other");
    await other.session.send("begin; select 'secret' from t -- comment");
    await Bun.sleep(300);
    const altering = run.session.send("alter table t add x int");
    const { blockers } = await until(watcher, run.pid, isBlocked);
    await other.session.send("rollback");
    expect(blockers).toEqual([{
      pid: other.pid, prepared: undefined, seen: "whole", user: "postgres",
      application: "the other", address: "127.0.0.1", state: "idle in transaction",
      ageMs: expect.any(Number), query: "begin; select ? from t",
    }]);
    expect(blockers[0]?.ageMs).toBeWithin(300, 10_000);
    expect((await altering).kind).toBe("done");
    expect(isBlocked(await readActivity(watcher.session, run.pid))).toBe(false);
  });

  test("a role of no rank sees who, not what", async () => {
    const on = await server(version);
    const database = await on.freshDatabase();
    await database.query("create table t (i int)");
    await database.query(`create role rankless_${version} login password 'x'`);
    await database.query(`grant select on t to rankless_${version}`);
    const url = asRole(database.url, `rankless_${version}`);
    const [watcher, run] = [await open(url), await open(url)];
    const other = await open(database.url, "the other");
    await other.session.send("begin; lock table t");
    const reading = run.session.send("select * from t");
    const { blockers } = await until(watcher, run.pid, isBlocked);
    await other.session.send("rollback");
    expect(blockers).toEqual([{
      pid: other.pid, prepared: undefined, seen: "part", user: "postgres",
      application: "the other", address: undefined, state: undefined, ageMs: undefined,
      query: undefined,
    }]);
    await reading;
  });

  test("a prepared transaction is named, and ended by what is said to end it", async () => {
    const database = await (await server(version)).freshDatabase();
    await database.query("create table t (i int)");
    const [watcher, run, other] =
      [await open(database.url), await open(database.url), await open(database.url)];
    await other.session.send(`begin; select from t; prepare transaction 'it''s ${version}'`);
    await other.session.send(`begin; create table x (); prepare transaction 'other ${version}'`);
    const altering = run.session.send("alter table t add x int");
    const { blockers } = await until(watcher, run.pid, isBlocked);
    expect(blockers).toMatchObject([
      { pid: 0, prepared: `it's ${version}`, seen: "whole", user: "postgres" },
    ]);
    expect(blockers[0]?.ageMs).toBeWithin(0, 10_000);
    await database.query(endingSql(blockers[0] as Blocker));
    expect((await altering).kind).toBe("done");
    await database.query(`rollback prepared 'other ${version}'`);
  });

  test("an index is built, page by page", async () => {
    const database = await (await server(version)).freshDatabase();
    await widePages(database);
    const [watcher, run] = [await open(database.url), await open(database.url)];
    const keeper = await open(database.url);
    await keeper.session.send("select pg_advisory_lock(4711)");
    const building = run.session.send("create index on wide (gate(i))");
    const { work } = await until(watcher, run.pid, isAtGate);
    expect(work).toMatchObject({ what: "building index: scanning table", unit: "blocks" });
    expect(work?.done).toBeWithin(95, 106);
    expect(work?.total).toBeWithin(195, 206);
    await keeper.session.send("select pg_advisory_unlock(4711)");
    expect((await building).kind).toBe("done");
  });

  test("CREATE INDEX CONCURRENTLY waits for writers, then for a snapshot", async () => {
    const database = await (await server(version)).freshDatabase();
    await database.query("create table t (i int)");
    const [watcher, run] = [await open(database.url), await open(database.url)];
    const [writer, reader] = [await open(database.url), await open(database.url)];
    await writer.session.send("begin; insert into t values (1)");
    await reader.session.send("begin isolation level repeatable read; select 1");
    const building = run.session.send("create index concurrently on t (i)");
    const first = await until(watcher, run.pid, isBlocked);
    expect(first.work).toEqual({
      what: "waiting for writers before build", done: 0, total: 1, unit: "lockers",
    });
    expect(first.blockers).toMatchObject([{ pid: writer.pid, query: expect.any(String) }]);
    await writer.session.send("commit");
    const second = await until(watcher, run.pid, ({ blockers }) =>
      blockers[0]?.pid === reader.pid);
    expect(second.work?.what).toBe("waiting for old snapshots");
    expect(second.blockers).toMatchObject([{ pid: reader.pid, state: "idle in transaction" }]);
    await reader.session.send("commit");
    expect((await building).kind).toBe("done");
  });

  test("COPY counts its rows", async () => {
    const database = await (await server(version)).freshDatabase();
    await widePages(database);
    await database.query("create table t (i int check (gate(i) >= 0))");
    const [watcher, run] = [await open(database.url), await open(database.url)];
    const keeper = await open(database.url);
    await keeper.session.send("select pg_advisory_lock(4711)");
    // PostgreSQL 18 counts them by the thousand, as it writes them.
    const rows = Array.from({ length: 2_000 }, (_, at) => Buffer.from(`${(at + 101) % 1_600}\n`));
    const copying = run.session.copyIn("copy t from stdin", rows);
    const { work } = await until(watcher, run.pid, isAtGate);
    expect(work).toMatchObject({ what: "copying", total: undefined, unit: "rows" });
    expect(work?.done).toBeWithin(1_000, 1_600);
    await keeper.session.send("select pg_advisory_unlock(4711)");
    expect((await copying).kind).toBe("done");
  });

  test("VACUUM and ANALYZE say at which page they are", async () => {
    const database = await (await server(version)).freshDatabase();
    await widePages(database);
    const [watcher, run] = [await open(database.url), await open(database.url)];
    await run.session.send("set vacuum_cost_delay = 10; set vacuum_cost_limit = 10;");
    for (const [command, what] of [
      ["vacuum wide", "vacuum: scanning heap"],
      ["analyze wide", "analyze: acquiring sample rows"],
    ] as const) {
      const running = run.session.send(command);
      const { work } = await until(watcher, run.pid, (found) => (found.work?.done ?? 0) > 2);
      expect(work).toMatchObject({ what, unit: "blocks" });
      expect(work?.total).toBeWithin(195, 206);
      await running;
    }
  });

  test("who holds a table is found after the wait, and who waits in front", async () => {
    const on = await server(version);
    const database = await on.freshDatabase();
    await database.query("create schema \"S's\"");
    await database.query("create table \"S's\".t (i int)");
    const [asking, reader, waiting] =
      [await open(database.url), await open(database.url), await open(database.url, "waits")];
    const table = { schema: "S's", table: "t" };
    await reader.session.send("begin; select from \"S's\".t");
    expect(await readLockers(asking.session, table)).toEqual([]);
    const altering = waiting.session.send("alter table \"S's\".t add x int");
    await Bun.sleep(200);
    expect(await readLockers(asking.session, table)).toMatchObject([
      { pid: waiting.pid, application: "waits", state: "active" },
    ]);
    await reader.session.send("rollback");
    await altering;
    await reader.session.send(
      `begin; lock table "S's".t; prepare transaction 'lockers ${version}'`,
    );
    expect(await readLockers(asking.session, table)).toMatchObject([
      { pid: 0, prepared: `lockers ${version}`, user: "postgres" },
    ]);
    await database.query(`rollback prepared 'lockers ${version}'`);
  });

  test("autovacuum is called by its name, by whom may see it and by whom may not", async () => {
    const on = await startServer({
      version,
      settings: {
        autovacuum: "on", autovacuum_naptime: "1s", autovacuum_vacuum_cost_delay: "50ms",
        autovacuum_vacuum_cost_limit: "1", deadlock_timeout: "100s",
      },
    });
    const database = await on.freshDatabase();
    await widePages(database);
    await database.query("create role poor login password 'x'");
    await database.query("alter table wide owner to poor");
    await database.query("grant create on schema public to poor");
    await database.query("delete from wide");
    const rich = [await open(database.url), await open(database.url)] as const;
    const url = asRole(database.url, "poor");
    const poor = [await open(url), await open(url)] as const;
    const vacuumed = "select 1 from pg_stat_progress_vacuum where relid = 'wide'::regclass";
    while ((await database.query(vacuumed)).length === 0) await Bun.sleep(50);
    const lock = "begin; lock table wide in share update exclusive mode";
    const locking = [rich[1].session.send(lock), poor[1].session.send(lock)];
    const ended = Promise.allSettled(locking);
    const seen = await until(rich[0], rich[1].pid, isBlocked);
    expect(seen.blockers.find(({ user }) => user === undefined)).toMatchObject({
      application: "autovacuum worker", seen: "whole", state: "active",
      query: expect.stringMatching(/^autovacuum: VACUUM (ANALYZE )?public\.wide/),
    });
    const hidden = await until(poor[0], poor[1].pid, isBlocked);
    expect(hidden.blockers.find(({ user }) => user === undefined)).toMatchObject({
      application: "a process of the server's own, such as autovacuum", seen: "part",
    });
    await on.stop();
    await ended;
  });
});

test.each(serverVersions)("PostgreSQL %d has the columns that are read", async (version) => {
  const on = await server(version);
  const rows = await on.query("postgres",
    `select table_name || '.' || column_name as name from information_schema.columns
      where table_name like 'pg_stat_progress_%'`);
  const names = rows.map(({ name }) => String(name).replace("pg_stat_progress_", ""));
  const read = {
    create_index: ["phase", "lockers_total", "lockers_done", "blocks_total", "blocks_done",
      "tuples_total", "tuples_done", "partitions_total", "partitions_done"],
    copy: ["bytes_processed", "bytes_total", "tuples_processed"],
    vacuum: ["phase", "heap_blks_total", "heap_blks_scanned", "heap_blks_vacuumed"],
    cluster: ["command", "phase", "heap_blks_total", "heap_blks_scanned", "heap_tuples_scanned",
      "heap_tuples_written"],
    analyze: ["phase", "sample_blks_total", "sample_blks_scanned"],
  };
  for (const view of progressViews) {
    for (const column of read[view]) expect(names).toContain(`${view}.${column}`);
  }
});
