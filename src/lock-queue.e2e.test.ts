/** A change that must wait for a table's lock never becomes an outage for everybody else. */

import { describe, expect, test } from "bun:test";
import postgres from "postgres";
import { server } from "./testing/servers.ts";
import { asleep } from "./testing/stopping.ts";
import { pair, type Trial, trial, units, wake } from "./testing/trial.ts";

const lockTimeoutMs = 1_000;
/** A reader that comes at the worst moment, on a machine that has other things to do. */
const slackMs = 3_500;

/** Reads the table again and again until told to stop; how long the slowest took. */
function readers(t: Trial): { stop(): Promise<{ slowestMs: number; count: number }> } {
  let going = true;
  let slowestMs = 0;
  let count = 0;
  const work = async (): Promise<void> => {
    while (going) {
      const began = performance.now();
      await t.query("select count(*) from t");
      slowestMs = Math.max(slowestMs, performance.now() - began);
      count += 1;
      await Bun.sleep(10);
    }
  };
  const all = Promise.all([work(), work()]);
  return {
    async stop() {
      going = false;
      await all;
      return { slowestMs, count };
    },
  };
}

describe.each([15, 18] as const)("on PostgreSQL %d", (version) => {
  test.each([
    ["a transaction", pair("alter table t add column c int;")],
    ["a unit", units("alter table t add column c int;")],
    ["a group", units("begin; alter table t add column c int; commit;")],
  ])("what waits behind %s waits no longer than its lock_timeout", async (_title, text) => {
    await using t = await trial(await server(version), { "1_a.sql": text });
    await t.query("create table t (i int)");
    const holder = t.query("begin; select * from t; select pg_sleep(6); commit");
    await asleep(t);
    const reading = readers(t);
    const up = await t.pgmate(["up", "--lock-timeout", `${lockTimeoutMs}ms`]);
    const { slowestMs, count } = await reading.stop();
    await holder;
    expect(up.status).toBe(0);
    expect(up.stdout).toContain("Applied: 1_a.sql");
    expect(up.stderr).toMatch(/in the way: pid \d+ \(user postgres/);
    expect(up.stderr).toContain("select pg_sleep(?)");
    expect(count).toBeGreaterThan(20);
    expect(slowestMs).toBeLessThan(lockTimeoutMs + slackMs);
    expect(await t.query("select c from t")).toEqual([]);
  });
});

test.concurrent("what worked for long before it meets a lock is not done again", async () => {
  await using t = await trial(await server(16), {
    "1_a.sql": pair(
      "insert into tries values (1);\nselect pg_sleep(10.5);\nupdate t set i = 2 where i = 1;",
    ),
  });
  await t.query("create table t (i int); insert into t values (1)");
  // A sequence is not rolled back: it counts the tries.
  await t.query("create sequence made; create table tries (n int, id int default nextval('made'))");
  const holder = t.query("begin; update t set i = i; select pg_sleep(40); commit");
  await asleep(t);
  const up = await t.pgmate(["up", "--lock-timeout", "500ms"]);
  expect(up.status).toBe(2);
  expect(up.stderr).toContain("1_a.sql:4:");
  expect(up.stderr).toContain("it was not tried again");
  expect(up.stderr).toContain("State: nothing of 1_a.sql was kept");
  expect(await t.query("select last_value::int as made from made")).toEqual([{ made: 1 }]);
  await wake(t, holder);
}, 120_000);

test.concurrent("with no tries left the session in the way has been named each time", async () => {
  await using t = await trial(await server(17), { "1_a.sql": pair("drop table t;") });
  await t.query("create table t (i int)");
  const holder = t.query("begin; lock table t; select pg_sleep(20); commit");
  await asleep(t);
  const up = await t.pgmate(["up", "--lock-timeout", "1500ms", "--lock-retries", "2"]);
  expect(up.status).toBe(2);
  expect(up.stderr.match(/in the way: pid \d+/g)).toHaveLength(3);
  expect(up.stderr).toContain("3 tries met a lock");
  expect(up.stderr).toContain("pg_terminate_backend(");
  expect(await t.applied()).toEqual([]);
  await wake(t, holder);
});

test.concurrent("two that deadlock both come through", async () => {
  await using t = await trial(await server(18), {
    "1_a.sql": pair("update a set i = 2;\nselect pg_sleep(4);\nupdate b set i = 2;"),
  });
  await t.query("create table a (i int); create table b (i int)");
  await t.query("insert into a values (1); insert into b values (1)");
  const running = t.start(["up", "--lock-timeout", "10s"]);
  await asleep(t);
  // It waits for the shorter time before it looks for a deadlock, so that the other one loses.
  const other = t.query(
    "set deadlock_timeout = '20s'; begin; update b set i = 3; update a set i = 3; commit",
  );
  const up = await running.result;
  await other;
  expect(up.status).toBe(0);
  expect(up.stderr).toContain("deadlock");
  expect(await t.query("select a.i as a, b.i as b from a, b")).toEqual([{ a: 2, b: 2 }]);
}, 120_000);

const resets = [
  "reset all", "RESET lock_timeout", "set \"Lock_Timeout\" to default",
  "set session lock_timeout = default", "set local lock_timeout to default",
];

test.concurrent.each(resets.flatMap((reset): readonly (readonly [string, string, string])[] => [
  [reset, "a transaction", pair(`${reset};\nalter table t add column c int;`)],
  [reset, "a group", units(`begin;\n${reset};\nalter table t add column c int;\ncommit;`)],
  ...(reset.includes("local")
    ? []
    : [[reset, "units", units(`select 1;\n${reset};\nalter table t add column c int;`)] as const]),
]))("%s in %s lifts no bound", async (_reset, _title, text) => {
  await using t = await trial(await server(17), { "1_a.sql": text });
  await t.query("create table t (i int)");
  const holder = t.query("begin; lock table t; select pg_sleep(20); commit");
  await asleep(t);
  const began = performance.now();
  const up = await t.pgmate(["up", "--lock-timeout", "300ms", "--lock-retries", "0"]);
  expect(up.status).toBe(2);
  expect(up.stderr).toContain("canceling statement due to lock timeout");
  expect(performance.now() - began).toBeLessThan(19_000);
  await wake(t, holder);
});

test.concurrent("a bound of a section's own is what a RESET in it comes back to", async () => {
  const show = (name: string): string => `insert into seen values (current_setting('${name}'));`;
  const text =
    "-- migrate:up lock_timeout:123ms statement_timeout:4s\n" +
    `set lock_timeout = 5000; set statement_timeout = 6000; ${show("lock_timeout")}\n` +
    `reset lock_timeout; ${show("lock_timeout")} ${show("statement_timeout")}\n` +
    `reset /* it */ all; ${show("lock_timeout")} ${show("statement_timeout")}\n-- migrate:down\n`;
  await using t = await trial(await server(17), { "1_a.sql": text });
  await t.query("create table seen (text text, id serial)");
  const up = await t.pgmate(["up"]);
  expect(up.stderr).not.toContain("Error");
  expect(up.status).toBe(0);
  const seen = (await t.query("select text from seen order by id")).map((row) => row["text"]);
  expect(seen).toEqual(["5s", "123ms", "6s", "123ms", "4s"]);
});

test.concurrent("a wait that the file itself allows is no work, and is tried again", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair("set local lock_timeout = '11s';\ninsert into t values (2);"),
  });
  await t.query("create table t (i int)");
  const holder = t.query("begin; lock table t; select pg_sleep(18); commit");
  await asleep(t);
  const up = await t.pgmate(["up", "--lock-timeout", "300ms"]);
  await holder;
  expect(up.stderr).toMatch(/try 1 of 11 was rolled back \(lock timeout\); in the way: pid/);
  expect(up.status).toBe(0);
}, 120_000);

test.concurrent("who was in the way of a wait that ended is not named later", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": units("create index concurrently x on a (i);\nalter table b add column j int;"),
  });
  await t.query("create table a (i int); create table b (i int)");
  const innocent = t.query("begin; insert into a values (1); select pg_sleep(8); commit");
  // Without a snapshot, for which the index would wait.
  const guilty = postgres(t.database.url, { max: 1, onnotice: () => undefined });
  const [row] = await guilty.unsafe("select pg_backend_pid() as pid");
  await guilty.unsafe("begin; lock table b in access share mode").simple();
  await asleep(t);
  const failed = await t.pgmate(["up", "--lock-timeout", "2s", "--lock-retries", "0"]);
  await innocent;
  await guilty.end();
  expect(failed.stderr).toContain(`in the way: pid ${row?.["pid"]} (`);
  expect(failed.stderr.match(/pid \d+/g)).toEqual([`pid ${row?.["pid"]}`]);
}, 120_000);

test.concurrent("a statement_timeout that ends a wait for a lock is no fault of it", async () => {
  await using t = await trial(await server(17), { "1_a.sql": pair("alter table t add j int;") });
  await t.query("create table t (i int)");
  const holder = t.query("begin; lock table t; select pg_sleep(8); commit");
  await asleep(t);
  const given = ["up", "--statement-timeout", "1500ms"];
  const failed = await t.pgmate([...given, "--lock-retries", "1"]);
  expect(failed.stderr).toContain("try 1 of 2 was rolled back (statement timeout); in the way");
  expect(failed.stderr).toContain("2 tries met a lock");
  expect(failed.status).toBe(2);
  const up = await t.pgmate(given);
  await holder;
  expect(up.status).toBe(0);
  await t.migrations({ "2_b.sql": pair("select pg_sleep(5);") });
  const slow = await t.pgmate(given);
  expect(slow.stderr).toContain("ran into a statement_timeout: allow it more (--statement-timeout");
  expect(slow.stderr).not.toContain("try 1 of");
});
