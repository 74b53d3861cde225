/** What a failed load tells: the place, the server's words, what was kept of it, what next. */

import type { SchemaFile } from "../core/schema-file.ts";
import { type ErrorDetails, PgmateError, type ServerMessage } from "../errors.ts";
import type { LoadProgress } from "../pg/load.ts";
import type { StepFailure } from "../pg/step-failure.ts";
import { type Context, interruption } from "./context.ts";
import type { Read } from "./migrations.ts";
import { placeOf, serverMove } from "./step-error.ts";

/** The state of things before the first statement. */
export const untouched = "nothing was loaded, and nothing was changed";

/** The error for what the server refused; an interruption where that was our own wish. */
export function loadError(
  context: Context,
  source: Read & { readonly schema: SchemaFile },
  failure: StepFailure,
): PgmateError {
  const state = stateAfter(source.schema, failure.unitsDone);
  if (context.signal.aborted) return interruption(context, state);
  const { message, origin } = failure;
  const hint = `${nextMove(message)}, then run \`${context.identity.invocation}\` again`;
  const { path } = source.file;
  const details: ErrorDetails = { server: message, state, hint: hintAfter(failure, hint) };
  if (origin.kind === "section") {
    const at = placeOf(source, failure);
    const placed = at === undefined ? details : { ...details, at };
    return new PgmateError("server", message.message, placed);
  }
  if (origin.kind === "file") {
    const where = `${path}, at a place that the server does not tell`;
    return new PgmateError("server", `${where}: ${message.message}`, details);
  }
  const texts: Readonly<Partial<Record<typeof origin.purpose, string>>> = {
    reset: "the session could not be put back as it was",
    begin: "the transaction could not begin",
    lock: "the run lock could not be checked",
    constraints: `what ${path} left to be checked at its end does not hold: ${message.message}`,
    commit: `${path} could not be committed: ${message.message}`,
  };
  return new PgmateError("server", texts[origin.purpose] ?? message.message, details);
}

function stateAfter({ units }: SchemaFile, unitsDone: number): string {
  if (units === undefined || unitsDone === 0) return "nothing was loaded";
  return `${unitsDone} of the file's ${units.count} statements ran and stay (they are committed)`;
}

/** What stays would be in the way of the next try. */
function hintAfter({ unitsDone }: StepFailure, hint: string): string {
  return unitsDone === 0 ? hint : `${hint}; before that, \`pgmate drop\` and \`pgmate create\``;
}

/** Things that a dump expects to be there or not, by SQLSTATE and message. */
function nextMove(said: ServerMessage): string {
  const { code, message } = said;
  if (code === "42704" && /^role "/.test(message)) {
    return "make that role first, or dump with --no-owner --no-privileges";
  }
  if (code === "25001") return "take the statement out of the file and run it by itself";
  if (/^(42P04|42P06|42P07|42710|42723)$/.test(code)) {
    return "see what the database holds already (`pgmate drop` and `pgmate create` make it anew)";
  }
  if (code === "0A000" && message.startsWith("extension ")) {
    return "install the extension on the server";
  }
  return serverMove(said) ?? "correct the file";
}

/** What was thrown in the midst of a load, with what is known of the state of things. */
export function brokenLoad(
  context: Context,
  schema: SchemaFile,
  progress: LoadProgress,
  error: PgmateError,
): PgmateError {
  if (error.state !== undefined) return error;
  const isLost = error.code === "connect-lost";
  const state = stateWhenBroken(schema, progress, isLost ? "lost" : "kept");
  if (context.signal.aborted) return interruption(context, state);
  if (!isLost) return error.with({ state });
  const hint = `when the server is back: ${
    state === "nothing was loaded"
      ? `run \`${context.identity.invocation}\` again`
      : "look into the database; `pgmate drop` and `pgmate create` make it anew"
  }`;
  const code = progress.commitSent ? "unknown-outcome" : error.code;
  return new PgmateError(code, error.message, { state, hint, cause: error });
}

function stateWhenBroken(
  schema: SchemaFile,
  { unitsDone, commitSent }: LoadProgress,
  connection: "lost" | "kept",
): string {
  if (connection === "kept") return stateAfter(schema, unitsDone);
  if (commitSent) return "whether the file was loaded is not known: its commit had been sent";
  if (schema.units === undefined) return "nothing was loaded";
  const of = `${unitsDone} of the file's ${schema.units.count} statements`;
  return `${of} ran and stay; whether the next one did is not known`;
}
