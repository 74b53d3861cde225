/** The run lock on a real server by a clock of the test's: how it polls, and what it tells. */
import { describe, expect, test } from "bun:test";
import { parseDatabaseUrl } from "../core/database-url.ts";
import { seeded } from "../testing/seeded.ts";
import { type FreshDatabase, server } from "../testing/servers.ts";
import { type Connection, connectServer } from "./connect.ts";
import { acquireRunLock, type LockHolder, type LockOptions } from "./lock.ts";

async function open(database: FreshDatabase, applicationName: string): Promise<Connection> {
  const defaults = { user: "postgres", home: "/nowhere", platform: "linux" };
  const target = parseDatabaseUrl(database.url, {}, defaults);
  if (target.kind !== "server") throw new Error("it is a server");
  const none = undefined;
  return connectServer({
    target,
    tlsFiles: { rootCertificates: none, certificate: none, key: none, revocations: none },
    passfile: undefined,
    applicationName,
    purpose: "write",
    signal: new AbortController().signal,
    onNotice: () => {},
  });
}

interface Polling extends LockOptions {
  readonly pauses: number[];
  readonly told: { readonly holder: LockHolder | undefined; readonly waitedMs: number }[];
}

/** Time passes in its pauses only; `at` is told of each. */
function polling(seed: number, waitMs: number, at: (pauses: number) => void = () => {}): Polling {
  const random = seeded(seed);
  const pauses: number[] = [];
  const told: Polling["told"] = [];
  let now = 0;
  return {
    table: { schema: "public", table: "schema_migrations" },
    waitMs,
    signal: new AbortController().signal,
    pauses,
    told,
    onWait: (holder, waitedMs) => told.push({ holder, waitedMs }),
    clock: {
      now: () => now,
      date: () => new Date(now),
      random: () => random.below(1_000_000) / 1_000_000,
      sleep: async (ms) => {
        now += ms;
        pauses.push(ms);
        at(pauses.length);
      },
    },
  };
}

describe("while another run has it", () => {
  test("it is polled with growing, jittered pauses, for as long as was said", async () => {
    const database = await (await server(17)).freshDatabase();
    const holder = await open(database, "pgmate the first");
    const lock = await acquireRunLock(holder.session, polling(1, 0));
    const waiter = await open(database, "pgmate the second");
    const began = performance.now();
    const series: number[][] = [];
    for (const seed of [2, 3]) {
      const options = polling(seed, 60_000);
      const error = await acquireRunLock(waiter.session, options).catch((one: unknown) => one);
      const state = "nothing was changed by this run";
      expect(error).toMatchObject({ code: "lock-timeout", state });
      expect(String(error)).toMatch(/waited 60 s for pgmate the first \(pid \d+, user postgres/);
      expect(options.pauses.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(60_000);
      // The last is what was left of the time.
      const pauses = options.pauses.slice(0, -1);
      for (const [index, ms] of pauses.entries()) {
        const base = Math.min(1_000, 50 * 2 ** index);
        expect(ms).toBeWithin(base * 0.5, base * 1.5);
      }
      expect(options.told.map(({ holder: who }) => who?.applicationName))
        .toEqual(options.told.map(() => "pgmate the first"));
      expect(options.told.map(({ waitedMs }) => Math.floor(waitedMs / 10_000)))
        .toEqual([0, 1, 2, 3, 4, 5].slice(0, options.told.length));
      expect(options.told.length).toBeGreaterThan(4);
      series.push(pauses);
    }
    expect(series[0]?.slice(0, 5)).not.toEqual(series[1]?.slice(0, 5));
    // The blocking form would have kept the server waiting for real.
    expect(performance.now() - began).toBeLessThan(20_000);
    await lock.release();
    await holder.session.end();
    await waiter.session.end();
  });

  test("it is taken at the next look when it is let go, or when its holder is gone", async () => {
    const database = await (await server(17)).freshDatabase();
    const locks = "select 1 from pg_locks where locktype = 'advisory' and database =" +
      " (select oid from pg_database where datname = current_database())";
    for (const how of ["release", "end"] as const) {
      const holder = await open(database, "pgmate the first");
      const lock = await acquireRunLock(holder.session, polling(1, 0));
      const waiter = await open(database, "pgmate the second");
      let gone = Promise.resolve();
      const options = polling(2, 60_000, (pauses) => {
        if (pauses === 3) gone = how === "release" ? lock.release() : holder.session.end();
      });
      const slower = { ...options.clock, sleep: async (ms: number, signal: AbortSignal) => {
        await options.clock.sleep(ms, signal);
        await gone;
        // A backend ends some moments after its connection.
        await Bun.sleep(50);
      } };
      const taken = await acquireRunLock(waiter.session, { ...options, clock: slower });
      expect(options.pauses.length).toBeWithin(3, 8);
      expect(await database.query(locks)).toHaveLength(2);
      await taken.release();
      expect(await database.query(locks)).toHaveLength(0);
      await holder.session.end();
      await waiter.session.end();
    }
  });

  test("a role that may see nothing of the holder is told its process", async () => {
    const database = await (await server(17)).freshDatabase();
    await database.query("create role stranger login password 's'");
    const holder = await open(database, "pgmate the first");
    const lock = await acquireRunLock(holder.session, polling(1, 0));
    const url = database.url.replace(/\/\/[^@]*@/, "//stranger:s@");
    const stranger = await open({ ...database, url }, "pgmate the second");
    const options = polling(2, 1_000);
    const error = await acquireRunLock(stranger.session, options).catch((one: unknown) => one);
    expect(String(error)).toMatch(new RegExp(`\\(pid ${holder.facts.backendPid}\\b`));
    await lock.release();
    await holder.session.end();
    await stranger.session.end();
  });
});

test("a check fails for a session that has lost either lock, and changes nothing", async () => {
  const database = await (await server(17)).freshDatabase();
  for (const keep of [0, 1]) {
    const { session } = await open(database, "pgmate");
    const lock = await acquireRunLock(session, polling(keep, 0));
    expect(await session.send(lock.checkSql)).toMatchObject({ kind: "done" });
    const [row] = await session.rows(
      "select classid::int8::text as high, objid::int8::text as low from pg_locks" +
        ` where locktype = 'advisory' and pid = pg_backend_pid() order by objid offset ${keep}`,
    );
    const signed = (text: unknown): number => Number(text) | 0;
    const keys = `${signed(row?.["high"])}, ${signed(row?.["low"])}`;
    await session.send(`select pg_advisory_unlock(${keys})`);
    expect(await session.send(lock.checkSql)).toMatchObject({ kind: "failed" });
    await lock.release();
    await session.end();
  }
});
