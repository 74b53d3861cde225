/** Keeps the schema file what the database is: after a run, and whenever it is asked for. */

import { replaceFile } from "../disk/replace-file.ts";
import { PgmateError } from "../errors.ts";
import type { Ledger } from "../pg/ledger.ts";
import { type Context, interruption } from "./context.ts";
import type { OpenTarget } from "./open-target.ts";
import type { SchemaDumper } from "./schema-text.ts";

/** Tells what it did. Throws `file-unwritable`. */
export function writeSchemaFile(context: Context, text: Uint8Array, asked: "dump" | "run"): void {
  const path = context.config.schemaFile;
  if (replaceFile(path, text) === "written") context.emit({ kind: "schema-written", path });
  else context.emit({ kind: "schema-unchanged", path, asked });
}

export interface RunEnd {
  readonly open: OpenTarget;
  readonly ledger: Ledger;
  /** Begun when the run was, so that it is ready by now. */
  readonly dumper: SchemaDumper;
  /** What a run did that went well; undefined for one that failed, whose own error tells. */
  readonly did: string | undefined;
}

/**
 * After a run that changed something. A file that cannot be written is a warning, since a
 * container may be read only. Throws only where the run itself went well: for a wish to stop, and
 * with --require-dump.
 */
export async function dumpAfterRun(context: Context, end: RunEnd): Promise<void> {
  try {
    writeSchemaFile(context, await end.dumper.text(end.open, end.ledger), "run");
  } catch (cause) {
    const error = cause instanceof PgmateError ? cause : brokenDown(cause);
    const { schemaFile, requireDump } = context.config;
    if (end.did !== undefined) {
      if (context.signal.aborted) {
        throw interruption(context, `${end.did}; ${unwrittenFile(context)}`);
      }
      const kept = error.state ?? "it is as it was";
      const hint = error.hint ?? "then: `pgmate dump`";
      if (requireDump) throw error.with({ state: `${end.did}; of ${schemaFile}: ${kept}`, hint });
    }
    warn(context, error);
  }
}

function warn(context: Context, error: PgmateError): void {
  const { schemaFile } = context.config;
  // What goes wrong with the file itself names it.
  const file = error.message.includes(schemaFile) ? "the schema file" : schemaFile;
  const parts = [error.message, ...(error.state === undefined ? [] : [error.state])];
  const next = error.hint ?? "then: `pgmate dump`";
  context.emit({
    kind: "warning",
    message: `${file} was not written: ${parts.join("; ")} (${next})`,
  });
}

/** What is to be said of it after a run that was stopped before it came to the dump. */
export function unwrittenFile(context: Context): string {
  return `${context.config.schemaFile} is as it was (\`pgmate dump\` writes it)`;
}

/** Out of memory, or a fault of pgmate's own: the run did its work all the same. */
function brokenDown(cause: unknown): PgmateError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PgmateError("dump", `the dump broke down: ${reason}`, {
    hint: "report this; to go on without the file: --no-dump-schema",
    cause,
  });
}
