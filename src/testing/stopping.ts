/** What tests of stopped runs look for on the server, and runs in a pipe of a shell. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PgmateError } from "../errors.ts";
import { binary, type RunningProgram } from "./program.ts";
import { type Trial, untilSession } from "./trial.ts";

const patienceMs = 60_000;

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new PgmateError("tool", "it did not come in time");
    await Bun.sleep(20);
  }
}

const ofRun = "from pg_stat_activity where datname = $1 and application_name like 'pgmate%'";

/** Until the server sleeps in a statement of this database. */
export function asleep(t: Trial): Promise<void> {
  return untilSession(t, "wait_event = 'PgSleep'");
}

/** Sessions of pgmate that wait for a lock, or for a transaction to end. */
export async function waiting(t: Trial): Promise<number> {
  const sql = `select 1 ${ofRun} and wait_event_type = 'Lock'`;
  return (await t.server.query("postgres", sql, [t.database.name])).length;
}

/** Sessions of pgmate and its locks that are still there. */
export async function left(t: Trial): Promise<number> {
  const sql =
    `select 1 ${ofRun} union all select 1 from pg_locks where locktype = 'advisory'` +
    " and database = (select oid from pg_database where datname = $1)";
  return (await t.server.query("postgres", sql, [t.database.name])).length;
}

/** Sends the signal; the run's result, and how long it took to come. */
export async function stopped(program: RunningProgram, signal: NodeJS.Signals) {
  const began = performance.now();
  program.signal(signal);
  const result = await program.result;
  return { ...result, ms: performance.now() - began };
}

export interface ShellRun {
  /** Process id of the shell. */
  readonly pid: number;
  stderr(): string;
  /** `$?` of the last `pgmate` of the script, which writes it down by `; echo $? >status`. */
  readonly result: Promise<{ readonly status: number; readonly stderr: string }>;
}

/** Runs a script in which `pgmate` is the one that was built; bash, for its real pipes. */
export function inShell(t: Trial, script: string): ShellRun {
  const cwd = t.project.folder;
  const child = Bun.spawn(["/bin/bash", "-c", `pgmate() { "${binary}" "$@"; }\n${script}`], {
    cwd,
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      TZ: "UTC",
      HOME: cwd,
      DATABASE_URL: t.database.url,
      DBMATE_NO_DUMP_SCHEMA: "true",
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  let stderr = "";
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) stderr += decoder.decode(chunk, { stream: true });
  };
  const result = read().then(async () => {
    await child.exited;
    const text = await readFile(join(cwd, "status"), "utf8").catch(() => "");
    return { status: text === "" ? Number.NaN : Number(text), stderr };
  });
  return { pid: child.pid, stderr: () => stderr, result };
}
