/** The built pgmate stopped in the midst of things: by signals, by kill -9, by changed files. */
import { describe, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { server, startServer } from "./testing/servers.ts";
import { asleep, left, stopped, until, waiting } from "./testing/stopping.ts";
import { pair, type Trial, trial, units, wake } from "./testing/trial.ts";

/** What others see of the statement that runs. */
async function shown(t: Trial): Promise<unknown> {
  const sql =
    "select query from pg_stat_activity where datname = $1 and application_name like 'pgmate%'" +
    " and wait_event = 'PgSleep'";
  return (await t.server.query("postgres", sql, [t.database.name]))[0]?.["query"];
}

const slowTrigger =
  "create table a (i int);\ncreate function f() returns trigger language plpgsql as\n" +
  "$$ begin perform pg_sleep(60); return new; end $$;\n" +
  "create trigger t before insert on a for each row execute function f();\n";

const sleep = "create table a (i int); select pg_sleep(60);";
const slowCheck = slowTrigger
  .replace("create trigger t before", "create constraint trigger t after")
  .replace("on a for", "on a deferrable initially deferred for");

const running: readonly (readonly [string, NodeJS.Signals, number, string, string])[] = [
  ["a statement", "SIGINT", 130, pair(sleep), "nothing of"],
  ["a statement", "SIGTERM", 143, pair(sleep), "nothing of"],
  ["a statement", "SIGHUP", 129, pair(sleep), "nothing of"],
  ["a unit", "SIGTERM", 143, units(`select 1; ${sleep.slice(23)}`), "1 of its 2"],
  ["a group", "SIGINT", 130, units(`begin; ${sleep} commit;`), "its one statement was not kept"],
  ["a COPY", "SIGINT", 130, pair(`${slowTrigger}copy a from stdin;\n1\n\\.\n`), "nothing of"],
  ["the commit", "SIGINT", 130, pair(`${slowCheck}insert into a values (1);`), "nothing of"],
];

describe.concurrent("stopped in the midst of", () => {
  test.each(running)("%s by %s", async (_title, signal, status, text, state) => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("select 1;"), "2_b.sql": text, "3_c.sql": pair("select 3;"),
    });
    const program = t.start(["up"]);
    await asleep(t);
    if (!text.includes("copy")) expect(await shown(t)).toStartWith("-- pgmate: 2_b.sql (up)\n");
    const ended = await stopped(program, signal);
    expect(ended.status).toBe(status);
    expect(ended.ms).toBeLessThan(20_000);
    expect(ended.stderr).toContain(state);
    expect(ended.stderr).toContain("done before it: 1_a.sql; not reached: 3_c.sql");
    await until(async () => (await left(t)) === 0);
    expect(await t.applied()).toEqual(["1"]);
    expect(await t.query("select 1 from pg_class where relname = 'a'")).toHaveLength(0);
  });

  test("many small statements: what was not sent is not sent", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": units(`create table a (i int);\n${"select pg_sleep(0.02);\n".repeat(2_000)}`),
    });
    const program = t.start(["up"]);
    await asleep(t);
    const ended = await stopped(program, "SIGTERM");
    expect(ended.status).toBe(143);
    expect(ended.ms).toBeLessThan(15_000);
    expect(ended.stderr).toMatch(/1_a.sql is not recorded as applied.* stay/);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("waiting for the lock by %s", async (signal) => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select pg_sleep(60);") });
    const holder = t.start(["up"]);
    await asleep(t);
    const waiter = t.start(["up"]);
    await until(async () => waiter.stderr().includes("Waiting for another run"));
    const ended = await stopped(waiter, signal);
    expect(ended.status).toBe(signal === "SIGINT" ? 130 : 143);
    expect(ended.stderr).toContain("nothing was changed by this run");
    expect((await stopped(holder, "SIGTERM")).status).toBe(143);
  });

  test("reading the ledger, which somebody has locked", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select 1;") });
    expect((await t.pgmate(["up"])).status).toBe(0);
    const sql = "begin; lock table schema_migrations; select pg_sleep(60); commit";
    const holder = t.query(sql).catch(() => "canceled");
    await asleep(t);
    for (const command of ["status", "up"]) {
      const program = t.start([command]);
      await until(async () => (await waiting(t)) > 0);
      const ended = await stopped(program, "SIGINT");
      expect(ended.status).toBe(130);
      expect(ended.ms).toBeLessThan(15_000);
    }
    await wake(t, holder);
    expect(await holder).toBe("canceled");
  });

  test.each(["prefer", "disable"])("connecting to what does not answer, %s", async (mode) => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const address = mute.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await using t = await trial(await server(17), { "1_a.sql": pair("select 1;") });
    const url = `postgres://u:p@127.0.0.1:${port}/d?sslmode=${mode}`;
    for (const command of ["up", "status"]) {
      const program = t.start([command], { DATABASE_URL: url });
      await until(async () => sockets.length > 0);
      const ended = await stopped(program, "SIGTERM");
      expect(ended.status).toBe(143);
      expect(ended.ms).toBeLessThan(8_000);
      for (const socket of sockets.splice(0)) socket.destroy();
    }
    mute.close();
  });
});

test.concurrent.each([15, 18] as const)("kill -9 on %d leaves nothing, and no lock", async (on) => {
  await using t = await trial(await server(on), {
    "1_a.sql": pair("create table a (i int);\nselect pg_sleep(30);\ninsert into a values (1);"),
  });
  const program = t.start(["up"]);
  await asleep(t);
  const ended = await stopped(program, "SIGKILL");
  expect(ended.status).toBe(137);
  const began = performance.now();
  await until(async () => (await left(t)) === 0);
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(await t.applied()).toEqual([]);
  await t.migrations({ "1_a.sql": pair("create table a (i int);") });
  expect((await t.pgmate(["up"])).status).toBe(0);
});

describe.concurrent("the server", () => {
  const files = {
    "1_a.sql": pair("select 1;"),
    "2_b.sql": pair("create table a (i int); select pg_sleep(30);"),
    "3_c.sql": pair("select 3;"),
  };

  test("crashes and comes back: the ledger is asked", async () => {
    const own = await startServer({ version: 17 });
    await using t = await trial(own, files);
    const program = t.start(["up"]);
    await asleep(t);
    const [row] = await own.query(
      "postgres", "select pid from pg_stat_activity where wait_event = 'PgSleep'",
    );
    process.kill(Number(row?.["pid"]), "SIGKILL");
    const ended = await program.result;
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain("the connection to the server was lost");
    expect(ended.stderr).toContain("nothing of 2_b.sql was kept; done before it: 1_a.sql");
    await own.stop();
  });

  test("ends the session: its last words are told", async () => {
    await using t = await trial(await server(17), {
      ...files,
      "2_b.sql": pair("create table a (i int);select pg_terminate_backend(pg_backend_pid());"),
    });
    const up = await t.pgmate(["up"]);
    expect(up.status).toBe(2);
    expect(up.stderr).toContain("terminating connection due to administrator command");
    expect(up.stderr).toContain("nothing of 2_b.sql was kept");
    expect(await t.applied()).toEqual(["1"]);
  });

  test("goes and stays away: what is not known is said to be", async () => {
    const own = await startServer({ version: 17 });
    await using t = await trial(own, files);
    const program = t.start(["up"]);
    await asleep(t);
    await own.stop();
    const ended = await program.result;
    expect(ended.status).toBe(2);
    // The second file sleeps, but of what was sent behind it nobody can know either.
    const unknown = "whether 2_b.sql, 3_c.sql were applied is not known; done before it: 1_a";
    expect(ended.stderr).toContain(unknown);
    expect(ended.stderr).not.toContain("not reached");
  }, 120_000);
});

describe.concurrent("a file that is changed while it runs", () => {
  const another = "-- migrate:up\nselect 42;\n-- migrate:down\n";
  const wide = `-- ${"x".repeat(1_000)}\n`;

  test("runs as it was read when it is small", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("select pg_sleep(6);\nselect nope;"),
    });
    const program = t.start(["up"]);
    await asleep(t);
    await t.migrations({ "1_a.sql": another });
    const { stderr } = await program.result;
    expect(stderr).toContain("  3 | select nope;\n    |        ^\n");
  });

  test.each([
    ["with a large section", `insert into a values (1);${wide}`.repeat(6_000)],
    ["with a COPY", `copy a from stdin;\n${`${"1".padStart(1_000)}\n`.repeat(9_000)}\\.\n`],
  ])("is given up %s, and nothing of it is kept", async (_title, rest) => {
    await using t = await trial(await server(17), {
      "0_z.sql": pair("select 1;"),
      "1_a.sql": pair(`create table a (i int);\nselect pg_sleep(6);\n${rest}`),
    });
    const program = t.start(["up"]);
    await asleep(t);
    await t.migrations({ "1_a.sql": another });
    const ended = await program.result;
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain("db/migrations/1_a.sql was changed while the run was using it");
    expect(ended.stderr).toContain("nothing of 1_a.sql was kept; done before it: 0_z.sql");
    expect(await t.query("select 1 from pg_class where relname = 'a'")).toHaveLength(0);
    expect(await t.applied()).toEqual(["0"]);
  });
});
