/** Real PostgreSQL servers of every supported version for tests, from npm packages alone. */
import { closeSync, constants, existsSync, openSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import postgres from "postgres";
import { PgmateError } from "../errors.ts";
import type { ServerFiles, ServerVersion } from "./server-files.ts";
import {
  giveToServerUser,
  runAsServerUser,
  serverFiles,
  serverTempFolder,
  superuser,
  superuserPassword,
} from "./server-files.ts";

export type { ServerVersion } from "./server-files.ts";
export { edgeVersions, serverVersions } from "./server-files.ts";

/** A point in a server's log: how many bytes were there. */
export interface LogMark {
  readonly bytes: number;
}

/** A row of a test's own query. */
export type Row = Readonly<Record<string, unknown>>;

export interface FreshDatabase {
  readonly name: string;
  /** As the superuser, with the password, over TCP. */
  readonly url: string;
  query(text: string, values?: readonly QueryValue[]): Promise<readonly Row[]>;
}

export type QueryValue = string | number | boolean | null;

export interface TestServer {
  readonly version: ServerVersion;
  readonly host: string;
  readonly port: number;
  /** The folder of its Unix socket, short enough for one; no password is asked there. */
  readonly socketFolder: string;
  readonly dataFolder: string;
  /** The superuser; over TCP the password is asked for (SCRAM). */
  readonly user: string;
  /** Holds characters that a URL must escape, on purpose. */
  readonly password: string;
  url(database: string, parameters?: Readonly<Record<string, string>>): string;
  /** An empty database that nobody else uses; it goes when the server goes. */
  freshDatabase(name?: string): Promise<FreshDatabase>;
  /** Nobody needs it any more: it goes when the next one is made. */
  releaseDatabase(name: string): void;
  /** In `postgres`, on a session that is kept: for what makes and drops databases. */
  administer(statement: string): Promise<void>;
  /** As the superuser, on a connection of its own through the Unix socket. */
  query(database: string, text: string, values?: readonly QueryValue[]): Promise<readonly Row[]>;
  logText(): string;
  /** What `logSince` and `statementsSince` count from. */
  mark(): LogMark;
  logSince(mark: LogMark): string;
  /** Needs `log_statement = all`, on the server or by `alter database … set`. */
  statementsSince(mark: LogMark, database: string): readonly string[];
  /** Stops it at once and removes its files; a second call does nothing. */
  stop(): Promise<void>;
}

export interface ServerRequest {
  readonly version: ServerVersion;
  /** Settings of postgresql.conf, over the defaults of this module. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Lines of pg_hba.conf that are tried before the usual ones. */
  readonly hba?: readonly string[];
  /**
   * Files for the data folder, by name. With `ssl: "on"` Postgres looks for `server.crt` and
   * `server.key` there; an empty `standby.signal` makes it a read-only standby.
   */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * A shell script that runs in the program's stead and is given its command line; a QUIT that
   * it gets must end the program too.
   */
  readonly supervisor?: string;
}

const host = "127.0.0.1";
const startWaitMs = 60_000;
const stopWaitMs = 10_000;
const pollMs = 5;
const portTries = 5;

/**
 * Durability is of no use to a test, and waiting for disks is most of what a server does.
 * Autovacuum goes from database to database, the more often the more there are, and would be a
 * tenth of the work.
 */
const defaultSettings: Readonly<Record<string, string>> = {
  autovacuum: "off",
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  max_connections: "200",
  max_prepared_transactions: "10",
  shared_buffers: "32MB",
  log_line_prefix: "%m [%p] %u@%d %a ",
  log_timezone: "UTC",
  timezone: "UTC",
};

/**
 * The shell that owns a server. It reads a named pipe that the test process holds open for
 * writing: when that process is gone, however it went, the pipe ends, the server is stopped and
 * its files are removed. It is nobody's child, since `bun test` kills the children of a test
 * that ran out of time, and with them it would kill the servers of all tests to come.
 */
const keeper = `
folder=$1 program=$2 template=$3
exec </dev/null >>"$folder/server.log" 2>&1
(
  (
    cp -R "$template" "$folder/data" &&
    cat "$folder/settings" >>"$folder/data/postgresql.conf" &&
    cat "$folder/hba" "$template/pg_hba.conf" >"$folder/data/pg_hba.conf" &&
    cp -Rp "$folder/files/." "$folder/data" &&
    set -- "$program" -D "$folder/data" &&
    if [ -s "$folder/supervisor" ]; then set -- /bin/sh "$folder/supervisor" "$@"; fi &&
    exec "$@"
  ) &
  server=$!
  (
    read -r _ <"$folder/alive"
    tries=0
    while [ ! -e "$folder/ended" ] && [ $tries -lt 250 ]; do
      # Said again, since the shell that still copies does not hear it, and its program will.
      kill -QUIT "$server"
      sleep 0.02
      tries=$((tries+1))
    done
    rm -rf "$folder"
  ) &
  wait "$server"
  : >"$folder/ended"
) &
`;

/** The handles that are open, so that stopping twice does not close somebody else's. */
const handles = new Set<number>();

const shared = new Map<ServerVersion, Promise<TestServer>>();

/** The one server of that version in this process: started on first use, stopped with it. */
export function server(version: ServerVersion): Promise<TestServer> {
  const known = shared.get(version);
  if (known !== undefined) return known;
  const started = startServer({ version });
  shared.set(version, started);
  return started;
}

/** A server of one's own, for tests that need other settings; ends with the process at latest. */
export async function startServer(request: ServerRequest): Promise<TestServer> {
  const files = await serverFiles(request.version);
  for (let tries = 1; ; tries += 1) {
    const folder = await mkdtemp(join(serverTempFolder(), "pgm-"));
    const port = await freePort();
    await configure(folder, port, request);
    const alive = await launch(files, folder);
    if (await isReady(folder)) return testServer(request.version, folder, port, alive);
    const log = readLog(folder, { bytes: 0 });
    await stopServer(alive, folder);
    // Another process may have taken the port between the look and the start.
    if (tries === portTries || !log.includes("Address already in use")) {
      throw new PgmateError("tool", `PostgreSQL ${request.version} did not start`, { state: log });
    }
  }
}

/** Lays ready what the keeper puts into the data folder. */
async function configure(folder: string, port: number, request: ServerRequest): Promise<void> {
  const settings = {
    ...defaultSettings,
    listen_addresses: host,
    port: String(port),
    unix_socket_directories: folder,
    ...request.settings,
  };
  const lines = Object.entries(settings).map(([k, v]) => `${k} = '${v.replaceAll("'", "''")}'\n`);
  await writeFile(join(folder, "settings"), lines.join(""));
  await writeFile(join(folder, "hba"), (request.hba ?? []).map((line) => `${line}\n`).join(""));
  await writeFile(join(folder, "supervisor"), request.supervisor ?? "");
  // The data folder takes over the mode of this one, and Postgres insists on it.
  await mkdir(join(folder, "files"), { mode: 0o700 });
  for (const [name, text] of Object.entries(request.files ?? {})) {
    // Postgres refuses a private key that others could read.
    await writeFile(join(folder, "files", name), text, { mode: 0o600 });
  }
  await chmod(folder, 0o700);
  await giveToServerUser(folder);
}

/** The handle that keeps the server alive while it is open. */
async function launch(files: ServerFiles, folder: string): Promise<number> {
  const pipe = join(folder, "alive");
  await runAsServerUser("mkfifo", ["-m", "600", pipe]);
  // Opened for reading too, or opening would wait for the keeper.
  const alive = openSync(pipe, constants.O_RDWR);
  handles.add(alive);
  const shell = ["/bin/sh", "-c", keeper, "keeper", folder, files.postgres, files.data];
  await runAsServerUser("setsid", shell);
  return alive;
}

/** Postgres writes its state into postmaster.pid. */
async function isReady(folder: string): Promise<boolean> {
  const deadline = performance.now() + startWaitMs;
  while (performance.now() < deadline && !existsSync(join(folder, "ended"))) {
    const state = await readFile(join(folder, "data/postmaster.pid"), "utf8").catch(() => "");
    if (/^(ready|standby)\s*$/m.test(state)) return true;
    await Bun.sleep(pollMs);
  }
  return false;
}

async function stopServer(alive: number, folder: string): Promise<void> {
  if (!handles.delete(alive)) return;
  closeSync(alive);
  const deadline = performance.now() + stopWaitMs;
  while (existsSync(folder) && performance.now() < deadline) await Bun.sleep(pollMs);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

function readLog(folder: string, mark: LogMark): string {
  return readFileSync(join(folder, "server.log")).subarray(mark.bytes).toString("utf8");
}

function testServer(
  version: ServerVersion,
  folder: string,
  port: number,
  alive: number,
): TestServer {
  let databases = 0;
  const released: string[] = [];
  const kept = keptSession({ host: folder, port, database: "postgres" });
  const query: TestServer["query"] = (database, text, values) =>
    queryOnce({ host: folder, port, database }, text, values ?? []);
  const url: TestServer["url"] = (database, parameters) => {
    const login = `${superuser}:${encodeURIComponent(superuserPassword)}`;
    const asked = new URLSearchParams(parameters).toString();
    const path = `${encodeURIComponent(database)}${asked === "" ? "" : `?${asked}`}`;
    return `postgres://${login}@${host}:${port}/${path}`;
  };
  return {
    version,
    host,
    port,
    socketFolder: folder,
    dataFolder: join(folder, "data"),
    user: superuser,
    password: superuserPassword,
    url,
    query,
    async freshDatabase(wanted) {
      databases += 1;
      const name = wanted ?? `test_${databases}`;
      const gone = released.splice(0).map((old) => `drop database if exists ${old} with (force)`);
      // Copying files is a third of the work that writing them to the log would be.
      const create = `create database ${quoted(name)} strategy file_copy`;
      await kept.run(gone, create);
      return { name, url: url(name), query: (text, values) => query(name, text, values) };
    },
    administer: (statement) => kept.run([], statement),
    releaseDatabase(name) {
      released.push(quoted(name));
    },
    logText: () => readLog(folder, { bytes: 0 }),
    mark: () => ({ bytes: statSync(join(folder, "server.log")).size }),
    logSince: (mark) => readLog(folder, mark),
    statementsSince: (mark, database) => loggedStatements(readLog(folder, mark), database),
    async stop() {
      await kept.end();
      await stopServer(alive, folder);
    },
  };
}

interface Door {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/** Closed after each use: an idle connection would stand in the way of `drop database`. */
async function queryOnce(
  door: Door,
  text: string,
  values: readonly QueryValue[],
): Promise<readonly Row[]> {
  const sql = open(door);
  try {
    return await sql.unsafe<Row[]>(text, [...values]);
  } finally {
    await sql.end();
  }
}

interface KeptSession {
  /** What tidies up may fail, as where a test left a prepared transaction; the last may not. */
  run(tidying: readonly string[], statement: string): Promise<void>;
  end(): Promise<void>;
}

/**
 * A new session costs a server as much as the database that is made in it. Opened on first use,
 * and again where the server or a test has ended it.
 */
function keptSession(door: Door): KeptSession {
  let sql: postgres.Sql | undefined;
  return {
    async run(tidying, statement) {
      sql ??= open(door);
      for (const text of tidying) await sql.unsafe(text).catch(() => undefined);
      await sql.unsafe(statement);
    },
    async end() {
      await sql?.end({ timeout: 0 });
      sql = undefined;
    },
  };
}

function open(door: Door): postgres.Sql {
  return postgres({
    host: door.host,
    port: door.port,
    path: join(door.host, `.s.PGSQL.${door.port}`),
    database: door.database,
    user: superuser,
    max: 1,
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: "test" },
  });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Lines of a logged statement after its first begin with a tab. */
function loggedStatements(log: string, database: string): readonly string[] {
  const entries = log.replaceAll("\n\t", "\u0000").split("\n");
  const pattern = /^\S+ \S+ \S+ \[\d+\] \S*@(\S*) .*?LOG: {2}(?:statement|execute [^:]*): (.*)$/;
  return entries.flatMap((entry) => {
    const [, where, text] = pattern.exec(entry) ?? [];
    if (where !== database || text === undefined) return [];
    return [text.replaceAll("\u0000", "\n")];
  });
}
