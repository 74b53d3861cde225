/** One try of pgmate on a real server: a fresh database and a project, and pgmate run on both. */
import {
  type ProgramOptions,
  type ProgramResult,
  pgmate,
  type RunningProgram,
  startPgmate,
  type TemporaryProject,
  temporaryProject,
} from "./program.ts";
import type { FreshDatabase, QueryValue, Row, TestServer } from "./servers.ts";

export interface Trial {
  readonly server: TestServer;
  readonly database: FreshDatabase;
  readonly project: TemporaryProject;
  /** Writes migrations into the project: file name → text. */
  migrations(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** Runs pgmate to its end; the schema is not dumped. */
  pgmate(args: readonly string[], env?: Environment): Promise<ProgramResult>;
  /** Starts it, for tests that do something to it meanwhile. */
  start(args: readonly string[], env?: Environment): RunningProgram;
  query(text: string, values?: readonly QueryValue[]): Promise<readonly Row[]>;
  /** The versions in the ledger in order. */
  applied(): Promise<readonly string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

/** Migrations may be given at once; the URL is in DATABASE_URL unless `env` says otherwise. */
export async function trial(
  server: TestServer,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<Trial> {
  const database = await server.freshDatabase();
  const project = await temporaryProject();
  const options = (env: Environment = {}): ProgramOptions => ({
    cwd: project.folder,
    env: { DATABASE_URL: database.url, DBMATE_NO_DUMP_SCHEMA: "true", ...env },
  });
  const made: Trial = {
    server,
    database,
    project,
    async migrations(given) {
      const placed = Object.entries(given).map(([name, text]) => [`db/migrations/${name}`, text]);
      await project.write(Object.fromEntries(placed));
    },
    pgmate: (args, env) => pgmate(args, options(env)),
    start: (args, env) => startPgmate(args, options(env)),
    query: (text, values) => database.query(text, values),
    async applied() {
      const rows = await database.query(
        "select version from schema_migrations order by version collate \"C\"",
      );
      return rows.map((row) => String(row["version"]));
    },
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      server.releaseDatabase(database.name);
    },
  };
  await made.migrations(files);
  return made;
}

/** A file with one pair of sections. */
export function pair(up: string, down = ""): string {
  return `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`;
}

/** A file whose sections both say transaction:false. */
export function units(up: string, down = ""): string {
  return `-- migrate:up transaction:false\n${up}\n\n-- migrate:down transaction:false\n${down}\n`;
}

/** Waits for another session of the trial's database of which the condition is true. */
export async function untilSession(t: Trial, condition: string): Promise<void> {
  const sql =
    "select 1 from pg_stat_activity where datname = current_database() " +
    `and pid <> pg_backend_pid() and ${condition}`;
  for (let tries = 0; (await t.query(sql)).length === 0; tries += 1) {
    if (tries > 1_200) throw new Error(`no session where ${condition}`);
    await Bun.sleep(50);
  }
}

/** Ends the sleep that another session of the trial's database is in, as by an error there. */
export async function wake(t: Trial, sleeping: Promise<unknown>): Promise<void> {
  const ended = sleeping.catch(() => undefined);
  await t.query(
    "select pg_cancel_backend(pid) from pg_stat_activity" +
      " where wait_event = 'PgSleep' and datname = current_database()",
  );
  await ended;
}

/** A new role that may make things in `public`, and the variable by which pgmate becomes it. */
export async function roleOf(t: Trial, name: string): Promise<Environment> {
  const role = `${name}_${t.database.name}`;
  await t.query(`create role ${role} login`);
  await t.query(`grant all on schema public to ${role}`);
  const { socketFolder, port } = t.server;
  const host = `host=${socketFolder}&port=${port}`;
  return { DATABASE_URL: `postgres://${role}@localhost/${t.database.name}?${host}` };
}
