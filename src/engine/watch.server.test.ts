/** The watch of a step on real servers: what it sees, and that it never stands in anybody's way. */

import { describe, expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { describeBlockers } from "../core/blocker.ts";
import type { Sent } from "../pg/sent.ts";
import { type EngineContext, engineContext } from "../testing/engine-context.ts";
import { fileOf } from "../testing/histories.ts";
import { server, startServer, type TestServer } from "../testing/servers.ts";
import type { StepProgress } from "./events.ts";
import { openTarget, type OpenTarget } from "./open-target.ts";
import { type StepWatch, Watcher } from "./watch.ts";

interface Watched {
  readonly context: EngineContext;
  readonly open: OpenTarget;
  readonly watcher: Watcher;
  /** Runs SQL on the run's session, watched as a step. */
  step(sql: string, lockTimeoutMs?: number, during?: (watch: StepWatch) => void): Promise<Ended>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Ended {
  readonly sent: Sent;
  readonly watch: StepWatch;
  readonly told: readonly StepProgress[];
}

async function watched(url: string): Promise<Watched> {
  const context = engineContext({ url });
  const open = await openTarget(context, { purpose: "write", missing: "refuse" });
  const watcher = new Watcher(context, open);
  const { session } = open.connection;
  return {
    context,
    open,
    watcher,
    async step(sql, lockTimeoutMs = 0, during = () => {}) {
      const from = context.events.length;
      await session.send(`set lock_timeout = ${lockTimeoutMs}`);
      const watch = watcher.step({ file: fileOf("1_x"), direction: "up", lockTimeoutMs });
      during(watch);
      const sent = await session.send(sql);
      watch.stop();
      const told = context.events.slice(from).filter((event) => event.kind === "step-progress");
      return { sent, watch, told };
    },
    async [Symbol.asyncDispose]() {
      await watcher.close();
      await open.close();
    },
  };
}

/** A session that holds a table. */
async function holder(url: string, sql: string): Promise<OpenTarget> {
  const context = engineContext({ url });
  const open = await openTarget(context, { purpose: "write", missing: "refuse" });
  await open.connection.session.send(sql);
  return open;
}

/** A machine with other things to do may not come to look within the limit: it gets more tries. */
async function untilSeen(run: Watched, lockTimeoutMs: number): Promise<Ended> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const ended = await run.step("alter table t add x int", lockTimeoutMs);
    if (ended.watch.blockers().length > 0 || performance.now() > deadline) return ended;
  }
}

async function sessions(on: TestServer, database: string): Promise<number> {
  const rows = await on.query("postgres",
    "select 1 from pg_stat_activity where datname = $1", [database]);
  return rows.length;
}

describe.concurrent.each([15, 18] as const)("on PostgreSQL %d", (version) => {
  test("who is in the way is told while it waits, and known when it failed", async () => {
    const database = await (await server(version)).freshDatabase();
    await database.query("create table t (i int)");
    const other = await holder(database.url, "begin; select * from t where i = 4711");
    await using run = await watched(database.url);
    const { sent, watch, told } = await untilSeen(run, 1_500);
    expect(sent).toMatchObject({ kind: "failed", message: { code: "55P03" } });
    const { backendPid } = other.connection.facts;
    expect(watch.blockers()).toMatchObject([
      { pid: backendPid, user: "postgres", state: "idle in transaction", seen: "whole" },
    ]);
    expect(describeBlockers(watch.blockers(), 3)).toEndWith(": begin; select * from t where i = ?");
    expect(told.length).toBeWithin(1, 8);
    // Not before; how long after is up to the machine.
    expect(told[0]?.elapsedMs).toBeGreaterThanOrEqual(500);
    expect(told.at(-1)?.blockers).toMatchObject([{ pid: backendPid }]);
    watch.restart();
    expect(watch.blockers()).toEqual([]);
    await other.close();
  });

  test("a limit of 100 ms is looked into too", async () => {
    const database = await (await server(version)).freshDatabase();
    await database.query("create table t (i int)");
    const other = await holder(database.url, "begin; select * from t");
    await using run = await watched(database.url);
    await run.step("select pg_sleep(0.3)", 100);
    const { watch, told } = await untilSeen(run, 100);
    expect(told).toEqual([]);
    expect(watch.blockers()).toMatchObject([{ pid: other.connection.facts.backendPid }]);
    await other.close();
  });

  test("a unit is told with its number, and with nothing of the one before", async () => {
    const database = await (await server(version)).freshDatabase();
    await database.query("create table t (i int)");
    const other = await holder(database.url, "begin; lock table t");
    await using run = await watched(database.url);
    const sql = "select 1 from t; select pg_sleep(5)";
    const { told, watch } = await run.step(sql, 0, (step) => {
      step.unit(1, 2);
      setTimeout(() => void other.close().then(() => step.unit(2, 2)), 5_000);
    });
    const inTheWayOf = (number: number): readonly number[] =>
      told.filter(({ unit }) => unit?.number === number).map(({ blockers }) => blockers.length);
    expect(inTheWayOf(1)).toContain(1);
    expect(new Set(inTheWayOf(2))).toEqual(new Set([0]));
    expect(watch.blockers()).toEqual([]);
  });
});

test.concurrent("what was asked before a new try says nothing of it", async () => {
  const on = await server(17);
  const database = await on.freshDatabase();
  await database.query("create table t (i int)");
  await using gate = await gateTo(on, { delayMs: 400 });
  await using run = await watched(gate.url(database.name));
  await run.step("select pg_sleep(4)");
  expect(await sessions(on, database.name)).toBe(2);
  const other = await holder(database.url, "begin; lock table t");
  const { watch } = await run.step("select from t; select pg_sleep(1)", 0, (step) => {
    setTimeout(() => {
      step.restart();
      void other.close();
    }, 700);
  });
  expect(watch.blockers()).toEqual([]);
});

describe.concurrent("the watch stands in nobody's way", () => {
  test("a short step opens no connection, a long one opens one for the run", async () => {
    const on = await server(17);
    const database = await on.freshDatabase();
    const run = await watched(database.url);
    for (let steps = 0; steps < 20; steps += 1) await run.step("select 1", 2_000);
    expect(await sessions(on, database.name)).toBe(1);
    await run.step("select pg_sleep(0.8)", 2_000);
    expect(await sessions(on, database.name)).toBe(2);
    await run.step("select pg_sleep(0.8)", 2_000);
    expect(await sessions(on, database.name)).toBe(2);
    await run.watcher.close();
    await Bun.sleep(100);
    expect(await sessions(on, database.name)).toBe(1);
    const kinds = new Set(run.context.events.map(({ kind }) => kind));
    expect([...kinds].filter((kind) => kind !== "secret")).toEqual(["target", "step-progress"]);
    await run.open.close();
  });

  test("a database that is copied has nobody else in it", async () => {
    const on = await server(18);
    const database = await on.freshDatabase();
    await using run = await watched(database.url);
    await run.step("select pg_sleep(0.8)");
    expect(await sessions(on, database.name)).toBe(2);
    const { sent } = await run.step(`create database the_copy template "${database.name}"`);
    expect(sent.kind).toBe("done");
    await on.query("postgres", "drop database the_copy");
  });

  test("where no second connection is to be had, time is told alone", async () => {
    const on = await startServer({ version: 17 });
    await on.query("postgres", "create role one login password 'x' connection limit 1");
    const url = on.url("postgres").replace(/\/\/[^@]*@/, "//one:x@");
    const mark = on.mark();
    const run = await watched(url);
    const { sent, told, watch } = await run.step("select pg_sleep(2.2)");
    expect(sent.kind).toBe("done");
    expect(told.length).toBeWithin(1, 6);
    expect(told.every(({ blockers, work }) => blockers.length === 0 && work === undefined))
      .toBe(true);
    expect(watch.blockers()).toEqual([]);
    await run.watcher.close();
    await run.open.close();
    expect(on.logSince(mark).match(/too many connections for role/g)).toHaveLength(1);
    await on.stop();
  });

  test("a connection that is let in and never answered keeps nobody waiting", async () => {
    const on = await server(17);
    const database = await on.freshDatabase();
    await using gate = await gateTo(on, "silent");
    const run = await watched(gate.url(database.name));
    const { sent, told } = await run.step("select pg_sleep(1.5)");
    expect(sent.kind).toBe("done");
    expect(told.length).toBeWithin(1, 4);
    const began = performance.now();
    await run.watcher.close();
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(gate.taken()).toBe(2);
    await run.open.close();
  });

  test("its session may be ended by anybody", async () => {
    const on = await server(17);
    const database = await on.freshDatabase();
    const run = await watched(database.url);
    await run.step("select pg_sleep(0.8)");
    const { backendPid } = run.open.connection.facts;
    await on.query("postgres", "select pg_terminate_backend(pid) from pg_stat_activity " +
      "where datname = $1 and pid <> $2", [database.name, backendPid]);
    const { sent, told } = await run.step("select pg_sleep(1.2)");
    expect(sent.kind).toBe("done");
    expect(told.length).toBeGreaterThan(0);
    const began = performance.now();
    await run.watcher.close();
    expect(performance.now() - began).toBeLessThan(1_500);
    await run.open.close();
  });

  test("after a signal nothing is told any more, nor after the step's end", async () => {
    const database = await (await server(17)).freshDatabase();
    await using run = await watched(database.url);
    const watch = run.watcher.step({ file: fileOf("1_x"), direction: "up", lockTimeoutMs: 0 });
    await Bun.sleep(700);
    watch.stop();
    const told = run.context.events.length;
    expect(told).toBeGreaterThan(1);
    await Bun.sleep(1_100);
    run.watcher.step({ file: fileOf("2_x"), direction: "up", lockTimeoutMs: 0 });
    run.context.abort();
    run.watcher.step({ file: fileOf("3_x"), direction: "up", lockTimeoutMs: 0 });
    await Bun.sleep(1_100);
    expect(run.context.events).toHaveLength(told);
  });

  test("of two hosts it looks at the one on which the run is", async () => {
    const [on, elsewhere] = await Promise.all([server(17), server(18)]);
    const database = await on.freshDatabase("of_two_hosts");
    await elsewhere.query("postgres", "create database of_two_hosts").catch(() => {});
    await elsewhere.query("postgres",
      "alter database of_two_hosts set default_transaction_read_only = on");
    await database.query("create table t (i int)");
    const url = database.url.replace(`${on.host}:${on.port}`,
      `${elsewhere.host}:${elsewhere.port},${on.host}:${on.port}`);
    const other = await holder(database.url, "begin; select * from t");
    await using run = await watched(url);
    const { watch } = await run.step("alter table t add x int", 1_000);
    expect(watch.blockers()).toMatchObject([{ pid: other.connection.facts.backendPid }]);
    await other.close();
  });
});

test("an embedded Postgres has nobody to look at, and time is told", async () => {
  await using run = await watched("pglite:");
  const { told } = await run.step("select pg_sleep(1.3)");
  expect(told.length).toBeGreaterThan(0);
  expect(told[0]).toMatchObject({ work: undefined, blockers: [] });
}, 120_000);

interface Gate {
  url(database: string): string;
  /** How many came. */
  taken(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A way to the server on which connections after the first hear of it late, or never. */
async function gateTo(
  on: TestServer,
  later: "silent" | { readonly delayMs: number },
): Promise<Gate> {
  const sockets: Socket[] = [];
  let taken = 0;
  const listener = createServer((client) => {
    taken += 1;
    sockets.push(client);
    client.on("error", () => undefined);
    if (taken > 1 && later === "silent") return;
    const delayMs = taken === 1 || later === "silent" ? 0 : later.delayMs;
    const upstream = connect(on.port, on.host);
    sockets.push(upstream);
    upstream.on("error", () => undefined);
    client.pipe(upstream);
    upstream.on("data", (chunk) => void setTimeout(() => client.write(chunk), delayMs));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: (database) =>
      on.url(database, { sslmode: "disable" }).replace(`:${on.port}/`, `:${port}/`),
    taken: () => taken,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
