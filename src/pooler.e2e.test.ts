/** The built pgmate through a PgBouncer: it works in session mode, and is refused in the others. */
import { describe, expect } from "bun:test";
import postgres from "postgres";
import type { Bouncer, BouncerRequest } from "./testing/bouncer.ts";
import { startBouncer } from "./testing/bouncer.ts";
import { testWithOracle } from "./testing/oracles.ts";
import { server, startServer, type TestServer } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const files = {
  "1_a.sql": pair("create table a (i int);", "drop table a;"),
  "2_b.sql": units("insert into a values (1);\nset search_path = pg_catalog;"),
  "3_c.sql": pair("insert into a values (2);", "delete from a where i = 2;"),
};

/** Migrations in a database, and the way to it through the pooler. */
interface Setting extends AsyncDisposable {
  readonly t: Trial;
  readonly bouncer: Bouncer;
  readonly env: { readonly DATABASE_URL: string };
}

async function setting(
  program: string,
  request: Omit<BouncerRequest, "program" | "server">,
  on: { readonly server?: TestServer; readonly files?: Readonly<Record<string, string>> } = {},
): Promise<Setting> {
  const at = on.server ?? (await server(17));
  const bouncer = await startBouncer({ program, server: at, ...request });
  const t = await trial(at, on.files ?? files);
  return {
    t,
    bouncer,
    env: { DATABASE_URL: bouncer.url(t.database.name) },
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      await bouncer[Symbol.asyncDispose]();
    },
  };
}

const asleep =
  "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
const advisory =
  "select 1 from pg_locks where locktype = 'advisory' and database =" +
  " (select oid from pg_database where datname = current_database())";
const made = "select 1 from pg_class where relname in ('a', 'schema_migrations')";

describe.concurrent("in session mode", () => {
  testWithOracle("pgbouncer", "every command works, two runs at once too", async (program) => {
    await using s = await setting(program, { mode: "session" });
    const { t, env } = s;
    const both = await Promise.all([t.pgmate(["up"], env), t.pgmate(["up"], env)]);
    expect(both.map(({ stderr }) => stderr).join("")).not.toContain("Error");
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect((await t.pgmate(["redo"], env)).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2", "3"]);
    expect((await t.pgmate(["rollback"], env)).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2"]);
    expect((await t.pgmate(["status"], env)).stdout).toContain("Pending: 1");
    expect((await t.pgmate(["dump"], env)).status).toBe(0);
  });

  testWithOracle("pgbouncer", "a stop reaches the server; the pooler lives", async (program) => {
    await using s = await setting(program, { mode: "session" }, {
      files: { "1_a.sql": pair("create table a (); select pg_sleep(60);") },
    });
    const { t, env } = s;
    const run = t.start(["up"], env);
    while ((await t.query(asleep)).length === 0) await Bun.sleep(20);
    run.signal("SIGINT");
    const { status, stderr } = await run.result;
    expect(stderr).toContain("nothing of 1_a.sql was kept");
    expect(status).toBe(130);
    expect(await t.query(asleep)).toHaveLength(0);
    const after = await t.pgmate(["status"], env);
    expect(after.stdout + after.stderr).toContain("Pending: 1");
  });

  for (const poolSize of [1, 2, 20]) {
    testWithOracle("pgbouncer", `a pool of ${poolSize} is enough`, async (program) => {
      await using s = await setting(program, { mode: "session", poolSize });
      const up = await s.t.pgmate(["up"], s.env);
      expect(up.stderr).not.toContain("Error");
      expect(up.status).toBe(0);
      expect(await s.t.applied()).toEqual(["1", "2", "3"]);
    });
  }

  // Without a reset on the pooler's side what is left on a backend stays there.
  testWithOracle("pgbouncer", "no lock is left on a pooled backend", async (program) => {
    await using s = await setting(
      program,
      { mode: "session", settings: { server_reset_query: "" } },
      { files: { ...files, "4_d.sql": pair("select nope;") } },
    );
    const { t, env } = s;
    expect((await t.pgmate(["up"], env)).status).toBe(2);
    expect(await t.query(advisory)).toHaveLength(0);
    await t.migrations({ "4_d.sql": pair("select 4;") });
    expect((await t.pgmate(["up", "--lock-wait", "0s"], env)).status).toBe(0);
    expect(await t.query(advisory)).toHaveLength(0);
    await t.migrations({ "5_e.sql": pair("select pg_sleep(60);") });
    const run = t.start(["up"], env);
    while ((await t.query(asleep)).length === 0) await Bun.sleep(20);
    run.signal("SIGTERM");
    expect((await run.result).status).toBe(143);
    expect(await t.query(advisory)).toHaveLength(0);
  });
});

testWithOracle("pgbouncer", "a full pool costs seconds, not minutes", async (program) => {
  await using s = await setting(program, { mode: "session", poolSize: 1 });
  const timed = async (args: readonly string[], env = {}): Promise<number> => {
    const began = performance.now();
    expect((await s.t.pgmate(args, env)).status).toBe(0);
    return performance.now() - began;
  };
  const direct = await timed(["up"]);
  await timed(["goto", "1"]);
  expect((await timed(["up"], s.env)) - direct).toBeLessThan(5_000);
});

testWithOracle("pgbouncer", "a pool that is taken is waited for, and named", async (program) => {
  const settings = { query_wait_timeout: "3" };
  await using s = await setting(program, { mode: "session", poolSize: 1, settings });
  const url = s.bouncer.url(s.t.database.name);
  const holder = postgres(url, { max: 1, prepare: false, fetch_types: false });
  await holder.unsafe("select 1");
  for (const command of ["up", "status"]) {
    const { status, stderr } = await s.t.pgmate([command], s.env);
    expect(stderr).toMatch(/Error: the connection pooler at \S+ has no connection to the server l/);
    expect(stderr).toContain("query_wait_timeout");
    expect(status).toBe(2);
    const run = s.t.start([command], s.env);
    await Bun.sleep(1_000);
    const began = performance.now();
    run.signal("SIGINT");
    expect((await run.result).status).toBe(130);
    expect(performance.now() - began).toBeLessThan(1_000);
  }
  await holder.end();
});

async function expectRefusal(t: Trial, args: readonly string[], env: Setting["env"]) {
  const { status, stdout, stderr } = await t.pgmate(args, env);
  expect(stderr).toContain("Error: a connection pooler that shares backends stands between");
  expect(stderr).toContain("pool_mode=session");
  expect(stderr).toContain("State: nothing was changed\n");
  expect(stdout).toBe("");
  expect(status).toBe(2);
}

describe.concurrent("where backends are shared", () => {
  const pools = [1, 2, 20].flatMap((poolSize) => [
    { mode: "transaction", poolSize } as const,
    { mode: "transaction", poolSize, settings: { server_round_robin: "1" } } as const,
  ]);
  for (const request of [...pools, { mode: "statement" } as const]) {
    const title = Object.values(request).map((value) => JSON.stringify(value)).join(" ");
    testWithOracle("pgbouncer", `nothing runs: ${title}`, async (program) => {
      await using s = await setting(program, request);
      const { t, env } = s;
      await expectRefusal(t, ["up"], env);
      expect(await t.query(made)).toHaveLength(0);
      expect(await t.query(advisory)).toHaveLength(0);
      expect((await t.pgmate(["up"])).status).toBe(0);
      for (const args of [["rollback"], ["redo"], ["dump"]]) await expectRefusal(t, args, env);
      expect(await t.applied()).toEqual(["1", "2", "3"]);
    });
  }

  testWithOracle("pgbouncer", "status and version only read, and work", async (program) => {
    await using s = await setting(program, { mode: "transaction" });
    const { t, env } = s;
    expect((await t.pgmate(["status"], env)).stdout).toContain("Pending: 3");
    expect((await t.pgmate(["up"])).status).toBe(0);
    expect((await t.pgmate(["status"], env)).stdout).toContain("Pending: 0");
    expect((await t.pgmate(["version"], env)).stdout).toContain("3");
  });

  testWithOracle("pgbouncer", "what was refused sent no statement of a file", async (program) => {
    const own = await startServer({ version: 17, settings: { log_statement: "all" } });
    await using s = await setting(program, { mode: "transaction" }, { server: own });
    const mark = own.mark();
    await expectRefusal(s.t, ["up"], s.env);
    const sent = own.statementsSince(mark, s.t.database.name);
    expect(sent.length).toBeGreaterThan(2);
    // The last is PgBouncer's own.
    const harmless =
      /^(begin|rollback)?[;\s]*(set local [^;]*[;\s]*)*(select[^;]*pg_catalog|$|SET application_n)/;
    expect(sent.filter((text) => !harmless.test(text.trim()))).toEqual([]);
    await own.stop();
  });
});

describe.concurrent("a start-up setting", () => {
  const asked = "?search_path=app,public";
  const given: readonly (readonly [string, string, Readonly<Record<string, string>>, string])[] = [
    ["of the URL", asked, {}, "the start-up setting \"search_path\""],
    ["in options=", "?options=-c%20search_path%3Dapp", {}, "options= of the URL, or PGOPTIONS"],
    ["in PGOPTIONS", "", { PGOPTIONS: "-c search_path=app" }, "options= of the URL, or PGOPTIONS"],
  ];
  for (const [title, query, more, said] of given) {
    testWithOracle("pgbouncer", `${title} is refused with the cure`, async (program) => {
      await using s = await setting(program, { mode: "session" });
      const env = { DATABASE_URL: s.env.DATABASE_URL + query, ...more };
      for (const command of ["up", "status"]) {
        const { status, stderr } = await s.t.pgmate([command], env);
        expect(stderr).toContain(`does not take ${said}`);
        expect(stderr).toMatch(/Next: connect to Postgres directly.*ignore_startup_parameters=/);
        expect(status).toBe(2);
      }
      expect(await s.t.query(made)).toHaveLength(0);
    });

    testWithOracle("pgbouncer", `${title} that the pooler drops is made`, async (program) => {
      const settings = { ignore_startup_parameters: "search_path,options" };
      await using s = await setting(program, { mode: "session", settings }, {
        files: {
          "1_a.sql": pair("create table a (i int);\nset search_path = public;"),
          "2_b.sql": pair("insert into a values (1);"),
        },
      });
      const { t } = s;
      await t.query("create schema app");
      const env = { DATABASE_URL: s.env.DATABASE_URL + query, ...more };
      expect((await t.pgmate(["up"], env)).status).toBe(0);
      expect(await t.query("select i from app.a")).toHaveLength(1);
      expect(await t.query("select 1 from app.schema_migrations")).toHaveLength(2);
      expect((await t.pgmate(["status"], env)).stdout).toContain("Pending: 0");
    });
  }

  testWithOracle("pgbouncer", "is not left to the pool's other clients", async (program) => {
    const settings = { ignore_startup_parameters: "search_path" };
    await using s = await setting(program, { mode: "transaction", poolSize: 1, settings });
    const env = { DATABASE_URL: s.env.DATABASE_URL + asked };
    await s.t.query("create schema app");
    expect((await s.t.pgmate(["up"], { ...env, DATABASE_URL: s.t.database.url + asked })).status)
      .toBe(0);
    expect((await s.t.pgmate(["status"], env)).stdout).toContain("Pending: 0");
    await expectRefusal(s.t, ["up", "--strict"], env);
    const shown = await s.bouncer.query(s.t.database.name, "show search_path");
    expect(shown).toEqual([{ search_path: "\"$user\", public" }]);
  });

  testWithOracle("pgbouncer", "that the server refuses is named", async (program) => {
    const settings = { ignore_startup_parameters: "work_mm" };
    await using s = await setting(program, { mode: "session", settings });
    const env = { DATABASE_URL: `${s.env.DATABASE_URL}?work_mm=1` };
    const { status, stderr } = await s.t.pgmate(["up"], env);
    expect(stderr).toContain("does not accept the setting \"work_mm\" of the URL");
    expect(status).toBe(2);
  });
});
