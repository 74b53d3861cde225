/** The proof of session pooling while other clients use the same pool, round after round. */
import { describe, expect } from "bun:test";
import postgres from "postgres";
import { parseDatabaseUrl, type ServerTarget } from "../core/database-url.ts";
import { PgmateError } from "../errors.ts";
import { type Bouncer, type BouncerRequest, startBouncer } from "../testing/bouncer.ts";
import { testWithOracle } from "../testing/oracles.ts";
import { type Random, seeded } from "../testing/seeded.ts";
import { server } from "../testing/servers.ts";
import { type Connection, connectServer, type Purpose } from "./connect.ts";
import { acquireRunLock, type RunLock } from "./lock.ts";

function targetOf(bouncer: Bouncer): ServerTarget {
  const defaults = { user: "postgres", home: "/nowhere", platform: "linux" };
  const target = parseDatabaseUrl(bouncer.url("postgres"), {}, defaults);
  if (target.kind !== "server") throw new Error("it is a server");
  return target;
}

function open(bouncer: Bouncer, purpose: Purpose): Promise<Connection> {
  const none = undefined;
  return connectServer({
    target: targetOf(bouncer),
    tlsFiles: { rootCertificates: none, certificate: none, key: none, revocations: none },
    passfile: undefined,
    applicationName: "pgmate",
    purpose,
    signal: new AbortController().signal,
    onNotice: () => {},
  });
}

async function verdict(bouncer: Bouncer): Promise<string> {
  try {
    const { session } = await open(bouncer, "dump");
    await session.end();
    return "let through";
  } catch (error) {
    return error instanceof PgmateError ? error.code : String(error);
  }
}

/** Clients that run short transactions with short rests in between, until they are told to stop. */
function load(bouncer: Bouncer, clients: number, random: Random): () => Promise<void> {
  let isOver = false;
  const work = async (): Promise<void> => {
    const url = bouncer.url("postgres");
    const sql = postgres(url, { max: 1, prepare: false, fetch_types: false });
    while (!isOver) {
      const seconds = random.percent(50) ? 0 : random.below(10) / 1_000;
      await sql.begin((transaction) => transaction.unsafe(`select pg_sleep(${seconds})`));
      if (random.percent(70)) await Bun.sleep(random.below(10));
    }
    await sql.end();
  };
  const all = Promise.all(Array.from({ length: clients }, work));
  return async () => {
    isOver = true;
    await all;
  };
}

type Pool = Pick<BouncerRequest, "poolSize" | "settings"> & { readonly clients: number };

const roundRobin = { server_round_robin: "1" };
const pools: readonly Pool[] = [
  { poolSize: 1, clients: 0 },
  { poolSize: 1, clients: 4 },
  { poolSize: 2, clients: 2 },
  { poolSize: 2, clients: 6, settings: roundRobin },
  { poolSize: 20, clients: 1 },
  { poolSize: 20, clients: 8 },
  { poolSize: 20, clients: 3, settings: roundRobin },
  { poolSize: 20, clients: 2, settings: { min_pool_size: "8" } },
];

const rounds = Number(process.env["PGMATE_POOL_ROUNDS"] ?? 12);

describe("in transaction mode nobody is let through", () => {
  for (const [seed, { clients, ...request }] of pools.entries()) {
    const title = `${JSON.stringify(request)} under ${clients} clients`;
    testWithOracle("pgbouncer", title, async (program) => {
      const at = await server(17);
      const mode = "transaction";
      await using bouncer = await startBouncer({ program, server: at, mode, ...request });
      const end = load(bouncer, clients, seeded(seed));
      const verdicts: string[] = [];
      for (let round = 0; round < rounds; round += 1) verdicts.push(await verdict(bouncer));
      await end();
      expect(verdicts).toEqual(Array.from({ length: rounds }, () => "connect-proxy"));
    }, 300_000);
  }
});

describe("in session mode everybody is let through", () => {
  for (const { poolSize, clients } of [
    { poolSize: 1, clients: 0 },
    { poolSize: 3, clients: 2 },
    { poolSize: 20, clients: 6 },
  ]) {
    const title = `a pool of ${poolSize} under ${clients} clients`;
    testWithOracle("pgbouncer", title, async (program) => {
      const at = await server(17);
      const request = { program, server: at, mode: "session", poolSize } as const;
      await using bouncer = await startBouncer(request);
      const end = load(bouncer, clients, seeded(poolSize));
      const verdicts: string[] = [];
      for (let round = 0; round < 6; round += 1) verdicts.push(await verdict(bouncer));
      await end();
      expect(verdicts).toEqual(Array.from({ length: 6 }, () => "let through"));
    });
  }
});

/** A reader is not asked for proof, so that it gets as far as the lock. */
async function lockThrough(bouncer: Bouncer): Promise<Connection & { readonly lock: RunLock }> {
  const connection = await open(bouncer, "read");
  const lock = await acquireRunLock(connection.session, {
    table: { schema: "public", table: "t" },
    waitMs: 0,
    clock: { now: () => 0, date: () => new Date(), random: Math.random, sleep: async () => {} },
    signal: new AbortController().signal,
    onWait: () => {},
  });
  return { ...connection, lock };
}

testWithOracle("pgbouncer", "two on one backend never both have the lock", async (program) => {
  const at = await server(17);
  const mode = "transaction";
  await using bouncer = await startBouncer({ program, server: at, mode, poolSize: 1 });
  const first = await lockThrough(bouncer);
  const second = await lockThrough(bouncer).catch((error: unknown) => error);
  expect(second).toMatchObject({ code: "connect-proxy" });
  expect(String(second)).toContain("that holds the run lock for another run");
  expect(await first.session.send(first.lock.checkSql)).toMatchObject({ kind: "done" });
  await first.lock.release();
  const third = await lockThrough(bouncer);
  await third.session.end();
  await first.session.end();
});
