import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PgmateError } from "../errors.ts";
import { type PgDumpRun, runPgDump } from "./pg-dump-program.ts";

setDefaultTimeout(60_000);

const folder = await mkdtemp(join(tmpdir(), "pgmate-pg-dump-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
let scripts = 0;

/** A program of that text; its first line is put there unless it has one. */
async function script(text: string, name = "pg_dump"): Promise<string> {
  scripts += 1;
  const own = join(folder, String(scripts));
  await mkdir(own);
  const path = join(own, name);
  await writeFile(path, text.startsWith("#!") ? text : `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

const path = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };

function run(program: string, also: Partial<PgDumpRun> = {}): ReturnType<typeof runPgDump> {
  const { signal } = new AbortController();
  return runPgDump({ program, args: [], environment: path, signal, ...also });
}

async function refusal(running: Promise<unknown>): Promise<PgmateError> {
  const error: unknown = await running.then(() => "it went well", (reason: unknown) => reason);
  if (!(error instanceof PgmateError)) throw new Error(String(error));
  return error;
}

describe("a program that cannot be started", () => {
  test("is told by what is wrong with it", async () => {
    const empty = await script("exit 0");
    const own = join(empty, "..");
    await writeFile(join(own, "plain"), "#!/bin/sh\n", { mode: 0o644 });
    await writeFile(join(own, "text"), "echo\n", { mode: 0o755 });
    const cases: readonly (readonly [string, string])[] = [
      ["no-such-pg_dump", "there is no no-such-pg_dump on the PATH"],
      [`${own}/nothing`, `there is no file ${own}/nothing`],
      [`${empty}/x`, `there is no file ${empty}/x`],
      [own, `${own} is a folder, or a file that this user may not execute`],
      [`${own}/plain`, `${own}/plain is a folder, or a file that this user may not execute`],
      [`${own}/text`, `${own}/text is no program that this machine can run`],
      [await script("#!/no/such/shell\n"), "what the first line of "],
      ["", "the name or an argument of pg_dump is empty"],
      ["a\0b", "the name or an argument of pg_dump is empty or holds a NUL"],
    ];
    for (const [program, said] of cases) {
      const { code, message, hint } = await refusal(run(program));
      expect([code, message]).toEqual(["tool", expect.stringContaining(said)]);
      expect(hint).toContain("--pg-dump=/usr/bin/pg_dump; or leave out --pg-dump");
    }
  });
});

describe("what a program says", () => {
  const mismatch = (at: string, own: string): string =>
    "pg_dump: error: aborting because of server version mismatch\n"
    + `pg_dump: detail: server version: ${at}; pg_dump version: ${own} (Debian 1+b1)`;
  const cases: readonly (readonly [said: string, message: string, hint: string])[] = [
    ["", "pg_dump ended with status 3 and said nothing", " --version; or leave out"],
    ["pg_dump: error: out of memory", "pg_dump failed: out of memory", "leave out --pg-dump"],
    ["pg_dump-17: error: x\npg_dump-17: hint: do y.", "pg_dump failed: x", "do y."],
    ["pg_dump: warning: w\npg_dump: error: e", "pg_dump failed: e", "leave out --pg-dump"],
    ["pg_dump: [archiver (db)] old words", "pg_dump failed: [archiver (db)] old words", ""],
    ["docker: no such container: db", "pg_dump failed: docker: no such container: db", ""],
    ["pg_dump: error: query failed: ERROR:  x\npg_dump: detail: Query was:\n  SELECT 1\n  FROM y",
      "pg_dump failed: query failed: ERROR:  x; Query was: SELECT 1 FROM y", ""],
    [`pg_dump: error: e\npg_dump: detail: Query was: ${"x".repeat(90_000)}`,
      `pg_dump failed: e; Query was: ${"x".repeat(289)}…`, ""],
    [`pg_dump: error: ${"x".repeat(90_000)}`, `pg_dump failed: ${"x".repeat(300)}…`, ""],
    [mismatch("19beta1", "18.1"), "pg_dump is of version 18.1 and does not dump a server of version"
      + " 19beta1", "of version 19 or newer"],
    [mismatch("9.1.3", "17.2"), "pg_dump is of version 17.2 and does not dump a server of version"
      + " 9.1.3", "that still knows such old servers"],
    ["pg_dump: error: connection failed: root certificate file \"system\" does not exist",
      "pg_dump failed: connection failed: root certificate file \"system\" does not exist",
      "older than 16"],
    ["pg_dump: error: connection failed: authentication method 10 not supported",
      "pg_dump failed: connection failed: authentication method 10 not supported", "too old"],
    ["pg_dump: error: private key file \"k\" has group or world access; file must have",
      "pg_dump failed: private key file \"k\" has group or world access; file must have",
      "chmod 600"],
  ];
  test.each(cases)("%#", async (said, message, hint) => {
    const program = await script(`cat "$0.said" >&2; exit 3`);
    await writeFile(`${program}.said`, said);
    const error = await refusal(run(program));
    expect(error.code).toBe(said === "" ? "tool" : "dump");
    expect(error.message).toBe(message);
    expect(error.hint).toContain(hint);
  });

  test("beside a good dump is handed on", async () => {
    const program = await script("echo 'pg_dump: warning: there are circular keys' >&2; echo SQL");
    const { output, complaints } = await run(program);
    expect(new TextDecoder().decode(output)).toBe("SQL\n");
    expect(complaints).toBe("pg_dump: warning: there are circular keys");
  });

  test("is kept from its end, and its lines whole, where it is much", async () => {
    const program = await script("seq 1 100000 >&2; echo 'pg_dump: error: the end' >&2; exit $1");
    const script0 = await script(`exec ${program} 0`);
    const { complaints } = await run(script0);
    expect(complaints).toMatch(/^…\n\d{5}\n/);
    expect(complaints).toEndWith("\n100000\npg_dump: error: the end");
    expect(complaints.length).toBeLessThanOrEqual(64 * 1024);
    expect(complaints.length).toBeGreaterThan(63 * 1024);
    const script1 = await script(`exec ${program} 1`);
    expect((await refusal(run(script1))).message).toBe("pg_dump failed: the end");
  });

  test("never shows the password", async () => {
    const program = await script('echo "+ PGPASSWORD=$PGPASSWORD -$PGPASSWORD-" >&2; exit $STATUS');
    const told = async (password: string, status: string, user = "u"): Promise<string> => {
      const secret = { ...path, PGPASSWORD: password, PGUSER: user, STATUS: status };
      if (status === "0") return (await run(program, { environment: secret })).complaints;
      const { message, hint } = await refusal(run(program, { environment: secret }));
      return message + String(hint);
    };
    for (const password of ["sesame42", "p'\\ #(*", "$&$1.*+", "ab-c", "a"]) {
      expect(await told(password, "0")).toBe("+ PGPASSWORD=*** -***-");
      expect(await told(password, "1")).toContain("PGPASSWORD=*** -***-");
    }
    // Nothing is hidden by hiding what the user is called.
    expect(await told("postgres", "0", "postgres")).toBe("+ PGPASSWORD=postgres -postgres-");
  });

  test.each(["KILL", "SEGV", "TERM"])("when SIG%s ends it", async (name) => {
    const program = await script(`echo 'last words' >&2; kill -s ${name} $$; sleep 9`);
    const { code, message, hint } = await refusal(run(program));
    expect(code).toBe("tool");
    expect(message).toBe(`pg_dump was ended by SIG${name} after saying: last words`);
    expect(hint).toContain(name === "KILL" ? "memory" : "leave out --pg-dump");
  });
});

describe("the output", () => {
  test("comes byte for byte", async () => {
    const program = await script("printf 'a\\000b\\377\\376\\r\\n\\303\\r'");
    const { output } = await run(program);
    expect([...output]).toEqual([97, 0, 98, 255, 254, 13, 10, 195, 13]);
  });

  test("of 30 MB, with much said beside it", async () => {
    const program = await script(
      "yes 0123456789abcde | head -c 30000000; seq 1 200000 >&2; printf 'the\\000end'",
    );
    const { output } = await run(program);
    expect(output.length).toBe(30_000_007);
    expect(Buffer.from(output.subarray(-7)).toString()).toBe("the\0end");
    const expected = "0123456789abcde\n".repeat(30_000_000 / 16);
    expect(Bun.hash(output.subarray(0, -7))).toBe(Bun.hash(expected));
  });

  test("goes on after the program has ended, as long as somebody writes it", async () => {
    const program = await script("(sleep 0.5; echo late) & echo early");
    expect(Buffer.from((await run(program)).output).toString()).toBe("early\nlate\n");
  });

  test("of a program that sees the environment it is given, and no more", async () => {
    const program = await script("env | sed 's/=.*//'");
    const { output } = await run(program, { environment: { ...path, GIVEN: "x" } });
    const names = Buffer.from(output).toString().trimEnd().split("\n").toSorted();
    const ofTheShell = ["PWD", "OLDPWD", "SHLVL", "_"];
    expect(names.filter((name) => !ofTheShell.includes(name))).toEqual(["GIVEN", "PATH"]);
  });

  test("of nothing, with a standard input that is at its end", async () => {
    const { output, complaints } = await run(await script("cat; exit 0"));
    expect([output.length, complaints]).toEqual([0, ""]);
  });
});

describe("an interruption", () => {
  const isAlive = (pid: string): boolean => {
    try {
      process.kill(Number(pid), 0);
    } catch {
      return false;
    }
    // One that nobody has asked about yet is dead all the same.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  };

  interface Stopped {
    readonly error: PgmateError;
    readonly ms: number;
    readonly alive: readonly boolean[];
  }

  /** Runs what writes the processes that it is made of into `$0.pids`, and interrupts it then. */
  async function interruption(text: string): Promise<Stopped> {
    const program = await script(text);
    const controller = new AbortController();
    const running = refusal(run(program, { signal: controller.signal }));
    const pids = async (): Promise<readonly string[]> =>
      (await readFile(`${program}.pids`, "utf8").catch(() => "")).split("\n").slice(0, -1);
    while ((await pids()).length === 0) await Bun.sleep(5);
    const began = performance.now();
    controller.abort("terminated");
    const error = await running;
    const ms = performance.now() - began;
    // A signal that was sent takes a moment to do its work.
    for (let tries = 0; tries < 20 && (await pids()).some(isAlive); tries += 1) await Bun.sleep(10);
    return { error, ms, alive: (await pids()).map(isAlive) };
  }

  test("that came before is no start", async () => {
    const program = await script("touch $0.started");
    const { code } = await refusal(run(program, { signal: AbortSignal.abort() }));
    expect(code).toBe("interrupted");
    expect(await Bun.file(`${program}.started`).exists()).toBe(false);
  });

  test("ends a script and what it runs at once", async () => {
    const { error, ms, alive } = await interruption(
      'sleep 300 & printf "%s\\n%s\\n" $$ $! > "$0.new"; mv "$0.new" "$0.pids"; wait',
    );
    expect(error.code).toBe("interrupted");
    expect(alive).toEqual([false, false]);
    expect(ms).toBeLessThan(15_000);
  });

  test("kills what does not care, after a while", async () => {
    const { error, ms, alive } = await interruption(
      "trap '' TERM INT HUP\nsleep 300 &\n"
        + 'printf "%s\\n%s\\n" $$ $! > "$0.new"; mv "$0.new" "$0.pids"\n'
        + "while :; do sleep 1; done",
    );
    expect(error.code).toBe("interrupted");
    expect(alive).toEqual([false, false]);
    expect(ms).toBeGreaterThan(2_900);
    expect(ms).toBeLessThan(20_000);
  });

  test("kills also what has let go of the output", async () => {
    const { alive } = await interruption(
      "(trap '' TERM; exec sleep 300 >/dev/null 2>&1) &\nsleep 0.2\n"
        + 'printf "%s\\n%s\\n" $$ $! > "$0.new"; mv "$0.new" "$0.pids"; wait',
    );
    expect(alive).toEqual([false, false]);
  });

  test("of a program that ends well because of it is one all the same", async () => {
    const { error } = await interruption(
      "trap 'exit 0' TERM\necho $$ > \"$0.pids\"\nwhile :; do sleep 0.05; done",
    );
    expect(error.code).toBe("interrupted");
  });
});
