/** `force` asked on a terminal, and beside other runs: what was agreed to is what is done. */
import { describe, expect, test } from "bun:test";
import { server } from "./testing/servers.ts";
import { asleep, until } from "./testing/stopping.ts";
import { onTerminal, type TerminalRun } from "./testing/terminal.ts";
import { pair, type Trial, trial, units, wake } from "./testing/trial.ts";

const three = {
  "001_a.sql": pair("select 1;", "select 1;"),
  "002_b.sql": pair("select 2;", "select 2;"),
  "003_c.sql": pair("select 3;", "select 3;"),
};

function asked(t: Trial, args: readonly string[]): TerminalRun {
  const env = { DATABASE_URL: t.database.url, DBMATE_NO_DUMP_SCHEMA: "true", TERM: "xterm" };
  return onTerminal(args, { cwd: t.project.folder, env });
}

/** Empty where there is no table yet. */
async function versions(t: Trial): Promise<readonly string[]> {
  const [row] = await t.query("select to_regclass('schema_migrations') is not null as there");
  return row?.["there"] === true ? t.applied() : [];
}

async function advisoryLocks(t: Trial): Promise<number> {
  const rows = await t.query("select 1 from pg_locks where locktype = 'advisory' and database =" +
    " (select oid from pg_database where datname = current_database())");
  return rows.length;
}

const answers: readonly (readonly [string, string, number, readonly string[]])[] = [
  ["y", "y\n", 0, ["001", "002"]],
  ["Yes", "Yes\n", 0, ["001", "002"]],
  ["n", "n\n", 1, []],
  ["Enter", "\n", 1, []],
  ["yup", "yup\n", 1, []],
  ["Ctrl-D", "\x04", 1, []],
  ["Ctrl-C", "\x03", 130, []],
];

describe.concurrent.each([15, 18] as const)("asked on a terminal, PostgreSQL %d", (version) => {
  test.each(answers)("%s", async (_name, keys, status, applied) => {
    await using t = await trial(await server(version), three);
    const run = asked(t, ["force", "002"]);
    await run.until("Go on? [y/N] ");
    expect(run.shown()).toContain("\r\n001_a.sql: pending → applied\r\n002_b.sql: pending");
    // Whoever thinks about it keeps no other run waiting.
    expect(await advisoryLocks(t)).toBe(0);
    run.type(keys);
    expect(await run.status).toBe(status);
    expect(await versions(t)).toEqual(applied);
    if (status === 0) expect(run.shown()).toContain("\r\nForced: 002_b.sql (2 versions changed)");
    if (status === 1) expect(run.shown()).toContain("\r\nNothing was changed\r\n");
    if (status === 130) expect(run.shown()).toContain("interrupted\r\nState: nothing was changed");
  });
});

describe.concurrent("asked", () => {
  test("again, where another run was quicker", async () => {
    await using t = await trial(await server(17), three);
    const run = asked(t, ["force", "002"]);
    await run.until("[y/N] ");
    expect((await t.pgmate(["force", "003", "--yes"])).status).toBe(0);
    run.type("y\n");
    await run.until("[y/N] y\r\n003_c.sql: applied → pending\r\nGo on? [y/N] ");
    run.type("n\n");
    expect(await run.status).toBe(1);
    expect(await t.applied()).toEqual(["001", "002", "003"]);
  });

  test("not again, where another run has done the same", async () => {
    await using t = await trial(await server(17), three);
    const run = asked(t, ["force", "002"]);
    await run.until("[y/N] ");
    expect((await t.pgmate(["force", "002", "--yes"])).status).toBe(0);
    run.type("y\n");
    expect(await run.status).toBe(0);
    expect(run.shown()).toContain("\r\nNothing to change: the files up to 002_b.sql are applied");
  });

  test("not where nobody sees it or nobody could answer; --yes is needed", async () => {
    await using t = await trial(await server(17), three);
    const piped = await t.pgmate(["force", "002"]);
    expect(piped.status).toBe(2);
    expect(piped.stderr).toEndWith(
      "001_a.sql: pending → applied\n002_b.sql: pending → applied\n" +
        "Error: there is nobody to ask: no terminal, and no --yes\n" +
        "State: nothing was changed\n" +
        "Next: if that is what should be done: `pgmate force 002 --yes`\n",
    );
    const shell = onTerminal(["force", "002"], {
      cwd: t.project.folder,
      env: { DATABASE_URL: t.database.url },
      shell: '"$0" "$@" 2>errors; echo "ended $?"; cat errors',
    });
    await shell.until("nobody to ask");
    expect(shell.shown()).toStartWith("ended 2\r\n");
    expect(await shell.status).toBe(0);
    expect(await versions(t)).toEqual([]);
  });

  test("with --json the document is alone on stdout", async () => {
    await using t = await trial(await server(17), three);
    const shell = onTerminal(["force", "001", "--json"], {
      cwd: t.project.folder,
      env: { DATABASE_URL: t.database.url, DBMATE_NO_DUMP_SCHEMA: "true" },
      shell: '"$0" "$@" >document; echo "ended $?"; cat document',
    });
    await shell.until("[y/N] ");
    shell.type("n\n");
    await shell.until("ended 1\r\n{");
    expect(await shell.status).toBe(0);
    const [, document = ""] = shell.shown().split("ended 1\r\n");
    expect(JSON.parse(document)).toMatchObject({ ok: false, version: "001", changed: false });
  });

  test("until the terminal is lost", async () => {
    await using t = await trial(await server(17), three);
    const run = asked(t, ["force", "002"]);
    await run.until("[y/N] ");
    run.hangUp();
    expect(await run.status).toBe(129);
    expect(await versions(t)).toEqual([]);
  });
});

describe.concurrent("beside an up", () => {
  /** It stays in its second file until it is woken, and goes on then. */
  const held = {
    ...three,
    "002_b.sql": units(
      "select 1;\ndo $$ begin perform pg_sleep(600); exception when query_canceled then null; " +
        "end $$;\nselect 3;",
    ),
  };

  test("it waits for its end, says for whom, and decides then", async () => {
    await using t = await trial(await server(18), held);
    const up = t.start(["up"]);
    await asleep(t);
    const force = t.start(["force", "002", "--yes"]);
    await until(async () => force.stderr().includes("Waiting for another run to end"));
    await wake(t, up.result);
    expect((await up.result).status).toBe(0);
    const ended = await force.result;
    expect(ended.status).toBe(0);
    expect(ended.stderr).toMatch(/\nWaiting for another run to end: pgmate \S+ up /);
    expect(ended.stderr).toEndWith("\n003_c.sql: applied → pending\n");
    expect(ended.stderr).not.toContain("dirty");
    expect(await t.applied()).toEqual(["001", "002"]);
  });

  test("with nothing to change, for a dry run, or without --yes it waits for nobody", async () => {
    await using t = await trial(await server(15), held);
    const up = t.start(["up"]);
    await asleep(t);
    const looks = await Promise.all([
      t.pgmate(["force", "--only", "001", "--applied"]),
      t.pgmate(["force", "003", "--dry-run"]),
      t.pgmate(["force", "003"]),
    ]);
    expect(looks.map(({ status }) => status)).toEqual([0, 0, 2]);
    expect(up.stdout()).not.toContain("Applied: 002");
    await wake(t, up.result);
    expect((await up.result).status).toBe(0);
    expect(await t.applied()).toEqual(["001", "002", "003"]);
  });

  test("--lock-wait ends the wait", async () => {
    await using t = await trial(await server(18), held);
    const up = t.start(["up"]);
    await asleep(t);
    const ended = await t.pgmate(["force", "001", "--yes", "--lock-wait", "200ms"]);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain("another run is under way on this database");
    await wake(t, up.result);
    expect((await up.result).status).toBe(0);
    expect(await t.applied()).toEqual(["001", "002", "003"]);
  });

  test("many of all kinds at once: each ends in good order", async () => {
    await using t = await trial(await server(18), three);
    const kinds = [["force", "001"], ["force", "003"], ["up"], ["force", "002"], ["rollback"],
      ["force", "--only", "002", "--pending"], ["redo"], ["goto", "002"]];
    const runs = await Promise.all(
      [...kinds, ...kinds].map((args) =>
        t.pgmate(args[0] === "force" ? [...args, "--yes"] : args),
      ),
    );
    const said = runs.map(({ stderr }) => stderr).join("");
    // Whoever comes when nothing is applied cannot undo; nothing else may fail.
    const known = /Error: can't (redo|rollback): no migrations/g;
    expect(said.replaceAll(known, "")).not.toContain("Error");
    expect((await t.pgmate(["force", "002", "--yes"])).status).toBe(0);
    expect(await t.applied()).toEqual(["001", "002"]);
    expect(await advisoryLocks(t)).toBe(0);
  });
});

test("Ctrl-C while it waits for a lock on the ledger: nothing is changed", async () => {
  await using t = await trial(await server(17), three);
  expect((await t.pgmate(["up", "--to", "001"])).status).toBe(0);
  const held = t.query("begin; lock table schema_migrations in share mode; select pg_sleep(600)");
  await asleep(t);
  const run = t.start(["force", "003", "--yes", "--lock-timeout", "30s"]);
  const isWaiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock'" +
    " and datname = current_database()";
  while ((await t.query(isWaiting)).length === 0) await Bun.sleep(20);
  run.signal("SIGINT");
  const ended = await run.result;
  expect(ended.status).toBe(130);
  expect(ended.stderr).toContain("Error: interrupted\nState: nothing was changed\nNext: ");
  await wake(t, held);
  expect(await t.applied()).toEqual(["001"]);
  expect(await advisoryLocks(t)).toBe(0);
});

test("a connection that is cut: it is said, and the same command finds out", async () => {
  await using t = await trial(await server(17), three);
  expect((await t.pgmate(["up", "--to", "001"])).status).toBe(0);
  const held = t.query("begin; lock table schema_migrations in share mode; select pg_sleep(600)");
  await asleep(t);
  const run = t.start(["force", "003", "--yes", "--lock-timeout", "30s"]);
  const end = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type =" +
    " 'Lock' and datname = current_database()";
  while ((await t.query(end)).length === 0) await Bun.sleep(20);
  const ended = await run.result;
  expect(ended.status).toBe(2);
  expect(ended.stderr).toContain("State: whether the ledger was changed is not known\n");
  expect(ended.stderr).toContain("again: it does only what is left to do");
  await wake(t, held);
  expect((await t.pgmate(["force", "003", "--yes"])).status).toBe(0);
  expect(await t.applied()).toEqual(["001", "002", "003"]);
});
