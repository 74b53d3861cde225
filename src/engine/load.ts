/** Loads the schema file into a database that holds nothing yet. */

import { describeTarget } from "../core/database-url.ts";
import type { Range } from "../core/migration.ts";
import { type SchemaFile, SchemaFileReader } from "../core/schema-file.ts";
import { errorCode, type FileSnapshot, openMigration } from "../disk/migration-files.ts";
import { PgmateError } from "../errors.ts";
import {
  foundObjects, type LoadProgress, loadSchemaFile, schemaExists, unknownSettings,
} from "../pg/load.ts";
import type { RunLock } from "../pg/lock.ts";
import { type Context, throwIfInterrupted } from "./context.ts";
import type { Outcome } from "./events.ts";
import { brokenLoad, loadError, untouched } from "./load-error.ts";
import { placeIn, type Read } from "./migrations.ts";
import { openTarget, type OpenTarget, readTargetLedger } from "./open-target.ts";
import { releaseRunLock, takeRunLock } from "./run-lock.ts";
import { resolveTarget, timeoutsOf } from "./target.ts";

/** A schema file with its bytes at hand. */
export interface SchemaSource extends Read {
  readonly schema: SchemaFile;
}

/**
 * With nothing in the file there is nothing to do. Throws `database-not-empty` unless forced, and
 * what is wrong in the file before anything runs.
 */
export async function load(context: Context): Promise<Outcome> {
  const path = context.config.schemaFile;
  resolveTarget(context);
  const snapshot = openSchema(path);
  context.emit({ kind: "reading-schema", path });
  const source = readSchema(path, snapshot);
  const open = await openTarget(context, { purpose: "write", missing: "refuse" });
  try {
    if (source.schema.statementCount > 0) {
      const began = context.clock.now();
      await loadInto(context, open, source);
      context.emit({ kind: "schema-loaded", path, ms: context.clock.now() - began });
    }
    return { kind: "done" };
  } finally {
    await open.close();
  }
}

function openSchema(path: string): FileSnapshot {
  try {
    return openMigration(path);
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    if (errorCode(error.cause) === "ENOENT") {
      throw error.with({
        hint: "pgmate dump writes it from a database; name another file with --schema-file",
      });
    }
    if (error.code !== "file-unreadable" || error.cause !== undefined) throw error;
    throw error.with({ hint: "name a file with --schema-file" });
  }
}

/** Throws what is wrong in the file, with its place. */
export function readSchema(path: string, snapshot: FileSnapshot): SchemaSource {
  const reader = new SchemaFileReader();
  for (const chunk of snapshot.read()) reader.push(chunk);
  const result = reader.end();
  const read = { file: { path }, snapshot };
  if (result.kind === "schema-file") return { ...read, schema: result.file };
  if (isArchive(snapshot)) throw archive(path);
  const { code, message, hint, offset } = result.fault;
  throw new PgmateError(code, message, { hint, at: placeIn(read, offset), state: untouched });
}

/** pg_dump's custom format; a zero byte follows soon, which no SQL has. */
function isArchive(snapshot: FileSnapshot): boolean {
  const [chunk = new Uint8Array(0)] = snapshot.read();
  return new TextDecoder("latin1").decode(chunk.subarray(0, 5)) === "PGDMP";
}

function archive(path: string): PgmateError {
  return new PgmateError("migration-encoding", `${path} is in pg_dump's custom format, not SQL`, {
    hint: `make SQL of it: pg_restore --file=schema.sql ${path}; or dump with --format=plain`,
    state: untouched,
  });
}

/** Into a database that holds nothing, unless forced; under the run lock. */
export async function loadInto(
  context: Context,
  open: OpenTarget,
  source: SchemaSource,
): Promise<void> {
  throwIfInterrupted(context, untouched);
  const ledger = await readTargetLedger(context, open);
  const lock = await takeRunLock(context, open, ledger);
  try {
    if (!context.config.force) await refuseOccupied(open);
    const leftOut = await whatToLeaveOut(context, open, source);
    tellUnits(context, source);
    await send(context, { open, lock, source, leftOut });
  } finally {
    await releaseRunLock(context, lock, open);
  }
}

async function refuseOccupied({ connection, target }: OpenTarget): Promise<void> {
  const { count, names } = await foundObjects(connection.session);
  if (count === 0) return;
  const name = target.kind === "embedded" ? describeTarget(target) : connection.facts.database;
  const more = count > names.length ? ` and ${count - names.length} more` : "";
  throw new PgmateError(
    "database-not-empty",
    `the database ${name} is not empty: it holds ${names.join(", ")}${more}`,
    {
      state: untouched,
      hint:
        "`pgmate drop` and `pgmate create` make it anew; `pgmate load --force` loads on top of " +
        "what is there",
    },
  );
}

/** Statements that mean nothing on this server or for this run, and would fail or do harm. */
async function whatToLeaveOut(
  context: Context,
  { connection }: OpenTarget,
  source: SchemaSource,
): Promise<readonly Range[]> {
  const { session, facts } = connection;
  const { settings, createsPublic } = source.schema;
  const unknown = await unknownSettings(session, settings.map(({ name }) => name));
  const leftOut: Range[] = [];
  for (const { name, value, range } of settings) {
    if (unknown.has(name)) {
      leftOut.push(range);
      context.emit({
        kind: "warning",
        message: `SET ${name} is left out: PostgreSQL ${facts.serverVersion} has no such setting`,
        at: placeIn(source, range.start),
      });
    }
    // pg_dump lifts the limit in every file; here --lock-timeout says what it is.
    if (name === "lock_timeout" && value === "0") leftOut.push(range);
  }
  if (createsPublic !== undefined && (await schemaExists(session, "public"))) {
    leftOut.push(createsPublic);
  }
  return leftOut;
}

function tellUnits(context: Context, source: SchemaSource): void {
  const { units } = source.schema;
  if (units === undefined) return;
  context.emit({
    kind: "warning",
    message:
      `${units.reason}, so the file is loaded statement by statement: if one fails, those ` +
      "before it stay",
    at: placeIn(source, units.offset),
  });
}

interface Sending {
  readonly open: OpenTarget;
  readonly lock: RunLock;
  readonly source: SchemaSource;
  readonly leftOut: readonly Range[];
}

async function send(context: Context, sending: Sending): Promise<void> {
  const { open, lock, source, leftOut } = sending;
  const { snapshot, file, schema } = source;
  const progress: LoadProgress = { unitsDone: 0, commitSent: false };
  try {
    const failure = await loadSchemaFile({
      context: {
        session: open.connection.session,
        lock,
        timeouts: timeoutsOf(context, open.connection),
        signal: context.signal,
        settingsSql: open.connection.settingsSql,
        read: (range) => snapshot.read(range),
      },
      title: `pgmate: ${file.path} (load)`,
      file: schema,
      leftOut,
      progress,
    });
    if (failure !== undefined) throw loadError(context, source, failure);
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    throw brokenLoad(context, schema, progress, error);
  }
}
