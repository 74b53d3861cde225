import { afterAll, describe, expect, setDefaultTimeout } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseDatabaseUrl } from "../core/database-url.ts";
import { type LibpqConnection, libpqEnvironment } from "../core/libpq-environment.ts";
import { PgmateError } from "../errors.ts";
import { startBouncer } from "../testing/bouncer.ts";
import { oracle, testWithOracle } from "../testing/oracles.ts";
import { server, startServer } from "../testing/servers.ts";
import { type PgDumpRun, runPgDump } from "./pg-dump-program.ts";

setDefaultTimeout(60_000);

const folder = await mkdtemp(join(tmpdir(), "pgmate-pg-dump-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

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

function environment(url: string, also: Partial<LibpqConnection> = {}): Record<string, string> {
  const defaults = { user: "nobody", home: "/nowhere", platform: process.platform };
  const target = parseDatabaseUrl(url, {}, defaults);
  if (target.kind !== "server") throw new Error("expected a server");
  const tlsFiles = {
    rootCertificates: undefined, certificate: undefined, key: undefined, revocations: undefined,
  };
  const made = libpqEnvironment({
    target,
    host: target.hosts[0],
    address: undefined,
    password: target.password,
    applicationName: "pgmate test",
    tlsFiles,
    by: "server",
    ...also,
  }, { ...path, PGHOST: "nowhere.invalid", PGSERVICE: "nothing", PGSSLMODE: "verify-full" });
  if (made.kind === "impossible") throw new Error(made.reason);
  return { ...made.environment };
}

const schemaOnly = ["--schema-only", "--no-owner"];

describe("an installed pg_dump", () => {
  testWithOracle("pg_dump", "by TCP with a password, which no command line shows", async (real) => {
    const at = await server(15);
    const database = await at.freshDatabase();
    await database.query("create table seen_by_dump (i int)");
    const wrapper = join(folder, "wrapper");
    const text = "#!/bin/sh\ncat /proc/$$/cmdline > $0.cmdline; env > $0.environ\n"
      + `printf '%s\\n' "$@" > $0.argv; exec "${real}" "$@"\n`;
    await writeFile(wrapper, text, { mode: 0o755 });
    const { output, complaints } = await run(wrapper, {
      args: [...schemaOnly, "--table=seen_by_dump"],
      environment: environment(database.url),
    });
    expect(new TextDecoder().decode(output)).toContain("CREATE TABLE public.seen_by_dump (");
    expect(complaints).toBe("");
    const cmdline = await readFile(`${wrapper}.cmdline`, "utf8");
    expect(cmdline).toContain("\0--no-password\0--schema-only\0");
    expect(cmdline).not.toContain(at.password);
    expect(await readFile(`${wrapper}.argv`, "utf8"))
      .toBe("--no-password\n--schema-only\n--no-owner\n--table=seen_by_dump\n");
    expect(await readFile(`${wrapper}.environ`, "utf8"))
      .toContain(`PGPASSWORD=${at.password}\n`);
  });

  testWithOracle("pg_dump", "found on the PATH, by a Unix socket", async () => {
    const at = await server(15);
    const { name } = await at.freshDatabase();
    const url = `postgres://postgres@/${name}?host=${at.socketFolder}&port=${at.port}`
      + "&sslmode=require";
    const { output } = await run("pg_dump", { args: schemaOnly, environment: environment(url) });
    expect(new TextDecoder().decode(output)).toContain("PostgreSQL database dump complete");
  });

  testWithOracle("pg_dump", "by TLS with everything checked", async (real) => {
    const file = (name: string): string => join(import.meta.dir, "../testing/certificates", name);
    const at = await startServer({
      version: 15,
      settings: { ssl: "on", log_connections: "on" },
      hba: ["hostnossl all all all reject"],
      files: {
        "server.crt": readFileSync(file("localhost.crt"), "utf8"),
        "server.key": readFileSync(file("localhost.key"), "utf8"),
      },
    });
    const dump = (authority: string): ReturnType<typeof run> => {
      const root = file(authority);
      const url = at.url("postgres", { sslmode: "verify-full", sslrootcert: root });
      const tlsFiles = {
        rootCertificates: "PEM", certificate: undefined, key: undefined, revocations: undefined,
      };
      const named = url.replace(at.host, "localhost");
      const made = environment(named, { address: at.host, tlsFiles });
      return run(real, { args: schemaOnly, environment: made });
    };
    const since = at.mark();
    expect((await dump("authority.crt")).output.length).toBeGreaterThan(100);
    expect(at.logSince(since)).toMatch(/application_name=pgmate test SSL enabled/);
    const { code, message } = await refusal(dump("other-authority.crt"));
    expect([code, message]).toEqual(["dump", expect.stringContaining("verify failed")]);
    await at.stop();
  });

  const odd = [
    "two words", "a=b", "dbname=postgres host=nowhere", "postgres://x", "postgresql://h:1/d",
    "it's \"quoted\"", "back\\slash", "-c", "--help", "\u00fcml\u00e4ut", "$HOME;`id`", "%2Fx",
  ];
  testWithOracle("pg_dump", "databases, users and passwords with odd names", async (real) => {
    const at = await server(15);
    const password = "p'\\ #\"=%s$HOME";
    const literal = `'${password.replaceAll("'", "''")}'`;
    for (const [index, name] of odd.entries()) {
      const quoted = `"${name.replaceAll("\"", "\"\"")}"`;
      const database = await at.freshDatabase(name);
      await database.query(`create role ${quoted} login superuser password ${literal}`);
      await database.query(`comment on database ${quoted} is 'found as ${index}'`);
      const [user, secret, path] = [name, password, name].map(encodeURIComponent);
      const url = `postgres://${user}:${secret}@${at.host}:${at.port}/${path}`;
      const dump = await run(real, {
        args: ["--schema-only", "--create"], environment: environment(url),
      });
      const text = new TextDecoder().decode(dump.output);
      expect(text).toContain(`IS 'found as ${index}';`);
      await at.query("postgres", `drop database ${quoted}`);
      await at.query("postgres", `drop role ${quoted}`);
    }
  });

  testWithOracle("pg_dump", "writes the same whatever the database sets", async (real) => {
    const at = await server(15);
    const database = await at.freshDatabase();
    await database.query("create table t (b bytea default '\\x00ff', at timestamptz)"
      + " partition by range (at)");
    await database.query("create table p partition of t for values from ('2020-01-01 00:00+00')"
      + " to ('2021-01-01 00:00+00')");
    await database.query(`alter database "${database.name}" set bytea_output = escape`);
    await database.query(`alter database "${database.name}" set timezone = 'Asia/Tokyo'`);
    const url = `${database.url}?search_path=nowhere&TimeZone=Europe/Paris&statement_timeout=1`;
    const { output } = await run(real, { args: schemaOnly, environment: environment(url) });
    const text = new TextDecoder().decode(output);
    expect(text).toContain("DEFAULT '\\x00ff'::bytea");
    expect(text).toContain("FROM ('2020-01-01 00:00:00+00') TO ('2021-01-01 00:00:00+00')");
  });

  testWithOracle("pgbouncer", "through a pooler, told nothing of ours", async (bouncer) => {
    const real = oracle("pg_dump");
    if (real === undefined) return;
    const at = await server(15);
    const { name } = await at.freshDatabase();
    await using pooler = await startBouncer({ program: bouncer, server: at, mode: "session" });
    const dump = (by: LibpqConnection["by"]): ReturnType<typeof run> =>
      run(real, { args: schemaOnly, environment: environment(pooler.url(name), { by }) });
    expect((await dump("pooler")).output.length).toBeGreaterThan(100);
    const { message, hint } = await refusal(dump("server"));
    expect(message).toContain("unsupported startup parameter");
    expect(hint).toContain("there is a pooler in between");
  });
});

describe("what an installed pg_dump refuses", () => {
  testWithOracle("pg_dump", "a wrong password", async (real) => {
    const at = await server(15);
    const url = at.url("postgres").replace(encodeURIComponent(at.password), "sesame42");
    const made = environment(url);
    const { code, message, hint } = await refusal(run(real, { environment: made }));
    expect(code).toBe("dump");
    expect(message).toStartWith("pg_dump failed: connection to server at ");
    expect(message).toEndWith("FATAL:  password authentication failed for user \"postgres\"");
    expect(hint).toContain("leave out --pg-dump");
    expect(message + String(hint)).not.toContain("sesame42");
    delete made["PGPASSWORD"];
    expect((await refusal(run(real, { environment: made }))).message)
      .toEndWith("fe_sendauth: no password supplied");
  });

  testWithOracle("pg_dump", "a server that is newer than itself", async (real) => {
    const told = Bun.spawnSync([real, "--version"]).stdout.toString();
    const own = /(\d+)\.\d+/.exec(told);
    if (own === null || Number(own[1]) >= 18) return;
    const at = await server(18);
    const made = environment(at.url("postgres"));
    const { message, hint } = await refusal(run(real, { environment: made }));
    expect(message).toStartWith(`pg_dump is of version ${own[0]} and does not dump a server of`);
    expect(message).toMatch(/version 18\.\d+$/);
    expect(hint).toContain("--pg-dump the path of a pg_dump of version 18 or newer; or leave out");
  });

  testWithOracle("pg_dump", "what it has to wait for too long, or may not read", async (real) => {
    const at = await server(15);
    const database = await at.freshDatabase();
    await database.query("create table t (i int)");
    await database.query("create role reader login password 'r'");
    await database.query("begin; lock table t; prepare transaction 'held'");
    const made = environment(database.url);
    const waiting = run(real, { args: ["--lock-wait-timeout=100"], environment: made });
    const waited = await refusal(waiting);
    expect(waited.message).toMatch(/canceling statement due to \w+ timeout; Query was: LOCK TABLE/);
    expect(waited.hint).toContain("another session holds a lock");
    await database.query("rollback prepared 'held'");
    const reader = environment(database.url.replace(/\/\/.*@/, "//reader:r@"));
    const denied = await refusal(run(real, { environment: reader }));
    expect(denied.message).toContain("permission denied for table t");
    expect(denied.hint).toContain("grant usage on the schema and select");
  });

  testWithOracle("pg_dump", "an option that it does not know", async (real) => {
    const { message, hint } = await refusal(run(real, { args: ["--nope"] }));
    expect(message).toBe("pg_dump failed: unrecognized option '--nope'");
    expect(hint).toContain("--dump-option");
  });
});

describe("an interruption", () => {
  testWithOracle("pg_dump", "leaves nothing of a real one on the server", async (real) => {
    const at = await server(15);
    const database = await at.freshDatabase();
    await database.query("create table t (i int)");
    await database.query("begin; lock table t; prepare transaction 'stop'");
    const controller = new AbortController();
    const sessions = (): Promise<readonly unknown[]> => database.query(
      "select 1 from pg_stat_activity where application_name = 'pgmate test'"
        + " and wait_event_type = 'Lock' and datname = current_database()",
    );
    const running = refusal(
      run(real, { environment: environment(database.url), signal: controller.signal }),
    );
    while ((await sessions()).length === 0) await Bun.sleep(10);
    const began = performance.now();
    controller.abort("interrupted");
    expect((await running).code).toBe("interrupted");
    expect(performance.now() - began).toBeLessThan(15_000);
    while ((await sessions()).length > 0) await Bun.sleep(10);
    expect(performance.now() - began).toBeLessThan(20_000);
    await database.query("rollback prepared 'stop'");
  });
});
