/** The built pgmate with --log-format json: whatever comes, stderr is lines of JSON. */
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { eventNames, logLines, only } from "./testing/log-lines.ts";
import type { ProgramResult } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { asleep, inShell, stopped, until } from "./testing/stopping.ts";
import { onTerminal } from "./testing/terminal.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const files = {
  "1_a.sql": pair("create table a (i int);", "drop table a;"),
  "2_b.sql": units("create table b (i int);\ninsert into b values (1);", "drop table b;"),
  "3_c.sql": pair("do $$ begin raise warning e'one\\ntwo'; end $$;", "select 1;"),
};
const asJson = ["--log-format", "json"];

interface Ended extends ProgramResult {
  readonly lines: ReturnType<typeof logLines>;
}

async function run(t: Trial, line: string, env: Readonly<Record<string, string>> = {}) {
  const ended = await t.pgmate([...line.split(" "), ...asJson], env);
  return { ...ended, lines: logLines(ended.stderr) } satisfies Ended;
}

/** Keeps the table locked until it is let go. */
async function hold(t: Trial, sql: string): Promise<{ release(): Promise<void> }> {
  const client = postgres(t.database.url, {
    max: 1, fetch_types: false, onnotice: () => {}, connection: { application_name: "holder" },
  });
  await client.unsafe(sql).simple();
  return { release: () => client.end({ timeout: 1 }) };
}

describe.concurrent.each([15, 18] as const)("on PostgreSQL %d", (version) => {
  test("up: each event is a line, and stdout is empty", async () => {
    await using t = await trial(await server(version), files);
    const up = await run(t, "up", { DBMATE_NO_DUMP_SCHEMA: "false" });
    expect([up.status, up.stdout]).toEqual([0, ""]);
    expect(eventNames(up.lines)).toEqual([
      "start", "target", "applying", "applied", "applying", "applied", "applying", "notice",
      "applied", "schema-written", "done",
    ]);
    const [, target, , applied] = up.lines;
    expect(target).toMatchObject({
      target: expect.stringMatching(new RegExp(`^postgres@.*/${t.database.name}$`)),
      serverVersion: expect.stringMatching(new RegExp(`^PostgreSQL ${version}`)),
    });
    expect(applied).toMatchObject({
      level: "info", version: "1", file: "db/migrations/1_a.sql", direction: "up",
      durationMs: expect.any(Number),
    });
    expect(only(up.lines, "notice")).toMatchObject({
      level: "warn", message: "WARNING: one\ntwo", server: { severity: "WARNING" },
    });
    expect(only(up.lines, "done")).toMatchObject({
      command: "up", exitStatus: 0, applied: 3, rolledBack: 0, durationMs: expect.any(Number),
    });
    const again = await run(t, "up");
    expect(eventNames(again.lines)).toEqual(["start", "target", "done"]);
    expect(only(again.lines, "done")).toMatchObject({ applied: 0 });
    const down = await run(t, "rollback --all");
    expect(down.stdout).toBe("");
    expect(only(down.lines, "done")).toMatchObject({ applied: 0, rolledBack: 3 });
  });

  test("a file that fails", async () => {
    await using t = await trial(await server(version), {
      ...files, "4_d.sql": pair("create table d ();\ncreate table\n\ta (i int);"),
      "5_e.sql": pair("select 5;"),
    });
    const { status, stdout, lines } = await run(t, "up");
    expect([status, stdout]).toEqual([2, ""]);
    expect(lines.at(-1)).toEqual({
      time: expect.any(String),
      level: "error",
      event: "error",
      message: 'db/migrations/4_d.sql:3:1: relation "a" already exists (SQLSTATE 42P07)',
      command: "up",
      exitStatus: 2,
      durationMs: expect.any(Number),
      code: "server",
      file: "db/migrations/4_d.sql",
      line: 3,
      column: 1,
      text: "create table",
      sqlstate: "42P07",
      server: { severity: "ERROR", sqlstate: "42P07", message: 'relation "a" already exists' },
      state: expect.stringContaining("nothing of 4_d.sql was kept; done before it: 1_a.sql"),
      hint: "correct the file, then run `pgmate up` again",
      applied: 3,
      rolledBack: 0,
    });
    expect(eventNames(lines)).not.toContain("done");
  });

  test("at debug: the plan, the run lock, each statement", async () => {
    await using t = await trial(await server(version), files);
    const { lines, stdout } = await run(t, "up --log-level debug");
    expect(stdout).toBe("");
    expect(eventNames(lines)).toEqual([
      "start", "target", "run-lock-taken", "planned", "applying", "applied", "applying",
      "statement", "statement", "applied", "applying", "notice", "applied", "run-lock-released",
      "done",
    ]);
    expect(only(lines, "planned")).toMatchObject({
      stepCount: 3, steps: [{ version: "1" }, { version: "2" }, { version: "3" }],
    });
    expect(lines.find(({ event }) => event === "statement")).toMatchObject({
      level: "debug", version: "2", statement: 1, statements: 2,
    });
  });
});

describe.concurrent("waiting", () => {
  test("for another run, then SIGTERM", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select pg_sleep(60);") });
    const holder = t.start(["up"]);
    await asleep(t);
    const waiter = t.start(["up", ...asJson]);
    await until(async () => waiter.stderr().includes('"lock-wait"'));
    const ended = await stopped(waiter, "SIGTERM");
    expect([ended.status, ended.stdout]).toEqual([143, ""]);
    const lines = logLines(ended.stderr);
    expect(eventNames(lines)).toEqual(["start", "target", "lock-wait", "stop-requested", "error"]);
    expect(only(lines, "lock-wait")).toMatchObject({
      level: "info", waitedMs: expect.any(Number),
      holder: expect.stringMatching(new RegExp(`^pgmate \\S+ up ${holder.pid}@`)),
    });
    expect(only(lines, "stop-requested")).toMatchObject({ code: "terminated" });
    expect(only(lines, "error")).toMatchObject({
      code: "terminated", exitStatus: 143, state: "nothing was changed by this run",
    });
    expect((await stopped(holder, "SIGTERM")).status).toBe(143);
  });

  test("for a lock: each new try, and who is in the way", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create table a (i int);"), "2_b.sql": pair("alter table a add b int;"),
    });
    expect((await t.pgmate(["up", "--to", "1"])).status).toBe(0);
    const holder = await hold(t, "begin; select 'hunter2' from a");
    const program = t.start(["up", "--lock-timeout", "300ms", ...asJson]);
    await until(async () => program.stderr().includes('"try":2'));
    await holder.release();
    const ended = await program.result;
    expect([ended.status, ended.stdout]).toEqual([0, ""]);
    const lines = logLines(ended.stderr);
    const tries = lines.filter(({ event }) => event === "lock-retry");
    expect(tries.map((line) => line["try"])).toEqual(tries.map((_, at) => at + 1));
    expect(tries[1]).toMatchObject({
      level: "warn", version: "2", direction: "up", cause: "lock-timeout", try: 2, tries: 11,
      blockers: [{
        application: "holder", user: "postgres", state: "idle in transaction",
        query: "begin; select ? from a",
      }],
      blockerCount: 1,
    });
    expect(ended.stderr).not.toContain("hunter2");
    expect(lines.at(-1)).toMatchObject({ event: "done", applied: 1 });
  });

  test("until the tries are used up", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create table a (i int);"), "2_b.sql": pair("alter table a add b int;"),
    });
    expect((await t.pgmate(["up", "--to", "1"])).status).toBe(0);
    const holder = await hold(t, "begin; select 1 from a");
    const { status, lines } = await run(t, "up --lock-timeout 200ms --lock-retries 1");
    await holder.release();
    expect(status).toBe(2);
    expect(eventNames(lines).slice(-2)).toEqual(["lock-retry", "error"]);
    expect(lines.at(-1)).toMatchObject({ sqlstate: "55P03", exitStatus: 2, applied: 0 });
  });

  test("for the server", async () => {
    await using t = await trial(await server(17), files);
    const env = { DATABASE_URL: "postgres://u:hunter2-secret@127.0.0.1:1/d" };
    const wait = "wait --wait-timeout 300ms --wait-interval 100ms";
    const { status, stdout, lines, stderr } = await run(t, `${wait} --log-level debug`, env);
    expect([status, stdout]).toEqual([2, ""]);
    const names = eventNames(lines);
    expect(names.slice(0, 3)).toEqual(["start", "server-wait-begin", "server-wait"]);
    expect(names.slice(-2)).toEqual(["server-wait-end", "error"]);
    expect(lines[1]).toMatchObject({
      level: "info", code: "connect-refused", message: expect.stringContaining("127.0.0.1"),
    });
    expect(stderr).not.toContain("hunter2");
    const usual = await run(t, wait, env);
    expect(eventNames(usual.lines)).not.toContain("server-wait");
  });
});

describe.concurrent("stdout is what a command is for", () => {
  test("and nothing else", async () => {
    await using t = await trial(await server(17), files);
    const status = await run(t, "status");
    expect(status.stdout).toBe("[ ] 1_a.sql\n[ ] 2_b.sql\n[ ] 3_c.sql\n\nApplied: 0\nPending: 3\n");
    expect(eventNames(status.lines)).toEqual(["start", "done"]);
    expect(only(status.lines, "done")).toMatchObject({ pending: 3, missing: 0, dirty: 0 });
    const quiet = await run(t, "status --quiet");
    expect([quiet.status, quiet.stdout, quiet.stderr]).toEqual([1, "", ""]);
    const plan = await run(t, "plan");
    expect(plan.stdout).toContain("Target     postgres@");
    expect(only(plan.lines, "done")).toMatchObject({ verdict: expect.any(String) });
    const written = await run(t, "plan -o plan.html --format html");
    expect(written.stdout).toBe("");
    expect(only(written.lines, "review-written")).toMatchObject({ file: "plan.html" });
    const dry = await run(t, "up --dry-run");
    expect(dry.stdout).toContain("create table b (i int);");
    expect(only(dry.lines, "done")).toMatchObject({ stepCount: 3 });
    const up = await run(t, "up --json");
    expect(JSON.parse(up.stdout)).toMatchObject({ ok: true, steps: [{}, {}, {}] });
    const made = await run(t, "new more");
    expect(made.stdout).toBe("");
    const { file } = only(made.lines, "creating-migration");
    expect(file).toMatch(/^db\/migrations\/\d+_more\.sql$/);
    const differs = await run(t, "dump --check");
    expect([differs.status, differs.stdout.length > 100]).toEqual([1, true]);
    expect(eventNames(differs.lines)).toEqual(["start", "schema-differs", "done"]);
    expect(only(differs.lines, "done")).toMatchObject({ exitStatus: 1 });
    const refused = await run(t, "force 1");
    expect(refused.stdout).toBe("");
    expect(eventNames(refused.lines).slice(-2)).toEqual(["forcing", "error"]);
    const forced = await run(t, "force 1 --yes");
    expect(forced.stdout).toBe("");
    expect(only(forced.lines, "forcing")).toMatchObject({
      changeCount: 2, changes: [{ version: "2", from: "applied", to: "pending" }, {}],
    });
    const version = await run(t, "version --json");
    expect(JSON.parse(version.stdout)).toEqual({ version: "1", dirty: false });
  });

  test("both streams in one are JSON from the first byte to the last", async () => {
    await using t = await trial(await server(17), files);
    await t.pgmate(["drop", "--force"]);
    const script = "pgmate up --log-format json >log 2>&1; echo $? >status";
    expect((await inShell(t, script).result).status).toBe(0);
    const lines = logLines(await readFile(join(t.project.folder, "log"), "utf8"));
    expect(eventNames(lines).slice(0, 3)).toEqual(["start", "target", "creating-database"]);
    expect(lines.at(-1)).toMatchObject({ event: "done", applied: 3 });
  });
});

describe.concurrent("mistakes before anything runs", () => {
  const asked: readonly (readonly [line: string, status: number, code: string])[] = [
    ["up --bogus --log-format json", 2, "usage"],
    ["--log-format=json upp", 3, "unknown-command"],
    ["up extra --log-format json", 2, "usage"],
    ["up --log-format json --to", 2, "usage"],
    ["up --log-format json --lock-wait soon", 2, "usage"],
    ["up --log-format json --log-level loud", 2, "usage"],
    ["up --log-format json --env NOT_THERE", 2, "url-missing"],
    ["up --log-format json --env-file bad.env", 3, "environment-file"],
    ["up --log-format json -d nowhere", 2, "directory-missing"],
  ];
  test("are one line", async () => {
    await using t = await trial(await server(17), files);
    await t.project.write({ "bad.env": "no variable\n" });
    for (const [line, status, code] of asked) {
      const ended = await t.pgmate(line.split(" "));
      expect([line, ended.status, ended.stdout]).toEqual([line, status, ""]);
      expect(logLines(ended.stderr).at(-1)).toMatchObject({
        event: "error", level: "error", code, exitStatus: status,
      });
    }
    for (const env of [{ LOG_FORMAT: "json" }, { LOG_FORMAT: "JSON" }]) {
      const ended = await t.pgmate(["up", "--bogus"], env);
      expect(eventNames(logLines(ended.stderr))).toEqual(["error"]);
    }
    const wrong = await t.pgmate(["up", "--log-format", "xml"]);
    expect([wrong.status, wrong.stderr]).toEqual([
      2, 'Error: --log-format is none of text, json: "xml"\nNext: write one of: text, json\n',
    ]);
  });

  test("of the settings too, where an env file or pgmate.toml asks for it", async () => {
    await using t = await trial(await server(17), files);
    await t.project.write({ ".env": "LOG_FORMAT=json\n" });
    const ended = await t.pgmate(["up", "--lock-wait", "soon"]);
    expect(eventNames(logLines(ended.stderr))).toEqual(["error"]);
    await t.project.remove(".env");
    await t.project.write({ "pgmate.toml": 'log-format = "json"\nlog-level = "warn"\n' });
    expect((await t.pgmate(["up"])).stderr).toStartWith('{"time":"');
    const text = await t.pgmate(["up", "--log-format", "text"]);
    expect([text.status, text.stderr]).toEqual([0, ""]);
  });
});

describe.concurrent("as text", () => {
  test("what other programs mean by the variables breaks nothing", async () => {
    await using t = await trial(await server(17), files);
    for (const LOG_LEVEL of ["trace", "verbose", "WARNING", "30", "x=debug", "off", "u:p@h/d"]) {
      const env = { LOG_LEVEL, LOG_FORMAT: "%(asctime)s:%(name)s@%(levelname)s" };
      const up = await t.pgmate(["up", "--to", "1"], env);
      expect([LOG_LEVEL, up.status]).toEqual([LOG_LEVEL, 0]);
      expect(up.stdout).toMatch(/^Applying: 1_a\.sql\nApplied: 1_a\.sql in \S+\n$/);
      const down = await t.pgmate(["rollback"], env);
      expect(down.stdout).toMatch(/^Rolling back: 1_a\.sql\nRolled back: 1_a\.sql in \S+\n$/);
    }
  });

  test("--log-level holds for both streams", async () => {
    await using t = await trial(await server(17), files);
    const warn = await t.pgmate(["up", "--log-level", "warn"]);
    expect([warn.status, warn.stdout]).toEqual([0, ""]);
    expect(warn.stderr).toBe("WARNING: one\ntwo\nContext: PL/pgSQL function inline_code_block " +
      "line 1 at RAISE\n");
    const debug = await t.pgmate(["rollback", "--log-level", "debug"]);
    expect(debug.stdout).toMatch(/^Rolling back: .*\nRows affected: 1\nRolled back: .*\n$/);
    expect(debug.stderr).toMatch(/^Start: rollback .*\nTarget: .*\nLocked: .*\nTo run: 3_c\.sql\n/);
    expect(debug.stderr).toMatch(/\nUnlocked\nDone: rollback, 1 rolled back in \S+ s\n$/);
    const failed = await t.pgmate(["goto", "9", "--log-level", "error"]);
    expect(failed.stderr).toStartWith("Error: ");
  });
});

describe.concurrent("streams", () => {
  test("stderr that is closed, or that nobody reads, ends nothing", async () => {
    await using t = await trial(await server(17), files);
    for (const script of [
      "pgmate up --log-format json 2>&- >out; echo $? >status",
      "{ pgmate redo --log-format json 2>&1 >out; echo $? >status; } | true",
      "pgmate rollback --log-format json >&- 2>&-; echo $? >status",
      "pgmate up --log-format json 2>/dev/full; echo $? >status",
    ]) {
      expect((await inShell(t, script).result).status).toBe(0);
    }
    expect(await readFile(join(t.project.folder, "out"), "utf8")).toBe("");
    expect(await t.applied()).toEqual(["1", "2", "3"]);
  });

  test("stdout that nobody reads ends the run, and the log says so", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select pg_sleep(60);") });
    const script = "{ pgmate up --log-format json; echo $? >status; } | true";
    const { status, stderr } = await inShell(t, script).result;
    expect(status).toBe(141);
    const lines = logLines(stderr);
    expect(only(lines, "stop-requested")).toMatchObject({ code: "output-closed" });
    expect(only(lines, "error")).toMatchObject({ code: "output-closed", exitStatus: 141 });
  });

  test("a notice of any size is one line", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair(
        "do $$ begin raise notice '%', repeat(e'\\u2192\"\\n\\u0001', 100000); end $$;",
      ),
    });
    const { status, lines } = await run(t, "up");
    expect(status).toBe(0);
    expect(String(only(lines, "notice")["message"])).toEndWith("…");
  });
});

describe.concurrent("on a terminal", () => {
  const env = (t: Trial): Record<string, string> => ({
    DATABASE_URL: t.database.url, DBMATE_NO_DUMP_SCHEMA: "true", TERM: "xterm",
  });
  const shownLines = (shown: string) => logLines(shown.replaceAll("\r\n", "\n"));

  test("nothing is coloured, and no line is written over", async () => {
    await using t = await trial(await server(17), { "1_a.sql": pair("select pg_sleep(60);") });
    const terminal = onTerminal(["up", ...asJson, "--log-level", "debug"], {
      cwd: t.project.folder, env: env(t),
    });
    await terminal.until('"step-progress"');
    terminal.type("\u0003");
    expect(await terminal.status).toBe(130);
    expect(terminal.shown()).not.toContain("\u001b");
    // What the terminal shows of the key is not ours.
    const lines = shownLines(terminal.shown().replace("^C", ""));
    expect(eventNames(lines)).toContain("step-progress");
    expect(only(lines, "stop-requested")).toMatchObject({ code: "interrupted" });
    expect(lines.at(-1)).toMatchObject({ event: "error", exitStatus: 130 });
  });

  test("a question is a line, and the answer is read", async () => {
    await using t = await trial(await server(17), files);
    const terminal = onTerminal(["force", "1", ...asJson, "--log-level", "error"], {
      cwd: t.project.folder, env: env(t),
    });
    await terminal.until('"question"');
    terminal.type("y\n");
    expect(await terminal.status).toBe(0);
    const lines = shownLines(terminal.shown().replace("y\r\n", ""));
    expect(lines.map(({ message }) => message)).toEqual(["Go on? [y/N]"]);
    expect(await t.applied()).toEqual(["1"]);
  });
});
