/** What the built pgmate says and does while somebody keeps the ledger locked. */
import { describe, expect, test } from "bun:test";
import postgres from "postgres";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";

const one = { "1_a.sql": pair("create table a (i int);", "drop table a;") };

interface Holder {
  readonly pid: number;
  release(): Promise<void>;
}

/** Another session of the superuser, which holds what the statements take. */
async function hold(t: Trial, sql: string): Promise<Holder> {
  const client = postgres(t.database.url, {
    max: 1, fetch_types: false, onnotice: () => {}, connection: { application_name: "holder" },
  });
  const [row] = await client.unsafe("select pg_backend_pid() as pid");
  await client.unsafe(`begin; ${sql}`).simple();
  return { pid: Number(row?.["pid"]), release: () => client.end({ timeout: 1 }) };
}

const said = (pid: number): string =>
  `in the way: pid ${pid} (user postgres, holder, from 127.0.0.1, idle in transaction for `;

describe.concurrent.each([15, 18] as const)("the ledger, on PostgreSQL %d", (version) => {
  test("status waits until it is free, and says for whom", async () => {
    await using t = await trial(await server(version), one);
    expect((await t.pgmate(["up"])).status).toBe(0);
    const holder = await hold(t, "lock table schema_migrations");
    const running = t.start(["status", "--lock-timeout", "300ms"]);
    while (!running.stderr().includes("so far")) await Bun.sleep(20);
    await holder.release();
    const { status, stdout, stderr } = await running.result;
    expect(status).toBe(0);
    expect(stdout).toStartWith("[X] 1_a.sql\n");
    expect(stderr).toStartWith('Waiting for "public"."schema_migrations", which is locked; ');
    expect(stderr).toContain(said(holder.pid));
  });

  test("up gives up after its tries, changes nothing, and says what would help", async () => {
    await using t = await trial(await server(version), one);
    expect((await t.pgmate(["up"])).status).toBe(0);
    await t.migrations({ "2_b.sql": pair("create table b (i int);") });
    const holder = await hold(t, "lock table schema_migrations");
    const began = performance.now();
    const ended = await t.pgmate(["up", "--lock-timeout", "200ms", "--lock-retries", "3"]);
    expect(performance.now() - began).toBeWithin(800, 4_000);
    await holder.release();
    expect(ended.status).toBe(2);
    expect(ended.stderr.match(/^Waiting for/gm)).toHaveLength(1);
    const told = 'Error: "public"."schema_migrations" is locked: waited ';
    expect(ended.stderr).toContain(told);
    expect(ended.stderr.slice(ended.stderr.indexOf(told))).toContain(said(holder.pid));
    expect(ended.stderr).toContain("\nState: nothing was changed\n");
    expect(ended.stderr).toContain(`select pg_terminate_backend(${holder.pid})`);
    expect(await t.applied()).toEqual(["1"]);
  });
});

describe.concurrent("the ledger", () => {
  test("--lock-retries 0 tries once", async () => {
    await using t = await trial(await server(17), one);
    expect((await t.pgmate(["up"])).status).toBe(0);
    const holder = await hold(t, "lock table schema_migrations");
    const ended = await t.pgmate(["status", "--lock-timeout", "200ms", "--lock-retries", "0"]);
    await holder.release();
    expect(ended.status).toBe(2);
    expect(ended.stderr).not.toContain("Waiting for");
    expect(ended.stderr).toContain(said(holder.pid));
  });

  test("--lock-timeout 0 waits for as long as it takes, not in silence", async () => {
    await using t = await trial(await server(17), one);
    expect((await t.pgmate(["up"])).status).toBe(0);
    const holder = await hold(t, "lock table schema_migrations");
    const running = t.start(["status", "--lock-timeout", "0", "--lock-retries", "0"]);
    while (!running.stderr().includes("so far")) await Bun.sleep(50);
    await Bun.sleep(2_500);
    await holder.release();
    expect((await running.result).status).toBe(0);
  });

  test("a lock that a prepared transaction holds is named with what ends it", async () => {
    await using t = await trial(await server(17), one);
    expect((await t.pgmate(["up"])).status).toBe(0);
    const holder = await hold(t, "lock table schema_migrations; prepare transaction 'lost one'");
    await holder.release();
    const ended = await t.pgmate(["status", "--lock-timeout", "100ms", "--lock-retries", "1"]);
    await t.query("rollback prepared 'lost one'");
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain(
      "in the way: the prepared transaction 'lost one' (user postgres, prepared for ",
    );
    expect(ended.stderr).toContain("or end that: rollback prepared 'lost one'");
  });

  test("Ctrl-C ends the wait at once", async () => {
    await using t = await trial(await server(17), one);
    expect((await t.pgmate(["up"])).status).toBe(0);
    const holder = await hold(t, "lock table schema_migrations");
    const running = t.start(["status", "--lock-timeout", "0"]);
    while (!running.stderr().includes("so far")) await Bun.sleep(50);
    const began = performance.now();
    running.signal("SIGINT");
    expect((await running.result).status).toBe(130);
    expect(performance.now() - began).toBeLessThan(15_000);
    await holder.release();
  });

  test("a published table that is locked keeps nobody from running", async () => {
    await using t = await trial(await server(17), one);
    await t.query("create table schema_migrations (version varchar primary key)");
    await t.query("create table published (i int)");
    await t.query("create publication p for table published");
    const holder = await hold(t, "lock table published");
    const ended = await t.pgmate(["up", "--lock-timeout", "200ms"]);
    await holder.release();
    expect(ended.status).toBe(0);
    expect(ended.stdout).toContain("Applied: 1_a.sql");
    expect(await t.applied()).toEqual(["1"]);
  });
});
