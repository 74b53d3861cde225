/** The built pgmate when nobody reads it any more: closed pipes, lost terminals, nohup. */
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { server } from "./testing/servers.ts";
import { asleep, inShell, left, until } from "./testing/stopping.ts";
import { onTerminal } from "./testing/terminal.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const files = {
  "1_a.sql": pair("create table a (i int); select pg_sleep(0.5);"),
  "2_b.sql": pair("create table b (i int);"),
  "3_c.sql": pair("select 3;"),
};
const slow = {
  ...files,
  "1_a.sql": pair("create table a (i int);"),
  "2_b.sql": pair("create table b (i int); select pg_sleep(60);"),
};

async function tables(t: Trial): Promise<readonly unknown[]> {
  const sql = "select relname from pg_class where relname in ('a', 'b') order by 1";
  return (await t.query(sql)).map((row) => row["relname"]);
}

describe.concurrent("a closed pipe", () => {
  test("keeps the next step from being begun", async () => {
    // Which is not one of those that are sent ahead: they may be done before they are stopped.
    const next = units("create table b (i int);");
    await using t = await trial(await server(17), { ...files, "2_b.sql": next });
    const { status, stderr } = await inShell(t, "{ pgmate up; echo $? >status; } | head -1").result;
    expect(status).toBe(141);
    expect(stderr).toContain("Error: stopped: nobody reads standard output any more\n");
    // What was already under way when the reader went may have been ended or not.
    const applied = await t.applied();
    expect(stderr).toMatch(
      applied.length === 0
        ? /State: nothing of 1_a.sql was kept; not reached: 2_b.sql, 3_c.sql\n/
        : /State: done before that: 1_a.sql applied/,
    );
    expect(stderr).toContain("Next: run `pgmate up` again\n");
    expect(await tables(t)).toEqual(applied.length === 0 ? [] : ["a"]);
    expect(await left(t)).toBe(0);
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2", "3"]);
  });

  test("ends the statement that runs, though nothing is written meanwhile", async () => {
    await using t = await trial(await server(17), slow);
    const began = performance.now();
    const { status, stderr } = await inShell(t, "{ pgmate up; echo $? >status; } | head -2").result;
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(status).toBe(141);
    expect(stderr).toContain("nothing of 2_b.sql was kept; done before it: 1_a.sql");
    expect(await left(t)).toBe(0);
    expect(await t.applied()).toEqual(["1"]);
    expect(await tables(t)).toEqual(["a"]);
  });

  test("says which units of a file stay", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": units("create table a (i int);\nselect pg_sleep(60);\ncreate table b (i int);"),
    });
    const reader = "while [ ! -e go ]; do sleep 0.1; done";
    const run = inShell(t, `{ pgmate up; echo $? >status; } | ${reader}`);
    await asleep(t);
    await t.project.write({ go: "" });
    const { status, stderr } = await run.result;
    expect(status).toBe(141);
    expect(stderr).toMatch(/1_a.sql is not recorded as applied.*1 of its 3/);
    expect(await tables(t)).toEqual(["a"]);
    expect(await t.applied()).toEqual([]);
  });

  test("ends a wait for another run", async () => {
    await using t = await trial(await server(17), slow);
    const holder = t.start(["up"]);
    await asleep(t);
    const { status, stderr } = await inShell(t, "{ pgmate up; echo $? >status; } | true").result;
    expect(status).toBe(141);
    expect(stderr).toContain("State: nothing was changed by this run\n");
    holder.signal("SIGTERM");
    expect((await holder.result).status).toBe(143);
  });

  test("is no error when the work is done", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select 1;") });
    // Two lines, and the reader is gone after the first, or has never been there.
    for (const [args, reader] of [
      ["status", "head -1"], ["up --dry-run", "head -1"], ["up", "head -2"], ["status", "true"],
      ["up", "true"], ["version", "true"], ["dump", "true"],
    ] as const) {
      const script = `{ pgmate ${args}; echo $? >status; } | ${reader}`;
      const { status, stderr } = await quickly(() => inShell(t, script).result);
      expect(stderr).not.toContain("Error");
      expect(status).toBe(0);
    }
    expect(await t.applied()).toEqual(["1"]);
  });

  test("that never was open ends nothing", async () => {
    await using t = await trial(await server(17), files);
    expect((await inShell(t, "pgmate up >&-; echo $? >status").result).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2", "3"]);
  });

  test("of stderr alone ends nothing", async () => {
    await using t = await trial(await server(17), files);
    const script = "{ pgmate up 2>&1 >out; echo $? >status; } | true";
    expect((await inShell(t, script).result).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2", "3"]);
    expect(await readFile(join(t.project.folder, "out"), "utf8")).toContain("Applied: 3_c.sql");
  });
});

/** Work that takes a second is looked after, and ended: on a busy machine it is tried again. */
async function quickly<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let left = 20; ; left -= 1) {
    const began = performance.now();
    const result = await work();
    if (performance.now() - began < 1_000 || left === 0) return result;
  }
}

function environment(t: Trial): Readonly<Record<string, string>> {
  return { DATABASE_URL: t.database.url, DBMATE_NO_DUMP_SCHEMA: "true", TERM: "xterm" };
}

/** Processor time that a process has used so far, in ticks of the system; undefined when gone. */
async function ticks(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields === undefined ? undefined : Number(fields[11]) + Number(fields[12]);
}

describe.concurrent("a terminal", () => {
  test("that is lost in the midst of a statement ends it, and the program", async () => {
    await using t = await trial(await server(17), slow);
    const run = onTerminal(["up"], { cwd: t.project.folder, env: environment(t) });
    await asleep(t);
    await run.until("2_b.sql");
    run.hangUp();
    expect(await run.status).toBe(129);
    await until(async () => (await left(t)) === 0);
    expect(await t.applied()).toEqual(["1"]);
    expect(await tables(t)).toEqual(["a"]);
  });

  test("that takes the shell with it, which passes its signal on", async () => {
    await using t = await trial(await server(17), slow);
    const shell = "trap 'kill -HUP $!' HUP; \"$0\" \"$@\" & wait; wait; exit 7";
    const run = onTerminal(["up"], { cwd: t.project.folder, env: environment(t), shell });
    await asleep(t);
    run.hangUp();
    await run.status;
    await until(async () => (await left(t)) === 0);
    expect(await t.applied()).toEqual(["1"]);
  });

  test("whose signal does not come is missed all the same", async () => {
    await using t = await trial(await server(17), slow);
    // In a session of its own it has no terminal that could send one; its streams still have.
    const shell = "setsid \"$0\" \"$@\" & echo $! >pid; wait";
    const run = onTerminal(["up"], { cwd: t.project.folder, env: environment(t), shell });
    await asleep(t);
    run.hangUp();
    await until(async () => (await left(t)) === 0);
    const pid = Number(await readFile(join(t.project.folder, "pid"), "utf8"));
    await until(async () => (await ticks(pid)) === undefined);
    expect(await t.applied()).toEqual(["1"]);
  });

  test("sends Ctrl-C, and the statement that runs ends", async () => {
    await using t = await trial(await server(17), slow);
    const run = onTerminal(["up"], { cwd: t.project.folder, env: environment(t) });
    await asleep(t);
    run.type("\x03");
    expect(await run.status).toBe(130);
    expect(run.shown()).toContain("State: nothing of 2_b.sql was kept");
  });

  test("sends Ctrl-C again to a run that does not end, which then leaves at once", async () => {
    await using t = await trial(await server(17), slow);
    const run = onTerminal(["up"], { cwd: t.project.folder, env: environment(t) });
    await asleep(t);
    const [row] = await t.query("select pid from pg_stat_activity where wait_event = 'PgSleep'" +
      " and datname = current_database()");
    const backend = Number(row?.["pid"]);
    process.kill(backend, "SIGSTOP");
    // Two that the system has not delivered yet are one to it.
    const keys = setInterval(() => run.type("\x03"), 300);
    expect(await run.status).toBe(130);
    clearInterval(keys);
    expect(run.shown()).toContain("left at once, at a second signal");
    expect(run.shown()).toContain("Next: look with `pgmate status`");
    process.kill(backend, "SIGCONT");
    await until(async () => (await left(t)) === 0);
    expect(await t.applied()).toEqual(["1"]);
  });
});

describe.concurrent("what is to be ignored", () => {
  const short = { ...files, "2_b.sql": pair("create table b (i int); select pg_sleep(2);") };

  test.each(["HUP", "INT", "TERM"])("%s stays ignored", async (signal) => {
    await using t = await trial(await server(17), short);
    const run = inShell(t, `trap '' ${signal}; pgmate up >out; echo $? >status`);
    await asleep(t);
    const [found] = await t.query(
      "select split_part(application_name, ' ', 4) as who from pg_stat_activity" +
        " where application_name like 'pgmate%' and datname = current_database()",
    );
    process.kill(Number.parseInt(String(found?.["who"]), 10), `SIG${signal}`);
    expect(await run.result).toMatchObject({ status: 0 });
    expect(await t.applied()).toEqual(["1", "2", "3"]);
  });

  test("nohup outlives its terminal, and does not spin without it", async () => {
    await using t = await trial(await server(17), short);
    const shell = "nohup \"$0\" \"$@\" & echo $! >pid; wait";
    const run = onTerminal(["up"], { cwd: t.project.folder, env: environment(t), shell });
    await asleep(t);
    const pid = Number(await readFile(join(t.project.folder, "pid"), "utf8"));
    run.hangUp();
    const before = await ticks(pid);
    await Bun.sleep(1_000);
    const after = await ticks(pid);
    // A hundred ticks are a second.
    if (after !== undefined) expect(after - (before ?? 0)).toBeLessThan(50);
    await until(async () => (await ticks(pid)) === undefined);
    const told = await readFile(join(t.project.folder, "nohup.out"), "utf8");
    expect(told).toContain("Applied: 3_c.sql");
    expect(told).not.toContain("Error");
    expect(await t.applied()).toEqual(["1", "2", "3"]);
  });
});
