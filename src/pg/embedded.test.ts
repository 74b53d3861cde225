/** The embedded Postgres, spoken to through the driver as a server would be. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { type Embedded, type EmbeddedStorage, openEmbedded } from "./embedded.ts";
import type { ArchiveEntry } from "./tar.ts";

interface ServerError extends Error {
  readonly code: string;
  readonly position?: string;
  readonly where?: string;
}

type Connection = postgres.Sql & { readonly notices: readonly string[] };

function connect(embedded: Embedded): Connection {
  const notices: string[] = [];
  const options = {
    user: "postgres",
    max: 1,
    ssl: false,
    fetch_types: false,
    prepare: false,
    idle_timeout: 0,
    max_lifetime: null,
    onnotice: (notice: postgres.Notice) => notices.push(notice["message"] ?? ""),
    socket: async () => embedded.socket(),
  } as postgres.Options<Record<string, never>>;
  return Object.assign(postgres(options), { notices });
}

async function run(sql: postgres.Sql, text: string): Promise<readonly unknown[]> {
  return [...(await sql.unsafe(text).simple())];
}

function failureOf(result: Promise<unknown>): Promise<ServerError> {
  return result.then(() => expect.unreachable(), (error: ServerError) => error);
}

async function started(storage: EmbeddedStorage = { kind: "memory" }): Promise<Embedded> {
  return openEmbedded({ storage, settings: { application_name: "pgmate test" } });
}

describe("one embedded Postgres", () => {
  let embedded: Embedded;
  let sql: Connection;
  beforeAll(async () => {
    embedded = await started();
    sql = connect(embedded);
  });
  afterAll(async () => {
    await sql.end();
    await embedded.close();
  });

  test("answers queries and parameters", async () => {
    const [row] = await sql`select version() as v, ${"ü🎉"}::text as t, pg_backend_pid() as pid`;
    expect(row?.["v"]).toStartWith("PostgreSQL 18.");
    expect(row?.["t"]).toBe("ü🎉");
    expect(row?.["pid"]).toBe(42);
  });

  test("is set up as a server is", async () => {
    const wanted = { search_path: '"$user", public', allow_system_table_mods: "off" };
    for (const [name, value] of Object.entries(wanted)) {
      expect(await run(sql, `show ${name}`)).toEqual([{ [name]: value }]);
    }
  });

  test("keeps the settings it was opened with over a reset", async () => {
    await run(sql, "set application_name = 'other'; reset all");
    expect(await run(sql, "show application_name")).toEqual([{ application_name: "pgmate test" }]);
  });

  test("tells notices in their order", async () => {
    await run(sql, "do $$ begin raise notice 'one'; raise warning 'two'; end $$");
    expect(sql.notices.slice(-2)).toEqual(["one", "two"]);
  });

  test("tells the position of an error in characters", async () => {
    const error = await failureOf(run(sql, "select 1; select '🎉', nothing"));
    expect(error).toMatchObject({ code: "42703", position: "23" });
  });

  test("takes several statements as one transaction", async () => {
    const error = await failureOf(run(sql, "create table halves (); select 1/0"));
    expect(error.code).toBe("22012");
    expect(await run(sql, "select to_regclass('halves') as t")).toEqual([{ t: null }]);
  });

  test("does what may not run in a transaction", async () => {
    await run(sql, "create table indexed (a int)");
    await run(sql, "create index concurrently indexed_a on indexed (a)");
    await run(sql, "vacuum indexed");
    await run(sql, "create procedure p() language plpgsql as $$ begin commit; end $$");
    await run(sql, "call p()");
  });

  test("has the contrib extensions", async () => {
    for (const name of ["uuid-ossp", "pgcrypto", "citext", "pg_trgm", "hstore", "btree_gist"]) {
      await run(sql, `create extension "${name}"`);
    }
    const used = "select encode(digest('a', 'md5'), 'hex') as d, similarity('a', 'a') as s";
    expect(await run(sql, used)).toEqual([{ d: "0cc175b9c0f1b6a831c399e269772661", s: 1 }]);
    const rows = await run(sql, "select name from pg_available_extensions");
    expect(rows.length).toBeGreaterThan(35);
  });

  test("takes COPY data inside a transaction", async () => {
    await run(sql, "create table copied (a int, b text)");
    const session = await sql.reserve();
    await run(session, "begin");
    const stream = await session`copy copied from stdin`.writable();
    const lines = "1\tsome text\n".repeat(200_000);
    await new Promise<void>((resolve, reject) => {
      stream.once("finish", resolve).once("error", reject);
      stream.write(lines);
      stream.end();
    });
    await run(session, "commit");
    session.release();
    expect(await run(sql, "select count(*)::int as n from copied")).toEqual([{ n: 200_000 }]);
  });

  test("refuses to run programs, as an error like any other", async () => {
    const error = await failureOf(run(sql, "copy (select 1) to program 'cat'"));
    expect(error.message).toContain('could not execute command "cat"');
    expect(await run(sql, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("stops a function that calls itself without end", async () => {
    await run(sql, "create function r() returns int language plpgsql as 'begin return r(); end'");
    expect((await failureOf(run(sql, "select r()"))).code).toBe("54001");
    expect(await run(sql, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("has one connection", () => {
    expect(() => embedded.socket()).toThrow("one connection");
  });

  test("undoes what a connection leaves behind", async () => {
    await run(sql, "create temp table gone (); select pg_advisory_lock(7)");
    await run(sql, "begin; create table open ()");
    await sql.end();
    sql = connect(embedded);
    const left = `select to_regclass('gone') as temp, to_regclass('open') as opened,
      (select count(*)::int from pg_locks where locktype = 'advisory') as locks`;
    expect(await run(sql, left)).toEqual([{ temp: null, opened: null, locks: 0 }]);
  });
});

describe("the wire itself", () => {
  const opened: Embedded[] = [];
  afterEach(() => {
    for (const embedded of opened.splice(0)) embedded.terminate();
  });

  async function wire(): Promise<{ readonly send: (bytes: Buffer) => void; received(): string }> {
    const embedded = await started();
    opened.push(embedded);
    const socket = embedded.socket();
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    return { send: (bytes) => void socket.write(bytes), received: () => received };
  }

  async function until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!condition() && performance.now() < deadline) await Bun.sleep(5);
    expect(condition()).toBe(true);
  }

  function frame(type: string, body: string): Buffer {
    const bytes = Buffer.alloc(type.length + 4 + Buffer.byteLength(body));
    bytes.write(type);
    bytes.writeUInt32BE(4 + Buffer.byteLength(body), type.length);
    bytes.write(body, type.length + 4);
    return bytes;
  }

  const startup = frame("", "\u0000\u0003\u0000\u0000user\u0000postgres\u0000\u0000");

  test("takes frames in any pieces", async () => {
    const { send, received } = await wire();
    const query = frame("Q", "select 'pieces'\u0000");
    for (const byte of Buffer.concat([startup, query, query])) send(Buffer.from([byte]));
    await until(() => received().split("SELECT 1").length === 3);
  });

  test("does not give one connection the answers of another", async () => {
    const embedded = await started();
    opened.push(embedded);
    const left = embedded.socket();
    left.write(Buffer.concat([startup, frame("Q", "select pg_sleep(0.2), 'slow'\u0000")]));
    await Bun.sleep(50);
    left.destroy();
    let received = "";
    const next = embedded.socket();
    next.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    next.write(Buffer.concat([startup, frame("Q", "select 'next'\u0000")]));
    await until(() => received.includes("next"));
    expect(received).not.toContain("slow");
    expect(received.split("server_version")).toHaveLength(2);
  });

  test("says no to TLS and goes on", async () => {
    const { send, received } = await wire();
    send(Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]));
    await until(() => received() === "N");
    send(startup);
    await until(() => received().includes("server_version"));
  });

  test("tells of a bad row of COPY with its line, and takes the rest as ignored", async () => {
    const { send, received } = await wire();
    send(startup);
    send(frame("Q", "create table t (a int)\u0000"));
    send(frame("Q", "copy t from stdin\u0000"));
    await until(() => received().includes("G\u0000"));
    send(frame("d", "1\noops\n"));
    send(frame("d", "3\n"));
    send(frame("c", ""));
    send(frame("Q", "select 'alive'\u0000"));
    await until(() => received().includes("alive"));
    expect(received()).toContain("C22P02");
    expect(received()).toContain('COPY t, line 2, column a: "oops"');
  });
});

describe("its end", () => {
  test("what it cannot survive is told, and nothing hangs", async () => {
    const embedded = await started();
    const sql = connect(embedded);
    await run(sql, "create function s(i int) returns int language sql as 'select s(i + 1)'");
    const error = await failureOf(run(sql, "select s(1)"));
    expect(error.message).toContain("out of stack");
    expect(() => embedded.socket()).toThrow("out of stack");
    await embedded.close();
  });

  test("terminate stops what runs", async () => {
    const embedded = await started();
    const sql = connect(embedded);
    const endless = failureOf(run(sql, "do $$ begin loop end loop; end $$"));
    await Bun.sleep(100);
    embedded.terminate();
    expect((await endless).message).toContain("was stopped");
  });

  test("closing amid COPY ends in good order", async () => {
    const embedded = await started();
    const sql = connect(embedded);
    await run(sql, "create table t (a int)");
    const stream = await sql`copy t from stdin`.writable();
    stream.on("error", () => undefined);
    stream.write("1\n");
    await Bun.sleep(50);
    await embedded.close();
  });

  test("a signal ends the start", async () => {
    const controller = new AbortController();
    const opening = openEmbedded({ storage: { kind: "memory" }, signal: controller.signal });
    controller.abort("interrupted");
    expect(await failureOf(opening)).toMatchObject({ code: "interrupted" });
  });
});

describe("where the data lives", () => {
  const folder = mkdtempSync(join(tmpdir(), "pgmate-embedded-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function inEmbedded(storage: EmbeddedStorage, text: string): Promise<readonly unknown[]> {
    const embedded = await started(storage);
    const sql = connect(embedded);
    const rows = await run(sql, text);
    await sql.end();
    await embedded.close();
    return rows;
  }

  function filesOf(path: string): readonly ArchiveEntry[] {
    const found = readdirSync(path, { recursive: true, withFileTypes: true });
    return found.map((one) => {
      const absolute = join(one.parentPath, one.name);
      const bytes = one.isDirectory() ? undefined : readFileSync(absolute);
      return { path: absolute.slice(path.length + 1), bytes };
    });
  }

  test("a folder is kept, and a copy of it is not", async () => {
    const path = join(folder, "kept");
    const storage = { kind: "folder", path } as const;
    await inEmbedded(storage, "create extension citext; create table kept (a citext)");
    await inEmbedded(storage, "insert into kept values ('Row')");
    expect(existsSync(join(path, "PG_VERSION"))).toBe(true);
    const before = filesOf(path);
    const copy = { kind: "copy", files: before } as const;
    expect(await inEmbedded(copy, "insert into kept values ('x'); table kept")).toHaveLength(2);
    expect(filesOf(path)).toEqual(before);
    expect(await inEmbedded(storage, "select * from kept where a = 'ROW'")).toEqual([{ a: "Row" }]);
  });

  test("a folder of another version is refused with Postgres' own words", async () => {
    const path = join(folder, "old");
    await inEmbedded({ kind: "folder", path }, "select 1");
    await Bun.write(join(path, "PG_VERSION"), "17\n");
    const error = await failureOf(started({ kind: "folder", path }));
    expect(error.message).toContain("incompatible");
  });
});
