/** A throwaway database that holds the target's schema: embedded, or made on a server. */

import type { ServerTarget, Target } from "../core/database-url.ts";
import { PgmateError } from "../errors.ts";
import {
  makeRoles, readSurroundings, type Surroundings, unavailableExtensions,
} from "../pg/catalog-surroundings.ts";
import type { Connection } from "../pg/connect.ts";
import { embeddedMajorVersion } from "../pg/embedded.ts";
import type { Ledger } from "../pg/ledger.ts";
import type { Context } from "./context.ts";
import type { OpenTarget } from "./open-target.ts";
import { prepareDump } from "./schema-text.ts";
import { loadScratch } from "./scratch-load.ts";
import { makeScratchDatabase } from "./scratch-server.ts";
import { resolveTarget } from "./target.ts";

/** What a scratch database is to be like. */
export interface SchemaCopy {
  readonly text: Uint8Array;
  /** The target's, as it calls itself. */
  readonly serverVersion: string;
  readonly surroundings: Surroundings;
}

export interface Scratch {
  /** Its session has the settings that the target's had. */
  readonly open: OpenTarget;
  /** `the embedded PostgreSQL 18.3`. */
  readonly description: string;
  /** To be sent again after each reset. */
  readonly settingsSql: readonly string[];
}

/** As the schema file has it, for which nobody but us may have the session. */
export async function copySchema(
  context: Context,
  open: OpenTarget,
  ledger: Ledger,
): Promise<SchemaCopy> {
  const { session, facts } = open.connection;
  const surroundings = await readSurroundings(session);
  const text = await schemaText(context, open, ledger);
  return { text, serverVersion: facts.serverVersion, surroundings };
}

/** A subscription would reach out to its publisher, and a table space is a folder of the server. */
const leftOut = ["--no-subscriptions", "--no-tablespaces"];

/** The whole of it, whatever the search path or the options for the schema file leave out. */
export async function schemaText(
  context: Context,
  open: OpenTarget,
  ledger: Ledger,
): Promise<Uint8Array> {
  const config = { ...context.config, dumpOptions: [], pgDumpProgram: "" };
  const { target } = open;
  const whole = target.kind === "server" ? { ...target, searchPath: undefined } : target;
  return prepareDump({ ...context, config }, leftOut).text({ ...open, target: whole }, ledger);
}

/**
 * On the server of --scratch, else embedded; empty where there is no schema to copy. It is gone
 * when the work has ended, however it ended. Throws `embedded` where the embedded Postgres cannot
 * be like the target, and `server` where the schema cannot be loaded.
 */
export async function withScratch<Result>(
  context: Context,
  copy: SchemaCopy | undefined,
  work: (scratch: Scratch) => Promise<Result>,
): Promise<Result> {
  const server = scratchServer(context);
  if (server === undefined) refuseNewer(copy);
  const empty = server === undefined
    ? await openEmbeddedScratch(context)
    : await makeScratchDatabase(context, server.context, server.target);
  try {
    return await work(await prepare(context, empty, copy));
  } finally {
    await empty.close();
  }
}

interface ScratchServer {
  /** One whose URL is that of --scratch. */
  readonly context: Context;
  readonly target: ServerTarget;
}

/** Undefined where the embedded one is meant. */
function scratchServer(context: Context): ScratchServer | undefined {
  const url = context.config.scratchUrl;
  if (url === "") return undefined;
  const own = { ...context, config: { ...context.config, url, driver: "" } };
  const target: Target = resolveTarget(own);
  if (target.kind === "server") return { context: own, target };
  if (target.folder === undefined) return undefined;
  throw new PgmateError("usage", "--scratch names a folder, and what is there would be kept", {
    hint: "leave --scratch out: the embedded Postgres is what is used then, in memory",
    state: "nothing was changed",
  });
}

async function openEmbeddedScratch(context: Context): Promise<OpenTarget> {
  const { openEmbeddedTarget } = await import("./embedded-target.ts");
  const target = { kind: "embedded", folder: undefined } as const;
  const made = await openEmbeddedTarget(context, target, { purpose: "write", missing: "create" });
  return { target, ...made };
}

async function prepare(
  context: Context,
  empty: OpenTarget,
  copy: SchemaCopy | undefined,
): Promise<Scratch> {
  const { connection } = empty;
  const { session, facts } = connection;
  const isEmbedded = empty.target.kind === "embedded";
  const description = isEmbedded
    ? `the embedded PostgreSQL ${facts.serverVersion}`
    : `PostgreSQL ${facts.serverVersion} on ${facts.host}`;
  if (copy === undefined) {
    return { open: empty, description, settingsSql: connection.settingsSql };
  }
  const { surroundings, text } = copy;
  const missing = await unavailableExtensions(session, surroundings.extensions);
  if (missing.length > 0) throw lacking(missing, isEmbedded ? undefined : description);
  // On a server they are everybody's, and stay.
  if (isEmbedded) await makeRoles(session, surroundings.roles);
  const settingsSql = [...connection.settingsSql, ...surroundings.settingsSql];
  await loadScratch(context, { session, settingsSql, text, description });
  const open = { ...empty, connection: await settled(connection, settingsSql) };
  return { open, description, settingsSql };
}

/** The search path is another than when the connection was opened. */
async function settled(
  connection: Connection,
  settingsSql: readonly string[],
): Promise<Connection> {
  const [row] = await connection.session.rowsWithin(
    "select pg_catalog.array_to_json(pg_catalog.current_schemas(false))::pg_catalog.text as names",
  );
  const schemas = JSON.parse(String(row?.["names"])) as readonly string[];
  return { ...connection, settingsSql, facts: { ...connection.facts, schemas } };
}

function lacking(names: readonly string[], server: string | undefined): PgmateError {
  const [first = ""] = names;
  const what = names.length === 1
    ? `has no extension ${first}, which the target has`
    : `lacks extensions that the target has: ${names.join(", ")}`;
  const who = server ?? "the embedded Postgres";
  return new PgmateError(server === undefined ? "embedded" : "server", `${who} ${what}`, {
    hint: "rehearse on a server that has it: pgmate plan --rehearse --scratch postgres://…",
    state: "nothing was changed",
  });
}

/** Its SQL need not be understood by an older one. */
function refuseNewer(copy: SchemaCopy | undefined): void {
  const major = copy?.surroundings.serverMajor ?? 0;
  if (major <= Number(embeddedMajorVersion)) return;
  throw new PgmateError(
    "embedded",
    `the embedded Postgres is version ${embeddedMajorVersion}, and the target is ${major}`,
    {
      hint:
        `rehearse on a server of version ${major}: ` +
        "pgmate plan --rehearse --scratch postgres://…",
      state: "nothing was changed",
    },
  );
}
