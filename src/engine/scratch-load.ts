/** Loads the text of the target's schema into a scratch database. */

import { quoteLiteral } from "../core/identifier.ts";
import type { Range } from "../core/migration.ts";
import { type SchemaFile, SchemaFileReader } from "../core/schema-file.ts";
import { PgmateError, type ServerMessage } from "../errors.ts";
import { resetStatements } from "../pg/apply.ts";
import { loadSchemaFile, schemaExists, unknownSettings } from "../pg/load.ts";
import type { Session } from "../pg/session.ts";
import type { StepFailure } from "../pg/step-failure.ts";
import { type Context, interruption } from "./context.ts";

export interface ScratchLoad {
  readonly session: Session;
  readonly settingsSql: readonly string[];
  readonly text: Uint8Array;
  /** Of the scratch database, as people name it. */
  readonly description: string;
}

const untouched = "nothing was changed";

/** Nobody else is there to be kept out by a lock. */
const noLock = { checkSql: "select", release: async (): Promise<void> => undefined };

/** Leaves the session with its settings. Throws `server` where the text cannot be loaded. */
export async function loadScratch(context: Context, load: ScratchLoad): Promise<void> {
  const { session, settingsSql, text } = load;
  const file = fileOf(text);
  const failure = await loadSchemaFile({
    context: {
      session,
      lock: noLock,
      timeouts: { lockTimeoutMs: 0, statementTimeoutMs: undefined },
      signal: context.signal,
      settingsSql,
      read: ({ start, end }) => [text.subarray(start, end)],
    },
    title: "pgmate: the target's schema, for a rehearsal",
    file,
    leftOut: await whatToLeaveOut(session, file),
    progress: { unitsDone: 0, commitSent: false },
  });
  if (failure !== undefined) throw unloaded(context, load, failure);
  const sent = await session.send(resetStatements(settingsSql).join(";\n"));
  if (sent.kind === "failed") throw unsettled(load, sent.message);
}

function fileOf(text: Uint8Array): SchemaFile {
  const reader = new SchemaFileReader();
  reader.push(text);
  const result = reader.end();
  if (result.kind === "schema-file") return result.file;
  throw new PgmateError("dump", `the target's schema cannot be read: ${result.fault.message}`, {
    hint: "look at what pgmate dump --stdout writes",
    state: untouched,
  });
}

async function whatToLeaveOut(
  session: Session,
  { settings, createsPublic }: SchemaFile,
): Promise<readonly Range[]> {
  const unknown = await unknownSettings(session, settings.map(({ name }) => name));
  const leftOut = settings.filter(({ name }) => unknown.has(name)).map(({ range }) => range);
  const hasPublic = createsPublic !== undefined && (await schemaExists(session, "public"));
  return hasPublic ? [...leftOut, createsPublic] : leftOut;
}

/** The statement that failed is nobody's file, so that it is shown itself. */
function unloaded(
  context: Context,
  { text, description }: ScratchLoad,
  { message, origin }: StepFailure,
): PgmateError {
  if (context.signal.aborted) return interruption(context, untouched);
  const { offset } = origin.kind === "section" ? origin : { offset: undefined };
  const line = offset === undefined ? "" : ` at ${quoteLiteral(lineAt(text, offset))}`;
  return new PgmateError(
    "server",
    `the target's schema cannot be loaded into ${description}: ${message.message}${line}`,
    {
      server: message,
      hint:
        "rehearse on a server like the target's: " +
        "pgmate plan --rehearse --scratch postgres://…; or plan without --rehearse",
      state: untouched,
    },
  );
}

const longestLine = 120;

function lineAt(text: Uint8Array, offset: number): string {
  const start = text.lastIndexOf(0x0a, offset) + 1;
  const end = text.indexOf(0x0a, offset);
  const line = new TextDecoder().decode(text.subarray(start, end === -1 ? text.length : end));
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

function unsettled({ description }: ScratchLoad, message: ServerMessage): PgmateError {
  return new PgmateError(
    "server",
    `the target's settings cannot be had in ${description}: ${message.message}`,
    { server: message, state: untouched },
  );
}
