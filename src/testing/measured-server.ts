/** Databases with the schema that rules are measured on, and sessions that look at them. */

import { join } from "node:path";
import { parseDatabaseUrl } from "../core/database-url.ts";
import { PgmateError } from "../errors.ts";
import { type LiveSchema, readSchemaFacts } from "../pg/catalog.ts";
import { connectServer } from "../pg/connect.ts";
import type { Session } from "../pg/session.ts";
import { server, type ServerVersion, serverVersions, type TestServer } from "./servers.ts";

/** A database that holds the schema, and one session on it. */
export interface Stage {
  readonly database: string;
  readonly session: Session;
  /** As the database was when the stage was opened. */
  readonly facts: LiveSchema;
}

/** What names without a schema mean to the cases. */
export const searchPath: readonly string[] = ["app", "public"];

const template = "measured_template";
/** What hangs is to fail in its own test. */
const statementTimeoutMs = 30_000;

const templates = new Map<ServerVersion, Promise<TestServer>>();
const shared = new Map<string, Promise<Stage>>();
/** Of the template, and so of each copy to which nothing has come yet. */
const untouched = new Map<ServerVersion, Promise<LiveSchema>>();
let copies = 0;

/** For what is rolled back; opened once for each `before`, since making one is what takes long. */
export function sharedStage(version: ServerVersion, before: string | undefined): Promise<Stage> {
  const key = `${version} ${before ?? ""}`;
  const known = shared.get(key) ?? openCopy(version, before);
  shared.set(key, known);
  return known;
}

/** Of one `before`, which nobody will ask for again. */
export async function dropSharedStages(before: string): Promise<void> {
  for (const version of serverVersions) {
    const key = `${version} ${before}`;
    const stage = shared.get(key);
    if (stage === undefined) continue;
    shared.delete(key);
    await drop(version, await stage);
  }
}

export async function closeSharedStages(): Promise<void> {
  for (const stage of shared.values()) await (await stage).session.end();
}

/** For what cannot be rolled back; it goes when the work is done. */
export async function onCopy<Result>(
  version: ServerVersion,
  before: string | undefined,
  work: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const stage = await openCopy(version, before);
  try {
    return await work(stage);
  } finally {
    await drop(version, stage);
  }
}

async function drop(version: ServerVersion, { session, database }: Stage): Promise<void> {
  await session.end();
  const { administer } = await server(version);
  await administer(`drop database "${database}" with (force)`);
}

async function openCopy(version: ServerVersion, before: string | undefined): Promise<Stage> {
  const { administer } = await withTemplate(version);
  copies += 1;
  const database = `measured_${copies}`;
  // Copying the files is twice as fast as the default, which writes every page to the log.
  await administer(`create database "${database}" template "${template}" strategy file_copy`);
  const session = await openSession(version, database);
  await sent(
    session,
    `set search_path = ${searchPath.join(", ")}; set statement_timeout = ${statementTimeoutMs}`,
  );
  if (before !== undefined) await sent(session, before);
  const facts = before === undefined ? factsOfTemplate(version, session) : factsOf(session);
  return { database, session, facts: await facts };
}

function factsOf(session: Session): Promise<LiveSchema> {
  return readSchemaFacts(session, searchPath);
}

/** A session that has just begun takes longer over the catalog than over all else of its copy. */
function factsOfTemplate(version: ServerVersion, session: Session): Promise<LiveSchema> {
  const known = untouched.get(version) ?? factsOf(session);
  untouched.set(version, known);
  return known;
}

function withTemplate(version: ServerVersion): Promise<TestServer> {
  const known = templates.get(version) ?? loadTemplate(version);
  templates.set(version, known);
  return known;
}

async function loadTemplate(version: ServerVersion): Promise<TestServer> {
  const target = await server(version);
  const text = await Bun.file(join(import.meta.dir, "measured-schema.sql")).text();
  await target.query("postgres", `create database "${template}"`);
  await target.query(template, text);
  return target;
}

/** With the server's own settings, through the Unix socket: no password has to be worked out. */
export async function openSession(version: ServerVersion, database: string): Promise<Session> {
  const { socketFolder, port, user } = await server(version);
  const url = `postgres:///${database}?host=${socketFolder}&port=${port}&user=${user}`;
  const target = parseDatabaseUrl(url, {}, { user, home: "/nowhere", platform: "linux" });
  if (target.kind !== "server") throw new PgmateError("usage", `${url} is no server`);
  const { session } = await connectServer({
    target,
    tlsFiles: {
      rootCertificates: undefined, certificate: undefined, key: undefined, revocations: undefined,
    },
    passfile: undefined,
    applicationName: "pgmate test",
    purpose: "read",
    signal: new AbortController().signal,
    onNotice: () => {},
  });
  return session;
}

/** Throws what the server said against it. */
export async function sent(session: Session, sql: string): Promise<void> {
  const answer = await session.send(sql);
  if (answer.kind === "done") return;
  const { message } = answer;
  throw new PgmateError("server", `${message.message}: ${sql}`, { server: message });
}
