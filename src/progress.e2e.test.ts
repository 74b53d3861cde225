/** A step that takes long, as a person at a terminal sees it, and as a log does. */
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { startPgmate } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { onTerminal, type TerminalRun } from "./testing/terminal.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const slow = {
  "1_a.sql": units("select 1;\nselect 2;\nselect pg_advisory_xact_lock(4711);\nselect 4;"),
  "2_b.sql": pair("select pg_advisory_xact_lock(4712);"),
};

interface Holder {
  readonly pid: number;
  release(): Promise<void>;
}

async function hold(t: Trial, sql: string): Promise<Holder> {
  const client = postgres(t.database.url, {
    max: 1, fetch_types: false, onnotice: () => {}, connection: { application_name: "holder" },
  });
  const [row] = await client.unsafe("select pg_backend_pid() as pid");
  await client.unsafe(sql).simple();
  return { pid: Number(row?.["pid"]), release: () => client.end({ timeout: 1 }) };
}

const lock = (key: number): string => `select pg_advisory_lock(${key}), 'secret'`;

function environment(t: Trial, env: Readonly<Record<string, string>>): Record<string, string> {
  return { DATABASE_URL: t.database.url, DBMATE_NO_DUMP_SCHEMA: "true", TERM: "xterm", ...env };
}

function start(t: Trial, env: Readonly<Record<string, string>>, shell?: string): TerminalRun {
  return onTerminal(["up", "--lock-timeout", "0"], {
    cwd: t.project.folder,
    env: environment(t, env),
    ...(shell === undefined ? {} : { shell }),
  });
}

interface Screen {
  readonly lines: readonly string[];
  /** What stood for a while on a line that was written over. */
  readonly live: readonly string[];
}

function screen(shown: string): Screen {
  const live: string[] = [];
  const plain = shown.replaceAll(/\u001b\[[\d;]*m/g, "");
  const lines = plain.split("\r\n").map((line) => {
    let at = 0;
    let text = "";
    for (const piece of line.split(/(\r|\u001b\[K)/)) {
      if (piece === "\r") at = 0;
      else if (piece === "\u001b[K") live.push((text = text.slice(0, at)));
      else {
        text = text.slice(0, at) + piece + text.slice(at + piece.length);
        at += piece.length;
      }
    }
    return text;
  });
  return { lines, live: live.filter((text) => text !== "") };
}

describe.concurrent.each([15, 18] as const)("on a terminal, PostgreSQL %d", (version) => {
  test("one line is written over, and nothing of it stays", async () => {
    await using t = await trial(await server(version), slow);
    const [first, second] = [await hold(t, lock(4711)), await hold(t, lock(4712))];
    const run = start(t, {});
    await run.until("statement 3 of 4, in the way: pid");
    await first.release();
    await run.until("Applying: 2_b.sql");
    await run.until(`in the way: pid ${second.pid}`);
    await second.release();
    expect(await run.status).toBe(0);
    const { lines, live } = screen(run.shown());
    expect(lines.map((line) => line.replace(/^(Target:|Applied: \w+\.sql).*/, "$1"))).toEqual([
      "Target:", "Applying: 1_a.sql", "Applied: 1_a.sql", "Applying: 2_b.sql", "Applied: 2_b.sql",
      "",
    ]);
    expect(live.find((text) => /statement 3.*in the way/.test(text))).toMatch(new RegExp(
      "^Applying for [\\d.]+ s, statement 3 of 4, " +
        `in the way: pid ${first.pid} \\(user postgres, holder, `,
    ));
    expect(live.every((text) => Bun.stringWidth(text) < 100)).toBe(true);
    expect(run.shown()).not.toContain("secret");
  });
});

describe.concurrent("on a terminal", () => {
  test("a new try is told above the line, which goes on", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("create table a (i int);"), "2_b.sql": pair("alter table a add b int;"),
    });
    expect((await t.pgmate(["up", "--to", "1"])).status).toBe(0);
    const holder = await hold(t, "begin; select 'secret' from a");
    const run = onTerminal(["up", "--lock-timeout", "1s"], {
      cwd: t.project.folder, env: environment(t, {}),
    });
    await run.until("try 2 of 11");
    await holder.release();
    expect(await run.status).toBe(0);
    const { lines, live } = screen(run.shown());
    expect(lines.slice(2, 4)).toEqual([
      expect.stringMatching(new RegExp(
        "^Waiting for a lock: 2_b\\.sql, try 1 of 11 was rolled back \\(lock timeout\\); in the " +
          `way: pid ${holder.pid} \\(user postgres, holder, from 127\\.0\\.0\\.1, idle in ` +
          "transaction for [\\d.]+ s\\): begin; select \\? from a; next try in [\\d.]+ s$",
      )),
      expect.stringMatching(/^Waiting for a lock: 2_b\.sql, try 2 of 11/),
    ]);
    expect(lines.slice(4)).toEqual([expect.stringMatching(/^Applied: 2_b\.sql in/), ""]);
    expect(live.length).toBeGreaterThan(2);
  });

  test("Ctrl-C: the line goes, and what is said of the end stands alone", async () => {
    await using t = await trial(await server(17), slow);
    const holder = await hold(t, lock(4711));
    const run = start(t, {});
    await run.until("in the way");
    run.type("\u0003");
    expect(await run.status).toBe(130);
    await holder.release();
    const { lines } = screen(run.shown());
    expect(lines.some((line) => line.includes("Applying for"))).toBe(false);
    expect(lines.slice(2).join("\n")).toStartWith("Error: interrupted\nState: 1_a.sql is ");
  });

  test("NO_COLOR takes the colour, not the line", async () => {
    await using t = await trial(await server(17), slow);
    const holder = await hold(t, lock(4711));
    const run = start(t, { NO_COLOR: "1" });
    await run.until("in the way");
    run.type("\u0003");
    await run.status;
    await holder.release();
    expect(screen(run.shown()).live.length).toBeGreaterThan(0);
    expect(run.shown()).not.toContain("\u001b[1;31m");
  });

  test.each(["dumb", ""])("TERM=%j: no line that must be erased", async (term) => {
    await using t = await trial(await server(17), slow);
    const holder = await hold(t, lock(4711));
    const run = start(t, { TERM: term, NO_COLOR: "1" });
    await run.until("Applying: 1_a.sql");
    await Bun.sleep(1_500);
    await holder.release();
    expect(await run.status).toBe(0);
    expect(run.shown()).not.toContain("\u001b");
    expect(run.shown()).not.toContain("Applying for");
  });

  test("what goes to a file has nothing of it", async () => {
    await using t = await trial(await server(17), slow);
    const holder = await hold(t, lock(4711));
    const run = start(t, {}, '"$0" "$@" >out.txt');
    await run.until("in the way");
    await holder.release();
    expect(await run.status).toBe(0);
    const out = await readFile(join(t.project.folder, "out.txt"), "utf8");
    expect(out.replaceAll(/in \S+$/gm, "in")).toBe(
      "Applying: 1_a.sql\nApplied: 1_a.sql in\nApplying: 2_b.sql\nApplied: 2_b.sql in\n",
    );
    const { lines } = screen(run.shown());
    expect(lines.slice(1)).toEqual([""]);
  });
});

describe.concurrent("elsewhere", () => {
  test("a step has a line after 30 s, on stderr", async () => {
    await using t = await trial(await server(17), slow);
    const holder = await hold(t, lock(4711));
    const run = startPgmate(["up", "--lock-timeout", "0"], {
      cwd: t.project.folder, env: environment(t, {}), timeoutMs: 60_000,
    });
    await Bun.sleep(28_000);
    expect(run.stderr()).not.toContain("Still");
    for (let tries = 0; tries < 300 && !run.stderr().includes("Still"); tries += 1) {
      await Bun.sleep(50);
    }
    await holder.release();
    const { status, stdout, stderr } = await run.result;
    expect(status).toBe(0);
    expect(stdout).not.toContain("Still");
    // The other waits a little longer than the step has run, and a busy machine looks late.
    expect(stderr.replace(/\b3\d s/g, "30 s")).toContain(
      "\nStill applying: 1_a.sql, 30 s so far, statement 3 of 4, " +
        `in the way: pid ${holder.pid} (user postgres, holder, from 127.0.0.1, idle for 30 s): ` +
        "select pg_advisory_lock(?), ?\n",
    );
  });
});
