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
  readonly run: "done" | "failed";
  /** What the run did, for the error that it did it although the file is not written. */
  readonly did: string;
}

/**
 * After a run that changed something. A file that cannot be written is a warning, since a
 * container may be read only; throws only with --require-dump, and for a wish to stop.
 */
export async function dumpAfterRun(context: Context, end: RunEnd): Promise<void> {
  const path = context.config.schemaFile;
  try {
    writeSchemaFile(context, await end.dumper.text(end.open, end.ledger), "run");
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    if (context.signal.aborted) throw interruption(context, `${end.did}; ${path} is as it was`);
    if (context.config.requireDump && end.run === "done") {
      throw error.with({ state: `${end.did}; only ${path} was not written` });
    }
    const next = error.hint === undefined ? "" : ` (${error.hint})`;
    context.emit({ kind: "warning", message: `${path} was not written: ${error.message}${next}` });
  }
}
