/** Small files are sent before those in front of them are answered, and nobody notices. */

import { expect, test } from "bun:test";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { server } from "./testing/servers.ts";
import { asleep, until, waiting } from "./testing/stopping.ts";
import { pair, type Trial, trial, units, wake } from "./testing/trial.ts";

const versions = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, "0"));

/** Twelve files that each write down themselves, but for those that are given. */
function twelve(others: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const files = versions.map((version): readonly [string, string] => {
    const up = `insert into seen (v, at) values ('${version}', now());`;
    const down = `delete from seen where v = '${version}';`;
    return [`${version}_f.sql`, others[version] ?? pair(up, down)];
  });
  return Object.fromEntries(files);
}

async function started(files: Readonly<Record<string, string>>): Promise<Trial> {
  const t = await trial(await server(17), files);
  await t.query("create table seen (v text primary key, at timestamptz, n serial)");
  return t;
}

/** What `--json` says of a run that failed. */
interface Failed {
  readonly error: { readonly state: string };
  readonly steps: readonly { readonly version: string }[];
}

const upTo = (count: number): string[] => versions.slice(0, count);

/** The versions on lines that begin so. */
function linesOf(text: string, ...words: readonly string[]): string[] {
  const lines = text.matchAll(/^(Applied|Rolled back): (\d+)/gm);
  return [...lines].flatMap(([, word = "", version = ""]) => {
    return words.includes(word) ? [version] : [];
  });
}

test.concurrent.each([
  ["a statement fails", "select 1; select 1/0;", /06_f\.sql:2:\d+.*division by zero/s],
  ["nothing of it can be parsed", "create tabel x ();", /06_f\.sql:2:8.*syntax error/s],
  ["its end fails", "create table p (i int primary key deferrable initially deferred);\n" +
    "insert into p values (1), (1);", /06_f\.sql.*p_pkey/s],
  ["its row is there already", "insert into schema_migrations (version) values ('06');",
    /06_f\.sql.*schema_migrations_pkey/s],
])("where %s, those before it are kept and none behind it runs", async (_what, up, said) => {
  await using t = await started(twelve({ "06": pair(up) }));
  const ran = await t.pgmate(["up"]);
  expect(ran.status).toBe(2);
  expect(ran.stderr).toMatch(said);
  expect(ran.stderr).toContain("nothing of 06_f.sql was kept; done before it: 01_f.sql");
  expect(ran.stderr).toContain("not reached: 07_f.sql");
  expect(ran.stderr.match(/^error/gim) ?? []).toHaveLength(1);
  expect(ran.stdout.match(/^Applied: /gm)).toHaveLength(5);
  expect(await t.applied()).toEqual(upTo(5));
  const seen = await t.query("select v from seen order by n");
  expect(seen.map(({ v }) => String(v))).toEqual(upTo(5));
  await t.migrations({ "06_f.sql": pair("select 6;") });
  const again = await t.pgmate(["up"]);
  expect(linesOf(again.stdout, "Applied")).toEqual(versions.slice(5));
  expect(await t.applied()).toEqual([...versions]);
});

test.concurrent("a lock that is not to be had is waited for in its place", async () => {
  await using t = await started(twelve({ "06": pair("alter table held add column c int;") }));
  await t.query("create table held (i int)");
  const holder = t.query("begin; select * from held; select pg_sleep(600)");
  await asleep(t);
  const run = t.start(["up", "--lock-timeout", "200ms"]);
  await until(async () => run.stderr().includes("06_f.sql"));
  expect(await t.applied()).toEqual(upTo(5));
  await wake(t, holder);
  const ran = await run.result;
  expect(ran.status).toBe(0);
  expect(linesOf(ran.stdout, "Applied")).toEqual(versions);
  const order = await t.query("select v from seen order by n");
  expect(order.map(({ v }) => String(v))).toEqual(versions.filter((version) => version !== "06"));
});

test.concurrent("who lets the run lock go is followed by nobody", async () => {
  await using t = await started(twelve({ "06": pair("select pg_advisory_unlock_all();") }));
  const ran = await t.pgmate(["up"]);
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain("the run lock is no longer held by this session");
  expect(await t.applied()).toEqual(upTo(6));
});

test.concurrent("a backend that ends in the midst is asked for by the ledger", async () => {
  const end = pair("select pg_terminate_backend(pg_backend_pid());");
  await using t = await started(twelve({ "06": end }));
  const ran = await t.pgmate(["up"]);
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain("nothing of 06_f.sql was kept; done before it: 01_f.sql");
  expect(ran.stderr).toContain("not reached: 07_f.sql");
  expect(await t.applied()).toEqual(upTo(5));
});

test.concurrent("answers that never came are asked of the ledger, and told", async () => {
  // Past this one nothing is sent, however far away the server seems to be.
  await using t = await started(twelve({ "07": units("select 7;") }));
  const sockets: Socket[] = [];
  let isMute = false;
  const listener = createServer((client) => {
    const upstream = connect(t.server.port, t.server.host);
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on("error", () => undefined);
    client.on("data", (chunk) => {
      if (chunk.includes("pgmate: 03_f.sql")) isMute = true;
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => void (isMute || client.write(chunk)));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const direct = t.server.url(t.database.name, { sslmode: "disable" });
  const url = direct.replace(`:${t.server.port}/`, `:${port}/`);
  const run = t.start(["up", "--json"], { DATABASE_URL: url });
  await until(async () => (await t.query("select from seen")).length >= 4);
  isMute = false;
  for (const socket of sockets.splice(0)) socket.destroy();
  const ran = await run.result;
  listener.close();
  expect(ran.status).toBe(2);
  const applied = await t.applied();
  const document = JSON.parse(ran.stdout) as Failed;
  expect(document.steps.map(({ version }) => version)).toEqual([...applied]);
  const known = /^(nothing of \d+_f\.sql was kept|\d+_f\.sql was applied: its commit went)/;
  expect(document.error.state).toMatch(known);
  expect(document.error.state).toContain("done before it: 01_f.sql");
  expect(document.error.state).toContain("not reached: ");
  expect(applied).not.toHaveLength(versions.length);
});

test.concurrent("a file that changes meanwhile is told in its turn", async () => {
  const wide = `-- migrate:up\n${`-- ${"x".repeat(1_000)}\n`.repeat(1_500)}select 1;\n`;
  const large = `${wide}\n-- migrate:down\nselect 3;\n`;
  const slow = pair("select 11;", "set local lock_timeout = 0; lock table held;");
  // Past this one nothing is sent, however far away the server seems to be.
  const alone = units("select 9;", "select 9;");
  await using t = await started(twelve({ "07": large, "09": alone, "11": slow }));
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.query("create table held ()");
  const holder = t.query("begin; lock table held; select pg_sleep(600)");
  await asleep(t);
  const run = t.start(["rollback", "--to", "05"]);
  await until(async () => (await waiting(t)) === 1);
  await t.migrations({ "07_f.sql": `${large}-- changed\n` });
  await wake(t, holder);
  const ran = await run.result;
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain("07_f.sql was changed while the run was using it");
  expect(ran.stderr).toContain("nothing of 07_f.sql was kept; done before it: 12_f.sql");
  expect(linesOf(ran.stdout, "Rolled back")).toEqual(["12", "11", "10", "09", "08"]);
  expect(await t.applied()).toEqual(upTo(7));
});

test.concurrent("what was on its way when the run is stopped is told as it is", async () => {
  await using t = await started(twelve({ "06": pair("select pg_sleep(600);") }));
  const run = t.start(["up"]);
  await asleep(t);
  run.signal("SIGTERM");
  const ran = await run.result;
  expect(ran.status).toBe(143);
  expect(ran.stderr).toContain("nothing of 06_f.sql was kept; done before it: 01_f.sql");
  expect(ran.stdout.match(/^Applied: /gm)).toHaveLength(5);
  expect(await t.applied()).toEqual(upTo(5));
});

test.concurrent("each has its own time, session and what the server said of it", async () => {
  const loud = pair("set search_path = nowhere; create temp table tt (i int);\n" +
    "do $$ begin raise notice 'of the fifth'; end $$; select pg_sleep(0.3);");
  const clean = pair("create table tt (i int); insert into seen (v, at) values ('06', now());\n" +
    "do $$ begin raise notice 'of the sixth'; end $$;");
  await using t = await started(twelve({ "05": loud, "06": clean }));
  const ran = await t.pgmate(["up", "--log-format", "json"]);
  expect(ran.status).toBe(0);
  const events = /"event":"(applying|applied|notice)"/;
  const told = ran.stderr.split("\n").filter((line) => events.test(line));
  const fifth = told.findIndex((line) => line.includes("of the fifth"));
  const sixth = told.findIndex((line) => line.includes("of the sixth"));
  expect(told[fifth - 1]).toContain("05_f.sql");
  expect(told[fifth + 1]).toContain("05_f.sql");
  expect(told[sixth - 1]).toContain("06_f.sql");
  expect(told[sixth + 1]).toContain("06_f.sql");
  const [times] = await t.query("select count(distinct at)::int as times from seen");
  expect(times).toEqual({ times: 11 });
  const kept = await t.query("select version, execution_ms::int as ms from schema_migrations");
  for (const { version, ms } of kept) {
    const line = told.find((one) => one.includes(`"applied"`) && one.includes(`/${version}_f.sql`));
    const { durationMs } = JSON.parse(line ?? "{}") as { durationMs?: number };
    expect([version, durationMs]).toEqual([version, expect.any(Number)]);
    expect(durationMs).toBeGreaterThanOrEqual(Number(ms));
  }
  const [slow] = await t.query("select execution_ms >= 300 as slow from schema_migrations" +
    " where version = '05'");
  expect(slow).toEqual({ slow: true });
  const [sum] = await t.query("select sum(execution_ms) < 5000 as fits from schema_migrations");
  expect(sum).toEqual({ fits: true });
  expect(await t.query("select from pg_tables where schemaname = 'public' and tablename = 'tt'"))
    .toHaveLength(1);
});

test.concurrent("what cannot be sent so runs in its place", async () => {
  const copy = pair("copy seen (v) from stdin;\n06\n\\.\n");
  const alone = units("create index concurrently on seen (at);");
  const large = pair(`insert into seen (v) values ('08'); -- ${"x".repeat(50_000)}`);
  await using t = await started(twelve({ "03": alone, "06": copy, "08": large }));
  const ran = await t.pgmate(["up"]);
  expect(ran.status).toBe(0);
  const order = await t.query("select v from seen order by n");
  expect(order.map(({ v }) => String(v))).toEqual(versions.filter((version) => version !== "03"));
});

test.concurrent("down they go in their order, and a redo brings them back", async () => {
  await using t = await started(twelve());
  expect((await t.pgmate(["up"])).status).toBe(0);
  const redone = await t.pgmate(["redo", "--steps", "3"]);
  expect(redone.status).toBe(0);
  expect(linesOf(redone.stdout, "Rolled back", "Applied")).toEqual(
    ["12", "11", "10", "10", "11", "12"],
  );
  const down = await t.pgmate(["rollback", "--to", "02"]);
  expect(linesOf(down.stdout, "Rolled back")).toEqual(versions.slice(2).toReversed());
  expect(await t.applied()).toEqual(upTo(2));
});
