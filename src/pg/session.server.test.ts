/** A session over each kind of wire: much data both ways, a stop, and a backend that goes. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDatabaseUrl } from "../core/database-url.ts";
import { startServer, type TestServer } from "../testing/servers.ts";
import { connectServer } from "./connect.ts";
import type { Session } from "./session.ts";

setDefaultTimeout(120_000);

const folder = join(import.meta.dir, "../testing/certificates");
const file = (name: string): string => readFileSync(join(folder, name), "utf8");

interface Opened {
  readonly session: Session;
  readonly backendPid: number;
  readonly encrypted: boolean;
  readonly stop: AbortController;
}

async function open(url: string): Promise<Opened> {
  const target = parseDatabaseUrl(url, {}, { user: "me", home: "/nowhere", platform: "linux" });
  if (target.kind !== "server") throw new Error("it is a server");
  const none = undefined;
  const stop = new AbortController();
  const { session, facts } = await connectServer({
    target,
    tlsFiles: { rootCertificates: none, certificate: none, key: none, revocations: none },
    passfile: none,
    applicationName: "test",
    purpose: "write",
    signal: stop.signal,
    onNotice: () => {},
  });
  return { session, backendPid: facts.backendPid, encrypted: facts.encrypted, stop };
}

const lines = 500;
const chunk = Buffer.from(`${"x".repeat(999)}\n`.repeat(lines));
const chunks = 40;

function* data(broken?: number): Generator<Uint8Array> {
  for (let at = 0; at < chunks; at += 1) yield at === broken ? Buffer.from("a\tb\n") : chunk;
}

async function transfer({ session }: Opened): Promise<void> {
  await session.send("create table big (line text)");
  expect(await session.copyIn("copy big from stdin", data())).toMatchObject({ kind: "done" });
  const rows = await session.rows("select line from public.big");
  expect(rows.length).toBe(chunks * lines);
  expect(rows.every(({ line }) => line === "x".repeat(999))).toBe(true);
  const failed = await session.copyIn("copy big from stdin", data(3));
  expect(failed).toMatchObject({ kind: "failed", message: { code: "22P04" } });
  expect(await session.rows("select 1 as one")).toEqual([{ one: 1 }]);
}

async function stopped({ session, stop }: Opened): Promise<void> {
  const slow = session.send("select pg_sleep(60)");
  await Bun.sleep(200);
  stop.abort("interrupted");
  expect(await slow).toMatchObject({ kind: "failed", message: { code: "57014" } });
}

async function gone({ session }: Opened, end: () => unknown): Promise<string> {
  const slow = session.send("select pg_sleep(60)").then(() => "", (error: Error) => error.message);
  await Bun.sleep(200);
  await end();
  return slow;
}

const ways: readonly (readonly [title: string, url: (made: TestServer) => string])[] = [
  ["TLS that was demanded", (made) => `${made.url("postgres")}?sslmode=require`],
  ["TLS that was offered", (made) => `${made.url("postgres")}?sslmode=prefer`],
  ["plain TCP", (made) => `${made.url("postgres")}?sslmode=disable`],
  ["a Unix socket", (made) => {
    return `postgres://${made.user}@/postgres?host=${made.socketFolder}&port=${made.port}`;
  }],
];

test.each(ways)("%s", async (title, url) => {
  const made = await startServer({
    version: 17,
    settings: { ssl: "on" },
    files: { "server.crt": file("localhost.crt"), "server.key": file("localhost.key") },
  });
  const opened: Opened[] = [];
  const next = async (): Promise<Opened> => {
    const one = await open(url(made));
    opened.push(one);
    return one;
  };
  const first = await next();
  expect(first.encrypted).toBe(title.startsWith("TLS"));
  await transfer(first);
  await stopped(await next());
  const ended = await next();
  const terminate = `select pg_terminate_backend(${ended.backendPid})`;
  expect(await gone(ended, () => made.query("postgres", terminate))).toBe(
    "the connection to the server was lost; the server's last words:"
      + " terminating connection due to administrator command",
  );
  // Without a word: only the network tells.
  const killed = await next();
  expect(await gone(killed, () => process.kill(killed.backendPid, "SIGKILL"))).toBe(
    "the connection to the server was lost",
  );
  for (const { session } of opened) await session.end();
  expect(made.logText()).not.toMatch(/SSL error|SSL connection: |reset by peer|unexpected EOF/);
  await made.stop();
});
