/** A PgBouncer in front of a test server, for tests that need a pooler in between. */
import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import postgres from "postgres";
import { PgmateError } from "../errors.ts";
import { giveToServerUser, serverTempFolder, serverUser } from "./server-files.ts";
import type { Row, TestServer } from "./servers.ts";

export interface BouncerRequest {
  /** PgBouncer's own program. */
  readonly program: string;
  readonly server: TestServer;
  readonly mode: "session" | "transaction" | "statement";
  readonly poolSize?: number;
  /** More lines of its own configuration. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Bouncer {
  url(database: string): string;
  /** As one more client of the pool. */
  query(database: string, text: string): Promise<readonly Row[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

const host = "127.0.0.1";
const startWaitMs = 10_000;

/** It reaches the server through its Unix socket, where no password is asked. */
export async function startBouncer(request: BouncerRequest): Promise<Bouncer> {
  const { program, server, mode, poolSize = 20 } = request;
  const folder = await mkdtemp(join(serverTempFolder(), "pgb-"));
  const port = await freePort();
  const users = join(folder, "users.txt");
  const settings = join(folder, "bouncer.ini");
  const more = Object.entries(request.settings ?? {}).map(([key, value]) => `${key} = ${value}\n`);
  await writeFile(users, `"${server.user}" ""\n`);
  await writeFile(
    settings,
    `[databases]\n* = host=${server.socketFolder} port=${server.port}\n[pgbouncer]\n` +
      `listen_addr = ${host}\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = trust\n` +
      `auth_file = ${users}\npool_mode = ${mode}\ndefault_pool_size = ${poolSize}\n` +
      more.join(""),
  );
  await chmod(folder, 0o700);
  await giveToServerUser(folder);
  const child = spawn(program, [settings], { ...serverUser(), cwd: "/", stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const deadline = performance.now() + startWaitMs;
  while (!(await accepts(port))) {
    if (performance.now() > deadline) throw new PgmateError("tool", "PgBouncer did not start");
    await Bun.sleep(20);
  }
  const url = (database: string): string => {
    return `postgres://${server.user}@${host}:${port}/${database}`;
  };
  return {
    url,
    query: async (database, text) => {
      const sql = postgres(url(database), { max: 1, fetch_types: false, prepare: false });
      return sql.unsafe<Row[]>(text).finally(() => sql.end());
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      child.kill("SIGQUIT");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
