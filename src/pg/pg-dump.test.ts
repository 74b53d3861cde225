/** The carried pg_dump on a session: what it leaves there, and what happens when it breaks down. */
import { expect, test } from "bun:test";
import { parseDatabaseUrl } from "../core/database-url.ts";
import type { ServerMessage } from "../errors.ts";
import { server } from "../testing/servers.ts";
import { type Connection, connectEmbedded, connectServer } from "./connect.ts";
import { openEmbedded } from "./embedded.ts";
import { leaveDump, loadPgDump, type PgDumpResult } from "./pg-dump.ts";
import { PgDumpWire } from "./pg-dump-wire.ts";
import type { Session } from "./session.ts";

const options = ["--schema-only", "--no-owner", "--no-privileges"];

async function connected(url: string, notices: ServerMessage[] = []): Promise<Connection> {
  const target = parseDatabaseUrl(url, {}, { user: "x", home: "/", platform: "linux" });
  if (target.kind !== "server") throw new Error("a server's URL is needed");
  return connectServer({
    target,
    tlsFiles: {
      rootCertificates: undefined, certificate: undefined, key: undefined, revocations: undefined,
    },
    passfile: undefined,
    applicationName: "pgmate test",
    purpose: "dump",
    signal: new AbortController().signal,
    onNotice: (notice) => notices.push(notice),
  });
}

async function dumped(session: Session, ...args: readonly string[]): Promise<PgDumpResult> {
  const pgDump = await loadPgDump();
  return pgDump.run(session, { args: [...options, ...args], user: "nobody", database: "it's = x" });
}

function textOf(result: PgDumpResult): string {
  if (result.kind === "failed") throw new Error(result.said);
  return new TextDecoder().decode(result.text);
}

test("the session stays in its snapshot, and is clean once it is left", async () => {
  const database = await (await server(18)).freshDatabase();
  await database.query("create table a (id int)");
  const { session } = await connected(database.url);
  try {
    await session.send("select pg_advisory_lock(4711); set work_mem = '5MB'");
    expect(textOf(await dumped(session))).toContain("CREATE TABLE public.a");
    expect(session.transactionState).toBe("T");
    await database.query("create table b (id int)");
    const tables = "select count(*)::int as n from pg_tables where schemaname = 'public'";
    expect(await session.rowsWithin(tables)).toEqual([{ n: 1 }]);
    await leaveDump(session, []);
    expect(session.transactionState).toBe("I");
    const [left] = await session.rows(`
      select (select count(*)::int from pg_prepared_statements) as prepared,
             (select count(*)::int from pg_locks where locktype = 'advisory'
                 and pid = pg_backend_pid()) as locks,
             (select count(*)::int from pg_locks where locktype = 'relation'
                 and mode = 'AccessShareLock' and relation >= 16384
                 and pid = pg_backend_pid()) as tables,
             current_setting('statement_timeout') as timeout`);
    expect(left).toEqual({ prepared: 0, locks: 1, tables: 0, timeout: "0" });
    expect(await session.rowsWithin("select current_setting('search_path') as path"))
      .toEqual([{ path: "\"$user\", public" }]);
  } finally {
    await session.end();
  }
});

test("failures leave a session that goes on, and so do many dumps", async () => {
  const database = await (await server(15)).freshDatabase();
  await database.query("create table a (id int)");
  const notices: ServerMessage[] = [];
  const { session } = await connected(database.url, notices);
  try {
    for (let round = 0; round < 12; round += 1) {
      const failed = await dumped(session, "--table=nowhere");
      expect(failed).toEqual({
        kind: "failed", status: 1, said: "pg_dump: error: no matching tables were found",
      });
      await leaveDump(session, []);
      expect(textOf(await dumped(session))).toContain("CREATE TABLE public.a");
      await leaveDump(session, []);
      if (round % 4 === 0) Bun.gc(true);
    }
    expect(notices).toEqual([]);
  } finally {
    await session.end();
  }
});

test("what breaks down amid an answer leaves nothing of it to whoever asks next", async () => {
  const database = await (await server(17)).freshDatabase();
  const { session } = await connected(database.url);
  try {
    const sql = "select repeat('x', 1000) from generate_series(1, 50000)";
    const query = new TextEncoder().encode(`${sql}\0`);
    const message = new Uint8Array(5 + query.length);
    message[0] = 0x51;
    new DataView(message.buffer).setUint32(1, 4 + query.length);
    message.set(query, 5);
    const broken = session.lend(async (wire) => {
      const ends = new PgDumpWire(wire);
      return ends.open(async () => {
        ends.write(new Uint8Array([0, 0, 0, 8, 0, 3, 0, 0]));
        ends.write(message);
        throw new RangeError("out of memory");
      });
    });
    await expect(broken).rejects.toThrow("out of memory");
    expect(await session.rows("select 1 as one")).toEqual([{ one: 1 }]);
  } finally {
    await session.end();
  }
});

test("a server that goes away in the midst of it is an error, not a wait", async () => {
  const database = await (await server(16)).freshDatabase();
  await database.query("create table a (id int)");
  const { session, facts } = await connected(database.url);
  try {
    const holder = database.query(
      `begin; lock table a in access exclusive mode; select pg_sleep(0.5);
       select pg_terminate_backend(${facts.backendPid}); commit`,
    );
    await Bun.sleep(200);
    await expect(dumped(session)).rejects.toMatchObject({ code: "connect-lost" });
    expect(session.isLost).toBe(true);
    await holder;
  } finally {
    await session.end();
  }
});

test("the embedded Postgres is dumped over its own wire", async () => {
  const embedded = await openEmbedded({ storage: { kind: "memory" } });
  const signal = new AbortController().signal;
  const { session } = await connectEmbedded(embedded, { onNotice: () => undefined, signal });
  await session.send("create table a (id int); create view v as select * from a");
  expect(textOf(await dumped(session))).toContain("CREATE VIEW public.v AS\n SELECT id\n   FROM");
  await leaveDump(session, []);
  expect(await session.rows("select count(*)::int as n from public.a")).toEqual([{ n: 0 }]);
  await session.end();
  await embedded.close();
});
