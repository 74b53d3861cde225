/** Runs of the built pgmate at the same time: one works, the others wait, nothing runs twice. */
import { describe, expect, test } from "bun:test";
import { edgeVersions, server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

/** A step that runs twice would fail, or leave two rows. */
const files = {
  "1_a.sql": pair("create table a (i int);\nselect pg_sleep(2);"),
  "2_b.sql": units("create table b (i int);\ninsert into b values (1);\nselect pg_sleep(0.1);"),
  "3_c.sql": pair("insert into a values (1);"),
};

async function expectOnce(t: Trial): Promise<void> {
  const [row] = await t.query(
    "select (select count(*)::int from a) as a, (select count(*)::int from b) as b," +
      " (select count(*)::int from pg_locks where locktype = 'advisory' and database =" +
      " (select oid from pg_database where datname = current_database())) as locks",
  );
  expect(row).toMatchObject({ a: 1, b: 1, locks: 0 });
  expect(await t.applied()).toEqual(["1", "2", "3"]);
}

describe.concurrent.each(edgeVersions)("on PostgreSQL %d", (version) => {
  test("two at once run each step once, and the second says whom it waits for", async () => {
    await using t = await trial(await server(version), files);
    const both = [t.start(["up"]), t.start(["up"])];
    const ended = await Promise.all(both.map(({ result }) => result));
    expect(ended.map(({ status }) => status)).toEqual([0, 0]);
    await expectOnce(t);
    const working = ended.findIndex(({ stdout }) => stdout.includes("Applied: 3_c.sql"));
    const { stdout, stderr } = ended[1 - working] ?? { stdout: "", stderr: "" };
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      new RegExp(
        `Waiting for another run to end: pgmate \\S+ up ${both[working]?.pid}@\\S+` +
          " \\(pid \\d+, user postgres, from 127.0.0.1, since [\\d.]+ s\\)",
      ),
    );
  });
});

describe.concurrent("one run at a time", () => {
  test("eight at once on a database that does not exist yet", async () => {
    await using t = await trial(await server(17), files);
    await t.server.query("postgres", `drop database "${t.database.name}"`);
    const ended = await Promise.all(Array.from({ length: 8 }, () => t.pgmate(["up"])));
    expect(ended.map(({ stderr }) => stderr).join("")).not.toContain("Error");
    expect(ended.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 0));
    await expectOnce(t);
  });

  test("commands of every kind exclude each other", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create table a (i int);", "drop table a;"),
      "2_b.sql": pair("create table b (i int);", "drop table b;"),
    });
    expect((await t.pgmate(["up"])).status).toBe(0);
    const commands = [["redo"], ["goto", "1"], ["rollback"], ["up"], ["redo"], ["migrate"]];
    const ended = await Promise.all(commands.map((args) => t.pgmate(args)));
    const told = ended.map(({ stderr }) => stderr).join("");
    // Whoever comes when nothing is applied any more cannot undo; nothing else may fail.
    expect(told.replaceAll(/Error: can't (redo|rollback): no mig/g, "")).not.toContain("Error");
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2"]);
  });

  test("--lock-wait gives up with the holder's name", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select pg_sleep(9);") });
    const holder = t.start(["up"]);
    while (!holder.stdout().includes("Applying")) await Bun.sleep(20);
    const ended = await t.pgmate(["up", "--lock-wait", "1s"]);
    expect(ended.status).toBe(2);
    const [, waited] =
      new RegExp(`Error: another run is under way .*: waited (\\S+) s for pgmate .*${holder.pid}@`)
        .exec(ended.stderr) ?? [];
    expect(Number(waited)).toBeWithin(1, 5);
    expect(ended.stderr).toContain("State: nothing was changed by this run");
    expect((await t.pgmate(["status"])).status).toBe(0);
    expect((await holder.result).status).toBe(0);
  });

  test("a connection that is lost while it waits has changed nothing", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select pg_sleep(9);") });
    const holder = t.start(["up"]);
    while (!holder.stdout().includes("Applying")) await Bun.sleep(20);
    const waiter = t.start(["up"]);
    while (!waiter.stderr().includes("Waiting for another run")) await Bun.sleep(20);
    await t.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()" +
        ` and application_name like 'pgmate % up ${waiter.pid}@%'`,
    );
    const { status, stderr } = await waiter.result;
    expect(status).toBe(2);
    expect(stderr).toContain("Error: the connection to the server was lost");
    expect(stderr).toContain("State: nothing was changed by this run\nNext: run `pgmate up` again");
    expect((await holder.result).status).toBe(0);
  });

  test("other ledgers and other databases do not wait", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select pg_sleep(6);") });
    const holder = t.start(["up"]);
    while (!holder.stdout().includes("Applying")) await Bun.sleep(20);
    const other = await t.pgmate(["up", "--lock-wait", "0s", "--migrations-table", "other"]);
    expect(other.status).toBe(0);
    expect((await holder.result).status).toBe(0);
  });

  test("an index is made concurrently while another run waits", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create table a (i int);"),
      "2_b.sql": units("select pg_sleep(6);\ncreate index concurrently x on a (i);"),
    });
    const ended = await Promise.all([t.pgmate(["up"]), t.pgmate(["up"])]);
    expect(ended.map(({ status }) => status)).toEqual([0, 0]);
    const told = ended.map(({ stderr }) => stderr).join("");
    expect(told).toContain("Waiting for another run to end");
    const [row] = await t.query("select indisvalid from pg_index where indexrelid = 'x'::regclass");
    expect(row?.["indisvalid"]).toBe(true);
  });
});
