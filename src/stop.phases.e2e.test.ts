/** The built pgmate stopped in each of its phases: what it tells is looked up in the database. */
import { describe, expect, test } from "bun:test";
import { server, startServer } from "./testing/servers.ts";
import { asleep, left, stopped, until, waiting } from "./testing/stopping.ts";
import { pair, type Trial, trial, units, wake } from "./testing/trial.ts";

/** Holds a transaction open in the trial's database until it is told to end. */
async function openTransaction(t: Trial, sql: string): Promise<() => Promise<void>> {
  const held = t.query(`begin; ${sql}; select pg_sleep(600)`).catch(() => []);
  await asleep(t);
  return () => wake(t, held);
}

async function index(t: Trial): Promise<unknown> {
  const sql = "select indisvalid from pg_index where indexrelid = to_regclass('x')";
  return (await t.query(sql))[0]?.["indisvalid"];
}

const signals = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const;

describe.concurrent("stopped while", () => {
  test.each(signals)("an index is built concurrently, by %s", async (signal, status) => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create table a (i int);"),
      "2_b.sql": units("insert into a values (1);\ncreate index concurrently x on a (i);"),
    });
    await t.query("create table other (i int)");
    // The build waits for every transaction that is older than it.
    const end = await openTransaction(t, "insert into other values (1)");
    const run = t.start(["up"]);
    await until(async () => (await waiting(t)) > 0);
    const ended = await stopped(run, signal);
    expect(ended.status).toBe(status);
    expect(ended.ms).toBeLessThan(20_000);
    expect(await index(t)).toBe(false);
    expect(ended.stderr).toContain("2_b.sql is not recorded as applied: 1 of its 2");
    expect(ended.stderr).toContain("Next: run `pgmate up` again");
    expect(await left(t)).toBe(0);
    expect(await t.applied()).toEqual(["1"]);
    await end();
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await index(t)).toBe(true);
    expect(await t.query("select i from a")).toHaveLength(1);
    expect(await t.applied()).toEqual(["1", "2"]);
  });

  test.each(signals)("a step waits for a table's lock, by %s", async (signal, status) => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create table a (i int);"),
      "2_b.sql": pair("create table b (i int);\nalter table a add column j int;"),
    });
    expect((await t.pgmate(["up", "--to", "1"])).status).toBe(0);
    const end = await openTransaction(t, "lock table a in access share mode");
    const run = t.start(["up", "--lock-timeout", "0"]);
    await until(async () => (await waiting(t)) > 0);
    const ended = await stopped(run, signal);
    expect(ended.status).toBe(status);
    expect(ended.ms).toBeLessThan(20_000);
    expect(ended.stderr).toContain("State: nothing of 2_b.sql was kept\n");
    expect(await left(t)).toBe(0);
    expect(await t.query("select 1 from pg_class where relname = 'b'")).toHaveLength(0);
    await end();
    expect((await t.pgmate(["up"])).status).toBe(0);
  });

  test("a step rests between two tries", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create table a (i int);"),
      "2_b.sql": pair("alter table a add column j int;"),
    });
    expect((await t.pgmate(["up", "--to", "1"])).status).toBe(0);
    const end = await openTransaction(t, "lock table a in access share mode");
    const run = t.start(["up", "--lock-timeout", "20ms", "--lock-retries", "1000"]);
    // By then it rests for four seconds at least.
    await until(async () => run.stderr().includes("try 6 of"));
    const ended = await stopped(run, "SIGTERM");
    expect(ended.status).toBe(143);
    expect(ended.ms).toBeLessThan(3_500);
    expect(ended.stderr).toContain("State: nothing of 2_b.sql was kept\n");
    expect(await left(t)).toBe(0);
    await end();
  });

  test("it waits for a server that is not there", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select 1;") });
    const env = { DATABASE_URL: "postgres://u:p@127.0.0.1:1/d" };
    for (const args of [["wait"], ["up", "--wait"], ["status", "--wait"]]) {
      const run = t.start(args, env);
      await until(async () => run.stdout() + run.stderr() !== "");
      const ended = await stopped(run, "SIGINT");
      expect(ended.status).toBe(130);
      expect(ended.ms).toBeLessThan(15_000);
      expect(ended.stderr).toContain("State: nothing was changed");
    }
  });

  test("a database is to be made, which a template's user keeps from it", async () => {
    const own = await startServer({ version: 17 });
    await using t = await trial(own, { "1_a.sql": pair("select 1;") });
    // A connection to template1 makes CREATE DATABASE wait for five seconds.
    const held = own.query("template1", "select pg_sleep(60)").catch(() => []);
    const run = t.start(["up"], { DATABASE_URL: own.url("new") });
    await until(async () => {
      // What made the databases of the tests is idle, and shows its last statement.
      const sql = "select 1 from pg_stat_activity" +
        " where query ilike 'create database%' and state = 'active'";
      return (await own.query("postgres", sql)).length > 0;
    });
    const ended = await stopped(run, "SIGINT");
    expect(ended.status).toBe(130);
    expect(await own.query("postgres", "select 1 from pg_database where datname = 'new'"))
      .toHaveLength(0);
    await own.query("postgres", "select pg_cancel_backend(pid) from pg_stat_activity" +
      " where wait_event = 'PgSleep'");
    await held;
    await own.stop();
  });

  test("a backend does not listen: that is told, and it is not waited for for ever", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create table a (i int);"),
      "2_b.sql": pair("create table b (i int); select pg_sleep(60);"),
    });
    const run = t.start(["up"]);
    await asleep(t);
    const [row] = await t.query("select pid from pg_stat_activity where wait_event = 'PgSleep'" +
      " and datname = current_database()");
    const backend = Number(row?.["pid"]);
    process.kill(backend, "SIGSTOP");
    const ended = await stopped(run, "SIGTERM");
    process.kill(backend, "SIGCONT");
    expect(ended.status).toBe(143);
    expect(ended.ms).toBeWithin(9_000, 20_000);
    expect(ended.stderr).toContain("Stopping: the server has not ended yet what it runs");
    expect(ended.stderr).toContain("2_b.sql was stopped; `pgmate status` shows whether it is kept");
    await until(async () => (await left(t)) === 0);
    expect(await t.applied()).toEqual(["1"]);
  });

  test("rolling back", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create table a (i int);", "drop table a; select pg_sleep(60);"),
      "2_b.sql": pair("create table b (i int);", "drop table b;"),
    });
    expect((await t.pgmate(["up"])).status).toBe(0);
    const run = t.start(["rollback", "--all"]);
    await asleep(t);
    const ended = await stopped(run, "SIGINT");
    expect(ended.status).toBe(130);
    expect(ended.stderr).toContain(
      "State: nothing of 1_a.sql was kept; done before it: 2_b.sql (rolled back)\n" +
        "Next: look with `pgmate status`",
    );
    expect(await t.applied()).toEqual(["1"]);
    expect(await t.query("select 1 from pg_class where relname in ('a', 'b')")).toHaveLength(1);
    expect(await left(t)).toBe(0);
  });
});

describe.concurrent("a connection that breaks", () => {
  const files = {
    "1_a.sql": pair("create table a (i int);"),
    "2_b.sql": pair("insert into a values (1);\nselect pg_sleep(60);\n-- once"),
    "3_c.sql": pair("select 3;"),
  };
  const [noted, alone] = ["insert into a values (1);", "vacuum a;\nselect pg_sleep(60);\n-- once"];

  test.each([
    ["a transactional step", files, "nothing of 2_b.sql was kept"],
    ["a unit", { ...files, "2_b.sql": units(`${noted}\n${alone}`) }, "2 of its 3"],
  ])("in %s: the statement is sent once", async (_title, given, state) => {
    const own = await startServer({ version: 17, settings: { log_statement: "all" } });
    await using t = await trial(own, given);
    const mark = own.mark();
    const run = t.start(["up"]);
    await asleep(t);
    await t.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'" +
        " and datname = current_database()",
    );
    const { status, stderr } = await run.result;
    expect(status).toBe(2);
    expect(stderr).toContain(state);
    expect(stderr).toContain("not reached: 3_c.sql");
    const sent = own.statementsSince(mark, t.database.name);
    expect(sent.filter((text) => text.includes("select pg_sleep(60)"))).toHaveLength(1);
    expect(sent.filter((text) => text.includes("insert into a"))).toHaveLength(1);
    expect(await t.applied()).toEqual(["1"]);
    await own.stop();
  });

  test("by a server that is killed while it commits is asked, not sent again", async () => {
    const own = await startServer({ version: 17, settings: { log_statement: "all" } });
    await using t = await trial(own, {
      // The commit itself takes long: a deferred trigger runs in it.
      "1_a.sql": pair(
        "create table a (i int);\ncreate function f() returns trigger language plpgsql as\n" +
          "$$ begin perform pg_sleep(60); return new; end $$;\n" +
          "create constraint trigger t after insert on a deferrable initially deferred\n" +
          "for each row execute function f();",
      ),
      "2_b.sql": pair("insert into a values (1);"),
    });
    const mark = own.mark();
    const run = t.start(["up"]);
    await asleep(t);
    await t.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'" +
        " and datname = current_database()",
    );
    const { status, stderr } = await run.result;
    expect(status).toBe(2);
    expect(stderr).toContain("nothing of 2_b.sql was kept; done before it: 1_a.sql");
    const sent = own.statementsSince(mark, t.database.name);
    expect(sent.filter((text) => text.includes("insert into a"))).toHaveLength(1);
    await t.query("drop trigger t on a");
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await t.query("select i from a")).toHaveLength(1);
    await own.stop();
  });
});
